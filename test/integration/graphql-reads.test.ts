import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';

let api: GraphQLFixture;

const STEP = {
  kind: 'TOOL_CALL',
  name: 'look up the policy',
  startedAt: '2026-11-22T08:00:00.100Z',
  durationMs: 12.5,
  toolName: 'policy_lookup',
  arguments: '{"policy":"P-1"}',
  result: 'found',
  outcome: 'ERROR',
  errorMessage: 'no policy P-1',
};

beforeAll(async () => {
  api = await startGraphQL({ fleets: ['empty-fleet'] });
  await record(api, [
    decisionInput('root', {
      traceId: 'trace-1',
      input: 'Is the claim 100% covered?',
      output: 'Yes.',
      tokens: { input: 100, output: 20, cacheRead: 10 },
      costUsd: 0.25,
      model: 'gpt-4o',
      provider: 'openai',
      steps: [STEP, { ...STEP, kind: 'OUTPUT', name: 'answer', outcome: 'SUCCESS', output: 'Yes.' }],
    }),
    decisionInput('child', { traceId: 'trace-1', parentId: 'root', agent: 'pricing', minute: 1, outcome: 'ERROR' }),
    decisionInput('grandchild', { traceId: 'trace-1', parentId: 'child', agent: 'pricing', minute: 2 }),
    decisionInput('alone', { minute: 3, output: 'Nothing to see' }),
  ]);
});

afterAll(() => api.close());

describe('reading decisions', () => {
  it('answers a decision with all that was recorded of it', async () => {
    const { data, errors } = await api.ask(`{ decision(id: "root") {
      id traceId agent { id name } startedAt endedAt latencyMs tokens { input output cacheRead total } costUsd outcome
      toolCalls failedToolCalls sampled complete input output model provider riskClass errorMessage
      steps { index kind name durationMs toolName arguments result outcome errorMessage output digest }
      ledgerEntry { id seq kind subject previousHash hash } amendments { seq }
    } }`);
    expect(errors).toBeUndefined();
    expect(data.decision).toMatchObject({
      id: 'root',
      traceId: 'trace-1',
      agent: { id: 'Agent:triage', name: 'triage' },
      startedAt: '2026-11-22T08:00:00.000Z',
      endedAt: '2026-11-22T08:00:01.500Z',
      latencyMs: 1500,
      tokens: { input: 100, output: 20, cacheRead: 10, total: 120 },
      costUsd: 0.25,
      outcome: 'SUCCESS',
      toolCalls: 1,
      failedToolCalls: 1,
      sampled: true,
      complete: true,
      input: 'Is the claim 100% covered?',
      steps: [
        { index: 0, kind: 'TOOL_CALL', arguments: '{"policy":"P-1"}', errorMessage: 'no policy P-1', durationMs: 12.5 },
        { index: 1, kind: 'OUTPUT', output: 'Yes.' },
      ],
      ledgerEntry: { id: 'LedgerEntry:0', seq: 0, kind: 'DECISION', subject: 'root', previousHash: '0'.repeat(64) },
      amendments: [],
    });
    expect(data.decision.steps[0].digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('answers null for what the fleet does not have, whatever the id looks like', async () => {
    const { data, errors } = await api.ask(
      `query ($nul: ID!, $lone: String!) {
      a: decision(id: "nobody") { id } b: decision(id: $nul) { id } c: agent(name: $lone) { id }
      d: trace(traceId: "nobody") { traceId } e: node(id: "LedgerEntry:99") { id } f: node(id: "Fleet:empty-fleet") { id }
      g: node(id: "ApiKey:1") { id } h: node(id: "LedgerEntry:-1") { id } i: ledger { entry(seq: 77) { id } }
    }`,
      { nul: 'a\0b', lone: '\ud800' },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      a: null,
      b: null,
      c: null,
      d: null,
      e: null,
      f: null,
      g: null,
      h: null,
      i: { entry: null },
    });
  });

  it('finds every kind of node by its id', async () => {
    for (const id of ['root', 'Agent:triage', 'LedgerEntry:0', 'Fleet:default']) {
      const { data } = await api.ask('query ($id: ID!) { node(id: $id) { __typename id } }', { id });
      expect(data.node).toEqual({ __typename: id === 'root' ? 'Decision' : id.split(':')[0], id });
    }
  });

  it.each([
    ['{ text: "100% COVERED" }', ['root']],
    ['{ text: "100_ covered" }', []],
    ['{ text: "nothing" }', ['alone']],
    ['{ agents: ["pricing"] }', ['grandchild', 'child']],
    ['{ agents: ["pricing"], outcomes: [ERROR] }', ['child']],
    ['{ agents: [] }', []],
    ['{ traceId: "trace-1" }', ['grandchild', 'child', 'root']],
    ['{ from: "2026-11-22T08:01:00Z", to: "2026-11-22T10:03:00+02:00" }', ['grandchild', 'child']],
    ['{ tokensAtLeast: 120 }', ['root']],
    ['{ tokensAtLeast: 121 }', []],
    ['{ costUsdAtLeast: 0.25, models: ["gpt-4o"], providers: ["openai"], riskClasses: [ROUTINE] }', ['root']],
    ['{ latencyMsAtLeast: 1501 }', []],
    ['null', ['alone', 'grandchild', 'child', 'root']],
  ])('filters decisions by %s', async (filter, expected) => {
    const { data } = await api.ask(`{ decisions(filter: ${filter}) { nodes { id } } }`);
    expect(data.decisions.nodes.map(({ id }: { id: string }) => id)).toEqual(expected);
  });

  it('answers a trace as a tree', async () => {
    const { data, errors } = await api.ask(`{ trace(traceId: "trace-1") {
      traceId startedAt endedAt latencyMs tokens { total } costUsd outcome decisions { id parent { id } }
      roots { id children { id children { id children { id } } } }
    } }`);
    expect(errors).toBeUndefined();
    expect(data.trace).toEqual({
      traceId: 'trace-1',
      startedAt: '2026-11-22T08:00:00.000Z',
      endedAt: '2026-11-22T08:02:01.500Z',
      latencyMs: 121_500,
      tokens: { total: 120 },
      costUsd: 0.25,
      outcome: 'SUCCESS',
      decisions: [
        { id: 'root', parent: null },
        { id: 'child', parent: { id: 'root' } },
        { id: 'grandchild', parent: { id: 'child' } },
      ],
      roots: [{ id: 'root', children: [{ id: 'child', children: [{ id: 'grandchild', children: [] }] }] }],
    });
  });

  it('links a decision to the one that holds the span it was called from', async () => {
    const spanIds = Buffer.from('00000000000000aabb000000000000cc', 'hex');
    await api.pool.query(`UPDATE decision SET span_ids = $1 WHERE id = 'alone'`, [spanIds]);
    await api.pool.query(`UPDATE decision SET trace_id = 'trace-2' WHERE id = 'alone'`);
    const link = async (parentSpanId: string) => {
      await api.pool.query(
        `UPDATE decision SET trace_id = 'trace-2', parent_id = NULL, parent_span_id = $1 WHERE id = 'grandchild'`,
        [parentSpanId],
      );
      const { data } = await api.ask(
        '{ child: decision(id: "grandchild") { parent { id } } parent: decision(id: "alone") { children { id } } }',
      );
      return [data.child.parent?.id ?? null, data.parent.children.map(({ id }: { id: string }) => id)];
    };
    expect(await link('bb000000000000cc')).toEqual(['alone', ['grandchild']]);
    // Bytes that lie across two spans are none of either.
    expect(await link('00000000000aabb0'.padStart(16, '0'))).toEqual([null, []]);
    expect(await link('000000000000aabb')).toEqual([null, []]);
    await api.pool.query(`UPDATE decision SET trace_id = NULL WHERE id = 'alone'`);
    await api.pool.query(`UPDATE decision SET trace_id = 'trace-1', parent_id = 'child' WHERE id = 'grandchild'`);
  });
});

describe('the ledger', () => {
  it('answers its size, head, entries and that it is intact', async () => {
    const { data, errors } =
      await api.ask(`{ ledger { size head { seq hash } entry(seq: 1) { subject payload canonical }
      entries(first: 2) { nodes { seq hash previousHash } pageInfo { hasNextPage } }
      verify { intact checked headHash faultSeq fault } } }`);
    expect(errors).toBeUndefined();
    const { ledger } = data;
    const size = (await checkLedger(api.pool, 'default')).length;
    expect(size).toBeGreaterThanOrEqual(4);
    expect(ledger).toMatchObject({ size, head: { seq: size - 1 }, entry: { subject: 'child' } });
    expect(JSON.parse(ledger.entry.canonical).payload).toEqual(ledger.entry.payload);
    expect(ledger.entries.nodes[1].previousHash).toBe(ledger.entries.nodes[0].hash);
    expect(ledger.verify).toEqual({
      intact: true,
      checked: size,
      headHash: ledger.head.hash,
      faultSeq: null,
      fault: null,
    });
  });

  it('is empty, and intact, in a fleet without decisions', async () => {
    const { data } = await api.ask(
      '{ ledger { size head { seq } verify { intact checked } } }',
      {},
      { fleet: 'empty-fleet' },
    );
    expect(data.ledger).toEqual({ size: 0, head: null, verify: { intact: true, checked: 0 } });
  });

  it('filters its entries', async () => {
    const { data } = await api.ask(`{ ledger {
      a: entries(filter: { subject: "child" }) { nodes { subject } }
      b: entries(filter: { kinds: [AMENDMENT] }) { nodes { subject } }
      c: entries(filter: { to: "2020-01-01T00:00:00Z" }) { nodes { subject } } } }`);
    expect(data.ledger).toEqual({ a: { nodes: [{ subject: 'child' }] }, b: { nodes: [] }, c: { nodes: [] } });
  });
});

describe('agents', () => {
  it('answers each with its status and what it did in the window', async () => {
    const now = Date.now();
    const recent = (id: string, outcome: string) => ({
      ...decisionInput(id, { agent: 'busy', outcome, tokens: { input: 10, output: 5 }, costUsd: 0.5 }),
      startedAt: new Date(now - 10_000).toISOString(),
      endedAt: new Date(now - 9_000).toISOString(),
    });
    await record(
      api,
      ['r1', 'r2', 'r3'].map((id) => recent(id, id === 'r3' ? 'SUCCESS' : 'ERROR')),
      {
        fleet: 'empty-fleet',
      },
    );
    const { data, errors } = await api.ask(
      `{ agents { nodes { name status models stats { decisions errorRate latencyMs { count avg p50 p99 max }
        queueMs { count avg } tokens { total } tokensPerDecision costUsd toolCalls toolSuccessRate hallucinationScore } } } }`,
      {},
      { fleet: 'empty-fleet' },
    );
    expect(errors).toBeUndefined();
    expect(data.agents.nodes).toEqual([
      {
        name: 'busy',
        status: 'DEGRADED',
        models: [],
        stats: {
          decisions: 3,
          errorRate: expect.closeTo(2 / 3),
          latencyMs: { count: 3, avg: 1000, p50: 1000, p99: 1000, max: 1000 },
          queueMs: { count: 0, avg: null },
          tokens: { total: 45 },
          tokensPerDecision: 15,
          costUsd: 1.5,
          toolCalls: 0,
          toolSuccessRate: 1,
          hallucinationScore: null,
        },
      },
    ]);
  });

  it('calls an agent silent that has done nothing for a day, and says so', async () => {
    await record(api, [decisionInput('q1', { agent: 'quiet', minute: -60 * 24 * 3 })], { fleet: 'empty-fleet' });
    const { data } = await api.ask(
      '{ agent(name: "quiet") { status statusReason silentForMs stats { decisions } } }',
      {},
      { fleet: 'empty-fleet' },
    );
    expect(data.agent).toEqual({
      status: 'SILENT',
      statusReason: expect.stringMatching(/^no decision for \d+ d$/),
      silentForMs: expect.any(Number),
      stats: { decisions: 0 },
    });
  });

  it('takes the longest window that the schema names, and no longer one', async () => {
    const { data } = await api.ask('{ __type(name: "Agent") { fields { name args { name description } } } }');
    const stats = data.__type.fields.find(({ name }: { name: string }) => name === 'stats');
    const [, longest] = /1 to (\d+)/.exec(stats.args[0].description) ?? [];
    const ask = (windowMs: number) =>
      api.ask(`{ agent(name: "triage") { stats(windowMs: ${windowMs}) { decisions } } }`);
    expect((await ask(Number(longest))).errors).toBeUndefined();
    expect((await ask(Number(longest) + 1)).errors).toHaveLength(1);
  });

  it('refuses a window out of range', async () => {
    const { errors } = await api.ask('{ agent(name: "triage") { stats(windowMs: 0) { decisions } } }');
    expect(errors?.[0]?.extensions.code).toBe('VALIDATION_FAILED');
  });
});
