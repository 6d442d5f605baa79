import { type GraphQLField, GraphQLObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES, type Role, rolesFor } from '../../src/access/policy.js';
import { operationsOf } from '../../src/graphql/access.js';
import { schema } from '../../src/graphql/schema.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

function objectFields(): { name: string; field: GraphQLField<unknown, unknown> }[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => type instanceof GraphQLObjectType)
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** One line for each field that names an operation, one column for each role: X may, - may not. */
function matrix(): string {
  const lines = objectFields().flatMap(({ name, field }) => {
    const operations = operationsOf(field);
    if (operations.length === 0) return [];
    const allowed = new Set(operations.flatMap(rolesFor));
    const marks = ROLES.map((role) => (allowed.has(role) ? 'X' : '-').padEnd(9));
    return [`${name.padEnd(30)}${marks.join('')}${operations.join(', ')}`];
  });
  const heading = `${'field'.padEnd(30)}${ROLES.map((role) => role.padEnd(9)).join('')}operations`;
  return `${[heading, ...lines].join('\n')}\n`;
}

/** Types whose fields give only what they already hold: whatever led to them was held to the policy. */
const CARRIER = new RegExp(
  `^(${[
    '\\w+(Connection|Edge|Success)',
    'AgentCall',
    'AgentStats',
    'Cascade(Origin|Pattern)?',
    '(Consistency|Inclusion)Proof',
    'ClassSampling',
    'Cosignature',
    'CostReconciliation(Row)?',
    'Distribution',
    'FleetCascades',
    'LedgerKey',
    'Load(Share)?',
    'ProviderFigures',
    'ProviderSource',
    'SampledCounts',
    'SamplingReport',
    'TokenUsage',
    'Version(Change|Figures|Lag)',
    'Viewer',
  ].join('|')})\\.`,
);
/** Fields with a resolver that reads nothing: they reckon with what their parent holds. */
const RECKONING = [
  'Agent.id',
  'Alert.changeId',
  'Alert.id',
  'Alert.kind',
  'Alert.labels',
  'Alert.ruleName',
  'AlertChange.id',
  'AlertRule.by',
  'AlertRule.clear',
  'AlertRule.condition',
  'AlertRule.flapHoldMs',
  'AlertRule.forMs',
  'AlertRule.keepFiringForMs',
  'AlertRule.labels',
  'AlertRule.message',
  'AlertRule.minimumSamples',
  'AlertRule.name',
  'AlertRule.noData',
  'AlertRule.origin',
  'AlertRule.severity',
  'AlertRule.windowMs',
  'AlertRuleBacktest.firings',
  'AlertRuleBacktest.from',
  'AlertRuleBacktest.rule',
  'AlertRuleBacktest.to',
  'AlertRuleFiring.from',
  'AlertRuleFiring.group',
  'AlertRuleFiring.labels',
  'AlertRuleFiring.peakText',
  'AlertRuleFiring.until',
  'Anomaly.id',
  'ApiKey.id',
  'Budget.limit',
  'Budget.perHour',
  'Budget.periodEndsAt',
  'Budget.periodStartsAt',
  'Budget.runsOutAt',
  'Budget.spent',
  'Budget.warnAt',
  'Checkpoint.cosignatures',
  'Checkpoint.note',
  'Checkpoint.origin',
  'Checkpoint.rootHash',
  'Decision.costUsd',
  'Decision.tokens',
  'Erasure.id',
  'Fleet.id',
  'Fleet.name',
  'LedgerEntry.id',
  'LedgerEntry.payload',
  'LedgerEntry.recordedAt',
  'LedgerVerification.unpublished',
  'LegalHold.id',
  'Notification.alertCount',
  'Notification.id',
  // The caller's own credential, which the caller holds.
  'Query.viewer',
  'Report.agents',
  'Report.bundleUrl',
  'Report.conversationId',
  'Report.decisionId',
  'Report.decisions',
  'Report.fleets',
  'Report.from',
  'Report.id',
  'Report.pdfUrl',
  'Report.preset',
  'Report.riskClasses',
  'Report.sizeBytes',
  'Report.subject',
  'Report.timeZone',
  'Report.to',
  'ResumeFrom.alertChanged',
  'ResumeFrom.anomalyDetected',
  'ResumeFrom.decisionRecorded',
  'RootLogTimestamp.at',
  'RootLogTimestamp.token',
  'Silence.id',
  'Silence.matchers',
  'Step.erased',
  'Step.tokens',
  'Trace.costUsd',
  'Trace.endedAt',
  'Trace.latencyMs',
  'Trace.startedAt',
  'Trace.tokens',
  'Trace.unpricedDecisions',
  'Witness.cosignedAt',
  'Witness.cosignedSize',
  'Witness.publicKey',
];

let api: GraphQLFixture;

beforeAll(async () => {
  api = await startGraphQL({ fleets: ['fleet-a', 'fleet-b'] });
  const decisions = [
    decisionInput('secret', { traceId: 'trace-a', agent: 'agent-a', input: 'in', output: 'out', errorMessage: 'oops' }),
    decisionInput('child', { traceId: 'trace-a', agent: 'agent-a', parentId: 'secret', minute: 1 }),
  ];
  await record(api, decisions, { fleet: 'fleet-a' });
  await record(api, [decisionInput('own', { agent: 'agent-b', parentId: 'secret', traceId: 'trace-b' })], {
    fleet: 'fleet-b',
  });
  await api.ask(
    'mutation { createApiKey(input: { role: VIEWER, name: "a" }) { __typename } }',
    {},
    { fleet: 'fleet-a' },
  );
});

afterAll(() => api.close());

describe('the access matrix', () => {
  it('is the one that is committed', async () => {
    await expect(matrix()).toMatchFileSnapshot('access-matrix.txt');
  });

  it('has every field that reads', () => {
    const resolving = objectFields().filter(({ name, field }) => field.resolve !== undefined && !CARRIER.test(name));
    const unheld = resolving.filter(({ field }) => operationsOf(field).length === 0).map(({ name }) => name);
    expect(unheld).toEqual(RECKONING);
  });

  const DAY = 'from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z"';
  const QUERIES: Record<string, string> = {
    'Query.agent': '{ agent(name: "agent-a") { name } }',
    'Query.agents': '{ agents { nodes { name } } }',
    'Query.decision': '{ decision(id: "secret") { id } }',
    'Query.decisions': '{ decisions { nodes { id } } }',
    'Query.fleet': '{ fleet { name } }',
    'Query.ledger': '{ ledger { size } }',
    'Query.metrics': `{ metrics(query: { metric: COST, statistic: SUM, ${DAY} }) { value } }`,
    'Query.costReconciliation': `{ costReconciliation(${DAY}) { unmonitoredUsd } }`,
    'Query.samplingReport': `{ samplingReport(${DAY}) { total { decisions } } }`,
    'Query.unpricedModels': `{ unpricedModels(${DAY}) { model } }`,
    'Fleet.load': `{ fleet { load(${DAY}) { skew } } }`,
    'Fleet.routes': `{ fleet { routes(${DAY}) { share } } }`,
    'Fleet.callGraph': `{ fleet { callGraph(${DAY}) { agents } } }`,
    'Fleet.versions': `{ fleet { versions(${DAY}) { laggards { agent } } } }`,
    'Fleet.cascades': `{ fleet { cascades(${DAY}) { total } } }`,
    'Query.trace': '{ trace(traceId: "trace-a") { traceId } }',
    'Decision.input': '{ decision(id: "secret") { input } }',
    'Decision.output': '{ decision(id: "secret") { output } }',
    'Decision.errorMessage': '{ decision(id: "secret") { errorMessage } }',
    'Fleet.apiKeys': '{ fleet { apiKeys { id } } }',
    'Query.erasures': '{ erasures { nodes { id } } }',
    'Query.legalHolds': '{ legalHolds { nodes { id } } }',
    'Ledger.verify': '{ ledger { verify { intact } } }',
  };

  it.each(ROLES.flatMap((role) => Object.entries(QUERIES).map(([field, query]) => [role, field, query] as const)))(
    'is what %s meets at %s',
    async (role, fieldName, query) => {
      const [type, field] = fieldName.split('.');
      const fields = objectFields().find(({ name }) => name === `${type}.${field}`);
      // Fields below the root are reached through Query.decision, fleet or ledger, which have demands of their own.
      const reached = fields === undefined ? [] : [fieldName, `Query.${query.match(/\w+/)?.[0]}`];
      const mayRead = reached.every((name) => {
        const held = objectFields().find((each) => each.name === name);
        return held !== undefined && operationsOf(held.field).some((operation) => rolesFor(operation).includes(role));
      });
      const { errors } = await api.ask(query, {}, { role: role as Role, fleet: 'fleet-a' });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(mayRead ? undefined : ['FORBIDDEN']);
    },
  );

  it('refuses to search in content without leave to read it', async () => {
    const { errors } = await api.ask('{ decisions(filter: { text: "in" }) { nodes { id } } }', {}, { role: 'VIEWER' });
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const nested = await api.ask(
      '{ agents { nodes { decisions(filter: { text: "in" }) { nodes { id } } } } }',
      {},
      { role: 'VIEWER', fleet: 'fleet-a' },
    );
    expect(nested.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  const recordAs = (role: Role, id: string, selection: string) =>
    api.ask(
      `mutation ($input: RecordDecisionsInput!, $no: Boolean! = false) { recordDecisions(input: $input) {
        __typename @skip(if: $no) ... on RecordDecisionsSuccess { decisions { ${selection} } } } }
        ${selection.includes('...Behind') ? 'fragment Behind on Agent { status }' : ''}`,
      { input: { decisions: [{ ...decisionInput(id, { agent: 'agent-a', input: 'in' }), steps: STEPS }] } },
      { role, fleet: 'fleet-a' },
    );
  const STEPS = [
    { kind: 'TOOL_CALL', name: 'look', startedAt: '2026-11-22T08:00:00Z', durationMs: 1, arguments: 'secret' },
  ];
  const isRecorded = async (id: string) => {
    const { data } = await api.ask('query ($id: ID!) { decision(id: $id) { id } }', { id }, { fleet: 'fleet-a' });
    return data.decision !== null;
  };

  it('lets INGEST see what it recorded, sealed and without content', async () => {
    const selection = 'id agent { name } steps { name digest } ledgerEntry { seq hash canonical }';
    const { data, errors } = await recordAs('INGEST', 'receipt', selection);
    expect(errors).toBeUndefined();
    expect(data.recordDecisions.decisions).toEqual([
      {
        id: 'receipt',
        agent: { name: 'agent-a' },
        steps: [{ name: 'look', digest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
        ledgerEntry: { seq: expect.any(Number), hash: expect.any(String), canonical: expect.any(String) },
      },
    ]);
  });

  it('refuses INGEST content and other decisions at their fields, and answers the rest', async () => {
    const { data, errors } = await recordAs(
      'INGEST',
      'partial',
      'id input parent { id children { id } } steps { name arguments }',
    );
    expect(data.recordDecisions.decisions).toEqual([
      { id: 'partial', input: null, parent: null, steps: [{ name: 'look', arguments: null }] },
    ]);
    const decision = ['recordDecisions', 'decisions', 0];
    expect(errors?.map(({ path, extensions: { code } }) => [code, path])).toEqual(
      expect.arrayContaining([
        ['FORBIDDEN', [...decision, 'input']],
        ['FORBIDDEN', [...decision, 'parent']],
        ['FORBIDDEN', [...decision, 'steps', 0, 'arguments']],
      ]),
    );
    expect(errors).toHaveLength(3);
  });

  it.each([
    'children { id }',
    'amendments { seq }',
    'agent { name status }',
    'agent { stats { decisions } }',
    'agent { decisions { nodes { id } } }',
    'agent { ...Behind }',
    'agent { ... on Agent { ... { status } } }',
    'children @skip(if: $no) { id }',
  ])('refuses INGEST to record and be answered %s, and records nothing', async (selection) => {
    const id = `lost ${selection}`;
    const { data, errors } = await recordAs('INGEST', id, selection);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(await isRecorded(id)).toBe(false);
    expect((await recordAs('ADMIN', id, selection)).errors).toBeUndefined();
  });

  it('lets INGEST leave out what it may not select', async () => {
    const { data } = await recordAs('INGEST', 'left-out', 'id children @include(if: $no) { id }');
    expect(data.recordDecisions.decisions).toEqual([{ id: 'left-out' }]);
  });

  it('refuses a role that may not record by a value, whatever it selects', async () => {
    const { data, errors } = await recordAs('VIEWER', 'never', 'children { id }');
    expect([data, errors]).toEqual([{ recordDecisions: { __typename: 'ForbiddenError' } }, undefined]);
  });

  it('refuses nodes of a kind the role may not read', async () => {
    const { data, errors } = await api.ask('{ node(id: "ApiKey:x") { id } }', {}, { role: 'VIEWER', fleet: 'fleet-a' });
    expect(data.node).toBeNull();
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('another fleet', () => {
  const inB = { fleet: 'fleet-b' } as const;

  it('finds nothing of this one by any id', async () => {
    const keys = await api.ask('{ fleet { apiKeys { id } } }', {}, { fleet: 'fleet-a' });
    const apiKey: string = keys.data.fleet.apiKeys[0].id;
    for (const id of ['secret', 'child', 'Agent:agent-a', 'Fleet:fleet-a', 'LedgerEntry:1', apiKey]) {
      const { data } = await api.ask('query ($id: ID!) { node(id: $id) { id } decision(id: $id) { id } }', { id }, inB);
      expect(data).toEqual({ node: null, decision: null });
    }
    const { data } = await api.ask(
      'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { __typename } }',
      { id: apiKey },
      inB,
    );
    expect(data.revokeApiKey.__typename).toBe('NotFoundError');
  });

  it('reads its own alone, through every list and link', async () => {
    const { data, errors } = await api.ask(
      `{ agent(name: "agent-a") { name } trace(traceId: "trace-a") { traceId } fleet { name apiKeys { id } }
        agents { nodes { name decisions { nodes { id } } stats { decisions } } }
        decisions(filter: { traceId: "trace-a" }) { nodes { id } }
        all: decisions { nodes { id parent { id } children { id } ledgerEntry { subject } amendments { seq } } }
        ledger { size entry(seq: 1) { id } entries { nodes { subject } } verify { checked intact } } }`,
      {},
      inB,
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      agent: null,
      trace: null,
      fleet: { name: 'fleet-b', apiKeys: [] },
      agents: {
        nodes: [{ name: 'agent-b', decisions: { nodes: [{ id: 'own' }] }, stats: { decisions: expect.any(Number) } }],
      },
      decisions: { nodes: [] },
      all: { nodes: [{ id: 'own', parent: null, children: [], ledgerEntry: { subject: 'own' }, amendments: [] }] },
      ledger: { size: 1, entry: null, entries: { nodes: [{ subject: 'own' }] }, verify: { checked: 1, intact: true } },
    });
  });

  it('may record the same id for itself', async () => {
    await record(api, [decisionInput('secret', { agent: 'agent-b', minute: 9 })], inB);
    const [a, b] = await Promise.all(
      ['fleet-a', 'fleet-b'].map((fleet) =>
        api.ask('{ decision(id: "secret") { agent { name } children { id } } }', {}, { fleet }),
      ),
    );
    expect(a?.data.decision).toEqual({ agent: { name: 'agent-a' }, children: [{ id: 'child' }] });
    expect(b?.data.decision).toEqual({ agent: { name: 'agent-b' }, children: [{ id: 'own' }] });
  });

  it('cannot follow this one’s decisions from one of its ids', async () => {
    const controller = new AbortController();
    const { errors } = await api
      .ask('subscription { decisionRecorded(after: "child") { id } }', {}, { ...inB, signal: controller.signal })
      .catch(() => ({ errors: undefined }));
    controller.abort();
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });
});
