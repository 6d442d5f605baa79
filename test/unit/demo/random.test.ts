import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/demo/random.js';

const DRAWS = 100_000;
const draw = (sample: () => number): number[] => Array.from({ length: DRAWS }, sample);
const averageOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the seeded generator', () => {
  it('repeats itself for the same seed, and for the same seed and label', () => {
    const [one, two] = [createRandom(42), createRandom(42)];
    expect(draw(one.next)).toEqual(draw(two.next));
    expect(one.fork('ids').hex(32)).toBe(createRandom(42).fork('ids').hex(32));
  });

  it('differs between seeds and between labels', () => {
    const random = createRandom(42);
    const ids = [
      createRandom(42).hex(32),
      createRandom(43).hex(32),
      random.fork('a').hex(32),
      random.fork('b').hex(32),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('draws evenly, also where events are rare', () => {
    for (const seed of [1, 2, 3, 4]) {
      const random = createRandom(seed);
      const tenths = new Array<number>(10).fill(0);
      for (const index of draw(() => random.integer(0, 9))) tenths[index] = (tenths[index] ?? 0) + 1;
      for (const count of tenths) expect(Math.abs(count - DRAWS / 10)).toBeLessThan(500);
      const rare = draw(() => (random.chance(0.005) ? 1 : 0)).filter((each) => each === 1).length;
      expect(Math.abs(rare - 500)).toBeLessThan(100);
    }
  });

  it('draws log-normal values around the median and exponential ones around the mean', () => {
    const random = createRandom(9);
    const values = draw(() => random.lognormal(400, 0.35)).sort((left, right) => left - right);
    expect(values[DRAWS / 2]).toBeCloseTo(400, -1);
    expect((values[Math.floor(DRAWS * 0.8413)] ?? 0) / 400).toBeCloseTo(Math.exp(0.35), 1);
    expect(averageOf(draw(() => random.exponential(3)))).toBeCloseTo(3, 1);
  });
});
