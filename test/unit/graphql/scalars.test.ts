import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDateTime } from '../../../src/graphql/scalars.js';

describe('a DateTime', () => {
  it('is read as the moment it was written from', () => {
    const time = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(time, (date) => {
        expect(parseDateTime(date.toISOString())).toEqual(date);
      }),
    );
  });

  it.each([
    ['2026-11-22T10:00:00+02:00', '2026-11-22T08:00:00.000Z'],
    ['2026-11-22t08:00:00.123456789z', '2026-11-22T08:00:00.123Z'],
    ['2024-02-29T00:00:00-00:30', '2024-02-29T00:30:00.000Z'],
    ['9999-12-31T23:59:59.999+02:00', '9999-12-31T21:59:59.999Z'],
    ['0001-01-01T00:00:00-02:00', '0001-01-01T02:00:00.000Z'],
  ])('takes %s', (text, expected) => {
    expect(parseDateTime(text)?.toISOString()).toBe(expected);
  });

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T08:00:60Z',
    '2026-11-22T08:00:00',
    '2026-11-22 08:00:00Z',
    '+012026-11-22T08:00:00Z',
    '0000-11-22T08:00:00Z',
    '2026-11-22T08:00:00+24:00',
    '9999-12-31T23:00:00-02:00',
    '0001-01-01T00:00:00+02:00',
    '',
  ])('refuses %j', (text) => {
    expect(parseDateTime(text)).toBeNull();
  });
});
