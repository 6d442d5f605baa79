import type { Client, Pool } from '../../db/pool.js';

/** What marks a journaled request as done. Of one that holds something erased, nothing is left then. */
export const DONE = `done_at = now(), body = CASE WHEN is_erased THEN '' ELSE body END,
  encoding = CASE WHEN is_erased THEN 'protobuf' ELSE encoding END, is_gzip = is_gzip AND NOT is_erased`;

/** Marks requests from which nothing more will be derived. */
export async function finishRequests(client: Client | Pool, journalIds: readonly number[]): Promise<void> {
  if (journalIds.length === 0) return;
  await client.query(`UPDATE journal SET ${DONE} WHERE id = ANY($1::bigint[]) AND done_at IS NULL`, [journalIds]);
}
