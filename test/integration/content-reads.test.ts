import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestSearch } from '../../src/access/search-key.js';
import { sealingBatch } from '../../src/decision/record/record.js';
import { createExecutor } from '../../src/graphql/executor.js';
import { canonicalize } from '../../src/ledger/canonical.js';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { findDebt } from '../../src/ledger/owed.js';
import { Delivery } from '../../src/live/delivery.js';
import { createLog } from '../../src/log.js';
import { decisionInput, type GraphQLFixture, record, SEARCH_KEY, startGraphQL, viewerOf } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';
import { until } from '../support/wait.js';
import { makeSighting } from '../support/watcher.js';

let api: GraphQLFixture;
let clock: { nowMs: number; now(): number };

const step = {
  kind: 'TOOL_CALL',
  name: 'look up',
  startedAt: '2026-11-22T08:00:00.100Z',
  durationMs: 5,
  toolName: 'look_up',
  arguments: '{"of":"ada"}',
};

beforeEach(async () => {
  clock = { nowMs: Date.now(), now: () => clock.nowMs };
  api = await startGraphQL({ clock });
  const decisions = ['a', 'b'].map((id) => decisionInput(id, { input: `secret of ${id}`, steps: [step] }));
  await record(api, [...decisions, decisionInput('silent')]);
});
afterEach(() => api.close());

const CONTENT = '{ decisions { nodes { id input } } }';

async function readings(): Promise<Record<string, unknown>[]> {
  return (await checkLedger(api.pool, 'default')).flatMap(({ kind, canonical }) =>
    kind === 'READ' ? [JSON.parse(canonical).payload] : [],
  );
}

const contradiction = { fleet: 'default', witness: 'w.example' };
const halt = () =>
  keepContradiction(api.pool, {
    ...contradiction,
    kind: 'AHEAD',
    witnessSize: 99,
    ownSize: 3,
    evidence: null,
    at: new Date(clock.now()),
  });

describe('content that is given out', () => {
  it('is told of in as many entries as its ids take, each of a size that monitors can be given', async () => {
    const ids = Array.from({ length: 900 }, (_, index) => `${index} ${'x'.repeat(190)}`);
    const decisions = ids.map((id) => decisionInput(id, { input: 'secret' }));
    await record(api, decisions);
    const decisionIds = ids.toSorted();
    await api.services.reads.tell({ fleet: 'default', actor: 'ada', contents: 'DECISION', decisionIds });
    const told = await readings();
    expect(told.length).toBeGreaterThan(1);
    expect(told.flatMap((each) => each.decisionIds)).toEqual(decisionIds);
    expect(told.map(({ part }) => part)).toEqual([undefined, ...told.slice(1).map((_, index) => index + 2)]);
    for (const each of told) expect(JSON.stringify(each).length).toBeLessThan(60_000);
  });

  it('is told of in one entry a request and kind, without any of it', async () => {
    const { data } = await api.ask('{ decisions { nodes { id input steps { arguments } } } }', {}, { subject: 'ada' });
    expect(data.decisions.nodes.map(({ input }: { input: string | null }) => input)).toContain('secret of a');
    expect(await readings()).toEqual([
      { actor: 'ada', contents: 'DECISION', decisionIds: ['a', 'b'] },
      { actor: 'ada', contents: 'STEPS', decisionIds: ['a', 'b'] },
    ]);
  });

  it('is told of once a minute, however often and at once one person asks, and for each person', async () => {
    const one = (id: string, subject: string) =>
      api.ask('query ($id: ID!) { decision(id: $id) { output input } }', { id }, { subject });
    await Promise.all(Array.from({ length: 10 }, () => one('a', 'ada')));
    expect(await readings()).toEqual([{ actor: 'ada', contents: 'DECISION', decisionIds: ['a'] }]);
    await Promise.all([one('a', 'grace'), one('b', 'ada'), one('silent', 'ada')]);
    expect(await readings()).toHaveLength(3);
    clock.nowMs += 61_000;
    await one('a', 'ada');
    expect(await readings()).toHaveLength(4);
  });

  it('is not told of where there is none of it: facts, a role that may not read it', async () => {
    await api.ask('{ decisions { nodes { id agent { name } outcome steps { name digest } } } }');
    await api.ask(CONTENT, {}, { role: 'VIEWER' });
    await api.ask('{ decision(id: "silent") { input } }');
    expect(await readings()).toEqual([]);
  });

  it('is owed while the ledger stands still, and not given when that cannot be kept', async () => {
    await halt();
    await api.database.asSuperuser('REVOKE INSERT ON ledger_owed FROM midwatch_server');
    const refused = await api.ask(CONTENT);
    expect(JSON.stringify(refused.data)).not.toContain('secret');
    expect(refused.errors).not.toHaveLength(0);
    await api.database.asSuperuser('GRANT INSERT ON ledger_owed TO midwatch_server');

    const owedSince = new Date(clock.now()).toISOString();
    expect(JSON.stringify((await api.ask(CONTENT, {}, { subject: 'ada' })).data)).toContain('secret of a');
    expect(await readings()).toEqual([]);
    clock.nowMs += 60_000;
    await endContradiction(api.pool, { ...contradiction, at: new Date(clock.now()) });
    await api.ask('{ decision(id: "b") { input } }', {}, { subject: 'grace' });
    expect(await readings()).toEqual([
      { actor: 'ada', contents: 'DECISION', decisionIds: ['a', 'b'], owedSince },
      { actor: 'grace', contents: 'DECISION', decisionIds: ['b'] },
    ]);
  });

  it('is told of where anomalies quote it', async () => {
    const sighting = makeSighting({ decisionId: 'a', quotes: ['secret'] });
    await api.recorder.submit(sealingBatch('default', { decisions: [], sightings: [sighting] }));
    const ask = (role: 'VIEWER' | 'AUDITOR') => api.ask('{ anomalies { nodes { evidence } } }', {}, { role });
    expect(JSON.stringify(await ask('VIEWER'))).not.toContain('secret');
    expect(await readings()).toEqual([]);
    expect(JSON.stringify(await ask('AUDITOR'))).toContain('secret');
    expect(await readings()).toEqual([
      { actor: 'a-auditor', anomalies: ['Anomaly:1'], contents: 'QUOTES', decisionIds: ['a'] },
    ]);
  });
});

describe('searching in content', () => {
  const digestOf = (text: string) => digestSearch(SEARCH_KEY, 'default', text);
  const SEARCH = `query ($filter: DecisionFilter, $after: String) {
    decisions(filter: $filter, first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }`;

  it('is told of before it is answered, once for all pages, without what was searched for', async () => {
    const filter = { text: 'secret of', agents: ['triage'] };
    const { data } = await api.ask(SEARCH, { filter }, { subject: 'ada' });
    expect(data.decisions.nodes).toHaveLength(1);
    const after = data.decisions.pageInfo.endCursor;
    expect((await api.ask(SEARCH, { filter, after }, { subject: 'ada' })).data.decisions.nodes).toHaveLength(1);
    const search = { contents: 'SEARCH', decisionIds: [], filter: { agents: ['triage'] } };
    expect(await readings()).toEqual([{ ...search, actor: 'ada', searches: [digestOf('secret of')] }]);
    await api.ask(SEARCH, { filter: { ...filter, text: 'nobody wrote this' } }, { subject: 'ada' });
    expect((await readings()).at(-1)).toEqual({ ...search, actor: 'ada', searches: [digestOf('nobody wrote this')] });
    const ledger = (await checkLedger(api.pool, 'default')).map(({ canonical }) => canonical).join();
    expect(ledger).not.toMatch(/secret of|nobody wrote/);
  });

  it('is told of with the digest of a filter that is too long for an entry', async () => {
    const agents = Array.from({ length: 500 }, (_, index) => `${index} ${'x'.repeat(190)}`);
    await api.ask(SEARCH, { filter: { text: 'secret of', agents } }, { subject: 'ada' });
    const [told] = await readings();
    expect(told).toEqual({
      actor: 'ada',
      contents: 'SEARCH',
      decisionIds: [],
      filterBytes: expect.any(Number),
      filterSha256: hash('sha256', canonicalize({ agents }), 'hex'),
      searches: [digestOf('secret of')],
    });
  });

  it('is told of once however many lists of one request search for the same, and of figures too', async () => {
    const DAY = 'from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z"';
    const { errors } = await api.ask(`{
      agents { nodes { decisions(filter: { text: "b" }) { nodes { id } } } }
      decisions(filter: { text: "b" }) { nodes { id } }
      metrics(query: { metric: DECISION_LATENCY, statistic: P95, ${DAY}, filter: { text: "b" } }) { value }
    }`);
    expect(errors).toBeUndefined();
    expect((await readings()).map(({ searches }) => searches)).toEqual([[digestOf('b')]]);
  });

  it('is not told of where nothing is searched for, and is refused to who reads no content', async () => {
    await api.ask(SEARCH, { filter: { agents: ['triage'] } });
    const { errors } = await api.ask(SEARCH, { filter: { text: 'secret' } }, { role: 'VIEWER' });
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await readings()).toEqual([]);
  });
});

describe('a subscription with content', () => {
  const FOLLOW = `subscription ($filter: DecisionFilter) { ...F }
    fragment F on Subscription { decisionRecorded(filter: $filter) { id input } }`;

  function follow(query: string, subject: string, role: 'VIEWER' | 'ADMIN' = 'ADMIN') {
    const got: string[] = [];
    const stop = new AbortController();
    const delivering = delivery.deliver({
      request: { query, variables: { filter: { agents: ['triage'], costUsdAtLeast: 0.5, text: 'a private text' } } },
      caller: { viewer: { ...viewerOf(role), subject }, fleet: 'default' },
      sink: {
        outlet: { isBehind: false, drained: () => Promise.resolve() },
        next: (payloads) => got.push(...payloads.map(({ json }) => json)),
        refuse: (errors) => got.push(...errors.map(({ message }) => message)),
        complete: () => undefined,
      },
      signal: stop.signal,
    });
    return { got, stop: () => stop.abort(), delivering };
  }

  let delivery: Delivery;
  beforeEach(() => {
    const log = createLog('silent');
    delivery = new Delivery({ executor: createExecutor({ ...api, log }), log });
  });

  it('is told of by its opening, for each who opens it, while what comes is made once for all', async () => {
    const all = ['ada', 'grace'].map((subject) => follow(FOLLOW, subject));
    await until(() => delivery.subscriptions === 2);
    expect(delivery.groups).toBe(1);
    const filter = { agents: ['triage'], costUsdAtLeast: '0.5' };
    const searches = [digestSearch(SEARCH_KEY, 'default', 'a private text')];
    const stream = { contents: 'STREAM', decisionIds: [], filter, searches, stream: 'decisionRecorded' };
    const told = await readings();
    expect(told).toHaveLength(2);
    expect(told).toEqual(expect.arrayContaining(['ada', 'grace'].map((actor) => ({ ...stream, actor }))));
    const worthy = { input: 'a private text', costUsd: 1 };
    await record(api, [decisionInput('new', worthy)]);
    await until(() => all.every(({ got }) => got.length === 1));
    expect(all.map(({ got }) => JSON.parse(got[0] ?? '').data.decisionRecorded.input)).toEqual([
      'a private text',
      'a private text',
    ]);
    expect(await readings()).toHaveLength(2);
    for (const { stop } of all) stop();
    await Promise.all(all.map(({ delivering }) => delivering));
  });

  it('is owed while the ledger stands still; one without content is not', async () => {
    await halt();
    const without = 'subscription { decisionRecorded { id outcome } }';
    const searching = 'subscription ($filter: DecisionFilter) { decisionRecorded(filter: $filter) { id } }';
    const followed = [without, searching, FOLLOW].map((query) => follow(query, 'ada'));
    await until(() => delivery.subscriptions === 3);
    // The two that search for the same with the same conditions are one reading.
    expect(await findDebt(api.pool, 'default')).toMatchObject({ entries: 1 });
    for (const { stop } of followed) stop();
    await Promise.all(followed.map(({ delivering }) => delivering));
    expect(await readings()).toEqual([]);
  });
});
