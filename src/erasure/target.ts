import { randomBytes } from 'node:crypto';
import type { Client } from '../db/pool.js';

export const TARGET_SCOPES = ['DECISION', 'CONVERSATION', 'SUBJECT'] as const;
export type TargetScope = (typeof TARGET_SCOPES)[number];

/** What is erased or held: one decision, everything of one conversation, or everything of one user of an agent. */
export interface Target {
  scope: TargetScope;
  /** The decision's id, the conversation's, or the user's as telemetry names them. */
  id: string;
}

const PSEUDONYM_BYTES = 8;

/**
 * What the ledger calls it. A decision and a conversation have ids of their own there already; a user is called by a random
 * name, which the fleet forgets when the user is erased. Belongs to a transaction that has locked the fleet's row.
 */
export async function referenceOf(client: Client, fleet: string, { scope, id }: Target): Promise<string> {
  if (scope !== 'SUBJECT') return id;
  const { rows } = await client.query<{ pseudonym: string }>(
    `WITH made AS (
       INSERT INTO data_subject (fleet_id, user_id, pseudonym) VALUES ($1, $2, $3)
       ON CONFLICT (fleet_id, user_id) DO NOTHING RETURNING pseudonym)
     SELECT pseudonym FROM made UNION ALL
     SELECT pseudonym FROM data_subject WHERE fleet_id = $1 AND user_id = $2`,
    [fleet, id, `subject-${randomBytes(PSEUDONYM_BYTES).toString('hex')}`],
  );
  return rows[0]?.pseudonym ?? id;
}

/** Forgets who a pseudonym stands for, wherever that is written. */
export async function forgetSubject(client: Client, fleet: string, userId: string): Promise<void> {
  await client.query('DELETE FROM data_subject WHERE fleet_id = $1 AND user_id = $2', [fleet, userId]);
  for (const table of ['legal_hold', 'erasure']) {
    await client.query(`UPDATE ${table} SET target = NULL WHERE fleet_id = $1 AND scope = 'SUBJECT' AND target = $2`, [
      fleet,
      userId,
    ]);
  }
}
