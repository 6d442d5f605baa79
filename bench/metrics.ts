/**
 * Two questions of the dashboard over a million decisions: the p95 latency of 24 hours by agent and model, and the cost of 30
 * days by segment. Each against one statement on the rollup tables written for it alone, with the sketches merged and the
 * answer serialised; and against itself over ten thousand decisions.
 */

import { Summary } from '../src/metric/summary.js';
import { DAY_MS, HOUR_MS } from '../src/time.js';
import type { GraphQLFixture } from '../test/support/graphql.js';
import { startPostgres } from '../test/support/postgres.js';
import { FLEET, startHistory } from './fleet-history.js';
import { alternate, median, spread } from './rounds.js';

const LARGE = 1_000_000;
const SMALL = 10_000;
const ROUNDS = 15;

interface Question {
  name: string;
  /** Hours the decisions are spread over. */
  hours: number;
  /** The range ends at a whole one of these. */
  unitMs: number;
  query: (toMs: number) => string;
  byHand: (fixture: GraphQLFixture, toMs: number) => Promise<string>;
}

const range = (fromMs: number, toMs: number) =>
  `from: "${new Date(fromMs).toISOString()}", to: "${new Date(toMs).toISOString()}"`;

const QUESTIONS: readonly Question[] = [
  {
    name: 'p95 of 24 h by agent and model',
    hours: 24,
    unitMs: HOUR_MS,
    query: (toMs) => `{ metrics(query: { metric: DECISION_LATENCY, statistic: P95, ${range(toMs - DAY_MS, toMs)},
      groupBy: [AGENT, MODEL] }) { labels { dimension value } value } }`,
    byHand: async ({ pool }, toMs) => {
      const { rows } = await pool.query(
        `SELECT s.agent, s.model, string_agg(r.latency, '') AS latency FROM rollup_hour r
         JOIN metric_slice s ON s.id = r.slice_id
         WHERE r.fleet_id = $1 AND r.bucket >= $2 AND r.bucket < $3 GROUP BY s.agent, s.model`,
        [FLEET, new Date(toMs - DAY_MS), new Date(toMs)],
      );
      const series = rows.map(({ agent, model, latency }) => {
        const summary = new Summary();
        summary.mergeEncoded(latency);
        return { agent, model, value: summary.quantile(0.95) };
      });
      return JSON.stringify(series);
    },
  },
  {
    name: 'cost of 30 days by segment',
    hours: 30 * 24,
    unitMs: DAY_MS,
    query: (toMs) => `{ metrics(query: { metric: COST, statistic: SUM, ${range(toMs - 30 * DAY_MS, toMs)},
      groupBy: [CUSTOMER_SEGMENT] }) { labels { dimension value } value } }`,
    byHand: async ({ pool }, toMs) => {
      const { rows } = await pool.query(
        `SELECT s.customer_segment, sum(r.cost_usd)::float8 AS value FROM rollup_day r
         JOIN metric_slice s ON s.id = r.slice_id
         WHERE r.fleet_id = $1 AND r.bucket >= $2 AND r.bucket < $3 GROUP BY s.customer_segment`,
        [FLEET, new Date(toMs - 30 * DAY_MS), new Date(toMs)],
      );
      return JSON.stringify(rows);
    },
  },
];

export async function run(): Promise<void> {
  const postgres = await startPostgres();
  try {
    for (const question of QUESTIONS) await measureQuestion(question, postgres.url);
  } finally {
    await postgres.stop();
  }
}

async function measureQuestion({ name, hours, unitMs, query, byHand }: Question, postgresUrl: string): Promise<void> {
  // What the statement by hand can answer from one table.
  const toMs = Math.floor(Date.now() / unitMs) * unitMs;
  const [large, small] = await Promise.all([
    startHistory({ decisions: LARGE, toMs, hours }, postgresUrl),
    startHistory({ decisions: SMALL, toMs, hours }, postgresUrl),
  ]);
  const runs = {
    large: () => ask(large, query(toMs)),
    hand: () => byHand(large, toMs),
    small: () => ask(small, query(toMs)),
  };
  const times = await alternate(runs, ROUNDS);
  console.log(`metrics: ${name}, ${LARGE.toLocaleString('en')} decisions`);
  console.log(
    `  GraphQL ${median(times.large).toFixed(1)} ms, one statement by hand ${median(times.hand).toFixed(1)} ms`,
  );
  console.log(`  ratio to the statement   ${spread(times.hand, times.large)} (goal: at least 0.75)`);
  console.log(
    `  ratio to ${SMALL.toLocaleString('en')} decisions ${spread(times.large, times.small)} (goal: at most 1.5)`,
  );
  await large.close();
  await small.close();
}

async function ask(fixture: GraphQLFixture, query: string): Promise<string> {
  const { data, errors } = await fixture.ask(query);
  if (errors !== undefined || data.metrics.length === 0) throw new TypeError(JSON.stringify(errors ?? data));
  return JSON.stringify(data);
}
