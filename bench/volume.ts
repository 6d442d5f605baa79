/**
 * How large a year of figures is: rollups of a fleet of 30 agents as they come, some hours of each tier written and
 * measured, and scaled to the time each tier is kept.
 */

import { copyRows, encodeRows } from '../src/db/copy.js';
import { inTransaction, type Pool } from '../src/db/pool.js';
import { contributionsOf, type DecisionFigures } from '../src/decision/record/figures.js';
import type { Figures } from '../src/metric/figures.js';
import { addFigures, emptyFigures, figureValues, ROLLUP_COLUMNS } from '../src/metric/rollup-row.js';
import { NO_LABELS } from '../src/metric/slice.js';
import { HOUR_MS } from '../src/time.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';

const FLEET = 'default';
const DECISIONS_PER_HOUR = 7_200;
/** Combinations of agent, model, segment, region, outcome and so on that occur. */
const SLICES = 700;
const START_MS = Date.parse('2026-11-02T00:00:00Z');
const MIB = 1024 * 1024;

const TIERS = [
  { table: 'rollup_minute', bucketMs: 60_000, measuredHours: 12, keptDays: 14 },
  { table: 'rollup_hour', bucketMs: HOUR_MS, measuredHours: 72, keptDays: 400 },
  { table: 'rollup_day', bucketMs: 24 * HOUR_MS, measuredHours: 240, keptDays: 365 },
] as const;

/** Prints the size of each tier and of a year of all of them. */
export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  try {
    console.log(`volume: 30 agents, ${DECISIONS_PER_HOUR} decisions an hour, ${SLICES} slices`);
    let total = 0;
    for (const tier of TIERS) total += await measure(database.recorderPool, tier);
    console.log(`  a year         ${mib(total)} of rollups, all that is kept at its end`);
  } finally {
    await database.drop();
    await postgres.stop();
  }
}

/** Bytes of the tier when it holds all that is kept. */
async function measure(pool: Pool, tier: (typeof TIERS)[number]): Promise<number> {
  const { table, bucketMs, measuredHours, keptDays } = tier;
  let written = 0;
  for (let atMs = START_MS; atMs < START_MS + measuredHours * HOUR_MS; atMs += bucketMs) {
    const rollups = drawBucket((DECISIONS_PER_HOUR * bucketMs) / HOUR_MS, atMs);
    const rows = [...rollups].map(([slice, figures]) => [FLEET, new Date(atMs), slice, ...figureValues(figures)]);
    written += rows.length;
    await inTransaction(pool, (client) => copyRows(client, { table, columns: ROLLUP_COLUMNS }, encodeRows(rows)));
  }
  const { rows } = await pool.query<{ bytes: number }>('SELECT pg_total_relation_size($1::regclass) AS bytes', [table]);
  const bytes = rows[0]?.bytes ?? Number.NaN;
  const kept = (bytes * keptDays * 24) / measuredHours;
  const perBucket = (written * bucketMs) / (measuredHours * HOUR_MS);
  console.log(
    `  ${table.padEnd(14)} ${Math.round(perBucket)} rows a bucket, ${Math.round(bytes / written)} bytes a row with its index, ` +
      `${mib(kept)} in ${keptDays} days`,
  );
  return kept;
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

/** The figures of so many decisions by slice. */
function drawBucket(decisions: number, atMs: number): Map<number, Figures> {
  const rollups = new Map<number, Figures>();
  for (let count = 0; count < decisions; count += 1) {
    // Some slices see most of the work.
    const slice = Math.floor(SLICES * random() ** 1.7);
    const figures = rollups.get(slice) ?? emptyFigures();
    for (const each of contributionsOf(drawDecision(slice, atMs), 1)) addFigures(figures, each);
    rollups.set(slice, figures);
  }
  return rollups;
}

function drawDecision(slice: number, startedAtMs: number): DecisionFigures {
  const calls = 1 + Math.floor(random() * 4);
  const latency = logNormal(1_500 * (1 + (slice % 7)), 0.8);
  const tokens = Math.round(logNormal(2_000, 0.9));
  const cost = logNormal(0.01, 0.9);
  const steps = 2 * calls + 1;
  return {
    startedAtMs,
    labels: NO_LABELS,
    counts: {
      decisions: 1,
      errors: random() < 0.03 ? 1 : 0,
      priced: 1,
      unpriced: 0,
      unpriced_tokens: 0,
      input_tokens: tokens,
      output_tokens: Math.round(tokens / 5),
      cache_read_tokens: Math.round(tokens / 3),
      cache_write_tokens: 0,
      reasoning_tokens: 0,
      tool_calls: calls - 1,
      failed_tool_calls: 0,
      steps,
      bytes: steps * 900,
      kept_decisions: 1,
      kept_steps: steps,
      kept_bytes: steps * 900,
    },
    costUsd: cost.toFixed(8),
    shares: [],
    values: {
      latency: [latency],
      inference_latency: Array.from({ length: calls }, () => logNormal(latency / calls, 0.5)),
      queue_time: random() < 0.2 ? [logNormal(20, 1)] : [],
      time_to_first_token: random() < 0.5 ? [logNormal(300, 0.5)] : [],
      token_usage: [tokens],
      cost: [cost],
      hallucination_score: random() < 0.3 ? [random()] : [],
      tool_invocations: [calls - 1],
    },
  };
}

let seed = 42;

/** The same every time: a linear congruential generator. */
function random(): number {
  seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
  return seed / 4_294_967_296;
}

function logNormal(median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(spread * normal);
}
