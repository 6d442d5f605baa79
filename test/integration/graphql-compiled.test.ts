import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;

beforeAll(async () => {
  api = await startGraphQL();
  await record(api, [
    decisionInput('one', { input: 'in', traceId: 't', outcome: 'ERROR', tokens: { input: 5 } }),
    decisionInput('two', { parentId: 'one', traceId: 't', minute: 1, agent: 'other' }),
  ]);
});
afterAll(() => api.close());

const QUERIES: [query: string, variables?: Record<string, unknown>][] = [
  ['{ __typename viewer { __typename subject } }'],
  [
    'query ($id: ID!) { node(id: $id) { __typename id ... on Decision { outcome agent { name } } ... on Agent { models } } }',
    { id: 'two' },
  ],
  [
    'query ($id: ID!) { node(id: $id) { __typename id ... on Decision { outcome } ... on Agent { name models } } }',
    { id: 'Agent:other' },
  ],
  [
    'query ($n: Int = 1, $f: DecisionFilter) { decisions(first: $n, filter: $f) { nodes { id } } }',
    { f: { outcomes: ['ERROR'] } },
  ],
  ['query ($n: Int = 1) { decisions(first: $n) { nodes { id } } }', { n: null }],
  ['query ($yes: Boolean!) { decision(id: "one") { id @include(if: $yes) traceId @skip(if: $yes) } }', { yes: true }],
  ['query ($yes: Boolean!) { decision(id: "one") { id @include(if: $yes) traceId @skip(if: $yes) } }', { yes: false }],
  [
    'fragment F on Decision { id tokens { ...T } } fragment T on TokenUsage { total } { a: decision(id: "one") { ...F } b: decision(id: "two") { ...F } }',
  ],
  ['{ agents { edges { cursor node { ... on Node { id } } } } }'],
  ['{ decision(id: "none") { agent { name } } agent(name: "none") { status } }'],
  ['{ decisions(first: 0) { nodes { id } } viewer { subject } }'],
  ['query ($n: Int!) { decisions(first: $n) { nodes { id } } }', { n: 'many' }],
  ['query ($n: Int!) { decisions(first: $n) { nodes { id } } }', {}],
  ['query ($id: ID!) { decision(id: $id) { id } }', {}],
  ['query ($n: Int! = 1) { decisions(first: $n) { nodes { id } } }', {}],
  ['query ($no: Boolean! = false) { decision(id: "one") { id traceId @skip(if: $no) } }', {}],
  ['query ($no: Boolean! = false) { decision(id: "one") { id traceId @skip(if: $no) } }', { no: true }],
  ['query ($f: DecisionFilter) { decisions(filter: $f) { nodes { id } } }', { f: { nonsense: 1 } }],
  ['query ($f: DecisionFilter) { decisions(filter: $f) { nodes { id } } }', { f: { outcomes: ['MAYBE'] } }],
  ['query ($f: DecisionFilter) { decisions(filter: $f) { nodes { id } } }', { f: { from: 'now' } }],
  ['query ($f: DecisionFilter) { decisions(filter: $f) { nodes { id } } }', { f: { from: '2026-11-22T08:01:00Z' } }],
  ['{ decisions(filter: { text: "in" }) { nodes { id } } }'],
  ['{ decision(id: "one") { input } }'],
  [
    'mutation { recordDecisions(input: { decisions: [] }) { __typename ... on RecordDecisionsSuccess { duplicates } ... on UserError { code path } } }',
  ],
  ['mutation { createFleet(input: { id: "x" }) { __typename ... on UserError { code message path } } }'],
  [
    '{ ledger { entry(seq: 0) { payload recordedAt kind } verify { intact } } trace(traceId: "t") { roots { id children { id } } } }',
  ],
];

/** Compiled queries do not say where in the document a field stands; both say where in the answer. */
function withoutLocations({ data, errors }: Answer) {
  return { data, errors: errors?.map(({ message, path, extensions }) => ({ message, path, extensions })) };
}

describe('a query that comes again and is compiled', () => {
  it.each(QUERIES)('answers as it did the first time: %s %j', async (query, variables) => {
    const first = await api.ask(query, variables, { role: 'VIEWER' });
    expect(first.data ?? first.errors).toBeTruthy();
    for (const _time of ['compiled', 'from the cache']) {
      const again = await api.ask(query, variables, { role: 'VIEWER' });
      expect(withoutLocations(again)).toEqual(withoutLocations(first));
    }
  });
});
