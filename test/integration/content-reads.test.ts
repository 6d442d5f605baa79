import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sealingBatch } from '../../src/decision/record/record.js';
import { createExecutor } from '../../src/graphql/executor.js';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { findDebt } from '../../src/ledger/owed.js';
import { Delivery } from '../../src/live/delivery.js';
import { createLog } from '../../src/log.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL, viewerOf } from '../support/graphql.js';
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
    const stream = { contents: 'STREAM', decisionIds: [], filter, stream: 'decisionRecorded' };
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
    const followed = ['subscription { decisionRecorded { id outcome } }', FOLLOW].map((query) => follow(query, 'ada'));
    await until(() => delivery.subscriptions === 2);
    expect(await findDebt(api.pool, 'default')).toMatchObject({ entries: 1 });
    for (const { stop } of followed) stop();
    await Promise.all(followed.map(({ delivering }) => delivering));
    expect(await readings()).toEqual([]);
  });
});
