import { describe, expect, it } from 'vitest';
import type { NotifiableAlert } from '../../../src/notify/alert.js';
import {
  type ChannelTraits,
  type Plan,
  type PlanInput,
  planNotices,
  type Told,
} from '../../../src/notify/plan/plan.js';
import { createWatchdog } from '../../../src/notify/watchdog.js';
import { alertOf, MINUTE_MS, NOW, resolved, routeOf } from '../../support/alert.js';

const CHAT: ChannelTraits = { alertsMax: 100, resendEveryMs: null, tellsAcknowledgement: false };
const PAGER: ChannelTraits = { ...CHAT, tellsAcknowledgement: true };
const PROMETHEUS: ChannelTraits = { ...CHAT, resendEveryMs: MINUTE_MS };
const NO_MUTES = { silences: [], maintenance: [], inhibit: [] };

/** A receiver `ops` that gets everything that is planned for it, at once. */
function world(traits = CHAT, route = routeOf()) {
  let told: Told[] = [];
  let sent = 0;
  const look = (nowMs: number, alerts: NotifiableAlert[], over: Partial<PlanInput> = {}): Plan => {
    const plan = planNotices({
      alerts,
      routes: [route],
      receivers: new Map([['ops', traits]]),
      mutes: NO_MUTES,
      told,
      nowMs,
      ...over,
    });
    for (const { notice, firing, afterId } of plan.notices) {
      expect(afterId).toBe(told.find((each) => each.notice.groupKey === notice.groupKey)?.id ?? null);
      sent += 1;
      told = told.filter((each) => each.notice.groupKey !== notice.groupKey);
      if (firing.length > 0) told.push({ id: sent, notice, firing, isOpen: false, atMs: nowMs });
    }
    return plan;
  };
  return {
    look,
    /** What is told, such as `FIRING a1`, `RESOLVED a1`. */
    say: (...args: Parameters<typeof look>) =>
      look(...args).notices.map(({ notice }) => `${notice.status} ${notice.alerts.map(({ id }) => id).join(' ')}`),
  };
}

const HOUR_MS = 60 * MINUTE_MS;
const at = (seconds: number) => NOW + seconds * 1_000;

describe('an incident', () => {
  it('is told once after the wait of its group, and once when it is over', () => {
    const { look, say } = world();
    expect(look(NOW, [alertOf()])).toEqual({ notices: [], nextAtMs: at(10) });
    expect(say(at(10), [alertOf()])).toEqual(['FIRING a1']);
    expect(look(at(11), [alertOf()])).toEqual({ notices: [], nextAtMs: at(10) + 4 * HOUR_MS });
    const over = resolved(alertOf(), at(20));
    expect(look(at(20), [over])).toEqual({ notices: [], nextAtMs: at(70) });
    expect(say(at(70), [over])).toEqual(['RESOLVED a1']);
    expect(look(at(300), [over])).toEqual({ notices: [], nextAtMs: null });
  });

  it('that is over before it was told is not told', () => {
    const { say } = world();
    expect(say(NOW, [alertOf()])).toEqual([]);
    expect(say(at(60), [resolved(alertOf(), at(5))])).toEqual([]);
  });

  it('is repeated after the interval, unless somebody acknowledged it', () => {
    const { say } = world();
    say(at(10), [alertOf()]);
    expect(say(at(9) + 4 * HOUR_MS, [alertOf()])).toEqual([]);
    expect(say(at(10) + 4 * HOUR_MS, [alertOf()])).toEqual(['FIRING a1']);
    const seen = alertOf({ acknowledgedAtMs: at(30) });
    expect(say(at(10) + 9 * HOUR_MS, [seen])).toEqual([]);
    expect(say(at(10) + 9 * HOUR_MS, [resolved(seen, at(60))])).toEqual(['RESOLVED a1']);
  });

  it('leaves out of a repetition what was acknowledged', () => {
    const { say, look } = world();
    const two = [alertOf(), alertOf({ id: 'a2' })];
    say(at(10), two);
    const plan = look(at(10) + 4 * HOUR_MS, [two[0] as NotifiableAlert, alertOf({ id: 'a2', acknowledgedAtMs: NOW })]);
    expect(plan.notices[0]).toMatchObject({ alerts: ['a1'], notice: { firingCount: 1, quietCount: 1 } });
  });

  it('that fires again under its name is told again', () => {
    const { say } = world();
    say(at(10), [alertOf()]);
    say(at(70), [resolved(alertOf(), at(60))]);
    expect(say(at(80), [alertOf({ firedAtMs: at(80) })])).toEqual([]);
    expect(say(at(90), [alertOf({ firedAtMs: at(80) })])).toEqual(['FIRING a1']);
  });

  it('is told to be over even when it is known no more', () => {
    const { say } = world();
    say(at(10), [alertOf()]);
    expect(say(at(70), [])).toEqual(['RESOLVED a1']);
    expect(say(at(200), [])).toEqual([]);
  });

  it('is not told anew while a notice is still to be delivered', () => {
    const notice = world().look(at(10), [alertOf()]).notices[0];
    const told = [{ id: 1, notice, firing: ['a1'], isOpen: true, atMs: at(10) }] as unknown as Told[];
    expect(world().look(at(600), [resolved(alertOf(), at(60))], { told })).toEqual({ notices: [], nextAtMs: null });
  });
});

describe('a group', () => {
  it('is one notice, the most severe first, cut to what the channel lists', () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      alertOf({
        id: `a${index}`,
        labels: { agent: `agent-${index}` },
        severity: index === 500 ? 'CRITICAL' : 'WARNING',
      }),
    );
    const { notices } = world(CHAT, routeOf({ groupBy: [] })).look(at(10), many);
    expect(notices).toHaveLength(1);
    expect(notices[0]?.notice.alerts).toHaveLength(100);
    expect(notices[0]?.notice.alerts[0]?.id).toBe('a500');
    expect(notices[0]).toMatchObject({
      notice: { firingCount: 1_000 },
      firing: expect.objectContaining({ length: 1_000 }),
    });
  });

  it('hears of those that come later at its interval, with those that still fire', () => {
    const { say } = world();
    say(at(10), [alertOf()]);
    const two = [alertOf(), alertOf({ id: 'a2', firedAtMs: at(20) })];
    expect(say(at(69), two)).toEqual([]);
    expect(say(at(70), two)).toEqual(['FIRING a1 a2']);
    expect(say(at(130), [two[0] as NotifiableAlert, resolved(two[1] as NotifiableAlert, at(120))])).toEqual([
      'FIRING a1 a2',
    ]);
  });

  it('that no route leads to any more is only told to be over', () => {
    const { say } = world();
    say(at(10), [alertOf()]);
    expect(say(at(10) + 9 * HOUR_MS, [alertOf()], { routes: [] })).toEqual([]);
    expect(say(at(10) + 9 * HOUR_MS, [resolved(alertOf(), at(20))], { routes: [] })).toEqual(['RESOLVED a1']);
  });
});

describe('what is muted', () => {
  const silences = [{ fleet: 'default', matchers: { agent: '*' }, startsAtMs: NOW, endsAtMs: at(100) }];
  const silent = { mutes: { ...NO_MUTES, silences } };

  it('is told when the silence ends and it still fires', () => {
    const { look, say } = world();
    expect(look(at(50), [alertOf()], silent)).toEqual({ notices: [], nextAtMs: at(100) });
    expect(say(at(100), [alertOf()], silent)).toEqual(['FIRING a1']);
  });

  it('is told to be over if it was told before', () => {
    const { say } = world();
    say(at(10), [alertOf()]);
    expect(say(at(80), [resolved(alertOf(), at(60))], silent)).toEqual(['RESOLVED a1']);
  });

  it('keeps its group open, and is counted', () => {
    const { look, say } = world();
    const two = [alertOf(), alertOf({ id: 'a2' })];
    say(at(10), two);
    const over = [resolved(alertOf(), at(60)), two[1] as NotifiableAlert];
    const { notices } = look(at(80), over, silent);
    expect(notices[0]?.notice).toMatchObject({ status: 'FIRING', firingCount: 0, resolvedCount: 1, quietCount: 1 });
  });
});

describe('channels with wishes of their own', () => {
  it('hear of an acknowledgement, once', () => {
    const { say } = world(PAGER);
    say(at(10), [alertOf()]);
    const seen = alertOf({ acknowledgedAtMs: at(15) });
    expect(say(at(15), [seen])).toEqual(['ACKNOWLEDGED a1']);
    expect(say(at(16) + 9 * HOUR_MS, [seen])).toEqual([]);
  });

  it('are told at once and again and again where alerts run out, acknowledged or not', () => {
    const { look, say } = world(PROMETHEUS);
    expect(say(NOW, [alertOf()])).toEqual(['FIRING a1']);
    const { notices } = look(at(60), [alertOf({ acknowledgedAtMs: at(15) })]);
    expect(notices).toMatchObject([{ isRestated: true, afterId: 1 }]);
    expect(say(at(61), [resolved(alertOf(), at(61))])).toEqual(['RESOLVED a1']);
  });
});

describe('the watchdog', () => {
  const route = routeOf({ match: { alertname: 'Watchdog' }, repeatIntervalMs: MINUTE_MS });

  it('is repeated while it is there, and never told to be over', () => {
    const { look, say } = world(CHAT, route);
    const watchdog = createWatchdog(NOW);
    expect(say(at(10), [watchdog])).toEqual(['FIRING watchdog']);
    expect(say(at(70), [watchdog])).toEqual(['FIRING watchdog']);
    expect(look(at(600), [])).toEqual({ notices: [], nextAtMs: null });
    expect(say(at(660), [watchdog])).toEqual(['FIRING watchdog']);
  });
});
