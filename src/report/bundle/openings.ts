import { groupRows } from '../../db/group.js';
import type { Pool } from '../../db/pool.js';
import { daysAround, ENTRY_DAYS, portions } from '../../decision/days.js';
import type { Outcome, Step, StepKind } from '../../decision/decision.js';
import { canonicalInput, canonicalOutput, canonicalStep } from '../../decision/record/payload.js';
import { AppError } from '../../errors.js';
import type { OpeningLine } from '../../ledger/bundle/line.js';
import { commit, SALT_BYTES } from '../../ledger/commitment.js';

type Opening = Omit<OpeningLine, 'type' | 'seq'>;

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
  startedAt: Date;
  inputTokens: number | null;
  outputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  reasoningTokens: number | null;
  salt: Buffer;
}

const CONTENT = `SELECT d.id, d.input, d.output, d.error_message AS "errorMessage", d.user_id AS "userId", d.salt FROM decision d
  WHERE d.fleet_id = $1 AND d.sealed_on = ANY($3::date[]) AND d.id = ANY($2::text[]) AND d.salt IS NOT NULL`;

const STEPS = `SELECT s.decision_id AS "decisionId", s.kind, s.name, s.started_at AS "startedAt", s.duration_ms AS "durationMs",
    s.provider, s.model, s.input_tokens AS "inputTokens", s.output_tokens AS "outputTokens",
    s.cache_read_tokens AS "cacheReadTokens", s.cache_write_tokens AS "cacheWriteTokens",
    s.reasoning_tokens AS "reasoningTokens", s.cost_usd AS "costUsd", s.tool_name AS "toolName", s.arguments, s.result, s.input,
    s.output, s.outcome, s.error_message AS "errorMessage", s.span_id AS "spanId", s.salt
  FROM step s WHERE s.fleet_id = $1 AND s.sealed_on = ANY($3::date[]) AND s.decision_id = ANY($2::text[])
  ORDER BY s.decision_id, s.index`;

/**
 * The contents of these decisions with their salts, by decision, as far as they are kept: what was erased or removed is left
 * out.
 */
export async function readOpenings(pool: Pool, fleet: string, ids: readonly string[]): Promise<Map<string, Opening[]>> {
  const found = new Map<string, Opening[]>();
  if (ids.length === 0) return found;
  for (const days of portions(await findDays(pool, fleet, ids))) {
    const contents = await pool.query<ContentRow>(CONTENT, [fleet, ids, days]);
    const steps = await pool.query<SaltedStepRow>(STEPS, [fleet, ids, days]);
    const byDecision = groupRows(steps.rows, ({ decisionId }) => decisionId);
    for (const row of contents.rows) found.set(row.id, openingsOf(row, byDecision.get(row.id) ?? []));
  }
  return found;
}

async function findDays(pool: Pool, fleet: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ day: string }>(
    `SELECT DISTINCT (recorded_at AT TIME ZONE 'UTC')::date::text AS day FROM ledger_entry
     WHERE fleet_id = $1 AND subject = ANY($2::text[])`,
    [fleet, ids],
  );
  return [...new Set(rows.flatMap(({ day }) => daysAround(day, ENTRY_DAYS)))].sort();
}

function openingsOf(
  { input, output, errorMessage, userId, salt }: ContentRow,
  steps: readonly SaltedStepRow[],
): Opening[] {
  const hex = (bytes: Buffer) => bytes.toString('hex');
  return [
    ...(input === null
      ? []
      : [{ path: '/input', salt: hex(salt.subarray(0, SALT_BYTES)), content: canonicalInput(input) }]),
    {
      path: '/output',
      salt: hex(salt.subarray(SALT_BYTES)),
      content: canonicalOutput({ errorMessage, output, userId }),
    },
    ...steps.flatMap((step, index) =>
      step.salt === null
        ? []
        : [{ path: `/steps/${index}`, salt: hex(step.salt), content: canonicalStep(stepOf(step), index) }],
    ),
  ];
}

function stepOf({ startedAt, kind, outcome, ...row }: SaltedStepRow): Step {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = row;
  return {
    ...row,
    kind: kind as StepKind,
    outcome: outcome as Outcome,
    startedAtMs: startedAt.getTime(),
    tokens:
      inputTokens === null
        ? null
        : {
            input: inputTokens,
            output: outputTokens ?? 0,
            cacheRead: cacheReadTokens ?? 0,
            cacheWrite: cacheWriteTokens ?? 0,
            reasoning: reasoningTokens ?? 0,
          },
  };
}

/**
 * The openings of a decision that its entry commits to; those of another word on it, which an amendment replaced, are left
 * out. Throws LEDGER_INTEGRITY when none of them is what was committed to: then the stored content is not what was sealed.
 */
export function fittingOpenings(
  openings: readonly Opening[],
  { id, digestAt }: { id: string; digestAt: (path: string) => string | null },
): Opening[] {
  const fitting = openings.filter(
    ({ path, salt, content }) => digestAt(path) === commit(Buffer.from(salt, 'hex'), content),
  );
  const isOther = openings.some(({ path }) => digestAt(path) === null);
  if (fitting.length < openings.length && fitting.length > 0 && !isOther) {
    throw new AppError('LEDGER_INTEGRITY', `the stored content of the decision ${id} is not what was sealed`);
  }
  return fitting;
}
