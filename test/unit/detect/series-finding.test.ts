import { describe, expect, it } from 'vitest';
import { findMetricAnomaly } from '../../../src/detect/series/metric-anomaly.js';
import { ALARM_SCORE, type Verdict } from '../../../src/detect/series/verdict.js';
import { type AgentAlarm, joinAlarms } from '../../../src/detect/series/widespread.js';
import { poissonTail } from '../../../src/detect/significance.js';

const LATENCY = { metric: 'DECISION_LATENCY', slice: { agent: 'fraud-eu' } } as const;
const VERDICT: Verdict = { score: 0.995, expected: 800.123, band: { low: 512.3, high: 1_204 }, aspect: 'season' };

describe('a verdict on a metric', () => {
  it('is a finding from the alarm score on', () => {
    expect(findMetricAnomaly(LATENCY, 4_000, { ...VERDICT, score: ALARM_SCORE - 0.01 })).toBeNull();
    expect(findMetricAnomaly(LATENCY, 4_000, { ...VERDICT, score: ALARM_SCORE })).not.toBeNull();
  });

  it('says what was seen and what is usual', () => {
    expect(findMetricAnomaly(LATENCY, 4_000, VERDICT)).toEqual({
      kind: 'METRIC_ANOMALY',
      severity: 'WARNING',
      score: 0.995,
      observed: 4_000,
      expected: 800.123,
      summary:
        'fraud-eu: decision latency (p95) 4.0 s (usual now: 512 ms to 1.2 s), unlike the same time on other days.',
      evidence: { ...LATENCY, aspect: 'season', expectedLow: 512.3, expectedHigh: 1_204 },
      incident: 'DECISION_LATENCY of agent fraud-eu',
    });
  });

  it.each([
    [0.9, 'INFO'],
    [0.995, 'WARNING'],
    [0.9999, 'CRITICAL'],
  ])('is as severe as its score: %d is %s', (score, severity) => {
    expect(findMetricAnomaly(LATENCY, 4_000, { ...VERDICT, score })?.severity).toBe(severity);
  });

  it('is another incident in another slice, whatever the order of its labels', () => {
    const incident = (slice: Record<string, string>) =>
      findMetricAnomaly({ metric: 'COST', slice }, 4, VERDICT)?.incident;
    expect(incident({ model: 'gpt-4o', region: 'eu' })).toBe('COST of model gpt-4o, region eu');
    expect(incident({ region: 'eu', model: 'gpt-4o' })).toBe(incident({ model: 'gpt-4o', region: 'eu' }));
    expect(incident({})).toBe('COST');
  });
});

describe('alarms of many agents at once', () => {
  const alarm = (agent: string, observed: number, score = 0.995): AgentAlarm => {
    const finding = findMetricAnomaly({ metric: 'DECISIONS', slice: { agent } }, observed, {
      ...VERDICT,
      score,
      expected: 2,
      band: { low: 0, high: 5 },
    });
    return { agent, metric: 'DECISIONS', finding: finding ?? expect.fail('no finding') };
  };

  it('are one finding, as severe as the most severe, that names who is furthest off', () => {
    expect(joinAlarms([alarm('a', 60), alarm('b', 1_400, 0.9999), alarm('c', 90)])).toMatchObject({
      kind: 'METRIC_ANOMALY',
      severity: 'CRITICAL',
      observed: 3,
      summary:
        'decisions within five minutes: 3 agents at once are above what is usual, b most of all with 1,400 (usual now: 2).',
      evidence: { metric: 'DECISIONS', side: 'above', agents: ['b', 'c', 'a'] },
      incident: 'DECISIONS of many agents above',
    });
  });
});

describe('a count', () => {
  it.each([
    [3, 0.997, 0.08],
    [412, 18.9, 0],
    [0, 2, Math.exp(-2)],
    [0, 0, 1],
    [1, 0, 0],
    [100, 100, 0.5],
  ])('of %d where %d are usual has the chance %d', (count, mean, chance) => {
    expect(poissonTail(count, mean)).toBeCloseTo(chance, 1);
  });
});
