import { expect, test } from 'vitest';
import { readRetryAfter } from '../../src/retry-after.js';

const NOW = Date.parse('2026-11-28T10:00:00Z');

test.each([
  ['3', 3_000],
  ['Sat, 28 Nov 2026 10:01:00 GMT', 60_000],
  ['Sat, 28 Nov 2026 09:00:00 GMT', 0],
  ['soon', null],
  [null, null],
  [undefined, null],
])('Retry-After %j is %j ms from now', (value, expected) => expect(readRetryAfter(value, NOW)).toBe(expected));
