import { groupRows } from '../db/group.js';
import type { Pool } from '../db/pool.js';
import { daysAround, ENTRY_DAYS, portions } from '../decision/days.js';
import type { Outcome, Step, StepKind } from '../decision/decision.js';
import { canonicalInput, canonicalOutput, canonicalStep } from '../decision/record/payload.js';
import { digestAt } from '../ledger/bundle/entry.js';
import type { OpeningLine } from '../ledger/bundle/line.js';
import { sealedChainOf, stepPath } from '../ledger/bundle/long-chain.js';
import type { CanonicalValue } from '../ledger/canonical.js';
import { SALT_BYTES } from '../ledger/commitment.js';
import { dayOf } from '../time.js';

/** An entry as it lies in the database. */
export interface EntryRow {
  seq: number;
  kind: string;
  subject: string;
  recordedAt: Date;
  canonical: string;
  hash: string;
}

type Opening = Omit<OpeningLine, 'type' | 'seq'>;
type Payload = { readonly [key: string]: CanonicalValue };

/** Content that is held at once; one decision's may be more. */
const HELD_BYTES_MAX = 8_388_608;

/**
 * Entries with the content they commit to, in their order, as far as it is kept: what was erased or removed has no salt, and
 * is left out. Content belongs to the newest word on a decision. It is handed out as it is stored: whether it is what was
 * sealed is for whoever verifies to say.
 */
export async function* withContent(
  pool: Pool,
  fleet: string,
  entries: readonly EntryRow[],
): AsyncGenerator<{ entry: EntryRow; openings: OpeningLine[] }> {
  const holders = await findHolders(pool, fleet, entries);
  let at = 0;
  while (at < entries.length) {
    let bytes = 0;
    let end = at;
    while (end < entries.length && (end === at || bytes < HELD_BYTES_MAX)) {
      bytes += holders.get((entries[end] as EntryRow).seq)?.byteCount ?? 0;
      end += 1;
    }
    const portion = entries.slice(at, end);
    const contents = await readContents(
      pool,
      fleet,
      portion.flatMap(({ seq }) => holders.get(seq) ?? []),
    );
    for (const entry of portion) {
      const holder = holders.get(entry.seq);
      const content = holder === undefined ? undefined : contents.get(holder.id);
      yield { entry, openings: content === undefined ? [] : fittingOpenings(entry, content) };
    }
    at = end;
  }
}

/** A decision's row that has content, and where it lies. */
interface Holder {
  id: string;
  sealedOn: string;
  byteCount: number;
}

/** The rows that hold the content of these entries, by seq: of an entry that a newer one replaced, there is none. */
async function findHolders(pool: Pool, fleet: string, entries: readonly EntryRow[]): Promise<Map<number, Holder>> {
  const telling = entries.filter(({ kind }) => kind === 'DECISION' || kind === 'AMENDMENT');
  const ids = [...new Set(telling.map(({ subject }) => subject))];
  if (ids.length === 0) return new Map();
  const newest = await pool.query<{ subject: string; seq: number }>(
    `SELECT subject, max(seq) AS seq FROM ledger_entry
     WHERE fleet_id = $1 AND subject = ANY($2::text[]) AND kind IN ('DECISION', 'AMENDMENT') GROUP BY subject`,
    [fleet, ids],
  );
  const newestSeq = new Map(newest.rows.map(({ subject, seq }) => [subject, seq]));
  const current = telling.filter(({ subject, seq }) => newestSeq.get(subject) === seq);
  const seqOf = new Map(current.map(({ subject, seq }) => [subject, seq]));
  const days = new Set(current.flatMap(({ recordedAt }) => daysAround(dayOf(recordedAt.getTime()), ENTRY_DAYS)));
  const found = new Map<number, Holder>();
  for (const portion of portions([...days].sort())) {
    const { rows } = await pool.query<Holder>(
      `SELECT d.id, d.sealed_on::text AS "sealedOn", coalesce(d.byte_count, 0) AS "byteCount" FROM decision d
       WHERE d.fleet_id = $1 AND d.sealed_on = ANY($3::date[]) AND d.id = ANY($2::text[]) AND d.salt IS NOT NULL`,
      [fleet, [...seqOf.keys()], portion],
    );
    for (const row of rows) found.set(seqOf.get(row.id) as number, row);
  }
  return found;
}

interface ContentRow {
  id: string;
  input: string | null;
  output: string | null;
  errorMessage: string | null;
  userId: string | null;
  salt: Buffer;
}

interface SaltedStepRow extends Omit<Step, 'startedAtMs' | 'tokens'> {
  decisionId: string;
  index: number;
  startedAt: Date;
  inputTokens: number | null;
  outputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  reasoningTokens: number | null;
  salt: Buffer;
}

const CONTENTS = `SELECT d.id, d.input, d.output, d.error_message AS "errorMessage", d.user_id AS "userId", d.salt
  FROM decision d WHERE d.fleet_id = $1 AND d.sealed_on = ANY($3::date[]) AND d.id = ANY($2::text[]) AND d.salt IS NOT NULL`;

const STEPS = `SELECT s.decision_id AS "decisionId", s.index, s.kind, s.name, s.started_at AS "startedAt",
    s.duration_ms AS "durationMs", s.provider, s.model, s.input_tokens AS "inputTokens", s.output_tokens AS "outputTokens",
    s.cache_read_tokens AS "cacheReadTokens", s.cache_write_tokens AS "cacheWriteTokens",
    s.reasoning_tokens AS "reasoningTokens", s.cost_usd AS "costUsd", s.tool_name AS "toolName", s.arguments, s.result,
    s.input, s.output, s.outcome, s.error_message AS "errorMessage", s.span_id AS "spanId", s.salt
  FROM step s WHERE s.fleet_id = $1 AND s.sealed_on = ANY($3::date[]) AND s.decision_id = ANY($2::text[])
    AND s.salt IS NOT NULL
  ORDER BY s.decision_id, s.index`;

interface Content {
  row: ContentRow;
  steps: readonly SaltedStepRow[];
}

async function readContents(pool: Pool, fleet: string, holders: readonly Holder[]): Promise<Map<string, Content>> {
  const found = new Map<string, Content>();
  const ids = holders.map(({ id }) => id);
  for (const days of portions([...new Set(holders.map(({ sealedOn }) => sealedOn))].sort())) {
    const contents = await pool.query<ContentRow>(CONTENTS, [fleet, ids, days]);
    const steps = await pool.query<SaltedStepRow>(STEPS, [fleet, ids, days]);
    const byDecision = groupRows(steps.rows, ({ decisionId }) => decisionId);
    for (const row of contents.rows) found.set(row.id, { row, steps: byDecision.get(row.id) ?? [] });
  }
  return found;
}

function openingsOf({ row, steps }: Content, payload: Payload): Opening[] {
  const { input, salt } = row;
  const opened: Opening[] = steps.map((step) => ({
    path: stepPath(payload, step.index),
    salt: step.salt.toString('hex'),
    content: canonicalStep(stepOf(step), step.index),
  }));
  opened.unshift({
    path: '/output',
    salt: salt.toString('hex', SALT_BYTES),
    content: canonicalOutput(row),
  });
  if (input === null) return opened;
  return [{ path: '/input', salt: salt.toString('hex', 0, SALT_BYTES), content: canonicalInput(input) }, ...opened];
}

function stepOf({ startedAt, kind, outcome, ...row }: SaltedStepRow): Step {
  const { inputTokens: input, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = row;
  const tokens =
    input === null
      ? null
      : {
          input,
          output: outputTokens ?? 0,
          cacheRead: cacheReadTokens ?? 0,
          cacheWrite: cacheWriteTokens ?? 0,
          reasoning: reasoningTokens ?? 0,
        };
  return { ...row, kind: kind as StepKind, outcome: outcome as Outcome, startedAtMs: startedAt.getTime(), tokens };
}

/** Those that the entry commits to: nothing can be said of others. */
function fittingOpenings({ seq, canonical }: EntryRow, content: Content): OpeningLine[] {
  const payload = payloadOf(canonical);
  const isChained = sealedChainOf(payload) !== null;
  return openingsOf(content, payload)
    .filter(({ path }) => digestAt(payload, path) !== null || (isChained && path.startsWith('/chain/')))
    .map((opening) => ({ type: 'opening', seq, ...opening }));
}

function payloadOf(canonical: string): Payload {
  try {
    const { payload }: { payload: Payload } = JSON.parse(canonical);
    return typeof payload === 'object' && payload !== null ? payload : {};
  } catch {
    // Bytes that were damaged are handed out all the same: they are what the verdict will be about.
    return {};
  }
}
