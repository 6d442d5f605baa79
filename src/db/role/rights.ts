/** Roles of the database. None of them logs in: sessions, and logins that are members, take them on. */
export const ROLE = {
  /** Owns every table, view and function of ours. */
  owner: 'midwatch_owner',
  /** Answers, and writes what people and agents of the API change. */
  server: 'midwatch_server',
  /** Seals decisions; the only one that writes them. */
  recorder: 'midwatch_recorder',
  /** Reads the views of the schema `reader`: for auditors and BI tools. */
  reader: 'midwatch_reader',
} as const;

export type Worker = 'server' | 'recorder';

/** S: SELECT, I: INSERT, U: UPDATE (locks of rows too), D: DELETE. */
export type Rights = string;

/** What the two that work may do with each table: what is not here, they may not. */
const TABLES: Record<string, Record<Worker, Rights>> = {
  _prisma_migrations: { server: 'S', recorder: 'S' },
  installation: { server: 'S', recorder: 'SU' },
  fleet: { server: 'SIU', recorder: 'SU' },
  api_key: { server: 'SIU', recorder: '' },
  journal: { server: 'SIUD', recorder: 'SU' },
  agent: { server: 'S', recorder: 'SIU' },
  agent_setup: { server: 'S', recorder: 'SI' },
  // Prices, erasures and retention change what is there; new decisions come from the recorder alone.
  decision: { server: 'SUD', recorder: 'SIUD' },
  step: { server: 'SUD', recorder: 'SIUD' },
  // Whoever changes something appends what was changed, in the transaction that changes it.
  ledger_entry: { server: 'SI', recorder: 'SI' },
  ledger_head: { server: 'SIU', recorder: 'SIU' },
  ledger_tree: { server: 'SIU', recorder: '' },
  ledger_tile: { server: 'SI', recorder: '' },
  ledger_checkpoint: { server: 'SIUD', recorder: '' },
  ledger_timestamp: { server: 'SI', recorder: '' },
  ledger_key: { server: 'SIU', recorder: '' },
  ledger_contradiction: { server: 'SIU', recorder: 'S' },
  // Who writes next seals what is owed.
  ledger_owed: { server: 'SIUD', recorder: 'SUD' },
  metric_slice: { server: 'SIU', recorder: 'SIU' },
  rollup_delta: { server: 'SI', recorder: 'SIUD' },
  rollup_minute: { server: 'SUD', recorder: 'SIUD' },
  rollup_hour: { server: 'SUD', recorder: 'SIUD' },
  rollup_day: { server: 'S', recorder: 'SIUD' },
  rollup_horizon: { server: 'SIU', recorder: '' },
  metric_series: { server: 'SIUD', recorder: '' },
  provider_usage: { server: 'SIUD', recorder: '' },
  provider_cursor: { server: 'SIU', recorder: '' },
  anomaly: { server: 'SIU', recorder: 'SIU' },
  detector_memory: { server: 'SIUD', recorder: '' },
  notification: { server: 'SIUD', recorder: '' },
  silence: { server: 'SIU', recorder: '' },
  alert_rule: { server: 'SIUD', recorder: '' },
  alert_state: { server: 'SIUD', recorder: '' },
  alert: { server: 'SIUD', recorder: '' },
  alert_change: { server: 'SID', recorder: '' },
  judge_cursor: { server: 'SIUD', recorder: '' },
  judge_day: { server: 'SIU', recorder: '' },
  legal_hold: { server: 'SIU', recorder: '' },
  erasure: { server: 'SIU', recorder: '' },
  // What becomes known again of what was erased is erased as it is recorded, and reports that tell of it are withdrawn.
  erased_decision: { server: 'SI', recorder: 'SI' },
  erasure_mark: { server: 'SIUD', recorder: 'S' },
  data_subject: { server: 'SIUD', recorder: '' },
  report: { server: 'SIU', recorder: 'SU' },
  reader_fleet: { server: '', recorder: '' },
};

/** Sequences that the recorder draws from. */
export const RECORDER_SEQUENCES = ['metric_slice_id_seq', 'rollup_delta_id_seq'] as const;

export const TABLE_NAMES = Object.keys(TABLES);

/**
 * What a role may do with a table. Where no session can take on the recorder's role, the server's does its work as well
 * (`isAlone`).
 */
export function rightsOn(table: string, worker: Worker, isAlone: boolean): Rights {
  const { server, recorder } = TABLES[table] as Record<Worker, Rights>;
  if (worker === 'recorder' || !isAlone) return worker === 'server' ? server : recorder;
  return [...new Set(server + recorder)].join('');
}
