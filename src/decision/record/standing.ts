import type { Client, Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import { type LedgerEnd, trySettling } from '../../ledger/append.js';
import { EMPTY_HEAD } from '../../ledger/chain.js';
import type { RewrittenDays } from './rewritten-days.js';

/** Where a fleet's ledger stands, and which of a batch's decisions are in it. */
export interface Standing {
  head: LedgerEnd;
  /** Decisions that have been sealed and stand, by id. */
  known: ReadonlyMap<string, KnownDecision>;
  /** Which of them were erased, each with the erasure. */
  erased: ReadonlyMap<string, number>;
  /** Whether the fleet has erasures that what is on its way may belong to. */
  hasMarks: boolean;
}

export interface KnownDecision {
  /** Of the entry it was sealed with. */
  seq: number;
  /** Whether its row is there and can still be written anew; false for what retention took, and for what is too old. */
  isRewritable: boolean;
}

const STANDING = `
  SELECT head.seq, encode(head.hash, 'hex') AS hash, head.recorded_at,
    ARRAY(SELECT subject FROM ledger_entry WHERE fleet_id = $1 AND subject = ANY($2) AND kind = 'DECISION') AS recorded,
    (SELECT json_object_agg(decision_id, erasure_id) FROM erased_decision
      WHERE fleet_id = $1 AND decision_id = ANY($2)) AS erased,
    EXISTS (SELECT FROM erasure_mark WHERE fleet_id = $1) AS "hasMarks",
    EXISTS (SELECT FROM ledger_owed WHERE fleet_id = $1) AS owes
  FROM fleet LEFT JOIN LATERAL (
    SELECT seq, hash, recorded_at FROM ledger_entry WHERE fleet_id = fleet.id ORDER BY seq DESC LIMIT 1
  ) head ON TRUE
  WHERE fleet.id = $1`;

/**
 * Locks the fleet and reads where its ledger stands: two statements, since one that waits for the lock would still see
 * what was there before it waited. What the ledger owes is sealed first. Throws NOT_FOUND when there is no such fleet.
 */
export async function lockStanding(
  client: Client,
  { fleet, days, nowMs }: { fleet: string; days: RewrittenDays; nowMs: number },
  ids: readonly string[],
): Promise<Standing> {
  await client.query('SELECT FROM fleet WHERE id = $1 FOR NO KEY UPDATE', [fleet]);
  const { rows } = await client.query(STANDING, [fleet, ids]);
  if (rows.length === 0) throw new AppError('NOT_FOUND', `there is no fleet ${fleet}`);
  const [{ seq, hash, recorded_at: recordedAt, recorded, erased, hasMarks, owes }] = rows;
  const found = { ...(seq === null ? EMPTY_HEAD : { seq, hash }), recordedAtMs: recordedAt?.getTime() ?? 0 };
  const head = owes ? await trySettling(client, fleet, { end: found, nowMs }) : found;
  const known = recorded.length === 0 ? new Map() : await findKnown(client, { fleet, days }, recorded);
  return {
    head,
    known,
    erased: new Map(Object.entries(erased ?? {})),
    hasMarks,
  };
}

/** Which of these ids were sealed and stand, so that recording them again would change nothing. */
export async function findRecorded(pool: Pool, fleet: string, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT entry.subject AS id FROM ledger_entry entry
     WHERE entry.fleet_id = $1 AND entry.subject = ANY($2) AND entry.kind IN ('DECISION', 'AMENDMENT')
     GROUP BY entry.subject ${NOT_SUPERSEDED}`,
    [fleet, ids],
  );
  return new Set(rows.map(({ id }) => id));
}

const NOT_SUPERSEDED = `HAVING (array_agg(entry.canonical ORDER BY entry.seq DESC))[1]::json #> '{payload,supersededBy}' IS NULL`;

/** The ledger alone says what stands: rows may be gone. What its newest entry supersedes may be sealed again. */
const KNOWN = `
  SELECT entry.subject AS id, max(entry.seq) FILTER (WHERE entry.kind = 'DECISION') AS seq,
    EXISTS (
      SELECT FROM decision WHERE fleet_id = $1 AND id = entry.subject AND sealed_on BETWEEN $3::date AND $4::date
    ) AS "isRewritable"
  FROM ledger_entry entry WHERE entry.fleet_id = $1 AND entry.subject = ANY($2)
  GROUP BY entry.subject ${NOT_SUPERSEDED}`;

async function findKnown(
  client: Client,
  { fleet, days }: { fleet: string; days: RewrittenDays },
  ids: readonly string[],
): Promise<Map<string, KnownDecision>> {
  const { rows } = await client.query<KnownDecision & { id: string }>(KNOWN, [fleet, ids, days.first, days.last]);
  return new Map(rows.map(({ id, ...known }) => [id, known]));
}
