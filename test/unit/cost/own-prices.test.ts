import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDollars } from '../../../src/cost/dollars.js';
import { createPriceBook } from '../../../src/cost/prices.js';
import { priceCall } from '../../../src/cost/rates.js';
import type { OwnPrice } from '../../../src/settings/settings.js';

const NOON_MS = Date.UTC(2026, 10, 1, 12);
const NO_TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };

function own(price: Partial<OwnPrice>): OwnPrice {
  return {
    model: 'acme-*',
    provider: null,
    validFromMs: Number.NEGATIVE_INFINITY,
    input: '1',
    output: '2',
    cacheRead: null,
    cacheWrite: null,
    reasoning: null,
    ...price,
  };
}

describe('own prices', () => {
  it('give a model nobody lists a price, and others none', () => {
    const priceOf = createPriceBook([own({ input: '1.5', cacheRead: '0.15' })]);
    expect(priceOf(null, 'acme-kyc-2', NOON_MS)).toEqual({
      base: { input: 1_500_000n, output: 2_000_000n, cacheRead: 150_000n, cacheWrite: null, reasoning: null },
      longContext: [],
    });
    expect(priceOf(null, 'our-own', NOON_MS)).toBeNull();
  });

  it('win over the list, and leave what they do not name to it', () => {
    const priceOf = createPriceBook([own({ model: 'gpt-4o', input: '0.01' })]);
    expect(priceOf('openai', 'gpt-4o', NOON_MS)?.base.input).toBe(10_000n);
    expect(priceOf('openai', 'gpt-4o-mini', NOON_MS)?.base.input).toBe(150_000n);
  });

  it('hold of their provider only, where they name one', () => {
    const priceOf = createPriceBook([own({ provider: 'vllm' })]);
    expect(priceOf('vllm', 'acme-1', NOON_MS)).not.toBeNull();
    expect([null, 'openai'].map((provider) => priceOf(provider, 'acme-1', NOON_MS))).toEqual([null, null]);
  });

  it('hold from their day on, the newest first, whatever was asked before', () => {
    const from = (day: string, input: string) => own({ model: 'gpt-4o', validFromMs: Date.parse(day), input });
    const priceOf = createPriceBook([from('2026-10-01', '7'), from('2026-11-01', '8')]);
    const inputAt = (time: string) => priceOf('openai', 'gpt-4o', Date.parse(time))?.base.input;
    for (const _twice of [1, 2]) {
      expect(inputAt('2026-11-01T00:00:00.000Z')).toBe(8_000_000n);
      expect(inputAt('2026-10-31T23:59:59.999Z')).toBe(7_000_000n);
      // Before the first of them, the list.
      expect(inputAt('2026-09-30T23:59:59.999Z')).toBe(2_500_000n);
    }
  });

  it('give way to the one that comes first of two for the same model and day', () => {
    const priceOf = createPriceBook([own({ model: 'acme-kyc', input: '3' }), own({ input: '4' })]);
    expect(priceOf(null, 'acme-kyc', NOON_MS)?.base.input).toBe(3_000_000n);
    expect(priceOf(null, 'acme-other', NOON_MS)?.base.input).toBe(4_000_000n);
  });

  it('are exact: a million tokens cost what is written', () => {
    const decimal = fc
      .tuple(fc.nat({ max: 999_999 }), fc.nat({ max: 999_999 }))
      .map(([whole, millionths]) => `${whole}.${String(millionths).padStart(6, '0')}`);
    fc.assert(
      fc.property(decimal, (input) => {
        const rates = createPriceBook([own({ input })])(null, 'acme-1', NOON_MS);
        const cost = rates === null ? null : priceCall(rates, { ...NO_TOKENS, input: 1_000_000 });
        expect(cost === null ? null : formatDollars(cost)).toBe(input.replace(/\.?0+$/, ''));
      }),
    );
  });
});
