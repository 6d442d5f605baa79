import { expect, test } from 'vitest';
import { dayOf, floorTo, HOUR_MS, isDay, shiftDay, startOfDay } from '../../src/time.js';

test('days are those of the calendar in UTC', () => {
  expect(isDay('2028-02-29')).toBe(true);
  for (const text of ['2026-02-29', '2026-02-31', '2026-13-01', '2026-1-1', '2026-11-24T00:00', '']) {
    expect(isDay(text)).toBe(false);
  }
  expect(dayOf(startOfDay('2026-11-24') - 1)).toBe('2026-11-23');
  expect(shiftDay('2026-12-31', 1)).toBe('2027-01-01');
  expect(shiftDay('2028-03-01', -1)).toBe('2028-02-29');
});

test('what lies before the epoch is rounded down too', () => {
  expect(floorTo(90 * 60_000, HOUR_MS)).toBe(HOUR_MS);
  expect(floorTo(-1, HOUR_MS)).toBe(-HOUR_MS);
});
