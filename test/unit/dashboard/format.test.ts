import { describe, expect, it } from 'vitest';
import {
  asTitle,
  formatAge,
  formatChange,
  formatCount,
  formatDuration,
  formatShare,
  formatUsd,
} from '../../../src/dashboard/figure/format.js';

describe('figures carry their units', () => {
  it.each([
    [null, '–'],
    [0, '0'],
    [1204, '1,204'],
    [12.34, '12.3'],
    [48_213, '48.2k'],
    [3_100_000, '3.1M'],
  ])('count %s', (value, text) => expect(formatCount(value)).toBe(text));

  it.each([
    [null, '–'],
    [0, '0 ms'],
    [0.4, '<1 ms'],
    [840.4, '840 ms'],
    [2_480, '2.48 s'],
    [41_230, '41.2 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
    [3_600_000, '1 h'],
  ])('duration %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    [null, 'unpriced'],
    [0, '$0'],
    [0.00002, '<$0.0001'],
    [0.0183, '$0.0183'],
    [0.32, '$0.320'],
    [12.4, '$12.40'],
    [1240.6, '$1,241'],
  ])('dollars %s', (usd, text) => expect(formatUsd(usd)).toBe(text));

  it.each([
    [null, '–'],
    [0, '0 %'],
    [0.0004, '<0.1 %'],
    [0.0123, '1.2 %'],
    [0.9996, '>99.9 %'],
    [1, '100 %'],
  ])('share %s', (share, text) => expect(formatShare(share)).toBe(text));
});

describe('a change', () => {
  it.each([
    [12, 10, '+20 %'],
    [8, 10, '−20 %'],
    [10, 10, '±0 %'],
    [200, 10, '×20'],
  ])('of %s from %s is %s', (now, before, text) => expect(formatChange(now, before)).toBe(text));

  it('needs something to compare with', () => {
    expect([formatChange(1, 0), formatChange(1, null), formatChange(null, 1)]).toEqual([null, null, null]);
  });
});

it('an age is in the largest unit', () => {
  expect([400, 12_000, 240_000, 10_800_000, 172_800_000].map(formatAge)).toEqual([
    'now',
    '12 s',
    '4 min',
    '3 h',
    '2 d',
  ]);
});

it('names in capitals become words', () => expect(asTitle('METRIC_ANOMALY')).toBe('Metric anomaly'));
