import { describe, expect, it } from 'vitest';
import { readRule } from '../../../src/alert/read-rule.js';
import { draftOf, inputOf, NEW_DRAFT, writeTime, yamlOf } from '../../../src/dashboard/screen/rules/draft.js';
import type { RuleFragment } from '../../../src/dashboard/screen/rules/rules.graphql.js';
import { checkSettings } from '../../../src/settings/read.js';

const rule: RuleFragment = {
  name: 'slow',
  condition: 'decision_latency_p95 > 2s',
  by: ['agent'],
  severity: 'CRITICAL',
  windowMs: 600_000,
  forMs: 90_000,
  keepFiringForMs: 0,
  flapHoldMs: 600_000,
  clear: 1_500,
  minimumSamples: 20,
  noData: 'KEEP',
  labels: { team: 'payments' },
  message: '{{agent}} is slow',
  origin: 'API',
  updatedAt: null,
  updatedBy: null,
};

describe('a rule that is being written', () => {
  it('says the same as the rule it was made of', () => {
    expect(inputOf(draftOf(rule))).toEqual({
      name: 'slow',
      condition: 'decision_latency_p95 > 2s',
      severity: 'CRITICAL',
      window: '10m',
      for: '90s',
      keepFiringFor: '0s',
      flapHold: '10m',
      clear: '1500ms',
      minimumSamples: 20,
      noData: 'KEEP',
      labels: [{ name: 'team', value: 'payments' }],
      message: '{{agent}} is slow',
    });
  });

  it('writes what it clears at so that the server reads the same figure', () => {
    const cases = [
      ['error_rate > 5%', '3%'],
      ['cost > $5/h by fleet', '$4/h'],
      ['token_usage > 10k/min', '8k/min'],
      ['decision_latency_p95 > 2s', '1.5s'],
    ];
    for (const [condition = '', written = ''] of cases) {
      const clear = readRule({ name: 'a', condition, clear: written }).rule?.clear ?? null;
      const again = readRule({ name: 'a', condition, clear: draftOf({ ...rule, condition, clear }).clear });
      expect(again.problems, condition).toEqual([]);
      expect(again.rule?.clear, condition).toBeCloseTo(clear ?? Number.NaN, 12);
    }
  });

  it('is what midwatch.yaml reads, in the form that it shows for it', () => {
    const draft = { ...draftOf(rule), name: 'with "quotes": and #', message: '' };
    const file = `agent_monitoring:\n  alerting:\n${yamlOf(draft).replaceAll(/^/gm, '    ')}\n`;
    const { settings, problems } = checkSettings(file, 'midwatch.yaml');
    expect(problems).toEqual([]);
    expect(settings.alerting).toMatchObject([
      {
        name: 'with "quotes": and #',
        severity: 'CRITICAL',
        windowMs: 600_000,
        forMs: 90_000,
        clear: 1_500,
        noData: 'KEEP',
      },
    ]);
  });

  it('is called by its condition while it has no name', () => {
    expect(inputOf({ ...NEW_DRAFT, condition: ' error_rate > 5% ' }).name).toBe('error_rate > 5%');
    expect(yamlOf({ ...NEW_DRAFT, condition: 'error_rate > 5%' })).toBe('- condition: "error_rate > 5%"');
  });

  it('writes times in the largest unit that leaves nothing over', () => {
    expect([0, 1_500, 90_000, 3_600_000, 86_400_000].map(writeTime)).toEqual(['0s', '1500ms', '90s', '1h', '1d']);
  });
});
