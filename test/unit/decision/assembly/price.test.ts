import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PriceOf, Rates } from '../../../../src/cost/rates.js';
import { assembleTrace } from '../../../../src/decision/assembly/assemble.js';
import { priceDecision } from '../../../../src/decision/assembly/price.js';
import { priceModelCall, sumCalls } from '../../../../src/decision/call-price.js';
import type { ModelCall } from '../../../../src/decision/decision.js';
import { spanTree } from '../../../support/span-tree.js';

/** $1 per million input tokens, $10 per million output tokens. */
const RATES: Rates = {
  base: { input: 1_000_000n, output: 10_000_000n, cacheRead: null, cacheWrite: null, reasoning: null },
  longContext: [],
};

const priceOf: PriceOf = (_provider, model) => (model.startsWith('known') ? RATES : null);

function price(text: string) {
  const [assembled] = assembleTrace(spanTree(text));
  if (assembled === undefined) expect.fail('no decision');
  const { costUsd, steps } = priceDecision(assembled, priceOf);
  return { costUsd, steps: steps.map((step) => step.costUsd) };
}

describe('the cost of a decision', () => {
  it('is the exact sum of its calls', () => {
    expect(
      price(`
        agent Weather
          model known in=100 out=10
          tool forecast
          model known in=200 out=7
      `),
    ).toEqual({ costUsd: '0.00047', steps: ['0.0002', null, '0.00027'] });
  });

  it('is the user’s own figure where there is one, of a call or of the whole', () => {
    expect(
      price(`
        agent Weather
          model known in=100 out=10 ownCostUsd=0.5 reportedCostUsd=0.4
          model known in=200
      `),
    ).toEqual({ costUsd: '0.5002', steps: ['0.5', '0.0002'] });
    expect(
      price(`
        agent Weather ownCostUsd=3
          model known in=100
      `),
    ).toEqual({ costUsd: '3', steps: ['0.0001'] });
  });

  it('takes the client’s figure for a model without a price', () => {
    expect(
      price(`
        agent Weather
          model custom in=100 reportedCostUsd=0.001
          model known in=100 reportedCostUsd=9
      `),
    ).toEqual({ costUsd: '0.0011', steps: ['0.001', '0.0001'] });
  });

  it('is unknown when one call with tokens has no price', () => {
    expect(
      price(`
        agent Weather
          model custom in=100
          model known in=100
      `),
    ).toEqual({ costUsd: null, steps: [null, '0.0001'] });
  });

  it('is unknown when nothing has a price', () => {
    expect(price('model known')).toEqual({ costUsd: null, steps: [null] });
  });

  it('leaves out calls whose tokens nobody knows', () => {
    expect(
      price(`
        agent Weather
          model custom
          model known in=100
      `).costUsd,
    ).toBe('0.0001');
  });

  it('falls back on the price of the model that was asked for', () => {
    expect(price('model known in=100 responseModel=custom-2025').costUsd).toBe('0.0001');
  });

  it('counts usage that only the agent’s own span reports', () => {
    expect(price('agent Weather in=100 out=1 requestModel=known').costUsd).toBe('0.00011');
  });

  it('leaves a child’s cost to the child', () => {
    expect(
      price(`
        agent Orchestrator
          model known in=100
          agent Billing ownCostUsd=7
            model known in=900
      `),
    ).toEqual({ costUsd: '0.0001', steps: ['0.0001', null] });
  });

  it('is told call by call, with where it is from and what a later price would be found by', () => {
    const [assembled] = assembleTrace(
      spanTree(`
        agent Weather
          model asked in=100 responseModel=known
          model custom in=100 reportedCostUsd=0.001
          model custom in=5
          model known in=1 ownCostUsd=0.5
          tool forecast
          tool search ownCostUsd=0.25
      `),
    );
    if (assembled === undefined) expect.fail('no decision');
    const { calls, steps, costSource } = priceDecision(assembled, priceOf);
    expect(costSource).toBeNull();
    expect(calls.map(({ costUsd, costSource, reportedUsd }) => [costUsd, costSource, reportedUsd])).toEqual([
      ['0.0001', 'PRICE', null],
      ['0.001', 'REPORTED', '0.001'],
      [null, null, null],
      ['0.5', 'OWN', null],
      ['0.25', 'OWN', null],
    ]);
    expect(calls[0]).toMatchObject({ model: 'known', requestModel: 'asked', durationMs: steps[0]?.durationMs });
    // What only models take is measured of models alone.
    expect(calls.map(({ durationMs }) => durationMs === null)).toEqual([false, false, false, false, true]);
  });

  it('has a call for usage that only a wrapper reports', () => {
    const [assembled] = assembleTrace(spanTree('agent Weather in=100 out=1 requestModel=known'));
    if (assembled === undefined) expect.fail('no decision');
    expect(priceDecision(assembled, priceOf).calls).toMatchObject([
      { durationMs: null, tokens: { input: 100, output: 1 }, costUsd: '0.00011', costSource: 'PRICE' },
    ]);
  });

  it('says when it is the user’s own', () => {
    const [assembled] = assembleTrace(spanTree('agent Weather ownCostUsd=3'));
    if (assembled === undefined) expect.fail('no decision');
    expect(priceDecision(assembled, priceOf)).toMatchObject({ costUsd: '3', costSource: 'OWN' });
  });
});

describe('a later price', () => {
  const TOKENS = fc.record({
    input: fc.nat(1_000),
    output: fc.nat(1_000),
    cacheRead: fc.nat(10),
    cacheWrite: fc.nat(10),
    reasoning: fc.nat(10),
  });
  const COST = fc.option(fc.constantFrom('0', '0.001', '2.5'));
  const CALL: fc.Arbitrary<ModelCall> = fc
    .record({
      model: fc.constantFrom('known', 'custom', null),
      requestModel: fc.constantFrom('known-too', 'asked', null),
      tokens: fc.option(TOKENS),
      own: COST,
      reportedUsd: COST,
    })
    .map(({ own, ...call }) => ({
      ...call,
      provider: null,
      startedAtMs: 0,
      durationMs: 1,
      costUsd: own,
      costSource: own === null ? null : 'OWN',
    }));
  const NONE: PriceOf = () => null;

  it('comes to what it would have come to at first, whatever prices were between', () => {
    fc.assert(
      fc.property(fc.array(CALL, { maxLength: 5 }), (calls) => {
        const priced = (given: readonly ModelCall[], book: PriceOf) => given.map((call) => priceModelCall(call, book));
        const atFirst = priced(calls, priceOf);
        expect(priced(priced(calls, NONE), priceOf)).toEqual(atFirst);
        expect(priced(priced(atFirst, NONE), priceOf)).toEqual(atFirst);
        expect(sumCalls(priced(atFirst, priceOf))).toBe(sumCalls(atFirst));
      }),
    );
  });
});
