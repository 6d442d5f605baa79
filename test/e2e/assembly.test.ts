import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { callTree, readTrace, type SeenDecision, untilTrace } from '../support/decisions.js';
import { checkLedger } from '../support/ledger.js';
import { agentTrace, newSpanId, newTraceId, type TestSpan, traceRequest } from '../support/otlp.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { newDataDir, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const dataDir = newDataDir();
let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  server = await startServer({ databaseUrl: database.url, dataDir });
});
afterAll(async () => {
  await checkLedger(database.pool, 'default');
  await server.stop();
  await database.drop();
});

/** One moment for all traces: a span that is sent again is the same span. */
const BASE_MS = Date.now();

async function send(...spans: TestSpan[]): Promise<void> {
  expect((await server.send(traceRequest(spans, BASE_MS))).status).toBe(200);
}

/** Waits until nothing that was sent is still to be worked off. */
async function untilWorkedOff(): Promise<void> {
  await until(async () => {
    const { rows } = await database.pool.query('SELECT FROM journal WHERE done_at IS NULL');
    return rows.length === 0;
  });
}

async function restart(): Promise<void> {
  await server.stop();
  server = await startServer({ databaseUrl: database.url, dataDir });
}

const agent = (name: string, span: Partial<TestSpan> & { traceId: string }): TestSpan => ({
  name: `invoke_agent ${name}`,
  spanId: newSpanId(),
  attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name },
  ...span,
});

const chat = (span: Partial<TestSpan> & { traceId: string }): TestSpan => ({
  name: 'chat gpt-4o',
  spanId: newSpanId(),
  startMs: 10,
  endMs: 40,
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.output_tokens': 20,
  },
  ...span,
});

/** The spans of `agentTrace` by what they are. */
function newTrace(): { traceId: string; model: TestSpan; tool: TestSpan; root: TestSpan } {
  const traceId = newTraceId();
  const [model, tool, root] = agentTrace({ traceId });
  if (!model || !tool || !root) expect.fail('an agent trace has three spans');
  return { traceId, model, tool, root };
}

const one = (decisions: SeenDecision[]): SeenDecision => {
  expect(decisions).toHaveLength(1);
  return decisions[0] as SeenDecision;
};

const isAmended = (decisions: SeenDecision[]) => decisions.some(({ amendments }) => amendments.length > 0);

describe('a decision', () => {
  it('is one, whatever requests its spans come in, and in whatever order', async () => {
    const { traceId, model, tool, root } = newTrace();
    for (const span of [tool, model, root]) await send(span);
    const decision = one(await untilTrace(server, traceId, ([first]) => first?.complete === true));
    expect(decision).toMatchObject({ agent: { name: 'test-agent' }, toolCalls: 1, amendments: [] });
    expect(decision.steps.map(({ kind }) => kind)).toEqual(['MODEL_CALL', 'TOOL_CALL']);
    expect(decision.tokens).toMatchObject({ input: 100, output: 20 });
  });

  it('is that of its service where no agent span tells', async () => {
    const traceId = newTraceId();
    const request: TestSpan = { name: 'POST /ask', traceId, spanId: newSpanId(), kind: 2, service: 'plain-service' };
    await send(request, chat({ traceId, parentSpanId: request.spanId, service: 'plain-service' }));
    const decision = one(await untilTrace(server, traceId, ({ length }) => length > 0));
    expect(decision).toMatchObject({ agent: { name: 'plain-service' }, complete: true });
    expect(decision.steps).toHaveLength(1);
  });

  it('of an agent within an agent has that as its parent, which handed over to it', async () => {
    const traceId = newTraceId();
    const planner = agent('planner', { traceId, endMs: 200 });
    const researcher = agent('researcher', { traceId, parentSpanId: planner.spanId, startMs: 50 });
    await send(
      chat({ traceId, parentSpanId: planner.spanId }),
      chat({ traceId, parentSpanId: researcher.spanId, startMs: 60, endMs: 80 }),
      researcher,
      planner,
    );
    const decisions = await untilTrace(server, traceId, ({ length }) => length === 2);
    expect(callTree(decisions)).toEqual(['planner', 'planner > researcher']);
    expect(decisions.map(({ steps }) => steps.map(({ kind }) => kind))).toEqual([
      ['MODEL_CALL', 'HANDOFF'],
      ['MODEL_CALL'],
    ]);
  });

  it('over three services is a call tree, whichever of them reports first', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const traceId = newTraceId();
      const services = threeServices(traceId);
      for (const index of order) await send(...(services[index] ?? []));
      const decisions = await untilTrace(
        server,
        traceId,
        // That a callee has its parent and that the caller has a step for it may be sealed one after the other.
        (seen) =>
          seen.filter(({ parent }) => parent !== null).length === 2 &&
          seen.filter(({ steps }) => steps.some(({ kind }) => kind === 'HANDOFF')).length === 2,
      );
      expect(callTree(decisions)).toEqual(['front', 'front > middle', 'middle > back']);
      expect(decisions.map(({ steps }) => steps.length)).toEqual([2, 2, 1]);
    }
  });
});

/** Each service's own spans: an agent, its model call, and the HTTP call by which it reaches the next. */
function threeServices(traceId: string): TestSpan[][] {
  const names = ['front', 'middle', 'back'];
  let caller: string | undefined;
  return names.map((name, depth) => {
    const service = `${name}-service`;
    const startMs = depth * 20;
    const own = agent(name, {
      traceId,
      service,
      startMs,
      endMs: 400 - startMs,
      ...(caller === undefined ? {} : { parentSpanId: caller }),
    });
    const below = { traceId, service, parentSpanId: own.spanId };
    const call: TestSpan = { ...below, name: 'POST', spanId: newSpanId(), kind: 3, startMs: startMs + 15, endMs: 300 };
    caller = call.spanId;
    const model = chat({ ...below, startMs: startMs + 2, endMs: startMs + 10 });
    return name === 'back' ? [own, model] : [own, model, call];
  });
}

describe('what never comes', () => {
  it('is waited for, then the decision is sealed without it and says so', async () => {
    const { traceId, model, tool } = newTrace();
    const sentMs = Date.now();
    await send(model, tool);
    const decision = one(await untilTrace(server, traceId, ({ length }) => length > 0));
    expect(Date.now() - sentMs).toBeGreaterThanOrEqual(1_500);
    expect(decision).toMatchObject({ agent: { name: 'test-service' }, complete: false, toolCalls: 1 });
  });

  it('may be the end of a span that was sent while it ran', async () => {
    const { traceId, model, root } = newTrace();
    await send(model, { ...root, endMs: -BASE_MS });
    const unfinished = one(await untilTrace(server, traceId, ({ length }) => length > 0));
    expect(unfinished).toMatchObject({ agent: { name: 'test-agent' }, complete: false });
    await send(root);
    const finished = await readAmended(traceId);
    expect(finished).toMatchObject({ id: unfinished.id, complete: true, ledgerEntry: unfinished.ledgerEntry });
  });
});

/**
 * The trace's one decision after its amendment. An answer is put together from several statements: the one that first
 * shows the amendment may have read the rest before its commit, the next one has read all of it after.
 */
async function readAmended(traceId: string): Promise<SeenDecision> {
  await untilTrace(server, traceId, isAmended);
  return one(await readTrace(server, traceId));
}

function expectAmended(before: SeenDecision, after: SeenDecision): void {
  expect(after.id).toBe(before.id);
  expect(after.ledgerEntry).toEqual(before.ledgerEntry);
  expect(after.amendments).toEqual([
    expect.objectContaining({ kind: 'AMENDMENT', subject: after.ledgerEntry.subject }),
  ]);
  expect(after.amendments[0]?.seq).toBeGreaterThan(before.ledgerEntry.seq);
}

describe.sequential.each([
  ['while its trace is in memory', async () => undefined],
  ['after a restart', restart],
])('a span that comes late, %s', (_when, meanwhile) => {
  it('amends its decision, whose first entry stays as it was', async () => {
    const { traceId, model, tool, root } = newTrace();
    await send(model, root);
    const before = one(await untilTrace(server, traceId, ({ length }) => length > 0));
    await meanwhile();
    await send(tool);
    const after = await readAmended(traceId);
    expectAmended(before, after);
    expect(before.steps.map(({ kind }) => kind)).toEqual(['MODEL_CALL']);
    expect(after.steps.map(({ kind, toolName }) => [kind, toolName])).toEqual([
      ['MODEL_CALL', null],
      ['TOOL_CALL', 'get_weather'],
    ]);
  });

  it('gives a decision its agent when it is the root', async () => {
    const { traceId, model, root } = newTrace();
    await send(model);
    const before = one(await untilTrace(server, traceId, ({ length }) => length > 0));
    expect(before).toMatchObject({ agent: { name: 'test-service' }, complete: false });
    await meanwhile();
    await send(root);
    const after = await readAmended(traceId);
    expectAmended(before, after);
    expect(after).toMatchObject({ agent: { name: 'test-agent' }, complete: true });
    const { data } = await server.graphql('query ($id: ID!) { decision(id: $id) { id agent { name } } }', {
      id: before.id,
    });
    expect(data.decision).toEqual({ id: before.id, agent: { name: 'test-agent' } });
  });

  it('links a child that was sealed before its parent', async () => {
    const traceId = newTraceId();
    const parent = agent('parent', { traceId, endMs: 300 });
    const child = agent('child', { traceId, parentSpanId: parent.spanId });
    await send(child, chat({ traceId, parentSpanId: child.spanId }));
    const before = one(await untilTrace(server, traceId, ({ length }) => length > 0));
    expect(before).toMatchObject({ agent: { name: 'child' }, parent: null });
    await meanwhile();
    await send(parent, chat({ traceId, parentSpanId: parent.spanId, startMs: 200, endMs: 250 }));
    const after = await untilTrace(server, traceId, ({ length }) => length === 2);
    expect(callTree(after)).toEqual(['parent', 'parent > child']);
    expect(after.find(({ id }) => id === before.id)).toMatchObject({ ledgerEntry: before.ledgerEntry });
  });

  it('changes nothing when it was there before, in whatever batch it comes again', async () => {
    const { traceId, model, tool, root } = newTrace();
    await send(model, tool, root);
    const before = one(await untilTrace(server, traceId, ({ length }) => length > 0));
    await meanwhile();
    const others = newTrace();
    await Promise.all([send(tool, others.model), send(root), send(others.root, others.tool, model), send(root, tool)]);
    one(await untilTrace(server, others.traceId, ({ length }) => length > 0));
    await untilWorkedOff();
    expect(one(await readTrace(server, traceId))).toEqual(before);
  });
});

describe('an agent that is called over the network', () => {
  const twoSides = () => {
    const traceId = newTraceId();
    const front = agent('front', { traceId, service: 'front-service', endMs: 400 });
    const below = { traceId, service: 'front-service', parentSpanId: front.spanId };
    const call = agent('back', { ...below, kind: 3, startMs: 100, endMs: 300 });
    const served = agent('back', {
      traceId,
      service: 'back-service',
      kind: 2,
      parentSpanId: call.spanId,
      startMs: 110,
      endMs: 290,
    });
    return {
      traceId,
      callers: [front, chat(below), call],
      callees: [
        served,
        chat({ traceId, service: 'back-service', parentSpanId: served.spanId, startMs: 120, endMs: 200 }),
      ],
    };
  };
  const areBoth = (seen: SeenDecision[]) =>
    seen.length === 2 &&
    seen.some(({ agent: { name }, parent, steps }) => name === 'back' && parent && steps.length > 0);

  it('is one invocation, whichever side reports first', async () => {
    for (const first of ['callers', 'callees'] as const) {
      const { traceId, ...sides } = twoSides();
      await send(...sides[first]);
      await send(...sides[first === 'callers' ? 'callees' : 'callers']);
      const decisions = await untilTrace(server, traceId, areBoth);
      expect(callTree(decisions)).toEqual(['front', 'front > back']);
    }
  });

  it('is one invocation when the other side comes after the first was sealed', async () => {
    for (const first of ['callers', 'callees'] as const) {
      const { traceId, ...sides } = twoSides();
      await send(...sides[first]);
      const before = await untilTrace(server, traceId, (seen) => seen.some((each) => each.agent.name === 'back'));
      await send(...sides[first === 'callers' ? 'callees' : 'callers']);
      const after = await untilTrace(server, traceId, areBoth);
      expect(callTree(after)).toEqual(['front', 'front > back']);
      const idsAfter = after.map(({ id }) => id);
      for (const { id } of before) expect(idsAfter).toContain(id);
    }
  });
});
