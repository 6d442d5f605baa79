import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pool } from '../src/db/pool.js';
import { createDelivery } from '../src/demo/delivery.js';
import { createRandom } from '../src/demo/random.js';
import { createSender } from '../src/demo/sender.js';
import { STANDING_FAULTS } from '../src/demo/traffic/incident.js';
import { generateTraffic } from '../src/demo/traffic/traffic.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';
import { startServer, type TestServer } from '../test/support/server.js';
import { until } from '../test/support/wait.js';

const SEED = 7;
const BACKFILL_REQUESTS = 400;
const REQUESTS = 6_000;
const BURST = 100;
const SAVED_GOAL = 0.7;
const ROUTINE_SHARE = 0.1;

const SETTINGS = `agent_monitoring:
  sampling:
    high_risk_decisions: 100%
    routine_queries: ${ROUTINE_SHARE}
    admin_actions: 100%
`;

/**
 * The demo's traffic, the hour before it and its faults, as OTLP over HTTP to a server with the shares of midwatch.yaml: the
 * part of the bytes that was not stored, and what became of the faults that the demo wrote down.
 */
export async function run(): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'midwatch-bench-'));
  const settingsFile = path.join(dir, 'midwatch.yaml');
  writeFileSync(settingsFile, SETTINGS);
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  const server = await startServer({ databaseUrl: database.url, env: { MIDWATCH_CONFIG: settingsFile } });
  try {
    await sendTraffic(server, { mood: 'ordinary', requests: BACKFILL_REQUESTS });
    const fromMs = Date.now();
    const sent = await sendTraffic(server, { mood: 'faulty', requests: REQUESTS });
    await until(async () => (await countTraces(database.pool)) === BACKFILL_REQUESTS + REQUESTS, 120_000);
    await report(server, database.pool, { ...sent, fromMs });
  } finally {
    await server.stop();
    await database.drop();
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Sent {
  /** Trace ids of the requests that were made to fail, with what was done to them. */
  faults: { traceId: string; kind: string }[];
  traceIds: string[];
  /** Kinds of faults that are in no one trace. */
  lasting: Set<string>;
}

/** Requests end when they are sent, so that all of them lie in the time the bench runs. */
async function sendTraffic(
  server: TestServer,
  { mood, requests }: { mood: 'ordinary' | 'faulty'; requests: number },
): Promise<Sent> {
  const authorization = `Bearer ${await server.token()}`;
  const delivery = createDelivery({ url: server.url, headers: { authorization, 'x-fleet-id': 'default' } });
  const sender = createSender(delivery.createExporter, createRandom(SEED).fork(mood));
  const sent: Sent = { faults: [], traceIds: [], lasting: new Set(STANDING_FAULTS.map(({ kind }) => kind)) };
  for (const { plan, faults, beginning } of generateTraffic({ seed: SEED, decisionsPerS: 5, mood })) {
    const traceId = sender.send(plan, Date.now() + plan.durationMs);
    sent.traceIds.push(traceId);
    for (const { kind } of faults) sent.faults.push({ traceId, kind });
    for (const { kind } of beginning) sent.lasting.add(kind);
    if (sent.traceIds.length % BURST === 0) await sender.flush();
    if (sent.traceIds.length === requests) break;
  }
  await sender.close();
  if (delivery.lostSpans > 0) throw new Error(`lost ${delivery.lostSpans} spans: ${delivery.lastError}`);
  return sent;
}

async function countTraces(pool: Pool): Promise<number> {
  const { rows } = await pool.query('SELECT count(DISTINCT trace_id)::int AS traces FROM decision');
  return rows[0].traces;
}

const REPORT = `query ($from: DateTime!, $to: DateTime!) { samplingReport(from: $from, to: $to) {
  classes { riskClass share counts { decisions keptDecisions bytes keptBytes } }
  total { decisions keptDecisions steps keptSteps bytes keptBytes savedShare }
} }`;

interface Counts {
  decisions: number;
  keptDecisions: number;
  bytes: number;
  keptBytes: number;
}

interface Answer {
  samplingReport: {
    classes: { riskClass: string; share: number; counts: Counts }[];
    total: Counts & { steps: number; keptSteps: number; savedShare: number };
  };
}

async function report(
  server: TestServer,
  pool: Pool,
  { faults, traceIds, lasting, fromMs }: Sent & { fromMs: number },
) {
  const range = { from: new Date(fromMs).toISOString(), to: new Date(Date.now() + 600_000).toISOString() };
  const { data } = await server.graphql<Answer>(REPORT, range);
  const { classes, total } = data.samplingReport;
  const dropped = await droppedTraces(pool);
  const faulty = new Set(faults.map(({ traceId }) => traceId));
  const keptShare = await keptShareOfPlain(
    pool,
    traceIds.filter((traceId) => !faulty.has(traceId)),
  );
  console.log(
    `sampling: ${traceIds.length} requests of the demo after ${BACKFILL_REQUESTS} ordinary ones, over OTLP/HTTP`,
  );
  for (const { riskClass, share, counts } of classes) {
    console.log(
      `  ${riskClass.padEnd(10)} share ${share}: kept ${counts.keptDecisions} of ${counts.decisions} decisions, ` +
        `${megabytes(counts.keptBytes)} of ${megabytes(counts.bytes)} MB`,
    );
  }
  console.log(`  steps          kept ${total.keptSteps} of ${total.steps}`);
  console.log(`  bytes saved    ${total.savedShare.toFixed(3)} (goal: at least ${SAVED_GOAL})`);
  const lost = faults.filter(({ traceId }) => dropped.has(traceId));
  console.log(
    `  faults kept    ${faults.length - lost.length} of ${faults.length} in ${faulty.size} traces (goal: all)`,
  );
  for (const { kind, traceId } of lost) console.log(`    lost ${kind} ${traceId}`);
  console.log(
    `  kept for nothing  ${(keptShare - ROUTINE_SHARE).toFixed(3)} of the plain traces, beyond their share ${ROUTINE_SHARE}`,
  );
  console.log(`  not judged here   ${[...lasting].join(', ')}: lasting faults, in no one trace`);
}

/** The part that was kept of those traces in which nothing failed and everything is ROUTINE. */
async function keptShareOfPlain(pool: Pool, traceIds: readonly string[]): Promise<number> {
  const { rows } = await pool.query(
    `SELECT bool_or(sampled) AS kept FROM decision WHERE trace_id = ANY($1) GROUP BY trace_id
     HAVING bool_and(risk_class = 'ROUTINE' AND outcome = 'SUCCESS' AND failed_tool_calls = 0)`,
    [traceIds],
  );
  return rows.filter(({ kept }) => kept).length / rows.length;
}

async function droppedTraces(pool: Pool): Promise<Set<string>> {
  const { rows } = await pool.query('SELECT DISTINCT trace_id FROM decision WHERE NOT sampled');
  return new Set(rows.map(({ trace_id: traceId }) => traceId));
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
