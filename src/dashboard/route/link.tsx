import type { ComponentChildren } from 'preact';
import { go } from './location.js';
import { hrefTo, type Slice } from './slice.js';

export interface LinkProps {
  /** The path of a screen; the slice goes along. */
  to: string;
  slice?: Partial<Slice>;
  /** Parameters of the screen’s own. */
  own?: Record<string, string>;
  class?: string;
  'aria-current'?: 'page' | undefined;
  'aria-label'?: string;
  title?: string;
  children: ComponentChildren;
}

export function Link({ to, slice = {}, own = {}, children, ...attributes }: LinkProps) {
  const href = hrefTo(to, slice, own);
  return (
    <a {...attributes} href={href} onClick={(event) => follow(event, href)}>
      {children}
    </a>
  );
}

/** Other ways of clicking are the browser’s: a new tab, a download. */
function follow(event: MouseEvent, href: string): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(href);
}
