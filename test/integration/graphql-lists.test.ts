import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;
const AGENTS = ['a', 'b', 'c'];

beforeAll(async () => {
  api = await startGraphQL({ fleets: ['other'] });
  await record(
    api,
    Array.from({ length: 25 }, (_, index) =>
      decisionInput(`d-${String(index).padStart(2, '0')}`, {
        // Every second one starts at the same time as the one before, so that ids must break ties.
        minute: Math.floor(index / 2),
        agent: AGENTS[index % AGENTS.length],
        traceId: 'trace-1',
        ...(index > 0 ? { parentId: `d-${String(index - 1).padStart(2, '0')}` } : {}),
        input: 'in',
        steps: [{ kind: 'OUTPUT', name: 'answer', startedAt: '2026-11-22T08:00:00Z', durationMs: 1, output: 'out' }],
      }),
    ),
  );
});

afterAll(() => api.close());

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: DecisionFilter) {
  decisions(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Walked {
  ids: string[];
  flags: [hasPreviousPage: boolean, hasNextPage: boolean][];
}

async function walk(direction: 'forward' | 'backward', size: number, between?: (page: number) => Promise<void>) {
  const walked: Walked = { ids: [], flags: [] };
  let cursor: string | null = null;
  for (let page = 0; page < 40; page += 1) {
    const args: Record<string, unknown> =
      direction === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor };
    const { data, errors }: Answer = await api.ask(PAGE, args);
    expect(errors).toBeUndefined();
    const { nodes, pageInfo } = data.decisions;
    const ids = nodes.map(({ id }: { id: string }) => id);
    walked.ids = direction === 'forward' ? [...walked.ids, ...ids] : [...ids, ...walked.ids];
    walked.flags.push([pageInfo.hasPreviousPage, pageInfo.hasNextPage]);
    if (!(direction === 'forward' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return walked;
    cursor = direction === 'forward' ? pageInfo.endCursor : pageInfo.startCursor;
    await between?.(page);
  }
  throw new TypeError('the walk has no end');
}

const NEWEST_FIRST = Array.from({ length: 25 }, (_, index) => `d-${String(24 - index).padStart(2, '0')}`);

describe('walking a list', () => {
  it.each([1, 7, 25, 100])(
    'gives every decision once, newest first, %i at a time, in both directions',
    async (size) => {
      expect((await walk('forward', size)).ids).toEqual(NEWEST_FIRST);
      expect((await walk('backward', size)).ids).toEqual(NEWEST_FIRST);
    },
  );

  it('says at each page what lies before and behind it', async () => {
    const forward = await walk('forward', 10);
    expect(forward.flags).toEqual([
      [false, true],
      [true, true],
      [true, false],
    ]);
    const backward = await walk('backward', 10);
    expect(backward.flags).toEqual([
      [true, false],
      [true, true],
      [false, true],
    ]);
  });

  it('answers an empty page that knows what lies behind it', async () => {
    const { data: all } = await api.ask(PAGE, { first: 100 });
    const { data } = await api.ask(PAGE, { first: 5, after: all.decisions.pageInfo.endCursor });
    expect(data.decisions).toEqual({
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  it('keeps its place while newer decisions arrive', async () => {
    let arrived = 0;
    const walked = await walk('forward', 4, async () => {
      arrived += 1;
      await record(api, [decisionInput(`new-${arrived}`, { minute: 100 + arrived })]);
    });
    expect(walked.ids).toEqual(NEWEST_FIRST);
    expect(arrived).toBeGreaterThan(3);
    await api.pool.query(`DELETE FROM decision WHERE id LIKE 'new-%'`);
  });

  it('gives a page of 20 when no size is given', async () => {
    const { data } = await api.ask(PAGE);
    expect(data.decisions.nodes).toHaveLength(20);
  });

  it.each([
    { first: 0 },
    { first: -1 },
    { first: 101 },
    { last: 101 },
    { first: 5, last: 5 },
    { last: 5, after: 'x' },
    { first: 5, before: 'x' },
    { after: '' },
    { after: 'garbage' },
    { after: Buffer.from('["decisions","default",1]').toString('base64url') },
    { after: Buffer.from('["decisions","default",9e20,"a"]').toString('base64url') },
    { after: Buffer.from('["decisions","default",1,"a\\u0000"]').toString('base64url') },
    { after: Buffer.from('["agents","default","a"]').toString('base64url') },
  ])('refuses %j', async (args) => {
    const { data, errors } = await api.ask(PAGE, args);
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions.code).toBe('VALIDATION_FAILED');
  });

  it('refuses a cursor of another list and of another fleet', async () => {
    const { data } = await api.ask(
      '{ agents { edges { cursor } } decisions { edges { cursor } } ledger { entries { edges { cursor } } } }',
    );
    const lists = { agents: data.agents, decisions: data.decisions, entries: data.ledger.entries };
    for (const [from, { edges }] of Object.entries(lists)) {
      for (const to of Object.keys(lists)) {
        const list = `${to}(after: "${edges[0].cursor}") { nodes { id } }`;
        const query = to === 'entries' ? `{ ledger { ${list} } }` : `{ ${list} }`;
        const { errors } = await api.ask(query);
        expect([from, to, errors?.[0]?.extensions.code]).toEqual([
          from,
          to,
          from === to ? undefined : 'VALIDATION_FAILED',
        ]);
        const foreign = await api.ask(query, {}, { fleet: 'other' });
        expect(foreign.errors?.[0]?.extensions.code).toBe('VALIDATION_FAILED');
      }
    }
  });

  it('walks agents and ledger entries the same way', async () => {
    const names: string[] = [];
    let after: string | null = null;
    do {
      const { data }: Answer = await api.ask(
        'query ($after: String) { agents(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      names.push(...data.agents.nodes.map(({ name }: { name: string }) => name));
      after = data.agents.pageInfo.hasNextPage ? data.agents.pageInfo.endCursor : null;
    } while (after !== null);
    expect(names).toEqual(['a', 'b', 'c', 'triage']);
    const { data } = await api.ask(
      '{ ledger { entries(last: 3) { nodes { seq } pageInfo { hasPreviousPage hasNextPage } } } }',
    );
    const seqs = data.ledger.entries.nodes.map(({ seq }: { seq: number }) => seq);
    expect(seqs).toEqual([seqs[0], seqs[0] + 1, seqs[0] + 2]);
    expect(data.ledger.entries.pageInfo).toEqual({ hasPreviousPage: true, hasNextPage: false });
  });
});

describe('the database’s work', () => {
  // Since when the fleet has decisions and what is usual for its agents is asked once.
  beforeAll(() => api.ask('{ decisions { nodes { id } } agents { nodes { status stats { decisions } } } }'));

  it.each([
    ['decisions(first: 20) { nodes { id tokens { total } } pageInfo { hasNextPage } }', 1],
    ['decisions(first: 20) { nodes { agent { name } } }', 2],
    ['decisions(first: 20) { nodes { parent { id } } }', 2],
    ['decisions(first: 20) { nodes { children { id children { id } } } }', 3],
    ['decisions(first: 20) { nodes { steps { name } } }', 2],
    ['decisions(first: 20) { nodes { steps { name input output arguments } input output } }', 4],
    ['decisions(first: 20) { nodes { ledgerEntry { hash } amendments { seq } } }', 3],
    ['agents(first: 3) { nodes { name } }', 1],
    ['agents(first: 3) { nodes { decisions(first: 4) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } } }', 2],
    ['agents(first: 3) { nodes { decisions(first: 4) { nodes { agent { name } } } } }', 3],
    ['agents(first: 3) { nodes { status stats { decisions costUsd } } }', 4],
    ['agents(first: 3) { nodes { stats(windowMs: 60000) { decisions } b: stats(windowMs: 5000) { decisions } } }', 3],
    ['trace(traceId: "trace-1") { decisions { id } }', 1],
    ['trace(traceId: "trace-1") { roots { id } decisions { children { id } parent { id } } }', 3],
    ['ledger { entries(first: 20) { nodes { hash } } }', 1],
  ])('answers %s with %i statements', async (selection, expected) => {
    for (const time of ['first', 'second', 'compiled']) {
      const seen = await api.statements(async () => {
        const { errors } = await api.ask(`{ ${selection} }`);
        expect(errors).toBeUndefined();
      });
      expect([time, seen.length]).toEqual([time, expected]);
    }
  });

  it('gives each agent its own newest decisions in one statement', async () => {
    const { data } = await api.ask(
      `{ agents(filter: { names: ["a", "b", "c"] }) { nodes { name decisions(first: 2) { nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } } } }`,
    );
    const listed = data.agents.nodes.map((agent: { name: string; decisions: { nodes: { id: string }[] } }) => [
      agent.name,
      ...agent.decisions.nodes.map(({ id }) => id),
    ]);
    expect(listed).toEqual([
      ['a', 'd-24', 'd-21'],
      ['b', 'd-22', 'd-19'],
      ['c', 'd-23', 'd-20'],
    ]);
    const after = data.agents.nodes[0].decisions.pageInfo.endCursor;
    const next = await api.ask(
      `{ agent(name: "a") { decisions(first: 100, after: "${after}") { nodes { id } pageInfo { hasNextPage hasPreviousPage } } } }`,
    );
    expect(next.data.agent.decisions.nodes[0].id).toBe('d-18');
    expect(next.data.agent.decisions.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true });
  });
});
