import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCalls } from '../../src/decision/record/calls.js';
import type { Recordable, RecordBatch } from '../../src/decision/record/record.js';
import { Recorder } from '../../src/decision/record/recorder.js';
import { rewrittenDays } from '../../src/decision/record/rewritten-days.js';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { createLog } from '../../src/log.js';
import { SliceBook } from '../../src/metric/write.js';
import { DEFAULT_SETTINGS } from '../../src/settings/settings.js';
import { Upkeep } from '../../src/volume/upkeep.js';
import { createStandingClock, DAY_MS, makeDay } from '../support/days.js';
import { makeDecision, makeStep } from '../support/decision.js';
import { type GraphQLFixture, startGraphQL } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';

const START_MS = Date.parse('2026-03-02T23:59:59.900Z');

let clock: ReturnType<typeof createStandingClock>;
let api: GraphQLFixture;

beforeEach(async () => {
  clock = createStandingClock(START_MS);
  api = await startGraphQL({ clock });
  for (let day = 0; day < 5; day += 1) await makeDay(api.pool, START_MS + day * DAY_MS);
});
afterEach(() => api.close());

function submit(known: Partial<Recordable['decision']>, rest: Partial<RecordBatch & Pick<Recordable, 'mode'>> = {}) {
  const { mode = 'seal', ...batch } = rest;
  const decision = makeDecision({ startedAtMs: START_MS - 2_000, endedAtMs: START_MS - 1_000, ...known });
  const item: Recordable = { decision, spanIds: [], journalIds: [], mode, sampled: true, hasKin: true };
  return api.recorder.submit({
    fleet: 'default',
    items: [item],
    links: [],
    superseded: [],
    sightings: [],
    doneJournalIds: [],
    ...batch,
  });
}

async function counted(): Promise<{ rows: number; entries: number; decisions: number; cost: string }> {
  const { rows } = await api.pool.query(
    `SELECT (SELECT count(*)::int FROM decision) AS rows, (SELECT count(*)::int FROM ledger_entry) AS entries,
       sum(decisions)::int AS decisions, sum(cost_usd)::text AS cost
     FROM rollup_delta JOIN metric_slice s ON s.id = slice_id WHERE s.source = 'DECISIONS'`,
  );
  return rows[0];
}

describe('a decision that was sealed', () => {
  it('is known when its row retention took after a day', async () => {
    await submit({ id: 'short-lived' });
    clock.nowMs += 1.5 * DAY_MS;
    const retention = { ...DEFAULT_SETTINGS.retention };
    retention.decisions = { HIGH_RISK: DAY_MS, ROUTINE: DAY_MS, ADMIN: DAY_MS };
    await new Upkeep({ pool: api.pool, retention, clock, log: createLog('silent') }).run();
    expect((await counted()).rows).toBe(0);
    expect(await submit({ id: 'short-lived' })).toMatchObject({ sealed: [], duplicates: ['short-lived'] });
    // The decision's, and that of what retention removed.
    expect(await counted()).toMatchObject({ entries: 2, decisions: 1, cost: '0.01' });
  });

  it.each(['UTC', 'Asia/Tokyo', 'America/Los_Angeles'])('is known for good, with a database in %s', async (zone) => {
    api.pool.on('acquire', (client) => void client.query(`SET timezone = '${zone}'`));
    await submit({ id: 'sealed' });
    for (let hours = 0; hours < 96; hours += 7) {
      clock.nowMs = START_MS + hours * 3_600_000;
      expect(await submit({ id: 'sealed' })).toMatchObject({ sealed: [], duplicates: ['sealed'] });
    }
    expect(await counted()).toMatchObject({ rows: 1, entries: 1, decisions: 1 });
  });

  it('is amended as long as its row is written, and stays as it is after that', async () => {
    await submit({ id: 'sealed' });
    clock.nowMs += 200;
    await submit({ id: 'sealed', costUsd: '0.02' }, { mode: 'amend' });
    expect(await counted()).toEqual({ rows: 1, entries: 2, decisions: 1, cost: '0.02' });
    clock.nowMs += 3 * DAY_MS;
    const { sealed, headSeq } = await submit({ id: 'sealed', costUsd: '0.05' }, { mode: 'amend' });
    expect({ sealed, headSeq }).toEqual({ sealed: [], headSeq: 1 });
    expect(await counted()).toEqual({ rows: 1, entries: 2, decisions: 1, cost: '0.02' });
  });

  it('may be sealed again once it was superseded, and then stands', async () => {
    await submit({ id: 'part' });
    await submit({ id: 'whole' }, { superseded: [{ id: 'part', by: 'whole' }] });
    expect(await counted()).toMatchObject({ rows: 1, entries: 3, decisions: 1 });
    expect(await submit({ id: 'part' })).toMatchObject({ sealed: [{ id: 'part', seq: 3 }], duplicates: [] });
    expect(await submit({ id: 'part' })).toMatchObject({ sealed: [], duplicates: ['part'] });
    expect(await counted()).toMatchObject({ rows: 2, entries: 4, decisions: 2 });
  });
});

it('counts what content takes in bytes, not in characters', async () => {
  await submit({ id: 'plain', input: 'aaaa', steps: [makeStep({ result: 'aaaa' })] });
  await submit({ id: 'wide', input: '早上好嗎', steps: [makeStep({ result: '早上好嗎' })] });
  const { rows } = await api.pool.query(`SELECT byte_count::int AS bytes FROM decision ORDER BY id`);
  const idLengths = 'plain'.length - 'wide'.length;
  expect(rows[1].bytes - rows[0].bytes).toBe(2 * 4 * 2 - idLengths);
});

it('looks for calls in the days that are written, and in no others', async () => {
  await submit({ id: 'caller', agent: 'a' });
  await submit({ id: 'callee', agent: 'b', parentId: 'caller' });
  const client = await api.pool.connect();
  try {
    const callsOn = (nowMs: number) =>
      readCalls(client, { fleet: 'default', days: rewrittenDays(nowMs), sign: 1 }, ['caller', 'callee']);
    expect(await callsOn(START_MS)).toHaveLength(1);
    expect(await callsOn(START_MS + 3 * DAY_MS)).toHaveLength(0);
  } finally {
    client.release();
  }
});

describe('an agent that works with something new', () => {
  const agentEntries = async () =>
    (await checkLedger(api.pool, 'default')).flatMap(({ kind, subject, canonical }) =>
      kind === 'AGENT' ? [{ subject, ...JSON.parse(canonical).payload }] : [],
    );
  const of = (id: string, agentVersion: string, fingerprint: string | null) =>
    submit({ id, agent: 'refunds', agentVersion, model: 'gpt-5', fingerprint });

  it('is told with the decision that shows it, once', async () => {
    await of('a', '1.0', '00000000000000aa');
    await of('b', '1.0', '00000000000000aa');
    await of('c', '1.0', '00000000000000bb');
    // What the recorder knows can be read again.
    const other = new Recorder({
      pool: api.database.recorderPool,
      writer: new SliceBook(DEFAULT_SETTINGS.cardinality),
      announce: () => undefined,
      observe: () => undefined,
      clock,
    });
    const decision = makeDecision({
      id: 'd',
      agent: 'refunds',
      agentVersion: '1.0',
      model: 'gpt-5',
      fingerprint: null,
    });
    await other.record('default', { decisions: [{ decision, sampled: true }], sightings: [] });
    const first = { version: '1.0', model: 'gpt-5', fingerprint: '00000000000000aa' };
    expect(await agentEntries()).toEqual([
      {
        ...first,
        subject: 'Agent:refunds',
        change: 'FIRST_SEEN',
        decisionIds: ['a'],
        decisionSeq: 0,
        models: ['gpt-5'],
        previous: null,
        untold: null,
      },
      {
        ...first,
        subject: 'Agent:refunds',
        fingerprint: '00000000000000bb',
        change: 'CHANGED',
        decisionIds: ['c'],
        decisionSeq: 3,
        models: ['gpt-5'],
        previous: first,
        untold: null,
      },
    ]);
  });

  it('is told again when the transaction that told of it failed', async () => {
    const witness = { fleet: 'default', witness: 'w.example', at: clock.now() };
    await keepContradiction(api.pool, {
      ...witness,
      kind: 'AHEAD',
      witnessSize: 9,
      ownSize: 0,
      evidence: null,
      at: new Date(witness.at),
    });
    await expect(of('a', '1.0', null)).rejects.toMatchObject({ code: 'LEDGER_INTEGRITY' });
    expect((await api.pool.query('SELECT FROM agent_setup')).rowCount).toBe(0);
    await endContradiction(api.pool, { ...witness, at: new Date(witness.at) });
    await of('a', '1.0', null);
    expect(await agentEntries()).toMatchObject([{ decisionIds: ['a'], version: '1.0' }]);
  });
});
