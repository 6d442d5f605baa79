import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { callTree, readTrace, type SeenDecision } from '../support/decisions.js';
import { type CaptureFolder, hasCaptures, readCaptures } from '../support/otlp-captures.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

interface Facts {
  spansStored: number;
  traces: number;
  llmCalls: number;
  embeddingCalls: number;
  failed: number;
  inputTokensInclCache: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  toolExecutions: { name: string; ok: boolean | null }[];
  agents: { name: string }[];
  models: string[];
  conversations: string[];
  customerSegments: string[];
  rootCauses: { traceId: string; message: string | null }[];
}

type Request = CaptureFolder['requests'][number];

const ORDERS: Record<string, { arrange: (requests: Request[]) => Request[]; isGzip?: boolean }> = {
  'as captured': { arrange: (requests) => requests },
  reversed: { arrange: (requests) => requests.toReversed() },
  twice: { arrange: (requests) => requests.flatMap((request) => [request, request]) },
  gzipped: { arrange: (requests) => requests, isGzip: true },
};

let database: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  if (!hasCaptures) return;
  database = await createDatabase(inject('postgresUrl'));
  server = await startServer({ databaseUrl: database.url });
});
afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

/** Each replay has a fleet of its own. */
async function newFleet(id: string): Promise<Record<string, string>> {
  await server.graphql('mutation ($id: String!) { createFleet(input: { id: $id }) { __typename } }', { id });
  return { 'x-fleet-id': id };
}

async function replay(requests: Request[], { fleet, isGzip }: { fleet: Record<string, string>; isGzip: boolean }) {
  for (const { signal, encoding, body } of requests) {
    const sent = new Uint8Array(isGzip ? gzipSync(body) : body);
    const headers = {
      ...fleet,
      'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
    };
    const response = await server.send(sent, { path: `/v1/${signal}`, headers });
    expect(response.status).toBe(200);
    expect(['', '{}']).toContain(await response.text());
  }
}

/** Every decision of the fleet, once everything that was sent has been worked off. */
async function readFleet(fleet: Record<string, string>): Promise<SeenDecision[]> {
  await until(async () => {
    const { rows } = await database.pool.query(
      `SELECT FROM journal WHERE done_at IS NULL AND signal IN ('traces', 'logs') AND fleet_id = $1`,
      [fleet['x-fleet-id']],
    );
    return rows.length === 0;
  });
  const { rows } = await database.pool.query(
    'SELECT DISTINCT trace_id AS id FROM decision WHERE fleet_id = $1 ORDER BY 1',
    [fleet['x-fleet-id']],
  );
  return (await Promise.all(rows.map(({ id }) => readTrace(server, id, fleet)))).flat();
}

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
const distinct = (values: (string | null)[]) => [...new Set(values.filter((value) => value !== null))].sort();

function factsOf(decisions: readonly SeenDecision[]) {
  const steps = decisions.flatMap((decision) => decision.steps);
  const calls = steps.filter(({ kind }) => kind === 'MODEL_CALL');
  return {
    calls: calls.length,
    failedCalls: calls.filter(({ outcome }) => outcome === 'ERROR').length,
    models: distinct(calls.map(({ model }) => model)),
    tokens: {
      input: sum(decisions.map(({ tokens }) => tokens.input)),
      output: sum(decisions.map(({ tokens }) => tokens.output)),
      cacheRead: sum(decisions.map(({ tokens }) => tokens.cacheRead)),
      cacheWrite: sum(decisions.map(({ tokens }) => tokens.cacheWrite)),
      reasoning: sum(decisions.map(({ tokens }) => tokens.reasoning)),
    },
    tools: steps
      .filter(({ kind }) => kind === 'TOOL_CALL')
      .map(({ toolName, outcome }) => `${toolName} ${outcome}`)
      .sort(),
    conversations: distinct(decisions.map(({ conversationId }) => conversationId)),
    customerSegments: distinct(decisions.map(({ customerSegment }) => customerSegment)),
  };
}

const expectedFacts = (facts: Facts): ReturnType<typeof factsOf> => ({
  calls: facts.llmCalls + facts.embeddingCalls,
  failedCalls: facts.failed,
  models: facts.models.toSorted(),
  tokens: {
    input: facts.inputTokensInclCache,
    output: facts.outputTokens,
    cacheRead: facts.cacheReadTokens,
    cacheWrite: facts.cacheWriteTokens,
    reasoning: facts.reasoningTokens,
  },
  // Where the wire does not say how a tool ended, it counts as a success.
  tools: facts.toolExecutions.map(({ name, ok }) => `${name} ${ok === false ? 'ERROR' : 'SUCCESS'}`).sort(),
  conversations: facts.conversations.toSorted(),
  customerSegments: facts.customerSegments.toSorted(),
});

/** What stays the same in whatever order the requests come; digests are salted and places in the ledger differ. */
const lasting = (decisions: readonly SeenDecision[]) =>
  decisions.map(({ ledgerEntry: _entry, amendments: _amendments, id: _id, parent: _parent, ...rest }) => rest);

describe.skipIf(!hasCaptures)('what real clients sent (skipped: ../shared/data/otlp is absent)', () => {
  it.concurrent.each(readCaptures())(
    '$name says the same in any order, twice and gzipped',
    async ({ name, requests, expected }) => {
      const facts: Facts = Object.assign({} as Facts, expected);
      const seen: Record<string, SeenDecision[]> = {};
      for (const [index, [order, { arrange, isGzip = false }]] of Object.entries(ORDERS).entries()) {
        const fleet = await newFleet(`${name}-${index}`);
        await replay(arrange(requests), { fleet, isGzip });
        const decisions = await readFleet(fleet);
        expect(factsOf(decisions), order).toEqual(expectedFacts(facts));
        expect(distinct(decisions.map(({ agent }) => agent.name)), order).toEqual(
          expect.arrayContaining(facts.agents.map((agent) => agent.name)),
        );
        const messages = decisions.flatMap(({ steps }) => steps.map(({ errorMessage }) => errorMessage));
        for (const { message } of facts.rootCauses) expect(messages, order).toContain(message);
        seen[order] = decisions;
      }
      const [first = []] = Object.values(seen);
      for (const [order, decisions] of Object.entries(seen)) {
        expect(callTree(decisions), order).toEqual(callTree(first));
        expect(lasting(decisions), order).toEqual(lasting(first));
      }
    },
  );
});
