import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.js';
import { COUNTERS } from '../../src/metric/figures.js';
import { DEFAULT_SETTINGS, type RetentionSettings } from '../../src/settings/settings.js';
import { dayOf } from '../../src/time.js';
import { Upkeep } from '../../src/volume/upkeep.js';
import { createStandingClock, DAY_MS, makeDay, partitionDays } from '../support/days.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';
import { until } from '../support/wait.js';

const START_MS = Date.parse('2026-03-02T12:00:00Z');
const DAYS = 20;
const KEPT: RetentionSettings = {
  decisions: { HIGH_RISK: null, ROUTINE: 7 * DAY_MS, ADMIN: 12 * DAY_MS },
  minuteRollups: null,
  hourRollups: null,
  alerts: 400 * DAY_MS,
};

let clock: ReturnType<typeof createStandingClock>;
let api: GraphQLFixture;

async function open(): Promise<void> {
  clock = createStandingClock(START_MS);
  api = await startGraphQL({ clock });
}
const close = () => api.close();

function upkeep(retention: RetentionSettings = DEFAULT_SETTINGS.retention): Upkeep {
  return new Upkeep({ pool: api.pool, retention, clock, log: createLog('silent') });
}

const CLASSES = ['HIGH_RISK', 'ROUTINE', 'ADMIN'] as const;

/** One decision of each class a day, `HIGH_RISK-0` to `ADMIN-19`. */
async function recordDays(): Promise<void> {
  for (let day = 0; day < DAYS; day += 1) {
    clock.nowMs = START_MS + day * DAY_MS;
    await makeDay(api.pool, clock.nowMs);
    const startedAt = new Date(clock.nowMs).toISOString();
    const steps = [{ kind: 'OUTPUT', name: 'answer', startedAt, durationMs: 1 }];
    await record(
      api,
      CLASSES.map((riskClass) =>
        decisionInput(`${riskClass}-${day}`, { riskClass, startedAt, endedAt: startedAt, steps }),
      ),
    );
  }
}

const dayAt = (day: number) => dayOf(START_MS + day * DAY_MS);
const DECISION = `query ($id: ID!) { decision(id: $id) { id steps { name } }
  node(id: $id) { id } ledger { entries(filter: { subject: "$" }) { nodes { seq } } } }`;

async function ask(id: string) {
  const { data, errors } = await api.ask(DECISION.replace('$"', `${id}"`), { id });
  expect(errors).toBeUndefined();
  return { decision: data.decision, node: data.node, entries: data.ledger.entries.nodes.length };
}

async function prunePayloads(): Promise<{ decisions: number; isWhole: boolean }[]> {
  const entries = await checkLedger(api.pool, 'default');
  return entries.filter(({ kind }) => kind === 'PRUNE').map(({ canonical }) => JSON.parse(canonical).payload);
}

async function hold(named: object): Promise<string> {
  const { data } = await api.ask(
    `mutation ($input: PlaceHoldInput!) { placeHold(input: $input) { ... on PlaceHoldSuccess { hold { id } } } }`,
    { input: { ...named, reason: 'case' } },
  );
  return data.placeHold.hold.id;
}

async function release(id: string): Promise<void> {
  await api.ask(`mutation ($input: ReleaseHoldInput!) { releaseHold(input: $input) { __typename } }`, {
    input: { id, reason: 'closed' },
  });
}

const LISTED = '{ decisions(first: 100) { nodes { id } pageInfo { hasNextPage } } }';

describe('retention that was seen to', () => {
  let listedBefore: object[];

  beforeAll(async () => {
    await open();
    await recordDays();
    listedBefore = (await api.ask(LISTED)).data.decisions.nodes;
    await upkeep(KEPT).run();
  });
  afterAll(close);

  it('drops whole days of the classes it is for, and no entry of the ledger', async () => {
    const left = await partitionDays(api.pool);
    const daysBefore = (days: string[], day: string) => days.filter((each) => each < day);
    // Day 19, noon: what was sealed on day 12 is not seven days old before tomorrow.
    expect(daysBefore(left.routine, dayAt(12))).toEqual([]);
    expect(left.routine).toContain(dayAt(12));
    expect(daysBefore(left.admin, dayAt(7))).toEqual([]);
    expect(left.admin).toContain(dayAt(7));
    expect(daysBefore(left.high_risk, dayAt(19))).toHaveLength(19);

    const gone = { decision: null, node: null, entries: 1 };
    const there = (id: string) => ({ decision: { id, steps: [{ name: 'answer' }] }, node: { id }, entries: 1 });
    expect(await ask('ROUTINE-11')).toEqual(gone);
    expect(await ask('ROUTINE-12')).toEqual(there('ROUTINE-12'));
    expect(await ask('ADMIN-6')).toEqual(gone);
    expect(await ask('ADMIN-7')).toEqual(there('ADMIN-7'));
    expect(await ask('HIGH_RISK-0')).toEqual(there('HIGH_RISK-0'));
    const { data } = await api.ask('{ ledger { size verify { intact checked } } }');
    const size = 3 * DAYS + 12 + 7;
    expect(data.ledger).toEqual({ size, verify: { intact: true, checked: size } });
  });

  it('says in the ledger what it took, day by day, in the transaction that took it', async () => {
    const prunes = await prunePayloads();
    expect(prunes).toHaveLength(12 + 7);
    expect(prunes[0]).toEqual({
      what: 'DECISIONS',
      riskClass: 'ROUTINE',
      day: dayAt(0),
      decisions: 1,
      firstSeq: 1,
      lastSeq: 1,
      isWhole: true,
      keptDays: 7,
    });
    await upkeep(KEPT).run();
    expect(await prunePayloads()).toHaveLength(12 + 7);
  });

  it('leaves steps of nothing behind', async () => {
    const { rows } = await api.pool.query(
      `SELECT count(*) AS orphans FROM step s WHERE NOT EXISTS (
         SELECT FROM decision d WHERE d.fleet_id = s.fleet_id AND d.id = s.decision_id)`,
    );
    expect(rows).toEqual([{ orphans: 0 }]);
  });

  it('leaves lists that go on over what is left, and their pages', async () => {
    expect(listedBefore).toHaveLength(3 * DAYS);
    const { data } = await api.ask(LISTED);
    expect(data.decisions.nodes).toHaveLength(20 + 8 + 13);
    expect(data.decisions.pageInfo.hasNextPage).toBe(false);
  });

  it('takes a decision that is recorded again as known when its row is gone', async () => {
    const { data, errors } = await api.ask(
      `mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) {
         ... on RecordDecisionsSuccess { decisions { id } duplicates } } }`,
      { input: { decisions: [decisionInput('ROUTINE-0', { riskClass: 'ROUTINE' })] } },
    );
    expect(errors).toBeUndefined();
    expect(data.recordDecisions).toEqual({ decisions: [], duplicates: ['ROUTINE-0'] });
  });
});

describe('retention', () => {
  beforeEach(open);
  afterEach(close);

  it('spares what is held, lets the rest of its day go, and takes it once the hold is released', async () => {
    await recordDays();
    const startedAt = new Date(START_MS).toISOString();
    clock.nowMs = START_MS;
    await record(api, [
      decisionInput('in-talk', { startedAt, endedAt: startedAt, conversationId: 'talk', input: 'x' }),
      decisionInput('of-user', { startedAt, endedAt: startedAt, userId: 'u1', input: 'x' }),
    ]);
    clock.nowMs = START_MS + (DAYS - 1) * DAY_MS;
    const holds = [
      await hold({ decisionId: 'ROUTINE-1' }),
      await hold({ conversationId: 'talk' }),
      await hold({ subject: 'u1' }),
    ];
    await upkeep(KEPT).run();
    const standing = async () => {
      const { data } = await api.ask('{ decisions(first: 100, filter: { riskClasses: [ROUTINE] }) { nodes { id } } }');
      return data.decisions.nodes
        .map(({ id }: { id: string }) => id)
        .filter((id: string) => !/-1\d$/.test(id))
        .sort();
    };
    expect(await standing()).toEqual(['ROUTINE-1', 'in-talk', 'of-user']);
    const { rows } = await api.pool.query(
      `SELECT (SELECT count(*)::int FROM step WHERE decision_id = 'ROUTINE-1') AS held,
         (SELECT count(*)::int FROM step WHERE decision_id = 'ROUTINE-0') AS gone`,
    );
    expect(rows).toEqual([{ held: 1, gone: 0 }]);
    const partly = (await prunePayloads()).filter(({ isWhole }) => isWhole === false);
    expect(partly).toEqual([expect.objectContaining({ day: dayAt(0), decisions: 1, firstSeq: 1, lastSeq: 1 })]);
    for (const id of holds) await release(id);
    await upkeep(KEPT).run();
    expect(await standing()).toEqual([]);
    expect((await partitionDays(api.pool)).routine[0]).toBe(dayAt(12));
    expect((await api.ask('{ ledger { verify { intact } } }')).data.ledger.verify.intact).toBe(true);
  });

  it('takes nothing of a fleet that is held, also when the hold comes at the same moment', async () => {
    await recordDays();
    const [id] = await Promise.all([
      hold({ fleet: true }),
      upkeep(KEPT)
        .run()
        .catch(() => undefined),
    ]);
    const before = await prunePayloads();
    await upkeep(KEPT).run();
    expect(await prunePayloads()).toEqual(before);
    const { data } = await api.ask('{ decisions(first: 100) { nodes { id } } }');
    const taken = before.reduce((sum, { decisions }) => sum + decisions, 0);
    expect(data.decisions.nodes).toHaveLength(3 * DAYS - taken);
    await release(id);
    await upkeep(KEPT).run();
    expect(await prunePayloads()).toHaveLength(12 + 7);
  });

  it('cannot be had to drop what is held', async () => {
    await recordDays();
    await hold({ decisionId: 'ROUTINE-0' });
    await expect(api.pool.query(`SELECT drop_day_partition('ROUTINE', $1::date)`, [dayAt(0)])).rejects.toThrow(
      /are held/,
    );
  });

  it('keeps everything where nothing is said', async () => {
    await recordDays();
    clock.nowMs += 3_650 * DAY_MS;
    await upkeep().run();
    const left = await partitionDays(api.pool);
    for (const days of Object.values(left)) expect(days).toContain(dayAt(0));
  });

  it('deletes rollups and series past their time an hour later, more than one batch, and no others', async () => {
    clock.nowMs = START_MS;
    for (const table of ['rollup_minute', 'rollup_hour', 'rollup_day']) {
      await api.database.recorderPool.query(
        `INSERT INTO ${table} (fleet_id, bucket, slice_id, cost_usd, ${COUNTERS.join(', ')})
         SELECT 'default', $1::timestamptz - day * interval '1 day', slice, 1, ${COUNTERS.map(() => '1').join(', ')}
         FROM generate_series(0, 19) AS day, generate_series(1, 700) AS slice`,
        [new Date(START_MS).toISOString()],
      );
    }
    for (const days of [6, 8]) {
      const at = new Date(START_MS - days * DAY_MS).toISOString();
      await api.pool.query(
        `INSERT INTO metric_series (fleet_id, key, start_at, last_at, state) VALUES ('default', $1, $2, $2, '{}')`,
        [Buffer.from([days]), at],
      );
    }
    const left = async (table: string) => (await api.pool.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n;
    const hourly = upkeep({ ...KEPT, minuteRollups: 5 * DAY_MS, hourRollups: 15 * DAY_MS });
    await hourly.run();
    // Whoever reads at this moment may not know yet that these are past their time.
    expect(await left('rollup_minute')).toBe(20 * 700);
    await hourly.run();
    expect(await left('rollup_minute')).toBe(6 * 700);
    expect(await left('rollup_hour')).toBe(16 * 700);
    expect(await left('rollup_day')).toBe(20 * 700);
    expect(await left('metric_series')).toBe(1);
  });

  it('forgets alerts that are long over, with what happened to them, and none that fires', async () => {
    clock.nowMs = START_MS;
    const alert = async (seq: number, state: string, days: number) => {
      const at = new Date(START_MS - days * DAY_MS).toISOString();
      const resolvedAt = state === 'RESOLVED' ? at : null;
      await api.pool.query(
        `INSERT INTO alert (fleet_id, seq, changed_seq, rule, condition, severity, state, labels, summary, started_at, resolved_at)
         VALUES ('default', $1, $1, 'r', 'c', 'INFO', $2, '{}', 's', $3, $4)`,
        [seq, state, at, resolvedAt],
      );
      await api.pool.query(
        `INSERT INTO alert_change (fleet_id, seq, alert_seq, change, at, alert) VALUES ('default', $1, $1, 'FIRING', $2, '{}')`,
        [seq, at],
      );
    };
    await alert(1, 'FIRING', 900);
    await alert(2, 'RESOLVED', 399);
    await alert(3, 'RESOLVED', 401);
    await alert(4, 'INACTIVE', 6);
    await alert(5, 'INACTIVE', 8);
    await upkeep().run();
    const left = async (table: string) => (await api.pool.query(`SELECT seq FROM ${table} ORDER BY seq`)).rows;
    expect(await left('alert')).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 4 }]);
    expect(await left('alert_change')).toEqual(await left('alert'));
  });

  it('drops many days at once, a few in each transaction', async () => {
    for (let day = 0; day < 40; day += 1) await makeDay(api.pool, START_MS + day * DAY_MS);
    clock.nowMs = START_MS + 60 * DAY_MS;
    await upkeep(KEPT).run();
    expect((await partitionDays(api.pool)).routine.filter((day) => day < dayAt(53))).toEqual([]);
  });
});

describe('partitions', () => {
  beforeEach(open);
  afterEach(close);

  it('are there for a week ahead of a server that starts after a long pause', async () => {
    clock.nowMs = START_MS + 1_000 * DAY_MS;
    await upkeep().prepare();
    const { routine } = await partitionDays(api.pool);
    for (let day = 999; day <= 1_007; day += 1) expect(routine).toContain(dayAt(day));
    const startedAt = new Date(clock.nowMs).toISOString();
    await record(api, [decisionInput('after-the-pause', { startedAt, endedAt: startedAt })]);
    expect((await ask('after-the-pause')).decision).toMatchObject({ id: 'after-the-pause' });
  });

  it('are made again and again without harm', async () => {
    await upkeep().prepare();
    const before = await partitionDays(api.pool);
    await Promise.all([upkeep().run(), upkeep().prepare()]);
    expect(await partitionDays(api.pool)).toEqual(before);
  });

  it('do not wait long for a lock, and are seen to later', async () => {
    await makeDay(api.pool, START_MS);
    clock.nowMs = START_MS + 30 * DAY_MS;
    const reader = await api.pool.connect();
    await reader.query('BEGIN');
    await reader.query(`SELECT FROM decision WHERE risk_class = 'ROUTINE' AND sealed_on = $1`, [dayAt(0)]);
    const kept = upkeep(KEPT);
    const refused = await kept.run().catch(String);
    await reader.query('COMMIT');
    reader.release();
    expect(refused).toMatch(/lock timeout/);
    expect((await partitionDays(api.pool)).routine).toContain(dayAt(0));
    await kept.run();
    expect((await partitionDays(api.pool)).routine).not.toContain(dayAt(0));
  });

  it('are made by the server that runs, whatever fails meanwhile', async () => {
    let failures = 1;
    const failing = new Proxy(api.pool, {
      get: (pool, name) =>
        name === 'connect' && failures-- > 0
          ? () => Promise.reject(new TypeError('the database is away'))
          : Reflect.get(pool, name, pool),
    });
    clock.nowMs = START_MS + 50 * DAY_MS;
    const running = new Upkeep({
      pool: failing,
      retention: DEFAULT_SETTINGS.retention,
      clock,
      log: createLog('silent'),
    });
    await running.prepare();
    expect((await partitionDays(api.pool)).routine).not.toContain(dayAt(50));
    clock.nowMs += 60_000;
    running.start();
    await until(async () => (await partitionDays(api.pool)).routine.includes(dayAt(50)));
    await running.stop();
  });
});
