import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/demo/random.js';
import { SeriesDetector } from '../../../src/detect/series/series.js';
import { ALARM_SCORE, type Verdict } from '../../../src/detect/series/verdict.js';
import { DAY_MS, MINUTE_MS } from '../../../src/time.js';

const STEP_MS = 5 * MINUTE_MS;
const DAY = DAY_MS / STEP_MS;
const START_MS = Date.parse('2026-11-02T00:00:00Z');
const atOf = (index: number) => START_MS + index * STEP_MS;

/** High by day, low by night, with noise: 20 to 120. */
function wave(days: number, seed = 1): number[] {
  const random = createRandom(seed).fork('noise');
  return Array.from({ length: days * DAY }, (_, index) => {
    const hour = ((index % DAY) / DAY) * 24;
    return (hour >= 8 && hour < 18 ? 100 : 40) + 20 * (random.next() * 2 - 1);
  });
}

function judge(values: readonly (number | null)[], detector = new SeriesDetector()): Verdict[] {
  return values.map((value, index) => detector.observe(atOf(index), value));
}

const alarms = (verdicts: readonly Verdict[]) =>
  verdicts.flatMap(({ score }, index) => (score >= ALARM_SCORE ? [index] : []));

describe('a series', () => {
  it('is judged by nothing it has not learned', () => {
    const [first, ...others] = judge([...wave(1).slice(0, 99), 5_000]);
    expect(first).toEqual({ score: 0, expected: null, band: null, aspect: null });
    expect(others.every(({ score, band }) => score === 0 && band === null)).toBe(true);
  });

  it('raises hardly an alarm, and no loud one, over three weeks as usual', () => {
    const scores = judge(wave(21)).map(({ score }) => score);
    expect(scores.filter((score) => score >= ALARM_SCORE).length).toBeLessThanOrEqual(1);
    expect(Math.max(...scores)).toBeLessThan(0.9);
  });

  it('is alarmed by a spike at once, and once', () => {
    const values = wave(10);
    for (let index = 5 * DAY; index < 5 * DAY + 6; index += 1) values[index] = 200;
    const verdicts = judge(values);
    expect(alarms(verdicts)).toEqual([5 * DAY]);
    expect(verdicts[5 * DAY]).toMatchObject({ aspect: 'season', score: expect.closeTo(1, 1) });
  });

  it('hears an incident again as it gets worse', () => {
    const values = wave(10);
    [150, 150, 150, 400].forEach((value, offset) => {
      values[5 * DAY + offset] = value;
    });
    const heard = judge(values)
      .slice(5 * DAY, 5 * DAY + 4)
      .map(({ score }) => score > 0);
    expect(heard).toEqual([true, false, false, true]);
  });

  it('is alarmed by what is usual, only not at this hour', () => {
    const values = wave(10);
    const night = 8 * DAY + DAY / 8;
    for (let index = night; index < night + 12; index += 1) values[index] = 105;
    const [first] = alarms(judge(values));
    expect(first).toBeGreaterThanOrEqual(night);
    expect(first).toBeLessThan(night + 12);
  });

  it('is alarmed when a day does not come', () => {
    const values = wave(10);
    for (let index = 8 * DAY + DAY / 3; index < 8 * DAY + (3 * DAY) / 4; index += 1) values[index] = 40;
    const [first] = alarms(judge(values));
    expect(first).toBeGreaterThanOrEqual(8 * DAY + DAY / 3);
    expect(first).toBeLessThan(8 * DAY + DAY / 3 + 24);
  });

  it('is used to a new level after a while', () => {
    const values = wave(28).map((value, index) => (index < 8 * DAY ? value : value + 300));
    const heard = alarms(judge(values));
    expect(heard[0]).toBe(8 * DAY);
    expect(heard.filter((index) => index > 16 * DAY)).toEqual([]);
  });

  it('expects of an hour what other days had in it', () => {
    const verdicts = judge(wave(8));
    const noon = verdicts[7 * DAY + DAY / 2] as Verdict;
    const night = verdicts[7 * DAY + DAY / 8] as Verdict;
    expect(noon.expected).toBeCloseTo(100, -1);
    expect(night.expected).toBeCloseTo(40, -1);
    expect(noon.band?.low).toBeGreaterThan(60);
    expect(night.band?.high).toBeLessThan(80);
  });

  it('passes over values that are none, and remembers none of them', () => {
    const values = wave(10);
    const detector = new SeriesDetector();
    judge(values, detector);
    const before = JSON.stringify(detector);
    for (const nothing of [null, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE]) {
      expect(detector.observe(atOf(values.length), nothing)).toMatchObject({ score: 0, aspect: null });
    }
    expect(JSON.stringify(detector)).toBe(before);
  });

  it('takes gaps and times out of order', () => {
    const random = createRandom(3).fork('gaps');
    const detector = new SeriesDetector();
    let at = START_MS;
    for (const value of wave(6)) {
      at += STEP_MS * (random.next() < 0.02 ? 40 : random.next() < 0.1 ? -1 : 1);
      expect(detector.observe(at, value).score).toBeLessThanOrEqual(1);
    }
  });

  it('is alarmed by a constant series that suddenly is not', () => {
    const values = Array.from({ length: 1_000 }, () => 7);
    expect(alarms(judge([...values, 8]))).toEqual([1_000]);
    expect(alarms(judge([...values, 7]))).toEqual([]);
  });

  it('goes on after a restart as if there had been none', () => {
    const values = wave(12);
    values[11 * DAY] = 300;
    const whole = judge(values);
    let detector = new SeriesDetector();
    const verdicts = values.map((value, index) => {
      if (index === 9 * DAY + 5) detector = new SeriesDetector(JSON.parse(JSON.stringify(detector)));
      return detector.observe(atOf(index), value);
    });
    expect(verdicts).toEqual(whole);
  });

  it('is remembered in a few kilobytes, however long it runs', () => {
    const detector = new SeriesDetector();
    judge(wave(28), detector);
    expect(JSON.stringify(detector).length).toBeLessThan(10_000);
  });
});
