import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export interface Shortcut {
  /** `j`, `?`, or two one after the other: `g o`. */
  keys: string;
  /** What it does, for the list that `?` shows. */
  does: string;
  run: () => void;
}

/** Everything that can be done by keys now, the newest last: on the same keys, it wins. */
export const shortcuts = signal<readonly Shortcut[]>([]);

const SEQUENCE_MS = 1_500;
let first: { key: string; atMs: number } | null = null;

/** Offers shortcuts for as long as the component is there. */
export function useShortcuts(offered: readonly Shortcut[]): void {
  const latest = useRef(offered);
  latest.current = offered;
  useEffect(() => {
    const own = latest.current.map(({ keys, does }, index) => ({
      keys,
      does,
      run: () => latest.current[index]?.run(),
    }));
    shortcuts.value = [...shortcuts.value, ...own];
    return () => {
      shortcuts.value = shortcuts.value.filter((shortcut) => !own.includes(shortcut));
    };
  }, []);
}

/** Whoever writes, writes; dialogs have keys of their own. */
function isElsewhere(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target as HTMLElement;
  return target.closest('input:not([type="checkbox"]), textarea, select, dialog, [contenteditable]') !== null;
}

export function handleKey(event: KeyboardEvent): void {
  if (isElsewhere(event)) return;
  const sequence = first !== null && event.timeStamp - first.atMs < SEQUENCE_MS ? `${first.key} ${event.key}` : null;
  const shortcut = find(sequence) ?? find(event.key);
  first = shortcut === undefined ? { key: event.key, atMs: event.timeStamp } : null;
  if (shortcut === undefined) return;
  event.preventDefault();
  shortcut.run();
}

function find(keys: string | null): Shortcut | undefined {
  return keys === null ? undefined : shortcuts.value.findLast((shortcut) => shortcut.keys === keys);
}
