import type { LedgerEntryKind } from './ledger.graphql.js';

/** What entries seal, in words: those that are worth narrowing the list to. */
export const ENTRY_KINDS: Readonly<Partial<Record<LedgerEntryKind, string>>> = {
  DECISION: 'Decisions',
  AMENDMENT: 'Amendments',
  ERASURE: 'Erasures',
  HOLD: 'Legal holds',
  RELEASE: 'Releases of holds',
  ALERT: 'Alerts',
  RULE: 'Alert rules',
  SILENCE: 'Silences',
  SETTINGS: 'Settings',
  REPRICE: 'Re-pricings',
};
