import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NotifiableAlert } from '../../src/notify/alert.js';
import { listDeliveries } from '../../src/notify/delivery/list.js';
import { recordNotices } from '../../src/notify/delivery/store.js';
import { Heartbeat } from '../../src/notify/heartbeat.js';
import { createNotifications } from '../../src/notify/notifications.js';
import { Notifier } from '../../src/notify/notifier.js';
import { planNotices } from '../../src/notify/plan/plan.js';
import { createReceivers } from '../../src/notify/receivers.js';
import { createSilence, expireSilence, listSilences } from '../../src/notify/silence.js';
import type { ReceiverSetting, RouteSetting } from '../../src/settings/notification/settings.js';
import { NO_NOTIFICATIONS } from '../../src/settings/notification/settings.js';
import { newFleet } from '../support/access.js';
import { alertOf, MINUTE_MS, NOW, resolved, routeOf } from '../support/alert.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type ReceiverServer, startReceiver } from '../support/receiver-server.js';
import { until } from '../support/wait.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const HOUR_MS = 60 * MINUTE_MS;

let database: TestDatabase;
let ops: ReceiverServer;
let chat: ReceiverServer;
let nowMs: number;
let alerts: NotifiableAlert[];
let looks: number;
let isAlive: boolean;
let lines: string;
let running: Notifier[];

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  [ops, chat] = await Promise.all([startReceiver(), startReceiver()]);
  nowMs = NOW;
  alerts = [];
  looks = 0;
  isAlive = true;
  lines = '';
  running = [];
  await database.pool.query('DELETE FROM notification');
  await database.asSuperuser('DELETE FROM silence');
});
afterEach(async () => {
  await Promise.all(running.map((notifier) => notifier.stop()));
  await Promise.all([ops.close(), chat.close()]);
});

const log = pino(
  { level: 'trace' },
  new Writable({
    write: (chunk, _encoding, done) => {
      lines += chunk;
      done();
    },
  }),
);

const hook = (name: string, { url }: ReceiverServer): ReceiverSetting => ({
  name,
  channel: { kind: 'webhook', url: `${url}/canary-${name}`, secretVariable: 'SECRET', isPrivateAllowed: true },
});

function start(routes: readonly RouteSetting[] = [routeOf()], pool = database.pool): Notifier {
  const prometheus = { name: 'prometheus', channel: { kind: 'alertmanager', url: ops.url } } as const;
  const receivers = createReceivers([hook('ops', ops), hook('chat', chat), prometheus], {
    secretOf: () => SECRET,
    deadlineMs: 2_000,
  });
  const notifier = new Notifier({
    pool,
    settings: { ...NO_NOTIFICATIONS, routes },
    receivers,
    source: {
      current: async () => {
        looks += 1;
        return alerts;
      },
    },
    isAlive: () => isAlive,
    clock: { now: () => nowMs },
    log,
  });
  running.push(notifier);
  notifier.start();
  return notifier;
}

/** Resolves after a whole look that began later than this call. */
async function looked(notifier: Notifier): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    const before = looks;
    notifier.wake();
    await until(() => looks > before);
  }
}

/** Resolves after a look and everything that it found to be due. */
async function settle(notifier: Notifier): Promise<void> {
  await looked(notifier);
  await until(async () => (await deliveries()).every(({ nextAttemptAt }) => !nextAttemptAt || +nextAttemptAt > nowMs));
  await looked(notifier);
}

async function moveTo(notifier: Notifier, seconds: number): Promise<void> {
  nowMs = NOW + seconds * 1_000;
  await settle(notifier);
}

const page = { limit: 100, direction: 'forward', beyond: null } as const;
const deliveries = async (filter: Parameters<typeof listDeliveries>[0]['filter'] = {}) =>
  (await listDeliveries({ pool: database.pool, fleet: 'default', filter, page })).rows;
const statesOf = async (receiver: string) =>
  (await deliveries({ receivers: [receiver] })).map(({ state, attempts }) => `${state} ${attempts}`);
const told = ({ requests }: ReceiverServer) =>
  requests.map(({ body }) => `${body.type} ${body.data.alerts.map(({ id }: { id: string }) => id).join(' ')}`);
const keysOf = ({ requests }: ReceiverServer) => new Set(requests.map(({ headers }) => headers['webhook-id']));

describe('an incident', () => {
  it('is told once, repeated after the interval, and told to be over once, whatever is restarted between', async () => {
    alerts = [alertOf()];
    let notifier = start();
    await moveTo(notifier, 5);
    expect(told(ops)).toEqual([]);
    await moveTo(notifier, 10);
    expect(told(ops)).toEqual(['alerts.firing a1']);
    await notifier.stop();
    notifier = start();
    await moveTo(notifier, 11);
    await moveTo(notifier, 4 * 3_600);
    expect(told(ops)).toHaveLength(1);
    await moveTo(notifier, 10 + 4 * 3_600);
    expect(told(ops)).toEqual(['alerts.firing a1', 'alerts.firing a1']);
    alerts = [resolved(alertOf(), nowMs)];
    await moveTo(notifier, 5 * 3_600);
    alerts = [];
    await notifier.stop();
    notifier = start();
    await moveTo(notifier, 50 * 3_600);
    expect(told(ops)).toEqual(['alerts.firing a1', 'alerts.firing a1', 'alerts.resolved a1']);
    expect(keysOf(ops).size).toBe(3);
    expect(await statesOf('ops')).toEqual(['SENT 1', 'SENT 1', 'SENT 1']);
    expect(await deliveries({ alert: 'a2' })).toEqual([]);
    expect(await deliveries({ alert: 'a1', states: ['SENT'] })).toHaveLength(3);
  });

  it('is one of a thousand in one notification', async () => {
    alerts = Array.from({ length: 1_000 }, (_, index) =>
      alertOf({ id: `a${index}`, labels: { agent: `agent-${index}` }, summary: 'x'.repeat(1_000) }),
    );
    const notifier = start([routeOf({ groupBy: ['alertname'] })]);
    await moveTo(notifier, 10);
    expect(ops.requests).toHaveLength(1);
    expect(ops.requests[0]?.body.data).toMatchObject({ firingCount: 1_000, omittedCount: 900 });
    expect(ops.requests[0]?.text.length).toBeLessThan(200_000);
    alerts = alerts.map((alert) => resolved(alert, nowMs));
    await moveTo(notifier, 70);
    expect(ops.requests).toHaveLength(2);
    expect(ops.requests[1]?.body.data).toMatchObject({ resolvedCount: 1_000, firingCount: 0 });
  });

  it('is not told while a silence holds, and told when that ends', async () => {
    alerts = [alertOf()];
    const silence = await createSilence(database.pool, 'default', {
      matchers: { agent: 'bill*' },
      reason: 'we know',
      createdBy: 'ada',
      createdAt: new Date(NOW),
      startsAt: new Date(NOW),
      endsAt: new Date(NOW + 100_000),
    });
    const notifier = start();
    await moveTo(notifier, 99.999);
    expect(told(ops)).toEqual([]);
    await moveTo(notifier, 100);
    expect(told(ops)).toEqual(['alerts.firing a1']);
    expect((await listSilences({ pool: database.pool, fleet: 'default', endingAfter: null, page })).rows).toMatchObject(
      [silence],
    );
  });
});

describe('a receiver', () => {
  it('that is down for half an hour gets it when it is up again, under the same key', async () => {
    const { port } = ops;
    await ops.close();
    alerts = [alertOf()];
    const notifier = start();
    for (const minutes of [1, 2, 5, 10, 20, 30]) await moveTo(notifier, minutes * 60);
    const [waiting] = await deliveries();
    expect(waiting).toMatchObject({ state: 'FAILED', lastError: 'the connection failed (ECONNREFUSED)' });
    expect(waiting?.attempts).toBeGreaterThan(3);
    expect(+(waiting?.nextAttemptAt as Date) - nowMs).toBeLessThanOrEqual(5 * MINUTE_MS);
    ops = await startReceiver(port);
    ops.reactions = [{ status: 500 }, { status: 302, headers: { location: chat.url } }, 'hang'];
    for (const minutes of [36, 42, 48, 54, 60]) await moveTo(notifier, minutes * 60);
    expect(ops.requests).toHaveLength(4);
    expect(keysOf(ops)).toEqual(new Set([waiting?.idempotencyKey]));
    expect(new Set(ops.requests.map(({ text }) => text)).size).toBe(1);
    expect(chat.requests).toEqual([]);
    expect((await statesOf('ops'))[0]).toMatch(/^SENT/);
  });

  it('that hangs holds up nobody else', async () => {
    ops.usual = 'hang';
    alerts = Array.from({ length: 20 }, (_, index) =>
      alertOf({ id: `a${index}`, labels: { agent: `agent-${index}` } }),
    );
    const notifier = start([routeOf({ receivers: ['ops', 'chat'] })]);
    nowMs = NOW + 10_000;
    notifier.wake();
    await until(() => chat.requests.length === 20);
    expect(ops.requests.length).toBeLessThan(5);
  });

  it('that says 410 is told nothing more until the next start, others are', async () => {
    ops.usual = { status: 410 };
    alerts = [alertOf(), alertOf({ id: 'b1', labels: { agent: 'kyc' } })];
    const routes = [routeOf({ receivers: ['ops', 'chat'] })];
    const notifier = start(routes);
    nowMs = NOW + 10_000;
    notifier.wake();
    await until(() => lines.includes('a receiver is gone'));
    const sent = async () => (await deliveries({ receivers: ['chat'], states: ['SENT'] })).length;
    await until(async () => (await sent()) === 2);
    nowMs = NOW + 9 * HOUR_MS;
    notifier.wake();
    await until(async () => (await sent()) === 4);
    expect(chat.requests).toHaveLength(4);
    expect(ops.requests).toHaveLength(1);
    ops.usual = { status: 200 };
    await notifier.stop();
    const again = start(routes);
    await settle(again);
    expect(ops.requests.length).toBeGreaterThan(1);
  });

  it('that refuses a notice is not asked again with it', async () => {
    ops.usual = { status: 400, body: 'no such field' };
    alerts = [alertOf()];
    const notifier = start();
    await moveTo(notifier, 10);
    await moveTo(notifier, 3_600);
    expect(ops.requests).toHaveLength(1);
    expect(await deliveries()).toMatchObject([{ state: 'DEAD', lastError: 'status 400: no such field', sentAt: null }]);
  });

  it('to which alerts run out is told again and again, in one row of the log', async () => {
    alerts = [alertOf()];
    const notifier = start([routeOf({ receivers: ['prometheus'] })]);
    for (const seconds of [0, 59, 60, 120]) await moveTo(notifier, seconds);
    expect(ops.requests.map(({ body }) => body[0].endsAt)).toEqual([
      '2026-11-28T10:04:00.000Z',
      '2026-11-28T10:05:00.000Z',
      '2026-11-28T10:06:00.000Z',
    ]);
    expect(await statesOf('prometheus')).toEqual(['SENT 1']);
    ops.usual = { status: 400 };
    await moveTo(notifier, 180);
    await moveTo(notifier, 239);
    expect(ops.requests).toHaveLength(4);
    expect(await statesOf('prometheus')).toEqual(['DEAD 1']);
    ops.usual = { status: 200 };
    alerts = [resolved(alertOf(), nowMs)];
    await moveTo(notifier, 240);
    expect(ops.requests[4]?.body[0].endsAt).toBe('2026-11-28T10:03:59.000Z');
  });

  it('that asks for time gets it', async () => {
    ops.reactions = [{ status: 429, headers: { 'retry-after': '120' } }];
    alerts = [alertOf(), alertOf({ id: 'b1', labels: { agent: 'kyc' } })];
    const notifier = start();
    nowMs = NOW + 10_000;
    notifier.wake();
    await until(async () => (await statesOf('ops')).includes('FAILED 1'));
    nowMs = NOW + 129_000;
    await looked(notifier);
    expect(ops.requests).toHaveLength(1);
    await moveTo(notifier, 131);
    expect(ops.requests).toHaveLength(3);
  });

  it('that cannot be told within a day is given up, and tried again when it is due', async () => {
    ops.usual = { status: 503 };
    alerts = [alertOf()];
    const notifier = start();
    await moveTo(notifier, 10);
    await moveTo(notifier, 25 * 3_600);
    expect(await deliveries()).toMatchObject([
      { state: 'FAILED', attempts: 1 },
      { state: 'DEAD', attempts: 2 },
    ]);
  });
});

describe('a crash', () => {
  it('between sending and writing it down sends it again under the same key', async () => {
    ops.reactions = ['hang'];
    alerts = [alertOf()];
    const notifier = start();
    nowMs = NOW + 10_000;
    notifier.wake();
    await until(() => ops.requests.length === 1);
    await notifier.stop();
    expect(await statesOf('ops')).toEqual(['PENDING 0']);
    await settle(start());
    expect(ops.requests).toHaveLength(2);
    expect(keysOf(ops).size).toBe(1);
    expect(await statesOf('ops')).toEqual(['SENT 1']);
  });

  it('of the database between both does not send it again while the server lives', async () => {
    let refused = 0;
    const pool = new Proxy(database.pool, {
      get: (target, name) => {
        if (name !== 'query') return Reflect.get(target, name, target).bind?.(target) ?? Reflect.get(target, name);
        return (text: string, values?: unknown[]) => {
          if (!text.includes(`state = 'SENT'`) || refused > 0) return target.query(text, values);
          refused += 1;
          return Promise.reject(new Error('could not extend file'));
        };
      },
    });
    alerts = [alertOf()];
    const notifier = start([routeOf()], pool);
    nowMs = NOW + 10_000;
    notifier.wake();
    await until(() => lines.includes('could not extend file'));
    await moveTo(notifier, 16);
    expect(await statesOf('ops')).toEqual(['SENT 1']);
    expect(ops.requests).toHaveLength(1);
  });
});

it('is told once even if two plan to tell it', async () => {
  const plan = planNotices({
    alerts: [alertOf()],
    routes: [routeOf()],
    receivers: new Map([['ops', { alertsMax: 1, resendEveryMs: null, tellsAcknowledgement: false }]]),
    mutes: { silences: [], maintenance: [], inhibit: [] },
    told: [],
    nowMs: NOW + 10_000,
  });
  await Promise.all([1, 2, 3].map(() => recordNotices(database.pool, plan.notices, new Date(nowMs))));
  expect(await statesOf('ops')).toEqual(['PENDING 0']);
});

it('the log forgets after a month, but not what still fires', async () => {
  alerts = [alertOf(), alertOf({ id: 'b1', labels: { agent: 'kyc' } })];
  const notifier = start([routeOf({ repeatIntervalMs: 60 * 24 * HOUR_MS })]);
  await moveTo(notifier, 10);
  alerts = [resolved(alertOf(), nowMs), alerts[1] as NotifiableAlert];
  await moveTo(notifier, 70);
  expect(await deliveries()).toHaveLength(3);
  await moveTo(notifier, 31 * 24 * 3_600);
  expect(await deliveries()).toMatchObject([{ alerts: ['b1'], status: 'FIRING' }]);
});

describe('the dead man', () => {
  it('is known by a watchdog that comes no more', async () => {
    const watch = routeOf({ match: { alertname: 'Watchdog' }, receivers: ['chat'], repeatIntervalMs: MINUTE_MS });
    const notifier = start([watch, routeOf()]);
    await moveTo(notifier, 10);
    await moveTo(notifier, 70);
    expect(told(chat)).toEqual(['alerts.firing watchdog', 'alerts.firing watchdog']);
    isAlive = false;
    await moveTo(notifier, 600);
    expect(chat.requests).toHaveLength(2);
    expect(ops.requests).toEqual([]);
  });

  it('is known by a heartbeat that stops', async () => {
    const setting = { url: `${chat.url}/canary`, everyMs: 10 };
    const heartbeat = new Heartbeat({ setting, isAlive: () => isAlive, clock: { now: () => nowMs }, log });
    heartbeat.start();
    await until(() => chat.requests.length > 1);
    isAlive = false;
    await until(() => lines.includes('alerts are not evaluated or not told'));
    const { length } = chat.requests;
    isAlive = true;
    await until(() => lines.includes('the heartbeat goes out again'));
    expect(chat.requests.length).toBeGreaterThan(length);
    await heartbeat.stop();
    expect(chat.requests[0]).toMatchObject({ path: '/canary', text: '' });
    expect(lines).not.toContain('canary');
  });
});

it('all of it starts and stops together, and the heartbeat stops with the looks', async () => {
  let isFrozen = false;
  alerts = [alertOf({ firedAtMs: NOW - MINUTE_MS })];
  const notifications = createNotifications({
    pool: database.pool,
    settings: {
      ...NO_NOTIFICATIONS,
      receivers: [hook('ops', ops)],
      routes: [routeOf()],
      heartbeat: { url: chat.url, everyMs: 10 },
    },
    source: {
      current: async () => {
        if (isFrozen) throw new Error('the database is frozen');
        return alerts;
      },
    },
    isAlive: () => true,
    secretOf: () => SECRET,
    clock: { now: () => nowMs },
    log,
  });
  notifications.start();
  await until(() => chat.requests.length > 1);
  await until(async () => (await statesOf('ops')).includes('SENT 1'));
  alerts = [resolved(alertOf(), nowMs)];
  nowMs += MINUTE_MS;
  notifications.wake();
  await until(() => ops.requests.length === 2);
  isFrozen = true;
  nowMs += MINUTE_MS;
  notifications.wake();
  await until(() => lines.includes('alerts are not evaluated or not told'));
  await notifications.stop();
});

describe('silences', () => {
  const silence = {
    matchers: { agent: 'kyc' },
    reason: '',
    createdBy: 'ada',
    createdAt: new Date(NOW),
    startsAt: new Date(NOW),
    endsAt: new Date(NOW + HOUR_MS),
  };

  it('end when they are told to, and one that has not begun never does', async () => {
    const { pool } = database;
    await newFleet(pool, 'eu');
    const later = { ...silence, startsAt: new Date(NOW + 1_000) };
    const [running, planned] = [
      await createSilence(pool, 'default', silence),
      await createSilence(pool, 'default', later),
    ];
    const now = new Date(NOW + 500);
    expect(await expireSilence(pool, 'default', { id: running.id, actor: 'a', now })).toEqual({
      ...running,
      endsAt: now,
    });
    expect(await expireSilence(pool, 'default', { id: planned.id, actor: 'a', now })).toMatchObject({
      startsAt: now,
      endsAt: now,
    });
    expect(await expireSilence(pool, 'eu', { id: running.id, actor: 'a', now })).toBeNull();
    expect((await listSilences({ pool, fleet: 'default', endingAfter: now, page })).rows).toEqual([]);
    expect((await listSilences({ pool, fleet: 'default', endingAfter: null, page })).rows).toHaveLength(2);
  });

  it.each([
    [{ matchers: {} }, 'would mute everything'],
    [{ matchers: { agent: '*' } }, 'would mute everything'],
    [{ matchers: { agent: 'x'.repeat(300) } }, 'at most 20 matchers of at most 200 printable'],
    [{ matchers: { agent: 'kyc\0' } }, 'printable characters'],
    [{ reason: 'because\0' }, 'the reason has at most 1000 printable characters'],
    [{ endsAt: new Date(NOW) }, 'is over already'],
    [{ startsAt: new Date(NOW + 2 * HOUR_MS) }, 'ends before it begins'],
    [{ startsAt: new Date(0), endsAt: new Date(1) }, 'is over already'],
  ])('are refused as %j', async (over, message) => {
    await expect(createSilence(database.pool, 'default', { ...silence, ...over })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining(message),
    });
  });
});

it('no log line has a secret or a URL', async () => {
  ops.usual = { status: 400 };
  alerts = [alertOf()];
  await moveTo(start(), 10);
  expect(lines).toContain('a notification was given up');
  expect(lines).not.toMatch(/whsec|canary|127\.0\.0\.1/);
});
