import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Failure } from '../data/failure.js';
import './panel.css';

export interface PanelProps {
  title: string;
  /** Beside the title: what it is of, or a way on. */
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

/** A part of a screen with a title of its own. */
export function Panel({ title, aside, class: name = '', children }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** The shape of what is to come. */
export function Skeleton({ rows = 3, height = '1.1rem' }: { rows?: number; height?: string }) {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} style={{ height, width: `${92 - ((index * 17) % 38)}%` }} />
      ))}
    </div>
  );
}

/** Nothing is there, and that is an answer. */
export function Empty({ title, isPage, children }: { title: string; isPage?: boolean; children?: ComponentChildren }) {
  return (
    <div class="empty">
      {isPage ? <h1>{title}</h1> : <p class="title">{title}</p>}
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  OFFLINE: 'It is asked again when it answers. What is on the screen is from before.',
  FORBIDDEN: 'Somebody with another role can show it to you.',
  UNAUTHENTICATED: 'Sign in again.',
};

/** Something did not come: what, why, and what to do about it. */
export function FailureNotice({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  return (
    <div class="failure" role="alert">
      <p class="title">{failure.code === 'FORBIDDEN' ? 'Not for this role' : 'This could not be read'}</p>
      <p>
        {failure.message} {WHAT_TO_DO[failure.code]}
      </p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
