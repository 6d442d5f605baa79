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
const CARRIER = /^(\w+(Connection|Edge|Success)|AgentStats|TokenUsage|Distribution|Viewer)\./;
/** Fields with a resolver that reads nothing: they reckon with what their parent holds. */
const RECKONING = [
  'Agent.id',
  'ApiKey.id',
  'Decision.tokens',
  'Fleet.id',
  'Fleet.name',
  'LedgerEntry.id',
  'LedgerEntry.payload',
  'LedgerEntry.recordedAt',
  // The caller's own credential, which the caller holds.
  'Query.viewer',
  'Step.tokens',
  'Trace.costUsd',
  'Trace.endedAt',
  'Trace.latencyMs',
  'Trace.startedAt',
  'Trace.tokens',
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

  const QUERIES: Record<string, string> = {
    'Query.agent': '{ agent(name: "agent-a") { name } }',
    'Query.agents': '{ agents { nodes { name } } }',
    'Query.decision': '{ decision(id: "secret") { id } }',
    'Query.decisions': '{ decisions { nodes { id } } }',
    'Query.fleet': '{ fleet { name } }',
    'Query.ledger': '{ ledger { size } }',
    'Query.trace': '{ trace(traceId: "trace-a") { traceId } }',
    'Decision.input': '{ decision(id: "secret") { input } }',
    'Decision.output': '{ decision(id: "secret") { output } }',
    'Decision.errorMessage': '{ decision(id: "secret") { errorMessage } }',
    'Fleet.apiKeys': '{ fleet { apiKeys { id } } }',
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

  it('lets INGEST see the receipt of what it records, and nothing behind it', async () => {
    const { data, errors } = await api.ask(
      `mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) { ... on RecordDecisionsSuccess {
        decisions { id outcome ledgerEntry { seq hash canonical } } } } }`,
      { input: { decisions: [decisionInput('receipt', { agent: 'agent-a' })] } },
      { role: 'INGEST', fleet: 'fleet-a' },
    );
    expect(errors).toBeUndefined();
    expect(data.recordDecisions.decisions[0].ledgerEntry.hash).toMatch(/^[0-9a-f]{64}$/);
    for (const selection of [
      'agent { name }',
      'parent { id }',
      'children { id }',
      'steps { name }',
      'input',
      'amendments { seq }',
    ]) {
      const answer = await api.ask(
        `mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) { ... on RecordDecisionsSuccess {
          decisions { ${selection} } } } }`,
        { input: { decisions: [decisionInput('receipt', { agent: 'agent-a' })] } },
        { role: 'INGEST', fleet: 'fleet-a' },
      );
      expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
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
