import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DayCardinality, type FoldedSlice } from '../../../src/metric/cardinality.js';
import { type Labels, NO_LABELS, OTHER, type Slice } from '../../../src/metric/slice.js';

const slice = (labels: Partial<Labels>): Slice => ({ source: 'DECISIONS', labels: { ...NO_LABELS, ...labels } });
const LIMITS = { valuesPerDimension: 3, slicesPerDay: 1_000 };

describe('the cardinality of a day', () => {
  it('keeps values up to the bound and folds what is new beyond it', () => {
    const day = new DayCardinality(LIMITS, []);
    const segments = ['a', 'b', 'c', 'd', 'e', 'a'].map((segment) => day.fold(slice({ CUSTOMER_SEGMENT: segment })));
    expect(segments.map(({ labels }) => labels.CUSTOMER_SEGMENT)).toEqual(['a', 'b', 'c', OTHER, OTHER, 'a']);
    expect(segments.map(({ folded }) => folded)).toEqual([[], [], [], ['CUSTOMER_SEGMENT'], ['CUSTOMER_SEGMENT'], []]);
    expect(segments[3]?.key).toBe(segments[4]?.key);
  });

  it('tells ten times as many agents apart', () => {
    const day = new DayCardinality(LIMITS, []);
    const folded = Array.from({ length: 31 }, (_, n) => day.fold(slice({ AGENT: `agent ${n}` })).folded);
    expect(folded.filter((dimensions) => dimensions.length > 0)).toEqual([['AGENT']]);
  });

  it('tells a value called other from the fold', () => {
    const day = new DayCardinality({ ...LIMITS, valuesPerDimension: 1 }, []);
    const named = day.fold(slice({ REGION: OTHER }));
    const folded = day.fold(slice({ REGION: 'eu' }));
    expect(named.labels).toEqual(folded.labels);
    expect(named.key).not.toBe(folded.key);
  });

  it('never folds what is not known, the risk class or the outcome', () => {
    const day = new DayCardinality({ valuesPerDimension: 0, slicesPerDay: 0 }, []);
    const { labels, folded } = day.fold(slice({ AGENT: 'x', OUTCOME: 'ERROR', RISK_CLASS: 'ADMIN' }));
    expect(labels).toEqual({ ...NO_LABELS, AGENT: OTHER, OUTCOME: 'ERROR', RISK_CLASS: 'ADMIN' });
    expect(folded).toEqual(['AGENT']);
  });

  it('goes on where another thread left off', () => {
    const before = new DayCardinality(LIMITS, []);
    const known = ['a', 'b', 'c', 'd'].map((segment) => before.fold(slice({ CUSTOMER_SEGMENT: segment })));
    const after = new DayCardinality(LIMITS, known);
    expect(after.fold(slice({ CUSTOMER_SEGMENT: 'e' })).folded).toEqual(['CUSTOMER_SEGMENT']);
    expect(after.fold(slice({ CUSTOMER_SEGMENT: 'b' })).folded).toEqual([]);
  });

  it('bounds combinations whatever comes', () => {
    const text = fc.string({ maxLength: 3 });
    const labels = fc.record({ AGENT: text, MODEL: text, CUSTOMER_SEGMENT: text, REGION: text });
    fc.assert(
      fc.property(
        fc.array(labels, { maxLength: 200 }),
        fc.nat(20),
        fc.nat(6),
        (all, slicesPerDay, valuesPerDimension) => {
          const day = new DayCardinality({ valuesPerDimension, slicesPerDay }, []);
          const slices = new Map<string, FoldedSlice>();
          for (const each of all) {
            const folded = day.fold(slice(each));
            slices.set(folded.key, folded);
          }
          // Beyond the bound a slice is told apart by its agent, and by whether the rest is known.
          expect(slices.size).toBeLessThanOrEqual(slicesPerDay + (10 * valuesPerDimension + 2) * 2 ** 4);
        },
      ),
    );
  });
});
