import { describe, expect, it } from 'vitest';
import { createPriceBook } from '../../../src/cost/prices.js';
import { priceCall } from '../../../src/cost/rates.js';

const NOON_MS = Date.UTC(2026, 7, 1, 12);

const USAGE = { input: 1000, output: 100, cacheRead: 400, cacheWrite: 0, reasoning: 0 };

describe('the price book', () => {
  const priceOf = createPriceBook([]);

  it('knows list prices by provider and model, dated names too', () => {
    const rates = priceOf('openai', 'gpt-4o-mini-2024-07-18', NOON_MS);
    expect(rates?.base).toMatchObject({ input: 150_000n, output: 600_000n, cacheRead: 75_000n });
    expect(rates === null ? null : priceCall(rates, USAGE)).toBe(600n * 150_000n + 400n * 75_000n + 100n * 600_000n);
  });

  it('knows prices that rise with the length of the input', () => {
    const rates = priceOf('google', 'gemini-2.5-pro', NOON_MS);
    expect(rates?.base.input).toBe(1_250_000n);
    expect(rates?.longContext).toMatchObject([{ inputTokensAbove: 200_000, rates: { input: 2_500_000n } }]);
  });

  it('knows prices that depend on the time of day', () => {
    const input = (hour: number) => priceOf('deepseek', 'deepseek-chat', Date.UTC(2025, 5, 1, hour))?.base.input;
    expect(input(12)).not.toBe(input(20));
    expect(input(12)).toBe(input(13));
  });

  it('has no output price for embeddings', () => {
    expect(priceOf('openai', 'text-embedding-3-small', NOON_MS)?.base).toMatchObject({ input: 20_000n, output: null });
  });

  it('finds a model by its name when the provider is unknown or not given', () => {
    const known = priceOf('anthropic', 'claude-haiku-4-5', NOON_MS);
    expect(known).not.toBeNull();
    expect(priceOf(null, 'claude-haiku-4-5', NOON_MS)).toEqual(known);
    expect(priceOf('some-gateway', 'claude-haiku-4-5', NOON_MS)).toEqual(known);
  });

  it('understands the provider names of OpenTelemetry', () => {
    const google = priceOf('google', 'gemini-2.5-flash', NOON_MS);
    expect(google).not.toBeNull();
    for (const provider of ['gcp.gemini', 'gcp.vertex_ai', 'gcp.gen_ai']) {
      expect(priceOf(provider, 'gemini-2.5-flash', NOON_MS)).toEqual(google);
    }
    expect(priceOf('x_ai', 'grok-4', NOON_MS)).not.toBeNull();
    expect(priceOf('azure.ai.openai', 'gpt-4o', NOON_MS)).not.toBeNull();
    expect(priceOf('aws.bedrock', 'anthropic.claude-sonnet-4-5-20250929-v1:0', NOON_MS)).not.toBeNull();
  });

  it('has no price for a model nobody lists', () => {
    expect(priceOf('openai', 'our-own-finetune', NOON_MS)).toBeNull();
    expect(priceOf(null, 'our-own-finetune', NOON_MS)).toBeNull();
  });

  it('still answers after more models than it remembers', () => {
    for (let index = 0; index < 4_200; index += 1) priceOf('nobody', `model-${index}`, NOON_MS);
    expect(priceOf('openai', 'gpt-4o-mini', NOON_MS)?.base.input).toBe(150_000n);
  });
});
