import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/demo/random.js';
import { RateDetector, type Trials } from '../../../src/detect/series/rate.js';
import { ALARM_SCORE, type Verdict } from '../../../src/detect/series/verdict.js';

/** So many intervals with so many trials each, by chance. */
function draw(count: number, { trials, rate, seed = 1 }: { trials: number; rate: number; seed?: number }): Trials[] {
  const random = createRandom(seed).fork('trials');
  return Array.from({ length: count }, () => {
    let events = 0;
    for (let trial = 0; trial < trials; trial += 1) if (random.next() < rate) events += 1;
    return { events, trials };
  });
}

function judge(intervals: readonly (Trials | null)[], detector = new RateDetector()): Verdict[] {
  return intervals.map((interval) => detector.observe(interval));
}

const alarms = (verdicts: readonly Verdict[]) =>
  verdicts.flatMap(({ score }, index) => (score >= ALARM_SCORE ? [index] : []));

describe('a rate', () => {
  it.each([
    { trials: 2, rate: 0.02 },
    { trials: 20, rate: 0.1 },
    { trials: 500, rate: 0.97 },
  ])('raises no alarm by chance with $trials trials at $rate', (kind) => {
    for (const seed of [1, 2, 3]) expect(alarms(judge(draw(4_000, { ...kind, seed })))).toEqual([]);
  });

  it('is not alarmed by two failures of two', () => {
    const usual = draw(1_000, { trials: 2, rate: 0.05 });
    expect(alarms(judge([...usual, { events: 2, trials: 2 }]))).toEqual([]);
  });

  it('is alarmed at once when half of fifty calls fail', () => {
    const usual = draw(1_000, { trials: 50, rate: 0.02 });
    const verdict = judge([...usual, { events: 25, trials: 50 }]).at(-1);
    expect(verdict).toMatchObject({ aspect: 'rate', expected: expect.closeTo(0.02, 2) });
    expect(verdict?.score).toBeGreaterThan(0.95);
  });

  it('is alarmed within half an hour when a few calls a minute fail more often', () => {
    const intervals = [...draw(1_000, { trials: 5, rate: 0.03 }), ...draw(60, { trials: 5, rate: 0.35, seed: 9 })];
    const [first] = alarms(judge(intervals));
    expect(first).toBeGreaterThanOrEqual(1_000);
    expect(first).toBeLessThan(1_030);
  });

  it('is alarmed when successes become rare', () => {
    const intervals = [...draw(1_000, { trials: 30, rate: 0.99 }), { events: 15, trials: 30 }];
    expect(alarms(judge(intervals))).toEqual([1_000]);
  });

  it('ignores a sure but slight shift', () => {
    const intervals = [
      ...draw(500, { trials: 5_000, rate: 0.05 }),
      ...draw(20, { trials: 5_000, rate: 0.057, seed: 9 }),
    ];
    expect(alarms(judge(intervals))).toEqual([]);
  });

  it('allows for a rate that always varied', () => {
    const calm = draw(3_000, { trials: 100, rate: 0.05 });
    const varied = calm.map(({ events, trials }, index) => ({ events: events + (index % 10 === 0 ? 15 : 0), trials }));
    expect(alarms(judge([...varied, { events: 20, trials: 100 }])).filter((index) => index === 3_000)).toEqual([]);
    expect(alarms(judge([...calm, { events: 24, trials: 100 }]))).toEqual([3_000]);
  });

  it('gives the band that this many trials allow', () => {
    const detector = new RateDetector();
    judge(draw(1_000, { trials: 50, rate: 0.1 }), detector);
    const few = detector.observe({ events: 1, trials: 10 });
    const many = detector.observe({ events: 100, trials: 1_000 });
    expect(few.band?.high).toBeGreaterThan(many.band?.high ?? 1);
    expect(many.band?.low).toBeLessThan(0.1);
    expect(many.band?.high).toBeGreaterThan(0.1);
    expect(many.band?.high).toBeLessThan(0.25);
  });

  it('passes over intervals without trials and counts that cannot be', () => {
    const detector = new RateDetector();
    judge(draw(500, { trials: 20, rate: 0.1 }), detector);
    const before = JSON.stringify(detector);
    for (const nothing of [
      null,
      { events: 0, trials: 0 },
      { events: 3, trials: 2 },
      { events: Number.NaN, trials: 2 },
    ]) {
      expect(detector.observe(nothing)).toMatchObject({ score: 0, aspect: null });
    }
    expect(JSON.stringify(detector)).toBe(before);
  });

  it('goes on after a restart as if there had been none', () => {
    const intervals = [...draw(400, { trials: 20, rate: 0.1 }), { events: 20, trials: 20 }];
    const whole = judge(intervals);
    let detector = new RateDetector();
    const verdicts = intervals.map((interval, index) => {
      if (index === 217) detector = new RateDetector(JSON.parse(JSON.stringify(detector)));
      return detector.observe(interval);
    });
    expect(verdicts).toEqual(whole);
  });
});
