import { describe, expect, it } from 'vitest';
import { priceCall, type Rates } from '../../../src/cost/rates.js';

const RATES: Rates = {
  base: { input: 100n, output: 1000n, cacheRead: 10n, cacheWrite: 125n, reasoning: null },
  longContext: [
    { inputTokensAbove: 1000, rates: { input: 200n, output: 2000n, cacheRead: null, cacheWrite: null, reasoning: 1n } },
  ],
};

const tokens = (known: Partial<Parameters<typeof priceCall>[1]>) => ({
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  reasoning: 0,
  ...known,
});

describe('the price of a call', () => {
  it('charges cached input at its own rates and not as input too', () => {
    expect(priceCall(RATES, tokens({ input: 100, cacheRead: 60, cacheWrite: 30 }))).toBe(
      10n * 100n + 60n * 10n + 30n * 125n,
    );
  });

  it('charges reasoning as output where it has no rate of its own', () => {
    expect(priceCall(RATES, tokens({ output: 5, reasoning: 3 }))).toBe(5n * 1000n);
  });

  it('charges the whole call at the long-context rates once its input is longer', () => {
    expect(priceCall(RATES, tokens({ input: 1000, output: 1 }))).toBe(1000n * 100n + 1000n);
    expect(priceCall(RATES, tokens({ input: 1001, cacheRead: 1, output: 3, reasoning: 2 }))).toBe(
      1000n * 200n + 200n + 2000n + 2n,
    );
  });

  it('is unknown when a kind of token it used has no price', () => {
    const embeddings: Rates = { base: { ...RATES.base, output: null }, longContext: [] };
    expect(priceCall(embeddings, tokens({ input: 10 }))).toBe(1000n);
    expect(priceCall(embeddings, tokens({ input: 10, output: 1 }))).toBeNull();
  });

  it('never charges less than nothing for counts that contradict each other', () => {
    expect(priceCall(RATES, tokens({ input: 10, cacheRead: 50 }))).toBe(500n);
  });
});
