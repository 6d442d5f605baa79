import type { Client } from '../../db/pool.js';

/** Decisions that are erased together, and the days (UTC) in whose partitions their rows lie. */
export interface ErasedSet {
  fleet: string;
  /** Which erasure it is by decision. */
  erasureOf: ReadonlyMap<string, number>;
  days: readonly string[];
  nowMs: number;
}

/**
 * Deletes for good what these decisions hold of content: texts, the user and salts of decisions and steps, passages that
 * anomalies quote, reports that tell of them, and the requests they came in. It belongs to a transaction that has locked the fleet's row, since that is
 * what recording waits for. Figures, commitments and everything else that is no content stay. Returns the ids of those whose
 * rows were found.
 */
export async function eraseContents(client: Client, { fleet, erasureOf, days, nowMs }: ErasedSet): Promise<string[]> {
  const ids = [...erasureOf.keys()];
  const { rows } = await client.query<{ id: string; journalIds: number[] }>(
    `UPDATE decision SET input = NULL, output = NULL, error_message = NULL, user_id = NULL, salt = NULL
     WHERE fleet_id = $1 AND sealed_on = ANY($3::date[]) AND id = ANY($2::text[])
     RETURNING id, journal_ids AS "journalIds"`,
    [fleet, ids, days],
  );
  const found = rows.map(({ id }) => id);
  await client.query(
    `UPDATE step SET arguments = NULL, result = NULL, input = NULL, output = NULL, error_message = NULL, salt = NULL
     WHERE fleet_id = $1 AND sealed_on = ANY($3::date[]) AND decision_id = ANY($2::text[])`,
    [fleet, found, days],
  );
  await client.query(
    `INSERT INTO erased_decision (fleet_id, decision_id, erasure_id, erased_at)
     SELECT $1, erased.id, erased.erasure_id, $4 FROM unnest($2::text[], $3::bigint[]) AS erased (id, erasure_id)
     ON CONFLICT DO NOTHING`,
    [fleet, found, found.map((id) => erasureOf.get(id)), new Date(nowMs)],
  );
  await eraseQuotes(client, fleet, found);
  await withdrawReports(client, fleet, found);
  await emptyRequests(client, fleet, [...new Set(rows.flatMap(({ journalIds }) => journalIds.map(Number)))]);
  return found;
}

/** Reports that tell of these decisions cannot be had any more; their files go as soon as whoever keeps them looks. */
async function withdrawReports(client: Client, fleet: string, decisionIds: readonly string[]): Promise<void> {
  await client.query(
    `UPDATE report SET state = 'EXPIRED', version = version + 1, error = 'content in it was erased',
       request = request || '{"subject": null}'
     WHERE state = 'DONE' AND disclosed && $2::text[] AND request->'fleets' ? $1`,
    [fleet, decisionIds],
  );
}

/** Passages of content that anomalies of these decisions quote. */
export async function eraseQuotes(client: Client, fleet: string, decisionIds: readonly string[]): Promise<void> {
  await client.query(
    'UPDATE anomaly SET quotes = NULL WHERE fleet_id = $1 AND decision_id = ANY($2::text[]) AND quotes IS NOT NULL',
    [fleet, decisionIds],
  );
}

/**
 * Empties requests that are worked off, and has the others emptied as soon as they are: until then they are all that is left
 * of decisions which have nothing to do with this. An empty one is still known when it comes again. One statement: a request
 * may be done at this moment.
 */
export async function emptyRequests(client: Client, fleet: string, journalIds: readonly number[]): Promise<void> {
  await client.query(
    `UPDATE journal SET is_erased = TRUE,
       body = CASE WHEN done_at IS NULL THEN body ELSE '' END,
       encoding = CASE WHEN done_at IS NULL THEN encoding ELSE 'protobuf' END,
       is_gzip = is_gzip AND done_at IS NULL
     WHERE fleet_id = $1 AND id = ANY($2::bigint[])`,
    [fleet, journalIds],
  );
}
