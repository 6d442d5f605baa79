import { signOut } from '../data/session.js';
import { counted, inWords } from '../figure/format.js';
import { go, hrefOf, place } from '../route/location.js';
import { SCREENS } from '../route/screens.js';
import { changeSlice, DEFAULT_RANGE, hrefTo, writeSlice } from '../route/slice.js';
import { setTheme, theme } from '../theme/theme.js';
import { openHelp } from './help.js';

export interface Command {
  id: string;
  kind: string;
  text: string;
  keys?: string;
  /** Beside the text: how it is. */
  note?: string;
  /** Offered whatever is typed, below what matches. */
  isAlways?: boolean;
  run: () => void;
}

/** All that can be done, given what was typed and the agents that are known. */
export function commandsFor(typed: string, agents: readonly { name: string; status: string }[]): Command[] {
  return [
    ...screenCommands(),
    ...actionCommands(),
    ...agents.map(agentCommand),
    ...familyCommands(agents.map(({ name }) => name)),
    ...searchCommands(typed.trim()),
  ];
}

function screenCommands(): Command[] {
  return SCREENS.flatMap(({ path, title, nav }) =>
    nav === null
      ? []
      : [{ id: `screen ${path}`, kind: 'Go to', text: title, keys: `g ${nav.key}`, run: () => go(hrefTo(path)) }],
  );
}

function agentCommand({ name, status }: { name: string; status: string }): Command {
  return {
    id: `agent ${name}`,
    kind: 'Agent',
    text: name,
    ...(status === 'HEALTHY' ? {} : { note: inWords(status) }),
    run: () => go(hrefTo(`/fleet/${encodeURIComponent(name)}`)),
  };
}

/** Agents that do the same in several places are called alike: all of them at once, on every screen. */
function familyCommands(names: readonly string[]): Command[] {
  const families = new Map<string, string[]>();
  for (const name of names) {
    const stem = name.slice(0, Math.max(0, name.lastIndexOf('-')));
    if (stem !== '') families.set(stem, [...(families.get(stem) ?? []), name]);
  }
  return [...families]
    .filter(([, agents]) => agents.length > 1)
    .map(([stem, agents]) => ({
      id: `family ${stem}`,
      kind: 'Narrow to',
      text: `${stem}-*`,
      note: counted(agents.length, 'agent'),
      run: () => changeSlice({ agents }),
    }));
}

function searchCommands(typed: string): Command[] {
  if (typed === '') return [];
  const search = {
    id: 'search',
    kind: 'Search',
    text: `Decisions that say “${typed}”`,
    isAlways: true,
    run: () => go(hrefTo('/decisions', {}, { text: typed })),
  };
  const open = {
    id: 'open',
    kind: 'Open',
    text: `Decision ${typed}`,
    isAlways: true,
    run: () => go(hrefTo(`/decisions/${encodeURIComponent(typed)}`)),
  };
  return typed.length >= 8 && !typed.includes(' ') ? [open, search] : [search];
}

function actionCommands(): Command[] {
  const isDarkNext = theme.value !== 'dark';
  return [
    {
      id: 'clear',
      kind: 'Do',
      text: 'Clear all filters',
      run: () => {
        const nothing = { range: DEFAULT_RANGE, agents: [], models: [], customerSegments: [], regions: [] };
        go(hrefOf(place.value.path, writeSlice({ ...nothing, fleet: null, environments: [], requestTypes: [] })));
      },
    },
    {
      id: 'copy',
      kind: 'Do',
      text: 'Copy a link to what is shown',
      run: () => void navigator.clipboard.writeText(window.location.href),
    },
    {
      id: 'theme',
      kind: 'Do',
      text: isDarkNext ? 'Dark colours' : 'Light colours',
      run: () => setTheme(isDarkNext ? 'dark' : 'light'),
    },
    { id: 'keys', kind: 'Do', text: 'Show the keys', keys: '?', run: openHelp },
    { id: 'out', kind: 'Do', text: 'Sign out', run: () => void signOut() },
  ];
}
