import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from '../../src/db/page.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import { OUTCOMES, RISK_CLASSES } from '../../src/decision/decision.js';
import { type DecisionFilter, filterSql } from '../../src/decision/filter.js';
import { type DecisionKey, listDecisions, listDecisionsOfAgents } from '../../src/decision/list.js';
import type { DecisionRow } from '../../src/decision/row.js';
import { streamDecisions } from '../../src/live/decision-stream.js';
import { createStandingClock, DAY_MS, makeDay } from '../support/days.js';
import { type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

const FIRST_MS = Date.parse('2026-01-05T00:00:00Z');
const SPAN_DAYS = 200;
const AGENTS = ['a', 'b', 'c', 'd'];
const clock = createStandingClock(FIRST_MS);
let api: GraphQLFixture;
/** Every decision by its place in time and the order they were sealed in. */
const sealed: { id: string; startedAtMs: number }[] = [];

/** The same for the same seed: a linear congruential generator. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** A day of decisions: most just made, some recorded months late, some with a clock that runs ahead, some at once. */
function decisionsOf(nowMs: number, random: () => number) {
  return Array.from({ length: 1 + Math.floor(random() * 14) }, () => {
    const kind = random();
    let startedAtMs = nowMs - Math.floor(random() * 3_600_000);
    if (kind < 0.1) startedAtMs -= Math.floor(random() * 300) * DAY_MS;
    else if (kind < 0.15) startedAtMs += Math.floor(random() * 5 * DAY_MS);
    else if (kind < 0.3) startedAtMs = FIRST_MS + Math.floor((nowMs - FIRST_MS) / (30 * DAY_MS)) * 30 * DAY_MS;
    const id = `${Math.floor(random() * 1e6).toString(36)}-${sealed.length}`;
    sealed.push({ id, startedAtMs });
    return {
      id,
      agent: AGENTS[Math.floor(random() * random() * AGENTS.length)],
      startedAt: new Date(startedAtMs).toISOString(),
      endedAt: new Date(startedAtMs + 500).toISOString(),
      riskClass: RISK_CLASSES[Math.floor(random() * RISK_CLASSES.length)],
      outcome: OUTCOMES[Math.floor(random() * OUTCOMES.length)],
      traceId: `trace-${Math.floor((nowMs - FIRST_MS) / DAY_MS)}`,
      steps: [{ kind: 'OUTPUT', name: 'answer', startedAt: new Date(startedAtMs).toISOString(), durationMs: 1 }],
    };
  });
}

beforeAll(async () => {
  api = await startGraphQL({ clock });
  const random = createRandom(7);
  for (let day = 0; day < SPAN_DAYS; day += random() < 0.3 ? 1 : Math.ceil(random() * 6)) {
    clock.nowMs = FIRST_MS + day * DAY_MS + Math.floor(random() * DAY_MS);
    await makeDay(api.pool, clock.nowMs);
    await record(api, decisionsOf(clock.nowMs, random));
  }
}, 120_000);

afterAll(() => api.close());

/** All that pass the filter, in one statement over every partition. */
async function allRows(filter: DecisionFilter): Promise<{ id: string; agent: string }[]> {
  const { text, parameters } = filterSql(filter, 2);
  const { rows } = await api.pool.query<{ id: string; agent: string }>(
    `SELECT d.id, d.agent FROM decision d WHERE d.fleet_id = $1 AND ${text} ORDER BY d.started_at DESC, d.id DESC`,
    ['default', ...parameters],
  );
  return rows;
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

interface Asked {
  limit: number;
  direction: 'forward' | 'backward';
  beyond: DecisionKey | null;
}

/** What a page must hold, from the whole list and where the cursor lies in it. */
function cut(ids: readonly string[], reached: readonly string[], { limit, direction, beyond }: Asked) {
  const before = ids.filter((id) => reached.includes(id));
  const after = ids.slice(before.length);
  if (beyond === null) {
    const rows = direction === 'forward' ? ids.slice(0, limit) : ids.slice(-limit);
    const hasMore = ids.length > limit;
    return { ids: rows, next: direction === 'forward' && hasMore, previous: direction === 'backward' && hasMore };
  }
  if (direction === 'forward') {
    return { ids: after.slice(0, limit), next: after.length > limit, previous: before.length > 0 };
  }
  const ahead = before.filter((id) => id !== beyond.id);
  const behind = after.length + before.length - ahead.length;
  return { ids: ahead.slice(-limit), next: behind > 0, previous: ahead.length > limit };
}

const seen = (page: Page<DecisionRow> | undefined) => ({
  ids: page?.rows.map(({ id }) => id),
  next: page?.hasNextPage,
  previous: page?.hasPreviousPage,
});

const time = fc
  .option(fc.integer({ min: -20, max: SPAN_DAYS + 5 }), { nil: undefined })
  .map((day) => (day === undefined ? undefined : new Date(FIRST_MS + day * DAY_MS)));
const filters: fc.Arbitrary<DecisionFilter> = fc.record({
  agents: fc.option(fc.subarray(AGENTS, { minLength: 1 }), { nil: undefined }),
  riskClasses: fc.option(fc.subarray([...RISK_CLASSES], { minLength: 1 }), { nil: undefined }),
  outcomes: fc.option(fc.subarray([...OUTCOMES], { minLength: 1 }), { nil: undefined }),
  from: time,
  to: time,
});
const asked = fc.record({
  limit: fc.integer({ min: 1, max: 40 }),
  direction: fc.constantFrom('forward' as const, 'backward' as const),
  cursor: fc.option(fc.nat()),
});

describe('lists over many days', () => {
  it('are in the order of their start, page by page, whenever they were sealed', async () => {
    const inOrder = idsOf(await allRows({}));
    const keys = new Map(sealed.map((key) => [key.id, key]));
    const property = fc.asyncProperty(filters, asked, fc.boolean(), async (filter, { cursor, ...request }, isCold) => {
      const id = cursor === null ? null : (inOrder[cursor % inOrder.length] as string);
      const page: Asked = { ...request, beyond: id === null ? null : (keys.get(id) as DecisionKey) };
      const reached = id === null ? [] : inOrder.slice(0, inOrder.indexOf(id) + 1);
      const calendar = isCold ? new DecisionCalendar({ pool: api.pool, clock }) : warm;
      const options = { pool: api.pool, calendar, fleet: 'default', filter, page };
      const all = await allRows(filter);
      expect(seen(await listDecisions(options))).toEqual(cut(idsOf(all), reached, page));
      const lists = await listDecisionsOfAgents(options, ['a', 'd']);
      for (const agent of ['a', 'd']) {
        const own = all.filter((row) => row.agent === agent);
        expect(seen(lists.get(agent))).toEqual(cut(idsOf(own), reached, page));
      }
    });
    const warm = new DecisionCalendar({ pool: api.pool, clock });
    await fc.assert(property, { numRuns: 60, seed: 20_261_124 });
  }, 120_000);

  it('know of the days that ended since they were read before', async () => {
    const calendar = new DecisionCalendar({ pool: api.pool, clock });
    const newest = async () => {
      const page = { limit: 5, direction: 'forward', beyond: null } as const;
      const { rows } = await listDecisions({ pool: api.pool, calendar, fleet: 'default', filter: {}, page });
      return rows.map(({ id }) => id);
    };
    await newest();
    const endedMs = clock.nowMs;
    clock.nowMs += 6 * DAY_MS;
    await makeDay(api.pool, clock.nowMs);
    const startedAt = new Date(clock.nowMs).toISOString();
    await record(api, [{ id: 'after-a-while', agent: 'a', startedAt, endedAt: startedAt }]);
    clock.nowMs += 4 * DAY_MS;
    expect(await newest()).toEqual(idsOf(await allRows({})).slice(0, 5));
    expect(await newest()).toContain('after-a-while');
    expect(endedMs).toBeLessThan(clock.nowMs);
  });
});

/** Most locks a statement may take: ten connections at once fit into PostgreSQL's default table of locks. */
const LOCKS_MAX = 570;

describe('what a read touches', () => {
  /** The statements of `work` with their parameters, each with the days whose partitions it locks. */
  async function touched(work: () => Promise<unknown>) {
    const statements: [string, unknown[]][] = [];
    const { query } = api.pool;
    api.pool.query = ((...args: [string, unknown[]]) => {
      statements.push(args);
      return (query as (...all: unknown[]) => unknown).apply(api.pool, args);
    }) as typeof api.pool.query;
    await work().finally(() => {
      api.pool.query = query;
    });
    return Promise.all(statements.map(async ([text, parameters]) => ({ text, ...(await locksOf(text, parameters)) })));
  }

  async function locksOf(text: string, parameters: unknown[]) {
    const client = await api.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(text, parameters);
      const { rows } = await client.query<{ name: string }>(
        'SELECT relation::regclass::text AS name FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL',
      );
      const days = rows.flatMap(({ name }) => /^(?:decision|step)_\w+_(\d{8})$/.exec(name)?.[1] ?? []);
      return { locks: rows.length, days: [...new Set(days)].sort() };
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  }

  it('is today and yesterday where they fill the page', async () => {
    const startedAt = new Date(clock.nowMs).toISOString();
    await makeDay(api.pool, clock.nowMs);
    await makeDay(api.pool, clock.nowMs - DAY_MS);
    await record(
      api,
      Array.from({ length: 30 }, (_, index) => ({ id: `now-${index}`, agent: 'a', startedAt, endedAt: startedAt })),
    );
    await api.ask('{ decisions { nodes { id } } }');
    const [page, ...rest] = await touched(() => api.ask('{ decisions(first: 20) { nodes { id } } }'));
    expect(rest).toEqual([]);
    const today = startedAt.slice(0, 10).replaceAll('-', '');
    expect(page?.days.at(-1)).toBe(today);
    expect(page?.days).toHaveLength(2);
  });

  it.each([
    ['a list', '{ decisions(first: 100, filter: { agents: ["d"] }) { nodes { id } } }'],
    ['a list from its end', '{ decisions(last: 100) { nodes { id } } }'],
    ['a list that finds nothing', '{ decisions(filter: { conversationId: "none" }) { nodes { id } } }'],
    ['lists of agents', '{ agents { nodes { decisions(first: 50) { nodes { id } } } } }'],
    [
      'decisions of many days with all that is theirs',
      '{ decisions(last: 60) { nodes { input steps { name output } parent { id } children { id } ledgerEntry { seq } } } }',
    ],
    ['a trace of long ago', '{ trace(traceId: "trace-0") { decisions { id steps { name } } } }'],
    ['a trace that is none', '{ trace(traceId: "none") { decisions { id } } }'],
  ])('is few days in any statement: %s', async (_name, query) => {
    const statements = await touched(async () => expect((await api.ask(query)).errors).toBeUndefined());
    expect(Math.max(...statements.map(({ locks }) => locks))).toBeLessThan(LOCKS_MAX);
    expect(statements.some(({ days }) => days.length > 0)).toBe(true);
  });

  it('is few days for how agents are, also where one was seen once and long ago', async () => {
    const startedAt = new Date(clock.nowMs - 190 * DAY_MS).toISOString();
    await record(api, [{ id: 'seldom-1', agent: 'seldom', startedAt, endedAt: startedAt }]);
    const statements = await touched(async () => {
      const { data } = await api.ask(
        '{ agent(name: "seldom") { status } agents(first: 100) { nodes { statusReason } } }',
      );
      expect(data.agent).toEqual({ status: 'SILENT' });
    });
    expect(Math.max(...statements.map(({ locks }) => locks))).toBeLessThan(LOCKS_MAX);
  });

  it('is one day or two for a decision that is asked for by its id', async () => {
    const id = sealed[0]?.id;
    const statements = await touched(async () => {
      const { data } = await api.ask('query ($id: ID!) { decision(id: $id) { id steps { name } } }', { id });
      expect(data.decision).toEqual({ id, steps: [{ name: 'answer' }] });
    });
    for (const { days } of statements) expect(days.length).toBeLessThan(4);
  });

  it('is the days of a stretch of the ledger for who follows it from its beginning', async () => {
    const controller = new AbortController();
    const count = Number((await api.pool.query('SELECT count(*) AS n FROM decision')).rows[0].n);
    const ids: string[] = [];
    const statements = await touched(async () => {
      const { signal } = controller;
      const rows = streamDecisions({
        pool: api.pool,
        bus: api.bus,
        fleet: 'default',
        filter: {},
        afterSeq: -1,
        signal,
      });
      while (ids.length < count) ids.push((await rows.next()).value?.id ?? '');
      await rows.return();
    });
    expect(ids.slice(0, sealed.length)).toEqual(sealed.map(({ id }) => id));
    expect(Math.max(...statements.map(({ locks }) => locks))).toBeLessThan(LOCKS_MAX);
  });

  it('gives a trace of long ago whole', async () => {
    const { data } = await api.ask('{ trace(traceId: "trace-0") { decisions { id } } }');
    const { rows } = await api.pool.query(
      `SELECT id FROM decision WHERE fleet_id = 'default' AND trace_id = 'trace-0' ORDER BY started_at, id`,
    );
    expect(data.trace.decisions).toEqual(rows);
    expect(rows.length).toBeGreaterThan(0);
  });
});
