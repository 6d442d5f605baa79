import { describe, expect, it } from 'vitest';
import {
  comparedOf,
  factsOf,
  movedOf,
  quotesOf,
  sentencesOf,
  stepsOf,
} from '../../../src/dashboard/screen/anomalies/evidence.js';

const words = (evidence: unknown) => Object.fromEntries(factsOf(evidence).map(({ word, value }) => [word, value]));

describe('the evidence of an anomaly', () => {
  it('is told in words, with units', () => {
    expect(
      words({
        tool: 'find_queue',
        pattern: 'same_call',
        repetitions: 13,
        silentMs: 90_000,
        share: 0.83,
        costUsd: '0.003003',
        since: '2026-11-28T20:45:08.547Z',
        path: ['routing', 'billing'],
        isFromEarlierRun: false,
        factor: 3.489,
      }),
    ).toEqual({
      Tool: 'find_queue',
      'What repeats': 'the same call, with the same answer',
      Repetitions: '13',
      'Silent for': '1 min 30 s',
      Share: '83.0 %',
      'Cost of those that failed': '$0.0030',
      Since: { moment: '2026-11-28T20:45:08.547Z' },
      'Way it took': 'routing → billing',
      'Times as long': '×3.5',
    });
  });

  it('of a budget is in its unit', () => {
    expect(words({ unit: 'USD', limit: '500', spent: '12.5', ratePerHour: 2 })).toMatchObject({
      Limit: '$500.00',
      Spent: '$12.50',
      'Spent an hour': '$2.00',
    });
    expect(words({ unit: 'TOKENS', limit: '20000000' })).toMatchObject({ Limit: '20M' });
  });

  it('of a detector that is not known yet is taken apart into words', () => {
    expect(words({ someNewFigure: 4.123, kindOfThing: 'odd' })).toEqual({
      'Some new figure': '4.1',
      'Kind of thing': 'odd',
    });
  });

  it('may be anything without anything going wrong', () => {
    for (const odd of [null, undefined, 3, 'text', [], { changes: 1, clues: {}, quotes: [1], path: [], slice: {} }]) {
      expect(factsOf(odd)).toEqual([]);
      expect([sentencesOf(odd), quotesOf(odd), movedOf(odd), stepsOf(odd)]).toEqual([[], [], [], null]);
    }
  });

  it('has sentences, passages, steps and moved figures of their own', () => {
    const causes = [{ evidence: ['said already'] }, { evidence: ['b was slow'] }];
    expect(sentencesOf({ clues: ['a failed'], causes })).toEqual(['a failed', 'b was slow']);
    expect(quotesOf({ quotes: ['7 parcels'] })).toEqual(['7 parcels']);
    expect(stepsOf({ firstStep: 1, lastStep: 9 })).toEqual({ from: 1, to: 9 });
    expect(movedOf({ changes: [{ what: 'toolShare', tool: 'search', from: 0.1, to: 0.5 }] })).toEqual([
      { what: 'Tool share search', from: '10.0 %', to: '50.0 %' },
    ]);
    const alarm = { agent: 'a', metric: 'DECISION_LATENCY', observed: 2_000, expected: 500 };
    expect(movedOf({ alarms: [alarm] })).toEqual([{ what: 'a', from: '500 ms', to: '2.00 s' }]);
  });
});

describe('what was seen beside what is usual', () => {
  const compared = (kind: string, evidence: object = {}, metric: string | null = null) => {
    const found = comparedOf({ kind, metric, observed: 0.5, expected: 2_000, evidence });
    return found === null ? null : found.format(found.expected);
  };

  it('is in the unit of its kind', () => {
    expect(compared('METRIC_ANOMALY', {}, 'DECISION_LATENCY')).toBe('2.00 s');
    expect(compared('METRIC_ANOMALY', {}, 'COST')).toBe('$2,000');
    expect(compared('METRIC_ANOMALY', { alarms: [] })).toBe('2,000 agents');
    expect(compared('TOKEN_BURN')).toBe('2,000 tokens');
    expect(compared('LOOP')).toBe('2,000 times');
  });

  it('is nothing where one of them is not known', () => {
    expect(comparedOf({ kind: 'LOOP', metric: null, observed: null, expected: 1, evidence: {} })).toBeNull();
  });
});
