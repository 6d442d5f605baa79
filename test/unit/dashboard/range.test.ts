import { describe, expect, it } from 'vitest';
import { stepOf, windowBefore, windowOf } from '../../../src/dashboard/route/range.js';

const NOW_MS = Date.parse('2026-11-28T03:00:20.500Z');

describe('a window', () => {
  it('counted back from now is of whole minutes and ends with the one that runs', () => {
    expect(windowOf({ last: '1h' }, NOW_MS)).toMatchObject({
      from: '2026-11-28T02:01:00.000Z',
      to: '2026-11-28T03:01:00.000Z',
    });
  });

  it('does not move within a minute, so that the same figures are asked for by the same name', () => {
    expect(windowOf({ last: '24h' }, NOW_MS)).toEqual(windowOf({ last: '24h' }, NOW_MS + 30_000));
  });

  it('that was chosen stays', () => {
    const range = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' };
    expect(windowOf(range, NOW_MS)).toMatchObject(range);
  });

  it('is compared with the same length before it', () => {
    const window = windowOf({ last: '6h' }, NOW_MS);
    const before = windowBefore(window);
    expect(before.to).toBe(window.from);
    expect(before.toMs - before.fromMs).toBe(window.toMs - window.fromMs);
  });

  it.each(['15m', '1h', '6h', '24h', '7d', '30d'] as const)(
    'of %s is drawn in whole minutes, in at most 120 points',
    (last) => {
      const window = windowOf({ last }, NOW_MS);
      const stepMs = stepOf(window);
      expect(stepMs % 60_000).toBe(0);
      expect((window.toMs - window.fromMs) / stepMs).toBeLessThanOrEqual(120);
      expect((window.toMs - window.fromMs) / stepMs).toBeGreaterThanOrEqual(15);
    },
  );
});
