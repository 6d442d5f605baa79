import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assembleTrace } from '../../src/decision/assembly/assemble.js';
import { readSpan } from '../../src/ingest/convention/read.js';
import type { AttributeValue, OtlpSpan } from '../../src/ingest/telemetry.js';
import { compactRollups } from '../../src/metric/compact.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;
const START_MS = Date.parse('2026-11-22T08:00:00.000Z');
const MINUTE_MS = 60_000;
/** Minutes from then to a day on which one agent rested from morning to evening. */
const RESTING = -4 * 24 * 60;
const DAY_OF_REST = '(from: "2026-11-18T00:00:00Z", to: "2026-11-19T00:00:00Z")';
const DAY = '(from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z")';

interface Sent {
  name: string;
  service: string;
  /** Milliseconds after the trace's start. */
  from: number;
  to: number;
  parent?: string;
  error?: { type: string; message: string };
  attributes: Record<string, AttributeValue>;
}

const hex = (text: string, digits: number) => createHash('sha256').update(text).digest('hex').slice(0, digits);

function wireSpan(trace: string, atMs: number, { name, service, from, to, parent, error, attributes }: Sent): OtlpSpan {
  const sent = new Map(Object.entries(error === undefined ? attributes : { ...attributes, 'error.type': error.type }));
  return {
    traceId: hex(trace, 32),
    spanId: hex(trace + name, 16),
    parentSpanId: parent === undefined ? null : hex(trace + parent, 16),
    parentIsRemote: null,
    name,
    kind: 1,
    startMs: atMs + from,
    endMs: atMs + to,
    attributes: sent,
    events: [],
    links: [],
    statusCode: error === undefined ? 0 : 2,
    statusMessage: error?.message ?? '',
    resource: new Map([['service.name', service]]),
    scope: { name: 'test', version: '', attributes: new Map() },
  };
}

/** Seals the decisions of a trace as it would have come over OTLP. */
async function observe(trace: string, minute: number, sent: Sent[]): Promise<void> {
  const spans = sent.map((each) => readSpan(wireSpan(trace, START_MS + minute * MINUTE_MS, each)));
  const items = assembleTrace(spans).map(({ decision, spanIds }) => ({
    decision,
    spanIds,
    journalIds: [],
    mode: 'seal' as const,
    sampled: true,
    hasKin: false,
  }));
  await api.recorder.submit({ fleet: 'default', items, links: [], superseded: [], sightings: [], doneJournalIds: [] });
}

const agentSpan = (name: string, known: Omit<Sent, 'name' | 'service' | 'attributes'>): Sent => ({
  ...known,
  name: `invoke_agent ${name}`,
  service: name,
  attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name },
});

const prompted = (agent: string, prompt: string, known: { tokens: number }): Sent[] => [
  agentSpan(agent, { from: 0, to: 1_000 }),
  {
    name: `chat ${agent}`,
    service: agent,
    parent: `invoke_agent ${agent}`,
    from: 10,
    to: 900,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.usage.input_tokens': known.tokens,
      'gen_ai.usage.output_tokens': 0,
      'gen_ai.system_instructions': prompt,
    },
  },
];

const TIMEOUT = { type: 'timeout', message: 'secret-order-7 was not found in time' };

/** first → second → third, whose tool breaks. */
const cascade: Sent[] = [
  agentSpan('first', {
    from: 0,
    to: 900,
    error: { type: 'agent_error', message: `second failed: ${TIMEOUT.message}` },
  }),
  agentSpan('second', {
    parent: 'invoke_agent first',
    from: 100,
    to: 800,
    error: { type: 'agent_error', message: `third failed: ${TIMEOUT.message}` },
  }),
  agentSpan('third', { parent: 'invoke_agent second', from: 200, to: 700, error: TIMEOUT }),
  {
    name: 'execute_tool look_up_order',
    service: 'third',
    parent: 'invoke_agent third',
    from: 300,
    to: 690,
    error: TIMEOUT,
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'look_up_order' },
  },
];

beforeAll(async () => {
  api = await startGraphQL();
  const versioned = (id: string, agent: string, agentVersion: string, rest: object) =>
    decisionInput(id, { agent, agentVersion, requestType: 'refund', ...rest });
  await record(api, [
    ...[0, 1, 2, 3].map((n) =>
      versioned(`eu${n}`, 'refunds-eu', '2.4.1', { minute: n, region: 'eu-west-1', costUsd: 0.5 }),
    ),
    versioned('us0', 'refunds-us', '2.3.0', { minute: 0, costUsd: 1, tokens: { input: 100 } }),
    versioned('us1', 'refunds-us', '2.3.0', { minute: 1, outcome: 'ERROR' }),
    versioned('us2', 'refunds-us', '2.4.1', { minute: 60, costUsd: 3, tokens: { input: 300 } }),
    versioned('ap0', 'refunds-ap', '2.2.0', { minute: 2 }),
  ]);
  await compactRollups(api.database.recorderPool);
  for (let minute = 0; minute < 4; minute += 1) {
    const prompt = `Today is 2026-11-2${minute}. Be kind.`;
    await observe(`kind${minute}`, minute * 30, prompted('helper', prompt, { tokens: 10 }));
  }
  for (let minute = 4; minute < 8; minute += 1) {
    await observe(`curt${minute}`, minute * 30, prompted('helper', 'Be curt.', { tokens: 30 }));
  }
  for (const minute of [0, 1, 2])
    await observe(`rested${minute}`, RESTING + minute, prompted('resting', 'Be early.', { tokens: 10 }));
  for (const minute of [720, 721])
    await observe(`woken${minute}`, RESTING + minute, prompted('resting', 'Be late.', { tokens: 30 }));
  await observe('cascade1', 10, cascade);
  await observe('cascade2', 20, cascade);
  await record(api, [
    decisionInput('loud', {
      agent: 'loud',
      outcome: 'ERROR',
      errorType: 'timeout',
      errorMessage: 'no answer from the quiet one',
    }),
    decisionInput('quiet', {
      agent: 'quiet',
      parentId: 'loud',
      outcome: 'ERROR',
      errorMessage: 'no answer from the quiet one',
    }),
    decisionInput('coping', { agent: 'loud' }),
    decisionInput('failing', { agent: 'quiet', parentId: 'coping', outcome: 'ERROR' }),
  ]);
});
afterAll(() => api.close());

describe('what the fleet runs', () => {
  it('is every version of every agent with its share and figures', async () => {
    const { data, errors } = await api.ask(`{ fleet { versions${DAY} { agents {
      agent version isNamed share isCurrent regions firstSeenAt
      figures { decisions errorRate latencyP95Ms costPerDecisionUsd tokensPerDecision toolSuccessRate }
    } } } }`);
    expect(errors).toBeUndefined();
    const ofAgent = (name: string) =>
      data.fleet.versions.agents.filter(({ agent }: { agent: string }) => agent === name);
    expect(ofAgent('refunds-us')).toMatchObject([
      { version: '2.4.1', isNamed: true, share: 1 / 3, isCurrent: true, firstSeenAt: '2026-11-22T09:00:00.000Z' },
      {
        version: '2.3.0',
        share: 2 / 3,
        isCurrent: false,
        figures: {
          decisions: 2,
          errorRate: 0.5,
          latencyP95Ms: 1_500,
          costPerDecisionUsd: 0.5,
          tokensPerDecision: 50,
          toolSuccessRate: null,
        },
      },
    ]);
    expect(ofAgent('refunds-eu')).toMatchObject([{ version: '2.4.1', share: 1, regions: ['eu-west-1'] }]);
    expect(ofAgent('helper')).toMatchObject([
      { version: expect.stringMatching(/^~[0-9a-f]{8}\/gpt-5$/), isNamed: false, share: 0.5, isCurrent: true },
      { version: expect.stringMatching(/^~[0-9a-f]{8}\/gpt-5$/), isNamed: false, share: 0.5, isCurrent: false },
    ]);
  });

  it('shows a changed prompt that no version tells, before and after side by side', async () => {
    const { data, errors } = await api.ask(`{ fleet { versions${DAY} { changes {
      agent kind from to at beforeUntil before { decisions tokensPerDecision } after { decisions tokensPerDecision }
    } } } }`);
    expect(errors).toBeUndefined();
    expect(data.fleet.versions.changes).toEqual([
      {
        agent: 'helper',
        kind: 'PROMPT_OR_TOOLS',
        from: expect.stringMatching(/^~[0-9a-f]{8}\/gpt-5$/),
        to: expect.stringMatching(/^~[0-9a-f]{8}\/gpt-5$/),
        at: '2026-11-22T10:00:00.000Z',
        beforeUntil: '2026-11-22T10:00:00.000Z',
        before: { decisions: 4, tokensPerDecision: 10 },
        after: { decisions: 4, tokensPerDecision: 30 },
      },
      {
        agent: 'refunds-us',
        kind: 'VERSION',
        from: '2.3.0',
        to: '2.4.1',
        at: '2026-11-22T09:00:00.000Z',
        beforeUntil: '2026-11-22T09:00:00.000Z',
        before: { decisions: 2, tokensPerDecision: 50 },
        after: { decisions: 1, tokensPerDecision: 300 },
      },
    ]);
  });

  it('names versions in its changes as it does in the list of them', async () => {
    const { data } = await api.ask(`{ fleet { versions${DAY} {
      agents { agent version firstSeenAt } changes { agent fromVersion toVersion at }
    } } }`);
    const { agents, changes } = data.fleet.versions;
    expect(changes).toHaveLength(2);
    for (const { agent, fromVersion, toVersion, at } of changes) {
      expect(agents).toContainEqual({ agent, version: toVersion, firstSeenAt: at });
      expect(agents).toContainEqual({ agent, version: fromVersion, firstSeenAt: expect.not.stringMatching(at) });
    }
  });

  it('compares a change after a pause with what was before the pause', async () => {
    const { data, errors } = await api.ask(`{ fleet { versions${DAY_OF_REST} { changes {
      agent at windowMs beforeUntil before { decisions tokensPerDecision } after { decisions tokensPerDecision }
    } } } }`);
    expect(errors).toBeUndefined();
    expect(data.fleet.versions.changes).toEqual([
      {
        agent: 'resting',
        at: '2026-11-18T20:00:00.000Z',
        windowMs: 4 * 60 * MINUTE_MS,
        beforeUntil: '2026-11-18T08:03:00.000Z',
        before: { decisions: 3, tokensPerDecision: 10 },
        after: { decisions: 2, tokensPerDecision: 30 },
      },
    ]);
  });

  it('says which agent of a role lags behind its peers', async () => {
    const { data } = await api.ask(
      `{ fleet { versions${DAY} { laggards { agent role version roleVersion peersAhead behindSince } } } }`,
    );
    expect(data.fleet.versions.laggards).toEqual([
      {
        agent: 'refunds-ap',
        role: 'refunds',
        version: '2.2.0',
        roleVersion: '2.4.1',
        peersAhead: ['refunds-eu', 'refunds-us'],
        behindSince: '2026-11-22T08:00:00.000Z',
      },
    ]);
  });

  it('is nothing of another window', async () => {
    const { data } = await api.ask(
      '{ fleet { versions(to: "2026-11-20T00:00:00Z") { agents { agent } changes { agent } laggards { agent } } } }',
    );
    expect(data.fleet.versions).toEqual({ agents: [], changes: [], laggards: [] });
  });
});

const CASCADES = `{ fleet { cascades${DAY} {
  total isComplete
  cascades {
    traceId path depth failedDecisions agents costUsd latencyMs brokeAt confidence evidence
    origin { agent decision { id } stepIndex stepKind stepName errorType }
  }
  patterns { path originAgent stepKind stepName count failedDecisions firstAt lastAt }
} } }`;

describe('failures that travelled', () => {
  it('are followed to the agent and step that broke, with what says so', async () => {
    const { data, errors } = await api.ask(CASCADES);
    expect(errors).toBeUndefined();
    const { cascades, total, isComplete } = data.fleet.cascades;
    expect({ total, isComplete }).toEqual({ total: 3, isComplete: true });
    expect(cascades[0]).toMatchObject({
      traceId: hex('cascade2', 32),
      path: ['first', 'second', 'third'],
      depth: 2,
      failedDecisions: 3,
      agents: ['first', 'second', 'third'],
      costUsd: null,
      latencyMs: 900,
      brokeAt: '2026-11-22T08:20:00.690Z',
      origin: { agent: 'third', stepIndex: 0, stepKind: 'TOOL_CALL', errorType: 'timeout' },
    });
    expect(cascades[0].confidence).toBeGreaterThan(0.9);
    expect(cascades[0].evidence[0]).toContain('third broke on its tool call execute_tool look_up_order');
    expect(JSON.stringify(cascades)).not.toContain('secret-order-7');
  });

  it('are counted by path and place', async () => {
    const { data } = await api.ask(CASCADES);
    expect(data.fleet.cascades.patterns).toMatchObject([
      {
        path: ['first', 'second', 'third'],
        originAgent: 'third',
        stepKind: 'TOOL_CALL',
        count: 2,
        failedDecisions: 6,
        firstAt: '2026-11-22T08:10:00.690Z',
        lastAt: '2026-11-22T08:20:00.690Z',
      },
      { path: ['loud', 'quiet'], originAgent: 'quiet', stepKind: null, count: 1 },
    ]);
  });

  it('are those of the window, as many as are wanted', async () => {
    const { data } = await api.ask(
      '{ fleet { cascades(to: "2026-11-22T08:05:00Z", first: 1) { total cascades { path } } } }',
    );
    expect(data.fleet.cascades).toEqual({ total: 1, cascades: [{ path: ['loud', 'quiet'] }] });
    const { errors } = await api.ask('{ fleet { cascades(first: 0) { total } } }');
    expect(errors?.[0]).toMatchObject({ message: 'first must be 1 to 200', extensions: { code: 'VALIDATION_FAILED' } });
  });
});
