import { describe, expect, test } from 'vitest';
import { formatDollars, parseDollars } from '../../../src/cost/dollars.js';
import { modelFamily } from '../../../src/cost/provider/model-family.js';
import { type Reconciliation, reconcile } from '../../../src/cost/provider/reconcile.js';
import type { BilledUsage } from '../../../src/cost/provider/store.js';
import { NO_FIGURES, type SeenUsage } from '../../../src/cost/provider/usage.js';

test.each([
  ['gpt-4.1', 'gpt-4.1'],
  ['gpt-4.1-2025-04-14', 'gpt-4.1'],
  ['openai/gpt-4.1', 'gpt-4.1'],
  ['GPT-4o-Mini-2024-07-18', 'gpt-4o-mini'],
  ['gpt-4-0613', 'gpt-4'],
  ['chatgpt-4o-latest', 'chatgpt-4o'],
  ['claude-sonnet-4-20250514', 'claude-sonnet-4'],
  ['claude-sonnet-4@20250514', 'claude-sonnet-4'],
  ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'claude-sonnet-4'],
  ['claude-sonnet-4-5', 'claude-sonnet-4-5'],
  ['ft:gpt-4o-mini-2024-07-18:acme::a1', 'ft:gpt-4o-mini-2024-07-18:acme::a1'],
  ['gpt-4.1-nano', 'gpt-4.1-nano'],
])('%s is of the family %s', (model, family) => {
  expect(modelFamily(model)).toBe(family);
});

const DAY = '2026-11-22';

function billed(model: string, apiKey: string, costUsd: string | null, tokens: number | null = null): BilledUsage {
  const costPicodollars = costUsd === null ? null : parseDollars(costUsd);
  return { provider: 'openai', day: DAY, model, apiKey, ...NO_FIGURES, inputTokens: tokens, costPicodollars };
}

function seen(model: string, agent: string, costUsd: string, tokens = 0, provider = 'openai'): SeenUsage {
  const figures = { ...NO_FIGURES, inputTokens: tokens, costPicodollars: parseDollars(costUsd) };
  return { day: DAY, provider, model, agent, figures, unpricedDecisions: 0 };
}

const costOf = (amount: bigint | null) => (amount === null ? null : formatDollars(amount));

/** `model scope: billed − seen = difference`, in dollars. */
function costs({ rows }: Reconciliation): string[] {
  return rows.map(({ model, keys, ...row }) => {
    const names = keys.map(({ apiKey }) => apiKey ?? '-').join('+');
    const [of, by, left] = [row.billed, row.seen, row.difference].map((figures) => costOf(figures.costPicodollars));
    return `${model} [${names}] ${row.isMonitored}: ${of} - ${by} = ${left}`;
  });
}

const NONE = new Map();

describe('without keys assigned', () => {
  test('decisions without a price are told where the provider states tokens only', () => {
    const unpriced = { ...seen('gpt-4.1', 'a', '0', 100), unpricedDecisions: 3 };
    const { rows } = reconcile({
      billed: [billed('gpt-4.1', '*', null, 100)],
      seen: [unpriced],
      assignments: NONE,
    });
    expect(rows.map(({ unpricedDecisions }) => unpricedDecisions)).toEqual([3]);
  });

  test('releases and aliases of a model are one comparison, with the keys apart in it', () => {
    const result = reconcile({
      billed: [billed('gpt-4.1-2025-04-14', 'key_a', '6', 600), billed('gpt-4.1-2025-04-14', 'key_b', '4', 400)],
      seen: [seen('gpt-4.1', 'a', '1', 100), seen('gpt-4.1-2025-04-14', 'b', '5', 500)],
      assignments: NONE,
    });
    expect(costs(result)).toEqual(['gpt-4.1 [key_a+key_b] null: 10 - 6 = 4']);
    expect(result.rows[0]?.modelNames).toEqual(['gpt-4.1', 'gpt-4.1-2025-04-14']);
    expect(result.rows[0]?.difference.inputTokens).toBe(400);
    expect(costOf(result.unmonitoredPicodollars)).toBe('4');
  });

  test('a cost that no model is named for is compared with the whole day, and spread over nothing', () => {
    const result = reconcile({
      billed: [billed('*', '*', '10'), billed('large', 'k', null, 900), billed('small', 'k', null, 100)],
      seen: [seen('large', 'a', '6', 900), seen('small', 'a', '3', 50)],
      assignments: NONE,
    });
    expect(costs(result)).toEqual([
      'large [k] null: null - null = null',
      'small [k] null: null - null = null',
      'null [-] null: 10 - 9 = 1',
    ]);
    expect(result.rows.map(({ difference }) => difference.inputTokens)).toEqual([0, 50, null]);
    expect(costOf(result.unmonitoredPicodollars)).toBe('1');
  });

  test('each of our dollars is compared once, where the provider states it most finely', () => {
    const result = reconcile({
      billed: [billed('large', '*', '6'), billed('*', '*', '1')],
      seen: [seen('large', 'a', '6'), seen('small', 'a', '0.25')],
      assignments: NONE,
    });
    expect(costs(result)).toEqual(['large [-] null: 6 - 6 = 0', 'null [-] null: 1 - 0.25 = 0.75']);
    expect(costOf(result.unmonitoredPicodollars)).toBe('0.75');
  });

  test('a decision that called two models does not make use that was not seen', () => {
    const result = reconcile({
      billed: [billed('large', 'k', '6'), billed('small', 'k', '1')],
      seen: [seen('large', 'a', '7')],
      assignments: NONE,
    });
    expect(costs(result)).toEqual(['large [k] null: 6 - 7 = -1', 'small [k] null: 1 - 0 = 1']);
    expect(result.unmonitoredPicodollars).toBe(0n);
  });
});

describe('with keys assigned', () => {
  const assignments = new Map([['openai', { key_a: ['claims-*'], key_b: ['kyc'] }]]);

  test('a key is held against its own agents, and one nobody has is not monitored', () => {
    const result = reconcile({
      billed: [billed('m', 'key_a', '5'), billed('m', 'key_b', '2'), billed('m', 'key_c', '3')],
      seen: [seen('m', 'claims-eu', '4'), seen('m', 'claims-us', '1'), seen('m', 'kyc', '9')],
      assignments,
    });
    expect(costs(result)).toEqual([
      'm [key_c] false: 3 - 0 = 3',
      'm [key_a] true: 5 - 5 = 0',
      'm [key_b] true: 2 - 9 = -7',
    ]);
    expect(result.rows.map(({ agents }) => agents)).toEqual([null, ['claims-*'], ['kyc']]);
    expect(costOf(result.unmonitoredPicodollars)).toBe('3');
  });

  test('keys nobody is named for are held against the agents no key is assigned to', () => {
    const result = reconcile({
      billed: [billed('m', 'key_c', '3')],
      seen: [seen('m', 'triage', '2.5')],
      assignments,
    });
    expect(costs(result)).toEqual(['m [key_c] false: 3 - 0 = 3', 'm [] null: null - 2.5 = null']);
    expect(costOf(result.unmonitoredPicodollars)).toBe('0.5');
  });

  test('keys that share an agent are one comparison', () => {
    const result = reconcile({
      billed: [billed('m', 'old', '5'), billed('m', 'new', '2'), billed('m', 'other', '1')],
      seen: [seen('m', 'kyc', '7'), seen('m', 'triage', '1')],
      assignments: new Map([['openai', { old: ['kyc'], new: ['k*'], other: ['triage'] }]]),
    });
    expect(costs(result)).toEqual(['m [old+new] true: 7 - 7 = 0', 'm [other] true: 1 - 1 = 0']);
  });

  test('a cost of all keys together is compared with all agents, tokens by key with their own', () => {
    const result = reconcile({
      billed: [billed('m', '*', '10'), billed('m', 'key_a', null, 500), billed('m', 'key_c', null, 300)],
      seen: [seen('m', 'claims-eu', '5', 500), seen('m', 'kyc', '2', 200)],
      assignments,
    });
    expect(costs(result)).toEqual([
      'm [key_c] false: null - null = null',
      'm [key_a] true: null - null = null',
      'm [] true: null - null = null',
      'm [-] null: 10 - 7 = 3',
    ]);
    expect(result.rows.map(({ difference }) => difference.inputTokens)).toEqual([300, 0, null, null]);
    expect(costOf(result.unmonitoredPicodollars)).toBe('3');
  });
});

test('decisions without a provider count with the one that bills their model', () => {
  const result = reconcile({
    billed: [
      billed('m', 'k', '5'),
      { ...billed('n', 'k', '1'), provider: 'mistral' },
      { ...billed('n', 'k', '1'), provider: 'other' },
    ],
    seen: [seen('m', 'a', '4', 0, ''), seen('n', 'a', '1', 0, ''), seen('m', 'a', '9', 0, 'azure.ai.openai')],
    assignments: NONE,
  });
  expect(result.rows.map(({ provider }, index) => `${provider} ${costs(result)[index]}`)).toEqual([
    'mistral n [k] null: 1 - 0 = 1',
    'openai m [k] null: 5 - 4 = 1',
    'other n [k] null: 1 - 0 = 1',
  ]);
});

test('of what the provider bills and nobody was seen to use, nothing was seen, in total as in the row', () => {
  const { rows, seen: total } = reconcile({ billed: [billed('m', 'k', '5')], seen: [], assignments: NONE });
  expect(rows.map((row) => row.seen)).toEqual([total]);
  expect(total).toEqual({ ...NO_FIGURES, costPicodollars: 0n });
});

test('totals are of the days the provider has said something of', () => {
  const result = reconcile({
    billed: [billed('m', 'k', '5', 10)],
    seen: [seen('m', 'a', '4', 10), { ...seen('m', 'a', '8', 10), day: '2026-11-23' }],
    assignments: NONE,
  });
  expect(result.rows.map(({ day }) => day)).toEqual([DAY, '2026-11-23']);
  expect(costOf(result.seen.costPicodollars)).toBe('4');
  expect(costOf(result.difference.costPicodollars)).toBe('1');
  expect(result.difference.requests).toBeNull();
});
