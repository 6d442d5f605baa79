import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { codexTurn, geminiTurn } from '../support/agent-logs.js';
import { checkLedger } from '../support/ledger.js';
import { agentTrace, newTraceId, traceRequest } from '../support/otlp.js';
import { type CapturedRequest, hasCaptures, readCaptures } from '../support/otlp-captures.js';
import { logsRequest, type TestLogRecord } from '../support/otlp-logs.js';
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
  const { rows } = await database.pool.query('SELECT id FROM fleet');
  for (const { id } of rows) await checkLedger(database.pool, id);
  await server.stop();
  await database.drop();
});

async function restart(): Promise<void> {
  await server.stop();
  server = await startServer({ databaseUrl: database.url, dataDir });
}

interface Seen {
  id: string;
  agent: { name: string };
  model: string | null;
  conversationId: string | null;
  outcome: string;
  complete: boolean;
  errorMessage: string | null;
  latencyMs: number;
  costUsd: number | null;
  hallucinationScore: number | null;
  toolCalls: number;
  tokens: { input: number; output: number; cacheRead: number; cacheWrite: number; reasoning: number };
  input: string | null;
  output: string | null;
  steps: {
    kind: string;
    toolName: string | null;
    model: string | null;
    durationMs: number;
    outcome: string;
    arguments: string | null;
    result: string | null;
    input: string | null;
    output: string | null;
  }[];
  amendments: { seq: number }[];
}

const DECISIONS = `{ decisions(first: 50) { nodes {
  id agent { name } model conversationId outcome complete errorMessage latencyMs costUsd hallucinationScore toolCalls
  tokens { input output cacheRead cacheWrite reasoning } input output
  steps { kind toolName model durationMs outcome arguments result input output }
  amendments { seq }
} } }`;

let fleets = 0;
async function newFleet(): Promise<string> {
  fleets += 1;
  const id = `logs-${fleets}`;
  await server.graphql('mutation ($id: String!) { createFleet(input: { id: $id }) { __typename } }', { id });
  return id;
}

/** Every decision of the fleet in the order they started, once everything that was sent has been worked off. */
async function readFleet(fleet: string): Promise<Seen[]> {
  await until(async () => {
    const { rows } = await database.pool.query(
      `SELECT FROM journal WHERE done_at IS NULL AND signal <> 'metrics' AND fleet_id = $1`,
      [fleet],
    );
    return rows.length === 0;
  });
  const { data, errors } = await server.graphql<{ decisions: { nodes: Seen[] } }>(
    DECISIONS,
    {},
    { 'x-fleet-id': fleet },
  );
  expect(errors).toBeUndefined();
  return data.decisions.nodes.toReversed();
}

async function sendLogs(fleet: string, records: readonly TestLogRecord[], baseMs: number): Promise<void> {
  const headers = { 'x-fleet-id': fleet };
  const answer = await server.send(logsRequest(records, baseMs), { path: '/v1/logs', headers });
  expect([answer.status, await answer.text()]).toEqual([200, '{}']);
}

async function sendCaptured(fleet: string, { signal, encoding, body }: CapturedRequest): Promise<void> {
  const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
  const headers = { 'x-fleet-id': fleet, 'content-type': type };
  const answer = await server.send(new Uint8Array(body), { path: `/v1/${signal}`, headers });
  expect(answer.status).toBe(200);
}

const ORDERS: [string, <T>(items: T[]) => T[]][] = [
  ['in order', (items) => items],
  ['reversed', (items) => items.toReversed()],
  ['twice', (items) => items.flatMap((item) => [item, item])],
];

const lasting = (decisions: readonly Seen[]) => decisions.map(({ amendments: _amendments, ...rest }) => rest);

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

function requestsOf(name: string, signals: CapturedRequest['signal'][]): CapturedRequest[] {
  const folder = readCaptures().find((capture) => capture.name === name);
  return folder?.requests.filter(({ signal }) => signals.includes(signal)) ?? [];
}

describe.skipIf(!hasCaptures)('Claude Code (skipped: ../shared/data/otlp is absent)', () => {
  it.concurrent.each(ORDERS)('without traces is a decision a turn: %s', async (_order, arrange) => {
    const fleet = await newFleet();
    for (const request of arrange(requestsOf('claude-code--proto', ['logs']))) await sendCaptured(fleet, request);
    const decisions = await readFleet(fleet);
    expect(
      decisions.map(({ agent, complete, outcome, conversationId }) => [agent.name, complete, outcome, conversationId]),
    ).toEqual([
      ['claude-code', true, 'SUCCESS', '6a3f60d9-1bfe-479c-9cc3-46a166efbfc8'],
      ['claude-code', true, 'SUCCESS', 'd8f58f2a-8fd4-49f5-8a58-ca93cc80858f'],
      ['claude-code', true, 'SUCCESS', '1962f58d-9d69-4155-8041-64f24a5c3602'],
      ['claude-code', true, 'SUCCESS', '606c9075-2125-4395-a249-29fe21b2867c'],
      ['claude-code', true, 'ERROR', '4fba8014-2456-4972-920f-56bfb58b1007'],
    ]);
    const tokens = decisions.map((decision) => decision.tokens);
    expect(sum(tokens.map(({ input }) => input))).toBe(1676);
    expect(sum(tokens.map(({ output }) => output))).toBe(492);
    expect(sum(tokens.map(({ cacheRead }) => cacheRead))).toBe(256);
    expect(sum(tokens.map(({ cacheWrite }) => cacheWrite))).toBe(64);
    const steps = decisions.flatMap((decision) => decision.steps);
    expect(steps.filter(({ kind }) => kind === 'MODEL_CALL')).toHaveLength(9);
    expect(
      steps.filter(({ kind }) => kind === 'TOOL_CALL').map(({ toolName, outcome }) => [toolName, outcome]),
    ).toEqual([
      ['Bash', 'SUCCESS'],
      ['Read', 'ERROR'],
      ['Agent', 'SUCCESS'],
    ]);
    expect(decisions[0]).toMatchObject({
      input: 'What is the capital of France?',
      output: 'Paris is the capital of France.',
      model: 'claude-sonnet-4-5-20250929',
    });
    expect(decisions[0]?.costUsd).toBeCloseTo(0.000948, 6);
    expect(decisions[0]?.latencyMs).toBe(133);
    expect(decisions.at(-1)?.errorMessage).toBe('The server had an error while processing your request');
    expect(decisions.flatMap(({ amendments }) => amendments)).toEqual([]);
  });

  it.concurrent.each(ORDERS)('with traces is counted from them: %s', async (_order, arrange) => {
    const fleet = await newFleet();
    for (const request of arrange(requestsOf('claude-code--proto', ['traces', 'logs'])))
      await sendCaptured(fleet, request);
    const decisions = await readFleet(fleet);
    expect(decisions.map(({ agent }) => agent.name)).toEqual(new Array(5).fill('claude_code.interaction'));
    expect(sum(decisions.map(({ tokens }) => tokens.input + tokens.output))).toBe(1676 + 492);
    expect(decisions.flatMap(({ steps }) => steps).filter(({ kind }) => kind === 'MODEL_CALL')).toHaveLength(9);
    expect(decisions[0]?.output).toBe('Paris is the capital of France.');
  });

  it.each([
    ['while the server runs', async () => undefined],
    ['after a restart', restart],
  ])('whose traces come when its logs were sealed is counted from them, %s', async (_when, meanwhile) => {
    const fleet = await newFleet();
    for (const request of requestsOf('claude-code--proto', ['logs'])) await sendCaptured(fleet, request);
    expect(await readFleet(fleet)).toHaveLength(5);
    await meanwhile();
    for (const request of requestsOf('claude-code--proto', ['traces'])) await sendCaptured(fleet, request);
    const decisions = await readFleet(fleet);
    expect(decisions.map(({ agent }) => agent.name)).toEqual(new Array(5).fill('claude_code.interaction'));
    expect(sum(decisions.map(({ tokens }) => tokens.input + tokens.output))).toBe(1676 + 492);
    const { data } = await server.graphql<{ metrics: { value: number }[] }>(
      `{ metrics(query: { metric: TOKEN_USAGE, statistic: SUM, from: "2020-01-01T00:00:00Z", to: "2030-01-01T00:00:00Z" }) { value } }`,
      {},
      { 'x-fleet-id': fleet },
    );
    expect(data.metrics).toEqual([{ value: 1676 + 492 }]);
  });

  it('whose traces were sealed before a restart is not counted again from its logs', async () => {
    const fleet = await newFleet();
    for (const request of requestsOf('claude-code--proto', ['traces'])) await sendCaptured(fleet, request);
    await readFleet(fleet);
    await restart();
    for (const request of requestsOf('claude-code--proto', ['logs'])) await sendCaptured(fleet, request);
    expect(sum((await readFleet(fleet)).map(({ tokens }) => tokens.input))).toBe(1676);
  });
});

describe('Codex CLI', () => {
  const BASE_MS = Date.now() - 60_000;
  const turns = [
    ...codexTurn({ conversation: 'conv-1', prompt: 'Run it.' }),
    ...codexTurn({ conversation: 'conv-1', prompt: 'Again.', atMs: 5_000 }),
  ];

  it.concurrent.each(ORDERS)('is a decision a prompt: %s', async (_order, arrange) => {
    const fleet = await newFleet();
    for (const record of arrange(turns)) await sendLogs(fleet, [record], BASE_MS);
    const decisions = await readFleet(fleet);
    expect(decisions).toHaveLength(2);
    for (const decision of decisions) {
      expect(decision).toMatchObject({
        agent: { name: 'codex_exec' },
        conversationId: 'conv-1',
        complete: true,
        latencyMs: 1_500,
        tokens: { input: 2_100, output: 100, cacheRead: 100, reasoning: 16 },
      });
      expect(decision.costUsd).toBeGreaterThan(0);
      expect(decision.steps).toMatchObject([
        { kind: 'MODEL_CALL', model: 'gpt-5-codex', durationMs: 881 },
        {
          kind: 'TOOL_CALL',
          toolName: 'shell',
          outcome: 'ERROR',
          arguments: '{"command":["false"]}',
          result: 'exit code 1',
        },
        { kind: 'MODEL_CALL', durationMs: 490 },
      ]);
    }
    expect(decisions.map(({ input }) => input)).toEqual(['Run it.', 'Again.']);
  });

  it('is whole when the server was killed in the middle of a turn', async () => {
    const fleet = await newFleet();
    const [prompt, ...rest] = codexTurn({ conversation: 'conv-2', prompt: 'Once.' });
    await sendLogs(fleet, [prompt as TestLogRecord, ...rest.slice(0, 4)], BASE_MS);
    await server.stop('SIGKILL');
    server = await startServer({ databaseUrl: database.url, dataDir });
    await sendLogs(fleet, rest.slice(4), BASE_MS);
    expect(await readFleet(fleet)).toMatchObject([{ input: 'Once.', tokens: { input: 2_100 }, amendments: [] }]);
  });

  it('that goes on after it was sealed amends its decision', async () => {
    const fleet = await newFleet();
    const turn = codexTurn({ conversation: 'conv-3', prompt: 'Slowly.' });
    await sendLogs(fleet, turn.slice(0, 5), BASE_MS);
    expect(await readFleet(fleet)).toMatchObject([{ tokens: { input: 1_000 } }]);
    await sendLogs(fleet, turn.slice(5), BASE_MS);
    expect(await readFleet(fleet)).toMatchObject([{ tokens: { input: 2_100 }, latencyMs: 1_500, amendments: [{}] }]);
  });
});

describe('Gemini CLI', () => {
  it.concurrent.each(ORDERS)('is a decision a prompt: %s', async (_order, arrange) => {
    const fleet = await newFleet();
    const turn = geminiTurn({ session: 'g-1', prompt: 'Read the file.' });
    const baseMs = Date.now() - 10_000;
    for (const record of arrange(turn)) await sendLogs(fleet, [record], baseMs);
    const [decision, ...others] = await readFleet(fleet);
    expect(others).toEqual([]);
    expect(decision).toMatchObject({
      agent: { name: 'gemini-cli' },
      conversationId: 'g-1',
      outcome: 'ERROR',
      errorMessage: 'quota exceeded',
      input: 'Read the file.',
      tokens: { input: 200, output: 42, cacheRead: 20, reasoning: 12 },
      steps: [
        { kind: 'MODEL_CALL', input: '[{"role":"user"}]', output: 'It is done.', durationMs: 500 },
        { kind: 'TOOL_CALL', toolName: 'read_file', outcome: 'SUCCESS', arguments: '{"path":"a.txt"}' },
        { kind: 'MODEL_CALL', outcome: 'ERROR' },
      ],
    });
  });
});

describe.skipIf(!hasCaptures)('messages in GenAI events (skipped: ../shared/data/otlp is absent)', () => {
  it.concurrent.each(['openai-otel--json', 'openai-otel--proto'])(
    'of %s are the content of their spans, in any order',
    async (name) => {
      const seen: Seen[][] = [];
      for (const [, arrange] of ORDERS) {
        const fleet = await newFleet();
        for (const request of arrange(requestsOf(name, ['traces', 'logs']))) await sendCaptured(fleet, request);
        seen.push(await readFleet(fleet));
      }
      const [decisions = []] = seen;
      expect(decisions).toHaveLength(9);
      expect(JSON.parse(decisions[0]?.input ?? '')).toEqual([
        { role: 'system', parts: [{ type: 'text', content: 'You are a geography helper.' }] },
        { role: 'user', parts: [{ type: 'text', content: 'What is the capital of France?' }] },
      ]);
      expect(JSON.parse(decisions[0]?.output ?? '')).toEqual([
        {
          role: 'assistant',
          parts: [{ type: 'text', content: 'Paris is the capital of France.' }],
          finish_reason: 'stop',
        },
      ]);
      expect(JSON.parse(decisions[2]?.input ?? '').map(({ role }: { role: string }) => role)).toEqual([
        'user',
        'assistant',
        'tool',
      ]);
      expect(decisions[5]?.input).toContain('Be brief.');
      expect(decisions[5]?.output).toContain('Paris is the capital of France.');
      expect(sum(decisions.map(({ tokens }) => tokens.input))).toBe(788);
      for (const others of seen.slice(1)) expect(lasting(others)).toEqual(lasting(decisions));
    },
  );
});

describe('an evaluation in a log record', () => {
  const verdict = (attributes: Record<string, unknown>): TestLogRecord => ({
    eventName: 'gen_ai.evaluation.result',
    attributes: {
      'gen_ai.evaluation.name': 'hallucination',
      'gen_ai.evaluation.score.value': 0.9,
      'gen_ai.evaluation.score.label': 'hallucinated',
      ...attributes,
    },
  });

  it('amends the decision of the span it was written in, and a repetition changes nothing', async () => {
    const fleet = await newFleet();
    const traceId = newTraceId();
    const spans = agentTrace({ traceId });
    const headers = { 'x-fleet-id': fleet };
    await server.send(traceRequest(spans), { headers });
    const [judged] = await readFleet(fleet);
    expect(judged).toMatchObject({ amendments: [] });
    expect(judged?.hallucinationScore).toBeLessThan(0.5);
    const record = { ...verdict({}), traceId, spanId: spans[0]?.spanId ?? '' };
    const baseMs = Date.now();
    for (const service of ['evaluator', 'evaluator']) await sendLogs(fleet, [{ ...record, service }], baseMs);
    await sendLogs(fleet, [{ ...record, service: 'evaluator' }, { body: 'unrelated' }], baseMs);
    expect(await readFleet(fleet)).toMatchObject([{ hallucinationScore: 0.9, amendments: [{}] }]);
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('that names a response alone reaches it when it comes %s', async (_when, isFirst) => {
    const fleet = await newFleet();
    const [model, ...rest] = agentTrace();
    if (model === undefined) expect.fail('an agent trace has a model call');
    const responseId = `resp-${fleet}`;
    const spans = [{ ...model, attributes: { ...model.attributes, 'gen_ai.response.id': responseId } }, ...rest];
    const record = verdict({ 'gen_ai.response.id': responseId });
    if (isFirst) await sendLogs(fleet, [record], Date.now());
    await server.send(traceRequest(spans), { headers: { 'x-fleet-id': fleet } });
    if (!isFirst) {
      await readFleet(fleet);
      await sendLogs(fleet, [record], Date.now());
    }
    expect(await readFleet(fleet)).toMatchObject([{ hallucinationScore: 0.9 }]);
  });
});

describe('what log records said', () => {
  it('is still there when a span comes after a restart and the decision is assembled again', async () => {
    const fleet = await newFleet();
    const headers = { 'x-fleet-id': fleet };
    const baseMs = Date.now();
    const [model, tool, root] = agentTrace();
    if (!model || !tool || !root) expect.fail('an agent trace has three spans');
    const responseId = `resp-${fleet}`;
    const call = { ...model, attributes: { ...model.attributes, 'gen_ai.response.id': responseId } };
    await server.send(traceRequest([call, root], baseMs), { headers });
    await readFleet(fleet);
    const question: TestLogRecord = {
      eventName: 'gen_ai.user.message',
      body: { content: 'How is the weather?' },
      traceId: model.traceId,
      spanId: model.spanId,
    };
    const verdict: TestLogRecord = {
      eventName: 'gen_ai.evaluation.result',
      attributes: {
        'gen_ai.evaluation.name': 'hallucination',
        'gen_ai.evaluation.score.value': 0.25,
        'gen_ai.response.id': responseId,
      },
    };
    await sendLogs(fleet, [question, verdict], baseMs);
    expect(await readFleet(fleet)).toMatchObject([{ hallucinationScore: 0.25, toolCalls: 0 }]);
    await server.stop();
    server = await startServer({ databaseUrl: database.url, dataDir });
    await server.send(traceRequest([tool], baseMs), { headers });
    const [decision] = await readFleet(fleet);
    expect(decision).toMatchObject({ hallucinationScore: 0.25, toolCalls: 1 });
    expect(decision?.input).toContain('How is the weather?');
  });
});

describe('a request of logs', () => {
  it('with a broken record keeps the others and says which is refused', async () => {
    const fleet = await newFleet();
    const records = geminiTurn({ session: 'g-2', prompt: 'Hi' }).map((record, index) =>
      index === 0 ? { ...record, traceId: 'abcd' } : record,
    );
    const answer = await server.send(logsRequest(records), { path: '/v1/logs', headers: { 'x-fleet-id': fleet } });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      partialSuccess: {
        rejectedLogRecords: '1',
        errorMessage: 'log record 0 of scope gemini-cli: trace_id has 2 bytes, 16 expected',
      },
    });
    expect(await readFleet(fleet)).toMatchObject([{ tokens: { input: 200 }, input: '[{"role":"user"}]' }]);
  });

  it('that tells nothing of agents is kept and done', async () => {
    const fleet = await newFleet();
    await sendLogs(fleet, [{ body: 'GET /health 200' }], Date.now());
    expect(await readFleet(fleet)).toEqual([]);
  });
});
