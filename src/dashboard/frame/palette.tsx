import { signal } from '@preact/signals';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useQuery } from '../data/use-query.js';
import { AgentLine } from '../text/agent-text.js';
import { type Command, commandsFor } from './commands.js';
import { matchScore } from './fuzzy.js';
import { PaletteAgents } from './palette.graphql.js';
import './palette.css';

const isOpen = signal(false);
const SHOWN_MAX = 12;

export function openPalette(): void {
  isOpen.value = true;
}

/** Everything one can go to or do, found by a few letters. */
export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      isOpen.value = !isOpen.value;
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const isShown = isOpen.value;
  useEffect(() => {
    if (isShown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isShown]);
  const close = () => {
    isOpen.value = false;
  };
  return (
    <dialog ref={dialog} class="palette" aria-label="Search and commands" closedby="any" onClose={close}>
      {isShown && <Search onDone={close} />}
    </dialog>
  );
}

function Search({ onDone }: { onDone: () => void }) {
  const listId = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const { data } = useQuery(PaletteAgents, {});
  const found = rank(commandsFor(typed, data?.agents.nodes ?? []), typed);
  const active = Math.min(at, found.length - 1);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onDone();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((active + step + found.length) % Math.max(1, found.length));
    else if (event.key === 'Enter') run(found[active]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        type="text"
        role="combobox"
        aria-label="Go to, search, or do"
        aria-expanded="true"
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${listId}-${active}` : undefined}
        placeholder="Go to an agent, a screen, a decision …"
        autoComplete="off"
        spellcheck={false}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="results" id={listId} role="listbox" aria-label="Found">
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the combobox, which names the active option
          <div
            key={command.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === active}
            onMouseMove={() => setAt(index)}
            onClick={() => run(command)}
          >
            <span class="kind">{command.kind}</span>
            <AgentLine text={command.text} />
            {command.note !== undefined && <span class="kind">{command.note}</span>}
            {command.keys !== undefined && <kbd>{command.keys}</kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="none">Nothing is called that.</p>}
    </>
  );
}

function rank(commands: Command[], typed: string): Command[] {
  return commands
    .map((command) => ({ command, score: scoreOf(command, typed) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, SHOWN_MAX)
    .map(({ command }) => command);
}

/** Of agents that answer equally well to what was typed, the unwell come first. */
function scoreOf({ text, note, isAlways = false }: Command, typed: string): number {
  if (isAlways) return 0.5;
  const score = matchScore(text, typed);
  return score > 0 && typed !== '' && note !== undefined ? score + 0.5 : score;
}
