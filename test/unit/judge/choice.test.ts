import { expect, it } from 'vitest';
import { fractionOf } from '../../../src/decision/sampling/sampler.js';
import { isChosen } from '../../../src/judge/choice.js';

const ALL = { share: 1, agents: null, requestTypes: null };
const decision = { id: 'd1', agentName: 'support-eu', requestType: 'order_status', sampled: true };
const many = Array.from({ length: 20_000 }, (_, index) => ({ ...decision, id: `d${index}` }));
const shareOf = (chosen: number, of: number) => chosen / of;

it('chooses the share, each decision always alike', () => {
  const choose = () => many.filter((each) => isChosen({ ...ALL, share: 0.05 }, 'default', each));
  expect(shareOf(choose().length, many.length)).toBeCloseTo(0.05, 2);
  expect(choose()).toEqual(choose());
});

it('chooses the same share of what sampling kept by the same ids', () => {
  const kept = many.filter(({ id }) => fractionOf('default', id) < 0.1);
  const chosen = kept.filter((each) => isChosen({ ...ALL, share: 0.2 }, 'default', each));
  expect(shareOf(chosen.length, kept.length)).toBeCloseTo(0.2, 1);
});

it('chooses nothing whose content is not kept', () => {
  expect(isChosen(ALL, 'default', { ...decision, sampled: false })).toBe(false);
});

it.each([
  [{ agents: ['support-*'] }, true],
  [{ agents: ['fraud-*', 'support-eu'] }, true],
  [{ agents: ['fraud-*'] }, false],
  [{ requestTypes: ['order_*'] }, true],
  [{ agents: ['support-*'], requestTypes: ['refund'] }, false],
])('chooses by %j: %s', (limits, isWanted) => {
  expect(isChosen({ ...ALL, ...limits }, 'default', decision)).toBe(isWanted);
});

it('chooses no decision without a request type where types are listed', () => {
  expect(isChosen({ ...ALL, requestTypes: ['*'] }, 'default', { ...decision, requestType: null })).toBe(false);
});
