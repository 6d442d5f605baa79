import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NotifiableAlert } from '../../src/notify/alert.js';
import { findMuted, type Mutes } from '../../src/notify/plan/mute.js';
import { planNotices, type Told } from '../../src/notify/plan/plan.js';
import { routeAlert } from '../../src/notify/plan/route.js';
import { alertOf, NOW, resolved, routeOf } from '../support/alert.js';

const AGENTS = ['kyc', 'fraud', 'billing'];
const LONG_MS = 3_600_000;

const step = fc.record({
  afterMs: fc.integer({ min: 1, max: 120_000 }),
  event: fc.oneof(
    fc.record({ kind: fc.constant('fire' as const), agent: fc.constantFrom(...AGENTS) }),
    fc.record({ kind: fc.constantFrom('resolve' as const, 'acknowledge' as const), which: fc.nat(20) }),
    fc.record({ kind: fc.constant('silence' as const), agent: fc.constantFrom(...AGENTS), forMs: fc.nat(300_000) }),
    fc.record({ kind: fc.constant('wait' as const) }),
  ),
  isReceiverUp: fc.boolean(),
});

/** Two receivers: one told by group, one by all at once. */
const ROUTES = [
  routeOf({ receivers: ['chat'], isContinued: true, repeatIntervalMs: 10 * LONG_MS }),
  routeOf({ receivers: ['pager'], groupBy: [], groupWaitMs: 0, repeatIntervalMs: 10 * LONG_MS }),
];
const traits = { alertsMax: 2, resendEveryMs: null, tellsAcknowledgement: false };
const RECEIVERS = new Map([
  ['chat', traits],
  ['pager', { ...traits, tellsAcknowledgement: true }],
]);

class World {
  nowMs = NOW;
  alerts: NotifiableAlert[] = [];
  mutes: Mutes = { silences: [], maintenance: [], inhibit: [] };
  readonly log = new Map<string, Told>();
  /** How often each receiver was told that an incident fires, and that it is over. */
  readonly begun = new Map<string, number>();
  readonly ended = new Map<string, number>();
  #ids = 0;

  apply(event: (typeof step extends fc.Arbitrary<infer S> ? S : never)['event']): void {
    if (event.kind === 'fire') {
      this.#ids += 1;
      this.alerts.push(alertOf({ id: `a${this.#ids}`, labels: { agent: event.agent }, firedAtMs: this.nowMs }));
    } else if (event.kind === 'resolve' || event.kind === 'acknowledge') {
      this.alerts = this.alerts.map((alert, index) => {
        if (index !== event.which || alert.state === 'RESOLVED') return alert;
        return event.kind === 'resolve' ? resolved(alert, this.nowMs) : { ...alert, acknowledgedAtMs: this.nowMs };
      });
    } else if (event.kind === 'silence') {
      const span = { fleet: 'default', startsAtMs: this.nowMs, endsAtMs: this.nowMs + event.forMs };
      this.mutes = { ...this.mutes, silences: [...this.mutes.silences, { ...span, matchers: { agent: event.agent } }] };
    }
  }

  look(isReceiverUp: boolean): void {
    const { alerts, mutes, nowMs } = this;
    const muted = findMuted(alerts, mutes, nowMs).keys;
    const told = [...this.log.values()];
    for (const each of told) if (isReceiverUp && each.isOpen) Object.assign(each, { isOpen: false, atMs: nowMs });
    const { notices, nextAtMs } = planNotices({ alerts, routes: ROUTES, receivers: RECEIVERS, mutes, told, nowMs });
    expect(nextAtMs === null || nextAtMs > nowMs).toBe(true);
    for (const { notice, firing, afterId } of notices) {
      const key = `${notice.receiver} ${notice.groupKey}`;
      const before = this.log.get(key);
      expect(before?.isOpen ?? false).toBe(false);
      expect(afterId).toBe(before?.id ?? null);
      expect(notice.alerts.length).toBeLessThanOrEqual(2);
      for (const each of firing.filter((one) => !before?.firing.includes(one))) {
        expect(muted.has(`default/${each}`)).toBe(false);
        this.#count(this.begun, `${notice.receiver} ${each}`);
      }
      const over = (before?.firing ?? []).filter((one) => !firing.includes(one));
      expect(notice.resolvedCount).toBe(over.length);
      for (const each of over) this.#count(this.ended, `${notice.receiver} ${each}`);
      this.#ids += 1;
      this.log.set(key, { id: this.#ids, notice, firing, isOpen: !isReceiverUp, atMs: nowMs });
    }
  }

  #count(counts: Map<string, number>, key: string): void {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}

test('whatever happens, each receiver hears once that an incident fires and once that it is over', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = new World();
      for (const { afterMs, event, isReceiverUp } of steps) {
        world.nowMs += afterMs;
        world.apply(event);
        world.look(isReceiverUp);
      }
      // Long enough for every silence, wait and interval to pass.
      for (let round = 0; round < 4; round += 1) {
        world.nowMs += 400_000;
        world.look(true);
      }
      for (const counts of [world.begun, world.ended])
        expect([...counts.values()].every((count) => count === 1)).toBe(true);
      for (const alert of world.alerts) {
        for (const receiver of RECEIVERS.keys()) {
          const key = `${receiver} ${alert.id}`;
          if (alert.state === 'FIRING') expect(world.begun.has(key)).toBe(true);
          expect(world.ended.has(key)).toBe(alert.state === 'RESOLVED' && world.begun.has(key));
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('alerts are in one group exactly if they agree in fleet and labels', () => {
  const name = fc.string({ unit: fc.constantFrom('a', '"', ',', ']', '\\', '\u0000'), maxLength: 4 });
  const alert = fc.record({ fleet: fc.constantFrom('eu', 'us'), agent: name, team: name });
  const groupOf = ({ fleet, agent, team }: { fleet: string; agent: string; team: string }) =>
    routeAlert(alertOf({ fleet, labels: { agent, team } }), [routeOf({ groupBy: ['agent', 'team'] })])[0]?.groupKey;
  fc.assert(
    fc.property(alert, alert, (left, right) => {
      const agree = left.fleet === right.fleet && left.agent === right.agent && left.team === right.team;
      expect(groupOf(left) === groupOf(right)).toBe(agree);
    }),
    { numRuns: 1_000 },
  );
});
