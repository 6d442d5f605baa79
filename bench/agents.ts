/**
 * The fleet page: every agent with status and figures, routes, load, calls and versions of the last day, over a million
 * decisions against ten thousand. It reads rollups, so what grows with the number of decisions is only how full they are.
 */
import { HOUR_MS } from '../src/time.js';
import type { GraphQLFixture } from '../test/support/graphql.js';
import { startPostgres } from '../test/support/postgres.js';
import { startHistory } from './fleet-history.js';
import { alternate, median, spread } from './rounds.js';

const LARGE = 1_000_000;
const SMALL = 10_000;
const ROUNDS = 15;
const GOAL = 1.5;

const QUERY = `query ($from: DateTime!, $to: DateTime!) {
  agents(first: 50) { nodes {
    name status statusReason version region
    stats { decisions errorRate latencyMs { p50 p95 } tokens { total } costUsd toolSuccessRate }
  } }
  fleet {
    routes(from: $from, to: $to) { agent requestType share stats { decisions errorRate latencyMs { p95 } } }
    load(from: $from, to: $to) { skew idle agents { name share } regions { name share } }
    callGraph(from: $from, to: $to) { calls { caller callee calls errorRate } }
    versions(from: $from, to: $to) { agents { agent version share } }
  }
}`;

export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const toMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const window = { from: new Date(toMs - 24 * HOUR_MS), to: new Date(toMs) };
  const [large, small] = await Promise.all(
    [LARGE, SMALL].map((decisions) => startHistory({ decisions, toMs, hours: 24 }, postgres.url)),
  );
  try {
    const times = await alternate(
      { large: () => ask(large as GraphQLFixture, window), small: () => ask(small as GraphQLFixture, window) },
      ROUNDS,
    );
    console.log(
      `agents: the fleet page, ${LARGE.toLocaleString('en')} against ${SMALL.toLocaleString('en')} decisions`,
    );
    console.log(`  ${median(times.large).toFixed(1)} ms against ${median(times.small).toFixed(1)} ms`);
    console.log(`  ratio  ${spread(times.large, times.small)} (goal: at most ${GOAL})`);
  } finally {
    await large?.close();
    await small?.close();
    await postgres.stop();
  }
}

async function ask(fixture: GraphQLFixture, window: { from: Date; to: Date }): Promise<void> {
  const { data, errors } = await fixture.ask(QUERY, window);
  if (errors !== undefined || data.agents.nodes.length === 0) throw new TypeError(JSON.stringify(errors ?? data));
}
