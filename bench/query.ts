/**
 * The nested query of the dashboard's first screen, 30 agents with the 10 newest decisions of each out of 30,000, over
 * HTTP; against node:http with the same two statements and JSON.stringify, which must answer the same bytes.
 */
import assert from 'node:assert';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { TOLD_BEFORE } from '../src/access/content-reads.js';
import { RuleBook } from '../src/alerting/rule-book.js';
import { systemClock } from '../src/clock.js';
import type { Pool } from '../src/db/pool.js';
import { DecisionCalendar } from '../src/decision/calendar.js';
import { openDays } from '../src/decision/days.js';
import { pageSql } from '../src/decision/list.js';
import type { DecisionRow } from '../src/decision/row.js';
import { Sampler } from '../src/decision/sampling/sampler.js';
import { StatusBoard } from '../src/fleet/status/board.js';
import { listAgents } from '../src/fleet/store.js';
import { createGraphQL } from '../src/graphql/server.js';
import { Bus } from '../src/live/bus.js';
import { createLog } from '../src/log.js';
import { DEFAULT_SETTINGS } from '../src/settings/settings.js';
import { viewerOf } from '../test/support/graphql.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';
import { NO_WATCH } from '../test/support/watcher.js';

const AGENTS = 30;
const DECISIONS = 30_000;
const DECISIONS_EACH = 10;
const FLEET = 'default';
const CLIENTS = 4;
const REQUESTS_PER_ROUND = 200;
const ROUNDS = 9;
const TARGET_RATIO = 0.5;

const QUERY = `{ agents(first: ${AGENTS}) { nodes { name lastSeenAt decisions(first: ${DECISIONS_EACH}) { nodes {
  id startedAt latencyMs outcome model costUsd tokens { input output total } } } } } }`;

/** Prints the ratio of requests per second, and what the database was asked. */
export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  const counts = { statements: 0 };
  countStatements(database.pool, counts);
  await seed(database.recorderPool);
  await analyze(database.url);
  const servers = [await serveGraphQL(database.pool), await servePlain(database.pool)] as const;
  try {
    await compareAnswers(servers, counts);
    const rounds: [number, number][] = [];
    for (let round = 0; round < ROUNDS + 1; round += 1) {
      rounds.push([await measure(servers[0]), await measure(servers[1])]);
    }
    report(rounds.slice(1));
  } finally {
    for (const server of servers) server.close();
    await database.drop();
    await postgres.stop();
  }
}

function report(rounds: readonly [number, number][]): void {
  const graphql = median(rounds.map(([rate]) => rate));
  const plain = median(rounds.map(([, rate]) => rate));
  const ratios = rounds.map(([left, right]) => left / right).sort((left, right) => left - right);
  const spread = `${ratios.at(0)?.toFixed(2)}-${ratios.at(-1)?.toFixed(2)}`;
  process.stdout.write(
    `query: GraphQL ${graphql.toFixed(0)}/s, node:http ${plain.toFixed(0)}/s, ` +
      `ratio ${median(ratios).toFixed(2)} [${spread}], target ${TARGET_RATIO}\n`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function countStatements(pool: Pool, counts: { statements: number }): void {
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  pool.query = ((...args: unknown[]) => {
    counts.statements += 1;
    return query(...args);
  }) as typeof pool.query;
}

async function compareAnswers(servers: readonly [Server, Server], counts: { statements: number }): Promise<void> {
  const answers: string[] = [];
  for (const server of servers) {
    counts.statements = 0;
    answers.push(await post(server, new Agent()));
    process.stdout.write(`query: ${counts.statements} statements, ${answers.at(-1)?.length} bytes\n`);
  }
  assert.equal(answers[0], answers[1]);
}

/** Requests per second of `CLIENTS` that each wait for their answer. */
async function measure(server: Server): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const start = performance.now();
  let sent = 0;
  const client = async () => {
    while (sent < REQUESTS_PER_ROUND) {
      sent += 1;
      await post(server, agent);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  return (REQUESTS_PER_ROUND / (performance.now() - start)) * 1_000;
}

function post(server: Server, agent: Agent): Promise<string> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sending = request(
      { port, agent, path: '/graphql', method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      },
    );
    sending.on('error', reject);
    sending.end(JSON.stringify({ query: QUERY }));
  });
}

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function serveGraphQL(pool: Pool): Promise<Server> {
  const calendar = new DecisionCalendar({ pool, clock: systemClock });
  const { yoga } = createGraphQL({
    pool,
    calendar,
    bus: new Bus(),
    anomalyBus: new Bus(),
    alertBus: new Bus(),
    reportBus: new Bus(),
    wakeNotifications: () => undefined,
    erasures: { pool, calendar, forget: () => undefined, now: () => systemClock.now() },
    erasureApproval: 'TWO_PEOPLE',
    reads: TOLD_BEFORE,
    readBudgets: async () => [],
    publish: async () => undefined,
    foundSound: () => undefined,
    readWitnesses: async () => [],
    reloadSettings: async () => assert.fail('there is no file here'),
    rules: new RuleBook({ pool, ofFile: () => [], log: createLog('error') }),
    clock: systemClock,
    log: createLog('error'),
    priceOf: () => null,
    providers: [],
    statuses: new StatusBoard({ pool, calendar }, DEFAULT_SETTINGS.status),
    sampler: new Sampler({ settings: DEFAULT_SETTINGS.sampling, recall: async () => [] }),
    watcher: NO_WATCH,
    recorder: { record: async () => assert.fail('nothing is recorded here') },
  });
  const caller = { viewer: viewerOf('VIEWER'), fleet: FLEET };
  return listen(createServer((incoming, outgoing) => void yoga.handle(incoming, outgoing, caller)));
}

function servePlain(pool: Pool): Promise<Server> {
  return listen(
    createServer((incoming, outgoing) => {
      incoming.resume().on('end', async () => {
        outgoing.setHeader('content-type', 'application/json');
        outgoing.end(JSON.stringify(await readPlain(pool)));
      });
    }),
  );
}

async function readPlain(pool: Pool): Promise<object> {
  const forward = { direction: 'forward', beyond: null } as const;
  const agents = await listAgents({ pool, fleet: FLEET, filter: {}, page: { ...forward, limit: AGENTS } });
  const names = agents.rows.map(({ name }) => name);
  const page = { ...forward, limit: DECISIONS_EACH };
  const days = openDays(systemClock.now());
  const { text, parameters } = pageSql({ fleet: FLEET, filter: {}, page }, { lists: names, days });
  const { rows } = await pool.query<DecisionRow & { list: string }>(text, parameters);
  const lists = new Map<string, object[]>(names.map((name) => [name, []]));
  for (const row of rows) {
    const list = lists.get(row.list);
    if (list === undefined || list.length === DECISIONS_EACH) continue;
    const { id, startedAt, latencyMs, outcome, model, inputTokens: input, outputTokens: output } = row;
    const costUsd = row.costUsd === null ? null : Number(row.costUsd);
    list.push({ id, startedAt, latencyMs, outcome, model, costUsd, tokens: { input, output, total: input + output } });
  }
  const nodes = agents.rows.map(({ name, lastSeenAt }) => ({
    name,
    lastSeenAt,
    decisions: { nodes: lists.get(name) },
  }));
  return { data: { agents: { nodes } } };
}

async function seed(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO agent (fleet_id, name, models, first_seen_at, last_seen_at)
     SELECT $1, 'agent-' || number, '{}', now() - interval '1 day', now() FROM generate_series(1, $2::int) AS number`,
    [FLEET, AGENTS],
  );
  await pool.query(
    `INSERT INTO decision (fleet_id, id, seq, sealed_on, agent, risk_class, provider, model, started_at, ended_at, latency_ms,
       input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, outcome,
       tool_calls, failed_tool_calls, sampled, complete, calls, step_count, byte_count,
       input, output, span_ids, revision_hash)
     SELECT $1, 'decision-' || number, number, (now() AT TIME ZONE 'UTC')::date, 'agent-' || 1 + number % $2::int, 'ROUTINE', 'openai', 'gpt-4o',
       now() - number * interval '1 second', now() - number * interval '1 second' + interval '800 ms', 800.5,
       1200, 300, 0, 0, 0, 0.0061, 'SUCCESS', 2, 0, true, true, '[]', 5, 1250, repeat('question ', 50), repeat('answer ', 100), '', ''
     FROM generate_series(1, $3::int) AS number`,
    [FLEET, AGENTS, DECISIONS],
  );
}

/** As the tables' owner, which the pool's role is not: the planner's statistics, which a server has from autovacuum. */
async function analyze(url: string): Promise<void> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query('ANALYZE');
  await owner.end();
}
