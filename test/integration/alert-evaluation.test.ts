import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlertRule } from '../../src/alert/rule.js';
import { Evaluator } from '../../src/alerting/evaluator.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import type { Decision } from '../../src/decision/decision.js';
import { createLog } from '../../src/log.js';
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../../src/time.js';
import { ruleOf } from '../support/alert-rule.js';
import { createStandingClock } from '../support/days.js';
import { makeDecision } from '../support/decision.js';
import { type GraphQLFixture, startGraphQL } from '../support/graphql.js';

const WINDOW_MS = MINUTE_MS;
const FOR_MS = 20_000;
const LONG_MS = 30_000;

const clock = createStandingClock(floorTo(Date.now(), DAY_MS) + 6 * HOUR_MS);
let api: GraphQLFixture;
let rule: AlertRule;
beforeAll(async () => {
  const condition = 'decisions > 2 or decision_latency_max > 50s';
  const fields = { name: 'busy', condition, window: '1m', for: '20s', flap_hold: '0s' };
  rule = ruleOf(fields);
  api = await startGraphQL({ clock, alerting: () => [rule] });
});
afterAll(() => api.close());

/** When an agent's alert fired, and when it was over. */
interface Fired {
  agent: string;
  firedAtMs: number;
  resolvedAtMs: number | null;
}

/** The rule read word by word: what counts in the window, and for how long it has been met. */
class NaiveReading {
  readonly fired: Fired[] = [];
  readonly #metSinceMs = new Map<string, number>();
  readonly #firing = new Map<string, Fired>();

  evaluate(agent: string, decisions: readonly Decision[], atMs: number): void {
    const fromMs = atMs - WINDOW_MS;
    const counted = decisions.filter((each) => {
      const isLong = each.endedAtMs - each.startedAtMs > LONG_MS;
      const hasEndedInIt = isLong && each.endedAtMs >= fromMs && each.endedAtMs < atMs;
      return each.agent === agent && each.startedAtMs < atMs && (each.startedAtMs >= fromMs || hasEndedInIt);
    });
    const isMet = counted.length > 2 || counted.some((each) => each.endedAtMs - each.startedAtMs > 50_000);
    const firing = this.#firing.get(agent);
    if (!isMet) {
      this.#metSinceMs.delete(agent);
      this.#firing.delete(agent);
      if (firing !== undefined) firing.resolvedAtMs = atMs;
      return;
    }
    const sinceMs = this.#metSinceMs.get(agent) ?? atMs;
    this.#metSinceMs.set(agent, sinceMs);
    if (firing !== undefined || atMs - sinceMs < FOR_MS) return;
    const begun = { agent, firedAtMs: atMs, resolvedAtMs: null };
    this.#firing.set(agent, begun);
    this.fired.push(begun);
  }
}

const decisionOf = fc.record({
  agent: fc.nat(1),
  agoMs: fc.integer({ min: 1, max: 100_000 }),
  takesMs: fc.integer({ min: 1, max: 100_000 }),
});
const round = fc.record({
  pauseMs: fc.integer({ min: 1_000, max: 40_000 }),
  decisions: fc.array(decisionOf, { maxLength: 4 }),
  isRestarted: fc.boolean(),
});

async function record(decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  const judged = decisions.map((decision) => ({ decision, sampled: false }));
  await api.recorder.record('default', { decisions: judged, sightings: [] });
}

async function firedOf(agents: readonly string[]): Promise<Fired[]> {
  const { rows } = await api.pool.query<{ agent: string; firedAt: Date; resolvedAt: Date | null }>(
    `SELECT agent, fired_at AS "firedAt", resolved_at AS "resolvedAt" FROM alert
     WHERE fired_at IS NOT NULL AND agent = ANY($1) ORDER BY fired_at, agent`,
    [agents],
  );
  return rows.map(({ agent, firedAt, resolvedAt }) => ({
    agent,
    firedAtMs: firedAt.getTime(),
    resolvedAtMs: resolvedAt?.getTime() ?? null,
  }));
}

it('alerts fire and resolve as the rule reads, across restarts', { timeout: 120_000 }, async () => {
  let runs = 0;
  let fired = 0;
  const newEvaluator = () =>
    new Evaluator({
      records: { pool: api.pool, calendar: new DecisionCalendar({ pool: api.pool, clock }) },
      rules: api.rules,
      announce: () => undefined,
      clock,
      log: createLog('silent'),
    });
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 3, maxLength: 12 }), async (rounds) => {
      runs += 1;
      clock.nowMs += 10 * MINUTE_MS;
      const agents = [`${runs}a`, `${runs}b`];
      const naive = new NaiveReading();
      const recorded: Decision[] = [];
      let evaluator = newEvaluator();
      for (const [index, { pauseMs, decisions, isRestarted }] of rounds.entries()) {
        clock.nowMs += pauseMs;
        const fresh = decisions.map(({ agent, agoMs, takesMs }, place) => {
          const startedAtMs = clock.nowMs - agoMs;
          const endedAtMs = Math.min(startedAtMs + takesMs, clock.nowMs);
          const id = `${runs}-${index}-${place}`;
          return makeDecision({ id, agent: agents[agent] as string, startedAtMs, endedAtMs });
        });
        await record(fresh);
        recorded.push(...fresh);
        if (isRestarted) evaluator = newEvaluator();
        expect(await evaluator.evaluate('default')).toBe(true);
        for (const agent of agents) naive.evaluate(agent, recorded, clock.nowMs);
      }
      expect(await firedOf(agents)).toEqual(naive.fired);
      fired += naive.fired.length;
    }),
    { numRuns: 25 },
  );
  expect(fired).toBeGreaterThan(5);
});
