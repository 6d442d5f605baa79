import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAnomalies } from '../../src/anomaly/store.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import type { Decision } from '../../src/decision/decision.js';
import { AppError } from '../../src/errors.js';
import { StatusBoard } from '../../src/fleet/status/board.js';
import { createLog } from '../../src/log.js';
import { DEFAULT_SETTINGS } from '../../src/settings/settings.js';
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../../src/time.js';
import type { FigureDetector } from '../../src/watch/figure-detector.js';
import { FigureWatch } from '../../src/watch/figure-watch.js';
import { LoadWatch } from '../../src/watch/load-watch.js';
import { Memory } from '../../src/watch/memory.js';
import { MetricWatch } from '../../src/watch/metric-watch.js';
import { SilenceWatch } from '../../src/watch/silence-watch.js';
import { VersionWatch } from '../../src/watch/version-watch.js';
import { createStandingClock } from '../support/days.js';
import { makeDecision } from '../support/decision.js';
import { type GraphQLFixture, startGraphQL } from '../support/graphql.js';
import { makeSighting } from '../support/watcher.js';

const START_MS = floorTo(Date.now(), DAY_MS) + 12 * HOUR_MS;
const clock = createStandingClock(START_MS);
const log = createLog('silent');
let api: GraphQLFixture;
beforeEach(async () => {
  clock.nowMs = START_MS;
  api = await startGraphQL({ clock });
});
afterEach(() => api.close());

let count = 0;
const at = (startedAtMs: number, known: Partial<Decision> = {}): Decision => {
  count += 1;
  return makeDecision({
    id: `d${count}`,
    agent: 'refunds',
    traceId: null,
    startedAtMs,
    endedAtMs: startedAtMs + 500,
    ...known,
  });
};

async function record(decisions: readonly Decision[]): Promise<void> {
  for (let start = 0; start < decisions.length; start += 1_000) {
    const portion = decisions.slice(start, start + 1_000).map((decision) => ({ decision, sampled: false }));
    await api.recorder.record('default', { decisions: portion, sightings: [] });
  }
}

type Make = (parts: {
  memory: Memory;
  records: { pool: GraphQLFixture['pool']; calendar: DecisionCalendar };
}) => FigureDetector;

/** A watch as it is after a start. */
function start(make: Make): { watch: FigureWatch; memory: Memory } {
  const { pool } = api;
  const memory = new Memory({ pool, log });
  const detectors = [make({ memory, records: { pool, calendar: new DecisionCalendar({ pool, clock }) } })];
  const submit = (batch: Parameters<typeof api.recorder.submit>[0]) => api.recorder.submit(batch);
  return { watch: new FigureWatch({ pool, detectors, memory, submit, clock, log }), memory };
}

async function found() {
  const { rows } = await listAnomalies({
    pool: api.pool,
    fleet: 'default',
    filter: {},
    page: { direction: 'forward', limit: 50, beyond: null },
  });
  return rows.map(({ kind, severity, agent, metric, summary }) => ({ kind, severity, agent, metric, summary }));
}

const makeSilence: Make = ({ memory, records }) =>
  new SilenceWatch({
    pool: records.pool,
    statuses: new StatusBoard(records, DEFAULT_SETTINGS.status),
    memory,
    settings: DEFAULT_SETTINGS.status,
  });

describe('an agent that falls silent', () => {
  it('is found once, also across a restart, and again when it falls silent again', async () => {
    await record(Array.from({ length: 40 }, (_, index) => at(START_MS - index * 5_000)));
    const first = start(makeSilence);
    await first.watch.look();
    expect(await found()).toEqual([]);
    clock.nowMs += 5 * MINUTE_MS;
    await first.watch.look();
    await first.memory.stop();
    await start(makeSilence).watch.look();
    expect(await found()).toMatchObject([{ kind: 'SILENT_AGENT', agent: 'refunds' }]);

    await record(Array.from({ length: 40 }, (_, index) => at(clock.nowMs + index * 5_000)));
    clock.nowMs += 4 * MINUTE_MS;
    const later = start(makeSilence).watch;
    await later.look();
    clock.nowMs += 5 * MINUTE_MS;
    await later.look();
    expect(await found()).toHaveLength(2);
  });
});

it('nobody is silent for what was not listened to meanwhile, but for what comes after', async () => {
  await record(Array.from({ length: 40 }, (_, index) => at(START_MS - index * 5_000)));
  const before = start(makeSilence);
  await before.watch.look();
  await before.memory.stop();
  clock.nowMs += 30 * MINUTE_MS;
  const after = start(makeSilence).watch;
  await after.look();
  expect(await found()).toEqual([]);
  clock.nowMs += 5 * MINUTE_MS;
  await after.look();
  expect(await found()).toMatchObject([
    { kind: 'SILENT_AGENT', agent: 'refunds', summary: expect.stringContaining('no decision for 35 min') },
  ]);
});

it('who is known to be silent stays so over a stop, and is not told of again', async () => {
  await record(Array.from({ length: 40 }, (_, index) => at(START_MS - index * 5_000)));
  const before = start(makeSilence);
  await before.watch.look();
  clock.nowMs += 5 * MINUTE_MS;
  await before.watch.look();
  expect(await found()).toHaveLength(1);
  await before.memory.stop();
  clock.nowMs += 30 * MINUTE_MS;
  const after = start(makeSilence).watch;
  await after.look();
  clock.nowMs += 5 * MINUTE_MS;
  await after.look();
  expect(await found()).toHaveLength(1);
});

it('nobody is silent while what waited somewhere is coming in', async () => {
  const late = (minutesAgo: number) =>
    Array.from({ length: 40 }, (_, index) => at(START_MS - minutesAgo * MINUTE_MS - index * 5_000));
  const { watch } = start(makeSilence);
  await record(late(60));
  await watch.look();
  expect(await found()).toEqual([]);
  clock.nowMs += 5 * MINUTE_MS;
  await watch.look();
  expect(await found()).toMatchObject([{ kind: 'SILENT_AGENT' }]);
});

describe('versions and load', () => {
  const peers = ['refunds-eu', 'refunds-us', 'refunds-ap'];

  it('an agent behind its peers is found', async () => {
    const runs = Array.from({ length: 60 }, (_, index) => index).flatMap((index) =>
      peers.map((agent) =>
        at(START_MS - index * MINUTE_MS, { agent, agentVersion: agent === 'refunds-ap' ? '2.2.0' : '2.4.1' }),
      ),
    );
    await record(runs);
    await start(({ memory, records }) => new VersionWatch(records, memory)).watch.look();
    expect(await found()).toMatchObject([{ kind: 'VERSION_DRIFT', severity: 'WARNING', agent: 'refunds-ap' }]);
  });

  it('an agent that does more and more of its role’s work is found', async () => {
    const shares = (eu: number, us: number, untilMs: number) =>
      [
        ['refunds-eu', eu],
        ['refunds-us', us],
      ].flatMap(([agent, decisions]) =>
        Array.from({ length: decisions as number }, (_, index) =>
          at(untilMs - 1 - index * 500, { agent: agent as string }),
        ),
      );
    const { watch } = start(({ memory, records }) => new LoadWatch(records, memory));
    await record(shares(200, 200, START_MS));
    await watch.look();
    clock.nowMs += 5 * MINUTE_MS;
    await record(shares(330, 70, clock.nowMs));
    await watch.look();
    expect(await found()).toMatchObject([{ kind: 'LOAD_SKEW', severity: 'WARNING', agent: 'refunds-eu' }]);
  });
});

describe('metrics', () => {
  const makeMetrics: Make = ({ memory, records }) => new MetricWatch(records, memory);
  const bin = (startMs: number, latencyMs: number) =>
    Array.from({ length: 6 }, (_, index) => {
      const startedAtMs = startMs + index * 40_000;
      const jitter = ((startMs / 40_000 + index) * 0.618) % 1;
      return at(startedAtMs, { endedAtMs: startedAtMs + latencyMs * (0.8 + 0.4 * jitter) });
    });

  it('that are out of the ordinary are found, after a day of history and across a restart', async () => {
    const fromMs = START_MS - 27 * HOUR_MS;
    await record(Array.from({ length: 27 * 12 }, (_, index) => bin(fromMs + index * 5 * MINUTE_MS, 1_000)).flat());
    clock.nowMs = START_MS + MINUTE_MS;
    const first = start(makeMetrics);
    await first.watch.look();
    expect(await found()).toEqual([]);
    await first.memory.stop();

    await record(bin(START_MS, 30_000));
    clock.nowMs = START_MS + 6 * MINUTE_MS;
    const second = start(makeMetrics);
    await second.watch.look();
    expect(await found()).toMatchObject([{ kind: 'METRIC_ANOMALY', agent: 'refunds', metric: 'DECISION_LATENCY' }]);
  });

  it('that many agents have at once are found once, for the fleet', async () => {
    const agents = ['a', 'b', 'c', 'd'];
    const binOf = (agent: string, startMs: number, decisions: number) =>
      Array.from({ length: decisions }, (_, index) => at(startMs + index * 1_000, { agent }));
    const fromMs = START_MS - 27 * HOUR_MS;
    const usual = Array.from({ length: 27 * 12 }, (_, index) =>
      agents.flatMap((agent) => binOf(agent, fromMs + index * 5 * MINUTE_MS, 2 + (index % 3))),
    );
    await record(usual.flat());
    clock.nowMs = START_MS + MINUTE_MS;
    const { watch } = start(makeMetrics);
    await watch.look();
    for (let surge = 0; surge < 3; surge += 1) {
      await record(agents.flatMap((agent) => binOf(agent, clock.nowMs - MINUTE_MS, 200)));
      clock.nowMs += 5 * MINUTE_MS;
      await watch.look();
    }
    const surges = (await found()).filter(({ metric }) => metric === 'DECISIONS');
    expect(surges).toMatchObject([{ agent: null, summary: expect.stringContaining('4 agents at once') }]);
  });
});

describe('what cannot be done', () => {
  const seeing = (look: FigureDetector['look'], name = 'one'): FigureDetector => ({ name, everyMs: HOUR_MS, look });
  const sighting = (incident: string) => makeSighting({ kind: 'LOAD_SKEW', incident, detectedAtMs: START_MS });
  type Submit = ConstructorParameters<typeof FigureWatch>[0]['submit'];
  const watchWith = (detectors: FigureDetector[], submit: Submit = (batch) => api.recorder.submit(batch)) =>
    new FigureWatch({ pool: api.pool, detectors, memory: new Memory({ pool: api.pool, log }), submit, clock, log });

  it('is recorded later, when the record was away', async () => {
    let isAway = true;
    const watch = watchWith([seeing(async () => [sighting('i')])], (batch) =>
      isAway ? Promise.reject(new AppError('UNAVAILABLE', 'away')) : api.recorder.submit(batch),
    );
    await watch.look();
    expect(await found()).toEqual([]);
    isAway = false;
    await watch.look();
    expect(await found()).toHaveLength(1);
  });

  it('is left out by itself, when the record refuses it', async () => {
    const watch = watchWith([seeing(async () => [sighting('a'), sighting('bad'), sighting('c')])], (batch) =>
      batch.sightings.some(({ incident }) => incident === 'bad')
        ? Promise.reject(new AppError('INTERNAL', 'refused'))
        : api.recorder.submit(batch),
    );
    await watch.look();
    expect(await found()).toHaveLength(2);
  });

  it('holds up no other detector and no other fleet', async () => {
    await api.pool.query(`INSERT INTO fleet (id) VALUES ('another')`);
    const broken = seeing(() => Promise.reject(new TypeError('broken')), 'broken');
    const looked: string[] = [];
    const sound = seeing(async (fleet) => {
      looked.push(fleet);
      return [];
    }, 'sound');
    await watchWith([broken, sound]).look();
    expect(looked).toEqual(['another', 'default']);
  });

  it('a clock that is set back keeps nobody from looking', async () => {
    let looks = 0;
    const watch = watchWith([
      seeing(async () => {
        looks += 1;
        return [];
      }),
    ]);
    await watch.look();
    clock.nowMs -= DAY_MS;
    await watch.look();
    expect(looks).toBe(2);
  });
});
