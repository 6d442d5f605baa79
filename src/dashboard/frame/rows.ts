import { useShortcuts } from './keys.js';

const ROW = '[data-row]';

/**
 * Moves through what is marked `data-row` on the screen by j and k: the link of the row is focused, so that Enter opens it
 * and a screen reader reads it.
 */
export function useRowKeys(what: string): void {
  useShortcuts([
    { keys: 'j', does: `Next ${what}`, run: () => step(1) },
    { keys: 'k', does: `Previous ${what}`, run: () => step(-1) },
  ]);
}

function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>(`main ${ROW}`)];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at === -1 ? (by === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  const target = next?.matches('a, button') ? next : next?.querySelector<HTMLElement>('a, button');
  target?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
