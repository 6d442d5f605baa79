import { openSocket, untilSubscribed } from '../test/support/live.js';
import { agentTrace, newTraceId, traceRequest } from '../test/support/otlp.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';
import { startServer, type TestServer } from '../test/support/server.js';
import { until } from '../test/support/wait.js';

const DECISIONS_PER_S = 500;
const DECISIONS_PER_REQUEST = 10;
const DURATION_S = 20;
const WARM_UP_S = 3;
const GOAL_MS = 1_000;

const DOCUMENT = 'subscription { decisionRecorded { id traceId agent { name } latencyMs costUsd outcome } }';

/**
 * How long a decision takes from the moment its spans are sent over OTLP/HTTP to the moment a subscriber has it:
 * journaled, assembled, priced, sealed and delivered, at a steady rate.
 */
export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  const server = await startServer({ databaseUrl: database.url });
  try {
    const sentAtMs = new Map<string, number>();
    const latenciesMs = await subscribe(server, sentAtMs);
    await sendSteadily(server, { sentAtMs, durationS: WARM_UP_S });
    await until(() => latenciesMs.length === sentAtMs.size);
    latenciesMs.length = 0;
    sentAtMs.clear();
    await sendSteadily(server, { sentAtMs, durationS: DURATION_S });
    await until(() => latenciesMs.length === sentAtMs.size);
    report(latenciesMs);
  } finally {
    await server.stop();
    await database.drop();
    await postgres.stop();
  }
}

async function subscribe(server: TestServer, sentAtMs: ReadonlyMap<string, number>): Promise<number[]> {
  const latenciesMs: number[] = [];
  const client = await openSocket(server, { authorization: `Bearer ${await server.token()}` });
  client.socket.on('message', (data) => {
    const nowMs = performance.now();
    const { type, payload } = JSON.parse(String(data));
    if (type !== 'next') return;
    latenciesMs.push(nowMs - (sentAtMs.get(payload.data.decisionRecorded.traceId) ?? Number.NaN));
  });
  client.subscribe('follow', DOCUMENT);
  await untilSubscribed(server, 1);
  return latenciesMs;
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
    const body = traceRequest(traceIds.flatMap((traceId) => agentTrace({ traceId })));
    for (const traceId of traceIds) sentAtMs.set(traceId, performance.now());
    answers.push(
      server.send(body, { headers }).then((response) => {
        if (response.status !== 200) throw new Error(`answered ${response.status}`);
      }),
    );
  }
  await Promise.all(answers);
}

function report(latenciesMs: readonly number[]): void {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN).toFixed(1);
  console.log(
    `latency: ${DECISIONS_PER_S} decisions/s for ${DURATION_S} s, ${DECISIONS_PER_REQUEST} a request, sent to delivered`,
  );
  console.log(`  delivered      ${sorted.length} decisions`);
  console.log(
    `  p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms (goal: under ${GOAL_MS} ms)`,
  );
}
