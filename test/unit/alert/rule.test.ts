import { describe, expect, it } from 'vitest';
import { renderMessage } from '../../../src/alert/message.js';
import { type RuleFields, readRule } from '../../../src/alert/read-rule.js';
import { measuresOfRule, observe, subjectOf } from '../../../src/alert/rule.js';
import { checkSettings } from '../../../src/settings/read.js';
import { ruleOf } from '../../support/alert-rule.js';

const rulesOf = (yaml: string) => checkSettings(`agent_monitoring:\n  alerting:\n${yaml}`, 'midwatch.yaml');
const problemsOf = (yaml: string) =>
  rulesOf(yaml).problems.map(({ line, column, key, message }) => `${line}:${column}: ${key}: ${message}`);

describe('a rule', () => {
  it('has all that the file says', () => {
    const { settings, problems } = rulesOf(`
    - name: slow answers
      condition: 'decision_latency_p95{agent="fraud-*"} > 2s by agent, model'
      severity: critical
      window: 10m
      for: 2m
      keep_firing_for: 5m
      flap_hold: 1h
      clear: 1500ms
      minimum_samples: 20
      no_data: keep
      labels: {team: payments}
      message: "{{agent}} with {{ model }} is slow: {{value}} of {{threshold}}, says {{labels.team}}"`);
    expect(problems).toEqual([]);
    expect(settings.alerting).toEqual([
      {
        name: 'slow answers',
        condition: expect.objectContaining({ by: ['AGENT', 'MODEL'] }),
        severity: 'CRITICAL',
        windowMs: 600_000,
        forMs: 120_000,
        keepFiringForMs: 300_000,
        flapHoldMs: 3_600_000,
        clear: 1_500,
        minimumSamples: 20,
        noData: 'KEEP',
        labels: { team: 'payments' },
        message: '{{agent}} with {{ model }} is slow: {{value}} of {{threshold}}, says {{labels.team}}',
        origin: 'FILE',
      },
    ]);
  });

  it('is the same from elsewhere, but for its origin', () => {
    const { settings } = rulesOf('    - {condition: cost  > $5/h by fleet, for: 2m, clear: $4/h}');
    const rule = ruleOf({ condition: 'cost  > $5/h by fleet', for: '2m', clear: '$4/h', name: null });
    expect(rule).toEqual({ ...settings.alerting[0], origin: 'API' });
    expect(rule.name).toBe('cost > $5/h by fleet');
  });

  it('names the figures it asks for, with the counts that tell whether they are enough', () => {
    const condition = 'error_rate{model="a"} > 5% and decisions > 3';
    const keysOf = (minimum_samples: string) =>
      measuresOfRule(ruleOf({ condition, minimum_samples })).map(({ key }) => key);
    expect(keysOf('0')).toEqual(['error_rate{model="a"}', 'decisions']);
    expect(keysOf('20')).toEqual(['error_rate{model="a"}', 'decisions', 'error_rate_count{model="a"}']);
  });

  it('has no data where its figures are made of too little', () => {
    const rule = ruleOf({ condition: 'error_rate > 5%', minimum_samples: '20' });
    const seen = (count: number) => observe(rule, ({ statistic }) => (statistic === 'COUNT' ? count : 0.5));
    expect(seen(19)).toMatchObject({ isMet: null, decided: { value: null } });
    expect(seen(20)).toMatchObject({ isMet: true, decided: { value: 0.5, threshold: 0.05 } });
  });

  it('clears by a threshold of its own, either way about', () => {
    const seen = (condition: string, clear: string, value: number) => {
      const { isMet, isMetWhileFiring } = observe(ruleOf({ condition, clear }), () => value);
      return [isMet, isMetWhileFiring];
    };
    expect(seen('decision_latency_p95 > 2s', '1s', 1_500)).toEqual([false, true]);
    expect(seen('decision_latency_p95 > 2s', '1s', 1_000)).toEqual([false, false]);
    expect(seen('95% > tool_invocation_success_rate', '0.98', 0.97)).toEqual([false, true]);
    expect(seen('tool_invocations_sum * 0.45 / decisions > 50%', '40%', 0.45)).toEqual([false, true]);
  });

  it('is about the same while only what follows from it changes', () => {
    const subject = subjectOf(ruleOf({ condition: 'token_usage > 5' }));
    expect(subjectOf(ruleOf({ condition: ' token_usage_max>5 by agent', for: '5m', severity: 'info' }))).toBe(subject);
    expect(subjectOf(ruleOf({ condition: 'token_usage > 6' }))).not.toBe(subject);
    expect(subjectOf(ruleOf({ condition: 'token_usage > 5', window: '6m' }))).not.toBe(subject);
  });
});

describe('a mistake in a rule is told with its place', () => {
  it.each([
    // What stands in the file where the problem is said to be.
    ['- condition: error_rate{agent="a"} > 5', '5'],
    ["- {condition: 'error_rate{agnt=''it''} > 5%'}", "agnt=''it''} > 5%'}"],
    ["- condition: 'error_rate{agent=''it''} > 5'", "5'"],
    ['- condition: "error_rate{agent=\\"a\\u0041\\x41\\"} > 5"', '5"'],
    ['- condition: "error_rate{agent=\\"\\U0001F600\\"} > 5"', '5"'],
    ['- condition: >-\n        error_rate > 5', '>-'],
    ['- {condition: cost > 5, message: "of {{agnt}}"}', '{{agnt}}"}'],
    ['- {condition: cost >}', '}'],
  ])('inside the text: %s', (entry, expected) => {
    const yaml = `    ${entry}`;
    const [problem] = rulesOf(yaml).problems;
    const line = yaml.split('\n')[(problem?.line ?? 0) - 3];
    expect(line?.slice((problem?.column ?? 0) - 1)).toBe(expected);
  });

  it.each([
    ['- {condition: cost > 5, for: 2}', '"2" is not a time such as 500ms, 2s, 5m, 1h, 90d or 7y, up to 31d'],
    ['- {condition: cost > 5, window: 0s}', '"0s" is not a time such as 500ms, 2s, 5m, 1h, 90d or 7y, from 1s to 31d'],
    ['- {condition: cost > 5, windw: 2m}', 'unknown key "windw": did you mean window?'],
    ['- {condition: cost > 5, no_data: fail}', '"fail" is not one of ok, keep, fire'],
    ['- {condition: cost > 5, minimum_samples: -1}', '"-1" is not a whole number up to 1000000'],
    ['- {condition: cost > 5, labels: {a-b: c}}', '"a-b" is no name of a label'],
    ['- {condition: cost > 5 or cost > 6, clear: 4}', 'clear: goes with one comparison by >, >=, < or <='],
    ['- {condition: cost_sum > decisions * $1, clear: 4}', 'clear: goes with one comparison by >, >=, < or <='],
    ['- {condition: error_rate > 5%, clear: 4s}', 'clear: must be what the condition compares with: write a share'],
    ['- {condition: error_rate > 5%, clear: 6%}', "clear: is beyond the condition's own threshold"],
    ['- {condition: error_rate < 5%, clear: 4%}', "clear: is beyond the condition's own threshold"],
    [
      '- {condition: cost > 5}\n    - {condition: cost  > 5}',
      '4:7: agent_monitoring.alerting[1]: the name cost > 5 is given twice',
    ],
    [
      '- {condition: cost > 5, message: "of {{agnt}}"}',
      'agent_monitoring.alerting[0].message: {{agnt}} is nothing that is known here: did you mean agent?',
    ],
    [
      '- {condition: cost > 5, message: "{{model}}"}',
      ': write one of value, threshold, group, rule, severity, condition, window, agent',
    ],
    [`- {condition: cost > 5, message: "${'x'.repeat(2_001)}"}`, 'is longer than 2000 characters'],
    ['- {condition: cost > 5, message: "{{labels.team}}"}', '{{labels.team}} is nothing that is known here'],
    ['- {condition: cost > 5, message: "{{value} is"}', 'these braces have no counterpart'],
    [
      `- {condition: cost > 5${' or cost > 5'.repeat(20)}}`,
      'name: is missing: the condition is too long to name the rule by',
    ],
  ])('%s', (entry, expected) => {
    expect(problemsOf(`    ${entry}`)).toEqual([expect.stringContaining(expected)]);
  });

  it('or of its field, where it comes from elsewhere', () => {
    expect(readRule({ condition: 'error_rate > 5', severity: 'bad' })).toEqual({
      rule: null,
      problems: [
        expect.objectContaining({ key: 'severity', message: expect.stringContaining('"bad" is not one of info') }),
        expect.objectContaining({ key: 'condition', column: 14, message: expect.stringContaining('write a share') }),
      ],
    });
    expect(readRule({})).toMatchObject({
      problems: [{ key: 'condition', message: 'is missing: write what is wrong, such as error_rate > 5%' }],
    });
  });
});

describe('the message of an alert', () => {
  const said = (fields: RuleFields, group: readonly string[], value: number | null) => {
    const rule = ruleOf(fields);
    return renderMessage(rule, group, observe(rule, () => value).decided);
  };

  it('says what the rule says, with the figures of now', () => {
    const message =
      '{{severity}} {{rule}}: {{agent}} at {{ value }} of {{threshold}} over {{window}} ({{labels.team}}, {{group}})';
    const fields = {
      name: 'slow',
      condition: 'decision_latency_p95 > 2s by agent, model',
      labels: { team: 'x' },
      message,
    };
    expect(said(fields, ['fraud-1', ''], 1_934)).toBe(
      'warning slow: fraud-1 at 1.93 s of 2 s over 5m (x, fraud-1, unknown)',
    );
  });

  it('says what there is to say where the rule says nothing', () => {
    expect(said({ condition: 'error_rate > 5%' }, ['fraud-1'], 0.0612)).toBe('error_rate > 5% for fraud-1: 6.12 %');
    expect(said({ condition: 'cost > $5/h by fleet' }, [], null)).toBe('cost > $5/h by fleet for the fleet: no data');
  });
});
