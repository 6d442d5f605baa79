import { expect, it } from 'vitest';
import { matchesPattern } from '../../../src/settings/pattern.js';

it.each([
  ['fraud-check', 'fraud-check', true],
  ['fraud-check', 'fraud-checks', false],
  ['fraud-*', 'fraud-', true],
  ['fraud-*', 'Fraud-1', false],
  ['*-agent', 'kyc-agent', true],
  ['*-agent', 'kyc-agents', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*bc*c', 'a-bc', false],
  ['a**c', 'abc', true],
  ['*ab*ab*', 'ab', false],
  ['*ab*ab*', 'xabab', true],
  ['a.c', 'abc', false],
  ['[a]?', '[a]?', true],
  ['a*', 'a\nb', true],
])('%j and %j: %s', (pattern, text, expected) => {
  expect(matchesPattern(pattern, text)).toBe(expected);
});
