import type { LedgerEntryKind } from './ledger.graphql.js';

/** What entries seal, in words. */
export const ENTRY_KINDS: Readonly<Record<LedgerEntryKind, string>> = {
  DECISION: 'Decisions',
  AMENDMENT: 'Amendments',
  AGENT: 'Versions of agents',
  ERASURE: 'Erasures',
  HOLD: 'Legal holds',
  RELEASE: 'Releases of holds',
  ALERT: 'Alerts',
  INCIDENT: 'Incidents',
  RULE: 'Alert rules',
  SILENCE: 'Silences',
  SETTINGS: 'Settings',
  REPRICE: 'Re-pricings',
  ACCESS: 'Access',
  READ: 'Content read',
  LEDGER_KEY: 'Signing keys',
  EXPORT: 'Exports and reports',
  PRUNE: 'Removed by retention',
};
