import { describe, expect, it } from 'vitest';
import type { PriceOf, Rates } from '../../../../src/cost/rates.js';
import { assembleTrace } from '../../../../src/decision/assembly/assemble.js';
import { priceDecision } from '../../../../src/decision/assembly/price.js';
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
});
