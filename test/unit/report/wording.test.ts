import { describe, expect, it } from 'vitest';
import { Calendar, dollars, duration, grouped, percent } from '../../../src/report/document/wording.js';
import { csvLine } from '../../../src/report/facts/csv.js';
import { lastPeriod } from '../../../src/report/job/period.js';
import { makeVisible } from '../../../src/report/pdf/visible.js';

describe('what a report writes', () => {
  it('groups digits and keeps shares honest', () => {
    expect(grouped(1_234_567)).toBe('1\u2009234\u2009567');
    expect(percent(1, 3)).toBe('33.3 %');
    expect(percent(1, 1_000)).toBe('0.10 %');
    expect(percent(99_999, 100_000)).toBe('100 %');
    expect(percent(0, 0)).toBe('–');
    expect(dollars('1234.5')).toBe('$1\u2009234.50');
    expect(duration(90_000)).toBe('90.0 s');
    expect(duration(null)).toBe('–');
  });

  it('tells days of the time zone, also where clocks change', () => {
    const berlin = new Calendar('Europe/Berlin');
    expect(berlin.day(Date.parse('2026-10-24T22:30:00Z'))).toBe('2026-10-25');
    expect(berlin.exactMoment(Date.parse('2026-10-25T00:59:59.125Z'))).toBe('2026-10-25 02:59:59.125');
    expect(berlin.exactMoment(Date.parse('2026-10-25T01:00:00.000Z'))).toBe('2026-10-25 02:00:00.000');
  });

  it.each([
    ['day', '2026-11-02T09:00:00Z', '2026-10-31T23:00:00.000Z', '2026-11-01T23:00:00.000Z'],
    ['week', '2026-11-04T09:00:00Z', '2026-10-25T23:00:00.000Z', '2026-11-01T23:00:00.000Z'],
    ['month', '2026-11-04T09:00:00Z', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
  ] as const)('finds the last %s that was over', (per, now, from, to) => {
    const { fromMs, toMs } = lastPeriod(per, 'Europe/Berlin', Date.parse(now));
    expect([new Date(fromMs).toISOString(), new Date(toMs).toISOString()]).toEqual([from, to]);
  });

  it('shows what acts or hides by its code point', () => {
    expect(makeVisible('a\u202eb\u0007c\ud800')).toBe('a‹U+202E›b‹U+0007›c‹U+D800›');
    expect(makeVisible('one\r\ntwo\tthree')).toBe('one two three');
    expect(makeVisible('one\ntwo', { keepLines: true })).toBe('one\ntwo');
  });

  it('hands spreadsheets no formulas', () => {
    const payload = { agent: '=HYPERLINK("http://evil")', model: '+1', errorType: 'a "quoted", one', costUsd: '=1+1' };
    const fact = {
      fleet: 'prod',
      seq: 3,
      kind: 'DECISION',
      subject: '@sum(1)',
      recordedAt: '2026-11-01T00:00:00.000Z',
      payload,
    };
    const line = csvLine(fact);
    expect(line).toContain(`"'=HYPERLINK(""http://evil"")"`);
    expect(line).toContain(`,'@sum(1),`);
    expect(line).toContain(`,'+1,`);
    expect(line).toContain('"a ""quoted"", one"');
    expect(line).not.toContain('=1+1');
  });
});
