import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadInstallationKey } from '../../src/access/keys.js';
import { signToken } from '../../src/access/token.js';
import { systemClock } from '../../src/clock.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded.js';
import { createLog } from '../../src/log.js';
import { findCanary } from '../support/canary.js';
import { newSpanId, newTraceId, type TestSpan, traceRequest } from '../support/otlp.js';
import { newDataDir, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const CANARY = 'canary-1c9e';
const USER = `user-${CANARY}`;

const dir = mkdtempSync(path.join(tmpdir(), 'midwatch-erasure-'));
const dataDir = newDataDir();
let postgres: EmbeddedPostgres;
let server: TestServer;

beforeAll(async () => {
  chmodSync(dir, 0o755);
  postgres = await startEmbeddedPostgres(dir, createLog('silent'));
  server = await startServer({ databaseUrl: postgres.url, dataDir });
});
afterAll(async () => {
  await server.stop();
  await postgres.release();
  for (const each of [dir, dataDir]) rmSync(each, { recursive: true, force: true });
});

/** A run that asks a tool the same again and again, is told the same error, and makes its answer up. */
function troubledTrace(traceId: string): TestSpan[] {
  const root = newSpanId();
  const messages = (role: string, content: string) => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
  const common = { traceId, parentSpanId: root };
  const calls = Array.from({ length: 12 }, (_, index) => [
    {
      ...common,
      name: 'chat m',
      spanId: newSpanId(),
      startMs: index * 10,
      endMs: index * 10 + 4,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 20,
        'user.id': USER,
        'gen_ai.input.messages': messages('user', `How much does ${CANARY} owe?`),
        'gen_ai.output.messages': messages('assistant', `Let me look up ${CANARY}.`),
      },
    },
    {
      ...common,
      name: 'execute_tool balance',
      spanId: newSpanId(),
      startMs: index * 10 + 5,
      endMs: index * 10 + 9,
      error: `timeout while asking for ${CANARY}`,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'balance',
        'gen_ai.tool.call.arguments': JSON.stringify({ customer: CANARY }),
        'gen_ai.tool.call.result': `error: timeout while asking for ${CANARY}`,
      },
    },
  ]);
  return [
    ...calls.flat(),
    { traceId, spanId: newSpanId(), name: 'GET /customer', startMs: 1, attributes: { 'enduser.id': USER } },
    {
      traceId,
      spanId: root,
      name: 'invoke_agent debt',
      startMs: 0,
      endMs: 200,
      error: `gave up on ${CANARY}`,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'debt',
        'gen_ai.conversation.id': 'case-9',
        'user.id': USER,
        'gen_ai.input.messages': messages('user', `How much does ${CANARY} owe, and since when?`),
        'gen_ai.output.messages': messages('assistant', `${CANARY} owes $4,711.23 since 12 May 2019, invoice 88123.`),
      },
    },
  ];
}

const ERASE = `mutation ($input: EraseContentInput!) { eraseContent(input: $input) {
  ... on EraseContentSuccess { erasure { id state } } ... on UserError { message } } }`;
const APPROVE = `mutation ($input: ApproveErasureInput!) { approveErasure(input: $input) {
  ... on ApproveErasureSuccess { erasure { state decisions } } ... on UserError { message } } }`;
const VERIFY = '{ ledger { verify { intact checked } } anomalies(first: 50) { nodes { kind evidence } } }';

interface Verified {
  ledger: { verify: { intact: boolean; checked: number } };
  anomalies: { nodes: { kind: string; evidence: object }[] };
}

async function somebodyElse(): Promise<Record<string, string>> {
  const grant = { roles: ['ADMIN' as const], fleets: '*' as const, ttlMs: 600_000, subject: 'somebody-else' };
  return { authorization: `Bearer ${await signToken(await loadInstallationKey(dataDir), grant, systemClock)}` };
}

/** Erases everything of the user, as two people. */
async function eraseUser(): Promise<{ decisions: number }> {
  const asked = await server.graphql<{ eraseContent: { erasure: { id: string } } }>(ERASE, {
    input: { subject: USER, reason: 'art. 17' },
  });
  const { id } = asked.data.eraseContent.erasure;
  const answer = await server.graphql<{ approveErasure: { erasure: { decisions: number } } }>(
    APPROVE,
    { input: { id } },
    await somebodyElse(),
  );
  return answer.data.approveErasure.erasure;
}

/** Files of the tables and indexes in which the text stands; what the write-ahead log holds is not among them. */
function filesWith(text: string): string[] {
  const base = path.join(dir, 'postgres', 'base');
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(path.join(entry.parentPath, entry.name)).includes(text))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

async function asOwner(...statements: string[]): Promise<void> {
  const owner = new pg.Client({ connectionString: postgres.url });
  await owner.connect();
  for (const statement of statements) await owner.query(statement);
  await owner.end();
}

it('leaves nothing of a user in what telemetry brought, in what was found out, and on the disk once tables are rewritten', async () => {
  const traces = [newTraceId(), newTraceId()];
  for (const [index, traceId] of traces.entries()) {
    const body = traceRequest(troubledTrace(traceId), Date.now() - 2_000 + index * 500);
    const isGzip = index === 1;
    const sent = await server.send(isGzip ? new Uint8Array(gzipSync(body)) : body, {
      headers: isGzip ? { 'content-encoding': 'gzip' } : {},
    });
    expect(sent.status).toBe(200);
  }
  await until(async () => {
    const { data } = await server.graphql<Verified>(VERIFY);
    const kinds = new Set(data.anomalies.nodes.map(({ kind }) => kind));
    return data.ledger.verify.checked >= 2 && kinds.has('LOOP') && kinds.has('UNGROUNDED_ANSWER');
  });
  expect(await findCanary(postgres.url, CANARY)).not.toEqual([]);

  expect(await eraseUser()).toMatchObject({ decisions: 2 });

  await until(async () => (await findCanary(postgres.url, CANARY)).length === 0);
  const { data } = await server.graphql<Verified>(VERIFY);
  expect(data.ledger.verify.intact).toBe(true);
  expect(JSON.stringify(data)).not.toContain(CANARY);

  await asOwner('VACUUM FULL', 'CHECKPOINT');
  expect(filesWith(CANARY)).toEqual([]);
}, 120_000);

it('erases what is sent again, and what comes late of a trace that was erased', async () => {
  const traceId = newTraceId();
  // After the erasure before: what was on its way then would be erased too.
  const baseMs = Date.now();
  const body = traceRequest(troubledTrace(traceId), baseMs);
  expect((await server.send(body)).status).toBe(200);
  const sealed = (id: string) =>
    server.graphql<{ decision: { erasedAt: string | null } | null }>(
      'query ($id: ID!) { decision(id: $id) { erasedAt } }',
      { id },
    );
  const id = await until(async () => {
    const { data } = await server.graphql<{ decisions: { nodes: { id: string; traceId: string }[] } }>(
      '{ decisions(first: 20) { nodes { id traceId } } }',
    );
    return data.decisions.nodes.find((each) => each.traceId === traceId)?.id;
  });
  expect((await sealed(id)).data.decision?.erasedAt).toBeNull();
  expect(await eraseUser()).toMatchObject({ decisions: 1 });
  expect((await server.send(body)).status).toBe(200);
  const late: TestSpan = {
    traceId,
    spanId: newSpanId(),
    name: 'execute_tool balance',
    startMs: 150,
    endMs: 160,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'balance',
      'gen_ai.tool.call.arguments': JSON.stringify({ customer: CANARY }),
    },
  };
  expect((await server.send(traceRequest([late], baseMs))).status).toBe(200);
  await until(async () => {
    const { rows } = await query('SELECT count(*)::int AS pending FROM journal WHERE done_at IS NULL');
    return rows[0].pending === 0;
  });
  const contents = await query(
    `SELECT (SELECT count(*)::int FROM decision WHERE trace_id = '${traceId}' AND (input IS NOT NULL OR salt IS NOT NULL)) AS decisions,
       (SELECT count(*)::int FROM step s JOIN decision d ON d.id = s.decision_id
        WHERE d.trace_id = '${traceId}' AND (s.arguments IS NOT NULL OR s.salt IS NOT NULL)) AS steps`,
  );
  expect(contents.rows).toEqual([{ decisions: 0, steps: 0 }]);
  expect((await sealed(id)).data.decision?.erasedAt).toEqual(expect.any(String));
  expect(await findCanary(postgres.url, CANARY)).toEqual([]);
}, 60_000);

it('is not brought back by what detectors learned, which is saved at the end', async () => {
  await server.stop();
  expect(await findCanary(postgres.url, CANARY)).toEqual([]);
}, 60_000);

async function query(statement: string) {
  const owner = new pg.Client({ connectionString: postgres.url });
  await owner.connect();
  try {
    return await owner.query(statement);
  } finally {
    await owner.end();
  }
}
