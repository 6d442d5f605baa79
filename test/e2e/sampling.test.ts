import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilTrace } from '../support/decisions.js';
import { agentTrace, newSpanId, newTraceId, type TestSpan, traceRequest } from '../support/otlp.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const SETTINGS = `agent_monitoring:
  sampling:
    high_risk_decisions: 100%
    routine_queries: 0%
    admin_actions: 0%
    rules:
      - risk_class: high_risk
        tools: [transfer_*]
      - risk_class: admin
        attributes: { tenant.kind: int* }
`;

let dir: string;
let database: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'midwatch-sampling-'));
  writeFileSync(path.join(dir, 'midwatch.yaml'), SETTINGS);
  database = await createDatabase();
  server = await startServer({
    databaseUrl: database.url,
    env: { MIDWATCH_CONFIG: path.join(dir, 'midwatch.yaml') },
  });
  // Until an agent is known, all of it is kept.
  await send(Array.from({ length: 40 }, () => agentTrace()).flat());
  await until(async () => (await seen('SELECT id FROM decision')).length === 40);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

const seen = async (sql: string, values: unknown[] = []) => (await database.pool.query(sql, values)).rows;

async function send(spans: TestSpan[]): Promise<void> {
  const response = await server.send(traceRequest(spans), {
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/json' },
  });
  expect(response.status).toBe(200);
}

const withTool = (tool: string) => (span: TestSpan) =>
  span.attributes?.['gen_ai.tool.name'] === undefined
    ? span
    : { ...span, attributes: { ...span.attributes, 'gen_ai.tool.name': tool } };

describe('a server with shares and rules', () => {
  it.each([
    ['ordinary work', (span: TestSpan) => span, 'ROUTINE', false],
    ['a tool that a rule names', withTool('transfer_money'), 'HIGH_RISK', true],
    [
      'a resource attribute that a rule names',
      (span: TestSpan) => ({ ...span, resource: { 'tenant.kind': 'internal' } }),
      'ADMIN',
      false,
    ],
    [
      'a class that was stated',
      (span: TestSpan) => ({ ...withTool('transfer_money')(span), resource: { 'midwatch.risk_class': 'ROUTINE' } }),
      'ROUTINE',
      false,
    ],
  ] as const)('classifies and samples %s', async (_what, change, riskClass, sampled) => {
    const traceId = newTraceId();
    await send(agentTrace({ traceId }).map(change));
    const [decision] = await until(async () => {
      const rows = await seen('SELECT risk_class, sampled, step_count FROM decision WHERE trace_id = $1', [traceId]);
      return rows.length > 0 && rows;
    });
    expect(decision).toEqual({ risk_class: riskClass, sampled, step_count: 2 });
    const steps = await seen('SELECT FROM step WHERE decision_id LIKE $1', [`${traceId}%`]);
    expect(steps).toHaveLength(sampled ? 2 : 0);
  });

  it('brings back what it had dropped when the trace fails later', async () => {
    const traceId = newTraceId();
    const spans = agentTrace({ traceId });
    const rootId = spans.find(({ parentSpanId }) => parentSpanId === undefined)?.spanId ?? '';
    await send(spans);
    await untilTrace(server, traceId, (decisions) => decisions.length === 1);
    expect(await seen('SELECT sampled FROM decision WHERE trace_id = $1', [traceId])).toEqual([{ sampled: false }]);

    const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'helper' };
    const late = { name: 'invoke_agent helper', traceId, spanId: newSpanId(), parentSpanId: rootId, attributes };
    await send([{ ...late, service: 'helper-service', error: 'it broke' }]);
    const decisions = await untilTrace(
      server,
      traceId,
      (all) => all.length === 2 && all.every(({ steps }) => steps !== null),
    );
    expect(await seen('SELECT sampled FROM decision WHERE trace_id = $1', [traceId])).toEqual([
      { sampled: true },
      { sampled: true },
    ]);
    const amended = decisions.find(({ id }) => id.endsWith(rootId));
    expect(amended?.steps.map(({ kind }) => kind)).toContain('TOOL_CALL');
    expect(amended?.amendments).toHaveLength(1);
  });
});
