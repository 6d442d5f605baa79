import { useRef } from 'preact/hooks';
import { shortcuts, useShortcuts } from './keys.js';
import './help.css';

const ID = 'keys';

export function openHelp(): void {
  (document.getElementById(ID) as HTMLDialogElement | null)?.showModal();
}

/** Every key that does something on this screen. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useShortcuts([{ keys: '?', does: 'Show these keys', run: openHelp }]);
  return (
    <dialog ref={dialog} id={ID} class="help" aria-labelledby="keys-title">
      <form method="dialog">
        <h2 id="keys-title">Keys</h2>
        <dl>
          <Key keys="Ctrl K" does="Search and commands" />
          {shortcuts.value.map(({ keys, does }) => (
            <Key key={`${keys} ${does}`} keys={keys} does={does} />
          ))}
          <Key keys="Enter" does="Open what is focused" />
        </dl>
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

function Key({ keys, does }: { keys: string; does: string }) {
  return (
    <div>
      <dt>
        {keys.split(' ').map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </div>
  );
}
