import type { Coverage } from './store.js';

/** How much there is to hold an entry to, the least first. */
export const LEDGER_LEVELS = ['SEALED', 'PUBLISHED', 'WITNESSED'] as const;
export type LedgerLevel = (typeof LEDGER_LEVELS)[number];

export function levelOf(seq: number, { publishedSize, witnessedSize }: Coverage): LedgerLevel {
  if (seq < witnessedSize) return 'WITNESSED';
  return seq < publishedSize ? 'PUBLISHED' : 'SEALED';
}
