import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import './popup.css';

export interface PopupProps {
  /** What the button shows. */
  label: ComponentChildren;
  /** What the button and the panel are called. */
  name: string;
  class?: string;
  /** The panel’s content, made when it is opened. */
  children: (close: () => void) => ComponentChildren;
}

const EDGE_PX = 8;

/** A button that opens a panel under it; on a phone the panel comes up from below. */
export function Popup({ label, name, class: buttonClass = '', children }: PopupProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = () => {
    panel.current?.hidePopover();
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={buttonClass}
        aria-label={name}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        popovertarget={id}
      >
        {label}
      </button>
      <div
        ref={panel}
        id={id}
        class="popup"
        popover="auto"
        role="dialog"
        aria-label={name}
        onBeforeToggle={(event) => {
          if (event.newState === 'open') place(button.current, panel.current);
        }}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {isOpen && children(close)}
      </div>
    </>
  );
}

function place(button: HTMLElement | null, panel: HTMLElement | null): void {
  if (button === null || panel === null) return;
  const { left, right, bottom } = button.getBoundingClientRect();
  const isLeft = left + right < window.innerWidth;
  panel.style.setProperty('--top', `${bottom + EDGE_PX / 2}px`);
  panel.style.setProperty('--left', isLeft ? `${Math.max(EDGE_PX, left)}px` : 'auto');
  panel.style.setProperty('--right', isLeft ? 'auto' : `${Math.max(EDGE_PX, window.innerWidth - right)}px`);
}
