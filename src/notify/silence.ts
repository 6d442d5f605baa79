import { readKeysetPage } from '../db/keyset.js';
import type { Page, PageRequest } from '../db/page.js';
import { type Client, inTransaction, type Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { appendOrOwe, lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import type { Match } from '../settings/notification/settings.js';
import { matchesPattern } from '../settings/pattern.js';
import type { SilenceSpan } from './plan/mute.js';

export interface Silence {
  /** Names it in the fleet; later ones are larger. */
  id: number;
  /** Patterns by label, all of which must hold. */
  matchers: Match;
  reason: string;
  createdBy: string;
  createdAt: Date;
  startsAt: Date;
  /** The first moment at which it does not hold any more. */
  endsAt: Date;
}

export type NewSilence = Omit<Silence, 'id'>;

const MATCHERS_MAX = 20;
const TEXT_MAX = 200;
const REASON_MAX = 1_000;

const COLUMNS = `s.id, s.matchers, s.reason, s.created_by AS "createdBy", s.created_at AS "createdAt",
  s.starts_at AS "startsAt", s.ends_at AS "endsAt"`;

/** What neither a screen nor the database takes. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/**
 * Keeps everybody from being told of what it matches, from its start until its end, and seals that in the ledger, which owes
 * it while it stands still. Throws VALIDATION_FAILED for one that matches everything, that is over before it begins or already,
 * or whose texts are too long or not printable. `createdAt` is now.
 */
export async function createSilence(pool: Pool, fleet: string, silence: NewSilence): Promise<Silence> {
  validate(silence);
  return inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    const written = await insertSilence(client, fleet, silence);
    await seal(client, fleet, written, {
      change: 'BEGUN',
      actor: silence.createdBy,
      nowMs: silence.createdAt.getTime(),
    });
    return written;
  });
}

async function insertSilence(client: Client, fleet: string, silence: NewSilence): Promise<Silence> {
  const { matchers, reason, createdBy, createdAt, startsAt, endsAt } = silence;
  const { rows } = await client.query<Silence>(
    `INSERT INTO silence AS s (fleet_id, matchers, reason, created_by, created_at, starts_at, ends_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
    [
      fleet,
      JSON.stringify(matchers),
      reason,
      createdBy,
      createdAt.toISOString(),
      startsAt.toISOString(),
      endsAt.toISOString(),
    ],
  );
  return rows[0] as Silence;
}

function validate({ matchers, reason, createdAt, startsAt, endsAt }: NewSilence): void {
  const entries = Object.entries(matchers);
  const refuse = (message: string, path: string) => {
    throw new AppError('VALIDATION_FAILED', message, { path: [path] });
  };
  if (entries.every(([, pattern]) => matchesPattern(pattern, ''))) {
    refuse('the silence would mute everything: give it a label with a value, such as agent: fraud-*', 'matchers');
  }
  const isUnfit = (text: string) => text.length > TEXT_MAX || UNPRINTABLE.test(text);
  if (entries.length > MATCHERS_MAX || entries.flat().some(isUnfit)) {
    refuse(`there are at most ${MATCHERS_MAX} matchers of at most ${TEXT_MAX} printable characters`, 'matchers');
  }
  if (reason.length > REASON_MAX || UNPRINTABLE.test(reason.replaceAll(/\r?\n|\t/g, ' '))) {
    refuse(`the reason has at most ${REASON_MAX} printable characters`, 'reason');
  }
  if (endsAt <= createdAt) refuse('the silence is over already', 'until');
  if (endsAt <= startsAt) refuse('the silence ends before it begins', 'until');
}

/**
 * Ends the silence now and seals that in the ledger, or owes it; one that has not begun never does, one that is over stays as it is.
 * Null when the fleet has none of that id.
 */
export function expireSilence(
  pool: Pool,
  fleet: string,
  { id, actor, now }: { id: number; actor: string; now: Date },
): Promise<Silence | null> {
  return inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    const { rows } = await client.query<Silence>(
      `UPDATE silence AS s SET starts_at = least(s.starts_at, $3), ends_at = least(s.ends_at, $3)
       WHERE s.fleet_id = $1 AND s.id = $2 AND s.ends_at > $3 RETURNING ${COLUMNS}`,
      [fleet, id, now.toISOString()],
    );
    const [ended] = rows;
    if (ended === undefined) return findSilence(client, fleet, id);
    await seal(client, fleet, ended, { change: 'ENDED', actor, nowMs: now.getTime() });
    return ended;
  });
}

async function findSilence(client: Client, fleet: string, id: number): Promise<Silence | null> {
  const { rows } = await client.query<Silence>(`SELECT ${COLUMNS} FROM silence s WHERE s.fleet_id = $1 AND s.id = $2`, [
    fleet,
    id,
  ]);
  return rows[0] ?? null;
}

async function seal(
  client: Client,
  fleet: string,
  { id, matchers, reason, startsAt, endsAt }: Silence,
  { change, actor, nowMs }: { change: 'BEGUN' | 'ENDED'; actor: string; nowMs: number },
): Promise<void> {
  const payload = canonicalize({
    actor,
    change,
    endsAt: endsAt.toISOString(),
    matchers: { ...matchers },
    reason,
    startsAt: startsAt.toISOString(),
  });
  await appendOrOwe(client, fleet, { drafts: [{ kind: 'SILENCE', subject: `Silence:${id}`, payload }], nowMs });
}

export interface SilenceListOptions {
  pool: Pool;
  fleet: string;
  /** Only those that end after it; null: all there are. */
  endingAfter: Date | null;
  /** The key of a silence is its id; lists begin with the newest. */
  page: PageRequest<number>;
}

/** One page of the fleet's silences, the newest first, in one statement. */
export function listSilences({ pool, fleet, endingAfter, page }: SilenceListOptions): Promise<Page<Silence>> {
  return readKeysetPage(pool, {
    fleet,
    table: 'silence',
    alias: 's',
    key: { column: 'id', type: 'bigint' },
    order: 'descending',
    selection: COLUMNS,
    conditions: '($4::timestamptz IS NULL OR s.ends_at > $4)',
    parameters: [endingAfter?.toISOString() ?? null],
    page,
  });
}

/** The silences of all fleets that hold now or will. */
export async function loadSilences(pool: Pool, now: Date): Promise<readonly SilenceSpan[]> {
  const { rows } = await pool.query<{ fleet: string; matchers: Match; startsAt: Date; endsAt: Date }>(
    `SELECT fleet_id AS fleet, matchers, starts_at AS "startsAt", ends_at AS "endsAt" FROM silence WHERE ends_at > $1`,
    [now.toISOString()],
  );
  return rows.map(({ fleet, matchers, startsAt, endsAt }) => ({
    fleet,
    matchers,
    startsAtMs: startsAt.getTime(),
    endsAtMs: endsAt.getTime(),
  }));
}
