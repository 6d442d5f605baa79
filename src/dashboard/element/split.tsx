import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { setParameters } from '../route/location.js';
import { Icon } from './icon.js';
import './split.css';

export interface SplitProps {
  list: ComponentChildren;
  /** The parameter of the URL that names what is open. */
  parameter: string;
  /** Null: nothing is open, and the list has all the room. */
  open: string | null;
  /** What the part that is open is called. */
  name: string;
  children: ComponentChildren;
}

/** A list, and beside it what is open of it; on a phone, in its place. */
export function Split({ list, parameter, open, name, children }: SplitProps) {
  const panel = useRef<HTMLElement>(null);
  const close = () => setParameters({ [parameter]: null });
  useEffect(() => {
    if (open !== null) panel.current?.focus({ preventScroll: true });
  }, [open]);
  return (
    <div class={open === null ? 'split' : 'split is-open'}>
      <div class="split-list">{list}</div>
      {open !== null && (
        <section
          ref={panel}
          class="split-open panel"
          aria-label={name}
          tabIndex={-1}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && !event.defaultPrevented) close();
          }}
        >
          <button type="button" class="quiet icon split-close" aria-label={`Close the ${name}`} onClick={close}>
            <Icon name="close" />
          </button>
          {children}
        </section>
      )}
    </div>
  );
}
