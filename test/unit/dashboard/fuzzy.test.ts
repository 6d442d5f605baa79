import { expect, it } from 'vitest';
import { matchScore } from '../../../src/dashboard/frame/fuzzy.js';

const best = (typed: string, ...texts: string[]) =>
  [...texts].sort((one, other) => matchScore(other, typed) - matchScore(one, typed))[0];

it('a few letters find what is meant', () => {
  expect(best('ref', 'fraud-eu-reference', 'refunds-eu', 'prefix')).toBe('refunds-eu');
  expect(best('beu', 'billing-use', 'billing-eu')).toBe('billing-eu');
  expect(matchScore('billing-eu', 'xyz')).toBe(0);
  expect(matchScore('billing-eu', 'ueb')).toBe(0);
  expect(matchScore('anything', ' ')).toBeGreaterThan(0);
});
