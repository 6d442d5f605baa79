import { openSocket, untilSubscribed } from '../test/support/live.js';
import { agentTrace, newSpanId, newTraceId, type TestSpan, traceRequest } from '../test/support/otlp.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';
import { startServer, type TestServer } from '../test/support/server.js';
import { until } from '../test/support/wait.js';

const DECISIONS_PER_S = 500;
const DECISIONS_PER_REQUEST = 10;
const DURATION_S = 20;
const WARM_UP_S = 3;
const GOAL_MS = 1_000;

const DECISIONS = 'subscription { decisionRecorded { id traceId agent { name } latencyMs costUsd outcome } }';
const ANOMALIES =
  'subscription { anomalyDetected(filter: { kinds: [LOOP] }) { id kind summary decision { traceId } } }';
/** Calls of a decision that goes in circles; one in each request does. */
const LOOP_CALLS = 8;

/**
 * How long a decision takes from the moment its spans are sent over OTLP/HTTP to the moment a subscriber has it:
 * journaled, assembled, priced, judged, sealed and delivered, at a steady rate; and how long what was found wrong with one
 * takes.
 */
export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  const server = await startServer({ databaseUrl: database.url });
  try {
    const sentAtMs = new Map<string, number>();
    const [decisionsMs, anomaliesMs] = await subscribe(server, sentAtMs);
    const isAllThere = () =>
      decisionsMs.length === sentAtMs.size && anomaliesMs.length === sentAtMs.size / DECISIONS_PER_REQUEST;
    await sendSteadily(server, { sentAtMs, durationS: WARM_UP_S });
    await until(isAllThere);
    for (const latenciesMs of [decisionsMs, anomaliesMs]) latenciesMs.length = 0;
    sentAtMs.clear();
    await sendSteadily(server, { sentAtMs, durationS: DURATION_S });
    await until(isAllThere);
    console.log(
      `latency: ${DECISIONS_PER_S} decisions/s for ${DURATION_S} s, ${DECISIONS_PER_REQUEST} a request, sent to delivered`,
    );
    report('decisions', decisionsMs);
    report('anomalies', anomaliesMs);
  } finally {
    await server.stop();
    await database.drop();
    await postgres.stop();
  }
}

async function subscribe(
  server: TestServer,
  sentAtMs: ReadonlyMap<string, number>,
): Promise<[decisionsMs: number[], anomaliesMs: number[]]> {
  const decisionsMs: number[] = [];
  const anomaliesMs: number[] = [];
  const client = await openSocket(server, { authorization: `Bearer ${await server.token()}` });
  client.socket.on('message', (data) => {
    const nowMs = performance.now();
    const { type, payload } = JSON.parse(String(data));
    if (type !== 'next') return;
    const { decisionRecorded, anomalyDetected } = payload.data;
    const traceId = decisionRecorded?.traceId ?? anomalyDetected?.decision?.traceId;
    const latenciesMs = decisionRecorded === undefined ? anomaliesMs : decisionsMs;
    latenciesMs.push(nowMs - (sentAtMs.get(traceId) ?? Number.NaN));
  });
  client.subscribe('decisions', DECISIONS);
  client.subscribe('anomalies', ANOMALIES);
  await untilSubscribed(server, 2);
  return [decisionsMs, anomaliesMs];
}

/** Requests leave when they are due, whether or not earlier ones were answered. */
async function sendSteadily(
  server: TestServer,
  { sentAtMs, durationS }: { sentAtMs: Map<string, number>; durationS: number },
): Promise<void> {
  const headers = { authorization: `Bearer ${await server.token()}` };
  const requests = (DECISIONS_PER_S / DECISIONS_PER_REQUEST) * durationS;
  const startMs = performance.now();
  const answers: Promise<void>[] = [];
  for (let request = 0; request < requests; request += 1) {
    const dueMs = startMs + (request * durationS * 1_000) / requests;
    while (performance.now() < dueMs) await new Promise((resolve) => setTimeout(resolve, 1));
    const traceIds = Array.from({ length: DECISIONS_PER_REQUEST }, newTraceId);
    const body = traceRequest(
      traceIds.flatMap((traceId, index) => (index === 0 ? loopTrace(traceId) : agentTrace({ traceId }))),
    );
    for (const traceId of traceIds) sentAtMs.set(traceId, performance.now());
    answers.push(
      server.send(body, { headers }).then((response) => {
        if (response.status !== 200) throw new Error(`answered ${response.status}`);
      }),
    );
  }
  await Promise.all(answers);
}

function loopTrace(traceId: string): TestSpan[] {
  const spans = agentTrace({ traceId });
  const root = spans.at(-1) as TestSpan;
  const calls = Array.from(
    { length: LOOP_CALLS },
    (_, call): TestSpan => ({
      traceId,
      spanId: newSpanId(),
      parentSpanId: root.spanId,
      name: 'execute_tool search_orders',
      startMs: 10 * call + 5,
      endMs: 10 * call + 10,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'search_orders',
        'gen_ai.tool.call.arguments': '{"customer":"C-17"}',
        'gen_ai.tool.call.result': '{"orders":[]}',
      },
    }),
  );
  return [...calls, ...spans];
}

function report(what: string, latenciesMs: readonly number[]): void {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN).toFixed(1);
  console.log(
    `  ${what}  ${sorted.length}, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms (goal: under ${GOAL_MS} ms)`,
  );
}
