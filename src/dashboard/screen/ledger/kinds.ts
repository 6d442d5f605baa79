import type { LedgerEntryKind } from './ledger.graphql.js';

/** What entries seal, in words. */
export const ENTRY_KINDS: Readonly<Record<LedgerEntryKind, string>> = {
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
  LEDGER_KEY: 'Keys',
};
