import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Prediction, scoreOf } from '../../../bench/drift/score.js';
import { readStreams, type Stream } from '../../../bench/drift/streams.js';
import { predict } from '../../../bench/drift.js';

const streams = readStreams(path.resolve(import.meta.dirname, '../../../../shared/data/agent_metrics'));
/** A point below what is reached: F1 0.918 without a false alarm. */
const F1_MIN = 0.9;
const FALSE_PER_1000_MAX = 0.1;

describe.skipIf(streams === null)(
  'on real runs of agents (../shared/data/agent_metrics, skipped where it is absent)',
  () => {
    it('drift is found as often, and as rarely where there is none', () => {
      const { f1, falsePer1000 } = scoreOf((streams ?? []).map(predict));
      expect(f1).toBeGreaterThan(F1_MIN);
      expect(falsePer1000).toBeLessThanOrEqual(FALSE_PER_1000_MAX);
    });
  },
);

describe('the scorer of the streams', () => {
  const stream = (changeAt: number | null): Stream => ({
    id: 's',
    kind: 'k',
    changeAt,
    behaviours: new Array(500),
  });
  const score = (...predictions: [number | null, number[]][]) =>
    scoreOf(predictions.map(([changeAt, alarms]): Prediction => ({ stream: stream(changeAt), alarms })));

  it('counts the first alarm within 150 runs of the change', () => {
    expect(score([300, [310, 320]])).toMatchObject({ f1: 1, falsePer1000: 0 });
    expect(score([300, [451]])).toMatchObject({ f1: 0, recall: 0, falsePer1000: 0 });
  });

  it('counts an alarm before the change as false, and no hit after it', () => {
    const { byKind, precision, falsePer1000 } = score([300, [200, 310]], [null, []]);
    expect(precision).toBe(0);
    expect(falsePer1000).toBeCloseTo(1_000 / 800);
    expect(byKind.get('k')).toEqual({ streams: 2, hits: 0, falseStreams: 1, delays: [] });
  });

  it('counts false alarms once in a hundred runs', () => {
    expect(score([null, [100, 150, 200, 201]]).falsePer1000).toBe(4);
  });
});
