import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/anomaly/finding.js';
import { createRandom } from '../../../src/demo/random.js';
import {
  judgeTokens,
  newTokenState,
  observeTokens,
  type TimedTokenUse,
  type TokenState,
} from '../../../src/detect/token-burn/watch-tokens.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Decisions every few minutes, more of them by day, of about this many tokens. */
function traffic(hours: number, seed: number, tokens = 4_000): TimedTokenUse[] {
  const random = createRandom(seed);
  return Array.from({ length: hours }, (_, hour) => hour).flatMap((hour) =>
    Array.from({ length: Math.round(10 + 6 * Math.sin((2 * Math.PI * hour) / 24)) }, (_, index) => ({
      decisionId: `d${hour}-${index}`,
      requestType: random.pick(['question', 'refund']),
      tokens: Math.round(random.lognormal(tokens, 0.5)),
      atMs: hour * HOUR_MS + index * MINUTE_MS,
    })),
  );
}

function watch(uses: readonly TimedTokenUse[], before: TokenState = newTokenState()) {
  let state = before;
  const found: Finding[] = [];
  for (const use of uses) {
    const observed = observeTokens(state, use);
    state = observed.state;
    found.push(...observed.findings);
  }
  return { state, found };
}

describe('an agent that uses what it always does', () => {
  it('burns no tokens in four weeks', () => {
    expect(watch(traffic(28 * 24, 1)).found).toEqual([]);
  });
});

describe('a decision that runs away', () => {
  const { state } = watch(traffic(24, 2));
  const use = { decisionId: 'd1', requestType: 'refund', tokens: 900_000 };

  it('is told while it runs, and once it has ended as the same incident', () => {
    const running = judgeTokens(state, { ...use, tokens: 300_000 });
    const ended = observeTokens(state, { ...use, atMs: 25 * HOUR_MS }).findings[0];
    expect(running).toMatchObject({ kind: 'TOKEN_BURN', incident: 'decision d1', observed: 300_000 });
    expect(ended).toMatchObject({ severity: 'CRITICAL', incident: 'decision d1' });
    expect(ended?.summary).toMatch(/^the decision used 900,000 tokens, \d+ times what is usual of refund$/);
  });

  it('is none of an agent of which little is known, nor of a few thousand tokens', () => {
    expect(judgeTokens(newTokenState(), use)).toBeNull();
    const small = watch(traffic(24, 3, 40)).state;
    expect(judgeTokens(small, { ...use, tokens: 9_000 })).toBeNull();
  });

  it('is held against its own request type', () => {
    const large = traffic(24, 4, 200_000).map((each) => ({ ...each, requestType: 'archive' }));
    const both = watch(large, state).state;
    expect(judgeTokens(both, { ...use, requestType: 'archive' })).toBeNull();
    expect(judgeTokens(both, use)).not.toBeNull();
  });
});

describe('an hour that burns', () => {
  const usual = watch(traffic(72, 5)).state;
  const burst = (hour: number, count: number): TimedTokenUse[] =>
    Array.from({ length: count }, (_, index) => ({
      decisionId: `b${hour}-${index}`,
      requestType: 'question',
      tokens: 5_000,
      atMs: hour * HOUR_MS + index * 10_000,
    }));

  it('is told when it has passed what is usual, not when it is over', () => {
    const { found } = watch(burst(72, 150), usual);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      kind: 'TOKEN_BURN',
      evidence: { burn: 'HOUR' },
      incident: expect.stringMatching(/^hours from/),
    });
    expect(found[0]?.observed).toBeLessThan(700_000);
  });

  it('goes on as one incident hour after hour, and ends', () => {
    const going = watch([...burst(72, 150), ...burst(73, 150)], usual);
    expect(going.found).toHaveLength(1);
    const again = watch([...burst(74, 5), ...burst(75, 5), ...burst(76, 300)], going.state);
    expect(again.found).toHaveLength(1);
    expect(again.found[0]?.incident).not.toBe(going.found[0]?.incident);
  });
});
