import { expect, test } from 'vitest';
import { boundSpan } from '../../../src/ingest/bounds.js';
import { makeSpan as span } from '../../support/span-tree.js';

const usage = (input: number) => ({ input, output: 1, cacheRead: null, cacheWrite: null, reasoning: null });

test('leaves what a decision can hold as it is', () => {
  const fine = span({ agentName: 'billing', input: 'x'.repeat(1_000_000), usage: usage(2_147_483_647), queueMs: 12.5 });
  expect(boundSpan(structuredClone(fine))).toEqual(fine);
});

test('cuts content beyond a megabyte and says by how much', () => {
  const { output } = boundSpan(span({ output: 'y'.repeat(1_048_576 + 7) }));
  expect(output).toHaveLength(1_048_576 + '…[cut: 7 characters]'.length);
  expect(output?.endsWith('…[cut: 7 characters]')).toBe(true);
});

test('cuts names that no index could hold, never through a surrogate pair', () => {
  const { agentName } = boundSpan(span({ agentName: `${'a'.repeat(299)}\u{1f6a8}${'b'.repeat(900_000)}` }));
  expect(agentName?.isWellFormed()).toBe(true);
  expect(agentName?.length).toBeLessThan(350);
});

test.each([Number.POSITIVE_INFINITY, Number.NaN, -1, 3e9, 2 ** 63, 1e300])('takes %d tokens as unknown', (count) => {
  expect(boundSpan(span({ usage: usage(count) })).usage).toEqual({ ...usage(1), input: null });
});

test('takes impossible durations and costs as unknown', () => {
  const bounded = boundSpan(
    span({ queueMs: 1e30, timeToFirstTokenMs: -3, ownCostUsd: 1e12, reportedCostUsd: Number.NaN }),
  );
  expect(bounded).toMatchObject({ queueMs: null, timeToFirstTokenMs: null, ownCostUsd: null, reportedCostUsd: null });
});
