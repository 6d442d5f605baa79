import type { Entry } from '../ledger/chain.js';

/**
 * The decision that a decision turned out to be part of, by the amendments of the latter in the order they were sealed; null
 * when it stands by itself.
 */
export function successorOf(amendments: readonly Entry[]): string | null {
  const newest = amendments.at(-1);
  if (newest === undefined) return null;
  const { payload } = JSON.parse(newest.canonical) as { payload: { supersededBy?: string } };
  return payload.supersededBy ?? null;
}
