import { describe, expect, it } from 'vitest';
import { readRuleTests } from '../../../src/alert/rule-test/read.js';
import { runRuleTests } from '../../../src/alert/rule-test/run.js';

const RULES = `alerting:
- {name: slow, condition: decision_latency_p95 > 2s, for: 1m, minimum_samples: 10, message: "{{value}}"}
- {name: failing, condition: error_rate > 5% and decisions > 10 by fleet}
`;

const read = (tests: string) => readRuleTests(`${RULES}tests:\n${tests}`, () => 'there is no file');
const problemsOf = (tests: string) =>
  read(tests).problems.map(({ line, column, key, message }) => `${line}:${column}: ${key}: ${message}`);
const failuresOf = (tests: string) => {
  expect(problemsOf(tests)).toEqual([]);
  return runRuleTests(read(tests).tests);
};

const SERIES = `
- name: a test
  series:
  - {figure: decision_latency_p95, labels: {agent: a}, values: 3s x3 1s, samples: 10 x3}
  - {figure: decision_latency_p95, labels: {agent: b}, values: 3s 3s 3s, samples: 9 9 10}
  - {figure: error_rate, labels: {agent: a}, values: 6% 0.06 _}
  - {figure: decisions, values: 11 x3}
  expect:
`;

describe('rule tests', () => {
  it('pass where all alerts are where they are expected', () => {
    expect(
      failuresOf(`${SERIES}
  - {at: 0s, rule: slow, pending: [{agent: a}], firing: []}
  - {at: 1m, rule: slow, pending: [], firing: [{agent: a, message: 3 s}]}
  - {at: 2m, rule: slow, pending: [{agent: b}]}
  - {at: 3m, rule: slow, firing: []}
  - {at: 1m, rule: failing, firing: [{}]}
  - {at: 9m, rule: failing, firing: [], pending: []}`),
    ).toEqual([]);
  });

  it('say of each expectation that is not met what is missing and what is too much', () => {
    expect(
      failuresOf(`${SERIES}
  - {at: 1m, rule: slow, firing: [{agent: a, message: 4 s}]}
  - {at: 1m, rule: failing, firing: []}
  - {at: 0s, rule: slow, pending: [{agent: b}], firing: [{agent: a}]}`),
    ).toMatchObject([
      { atMs: 60_000, rule: 'slow', differences: ['- firing {agent: a} says "4 s"', '+ "3 s"'] },
      { atMs: 60_000, rule: 'failing', differences: ['+ firing {}: it is firing since 0ms, at 6 %'] },
      {
        atMs: 0,
        test: 'a test',
        differences: [
          '- pending {agent: b}: it is inactive',
          '+ pending {agent: a}: it is pending since 0ms, at 3 s',
          '- firing {agent: a}: it is pending since 0ms, at 3 s',
        ],
      },
    ]);
  });

  it.each([
    ['- {name: a, expect: []}\n- {name: a, expect: []}', '6:3: tests[1]: the name a is given twice'],
    ['- {expect: []}', 'tests[0].name: is missing'],
    ['- {name: a}', 'tests[0].expect: is missing'],
    [
      '- {name: a, expect: [{at: 90s, rule: slow, firing: []}]}',
      '"90s" is not the time of an evaluation, a multiple of 1m',
    ],
    ['- {name: a, expect: [{at: 1m, rule: slw, firing: []}]}', 'there is no rule "slw": did you mean slow?'],
    ['- {name: a, expect: [{at: 1m, rule: slow}]}', 'expects nothing: write pending or firing'],
    ['- {name: a, expect: [{at: 1m, rule: slow, firing: [{}]}]}', 'firing[0].agent: is missing: write the agent'],
    ['- {name: a, expect: [{at: 1m, rule: failing, firing: [{agent: a}]}]}', 'unknown key "agent"'],
    [
      '- {name: a, expect: [], series: [{figure: cost, values: 1}]}',
      'no rule reads "cost": they read decision_latency_p95',
    ],
    [
      '- {name: a, expect: [], series: [{figure: errr_rate, values: 1}]}',
      'there is no metric "errr_rate": did you mean error_rate?',
    ],
    [
      '- {name: a, expect: [], series: [{figure: error_rate, values: 5s}]}',
      '"5s" is not values in the unit of the figure',
    ],
    [
      '- {name: a, expect: [], series: [{figure: error_rate, values: 5}]}',
      '"5" is not values in the unit of the figure',
    ],
    ['- {name: a, expect: [], series: [{figure: error_rate, values: x3}]}', '"x3" is not values'],
    ['- {name: a, expect: [], series: [{figure: error_rate, values: 1 x99999}]}', '"1 x99999" is not values'],
    [
      '- {name: a, expect: [], series: [{figure: error_rate, values: 1, labels: {agnt: a}}]}',
      'there is no label "agnt": did you mean agent?',
    ],
    [
      `- name: a
  series: [{figure: error_rate, labels: {agent: a}, values: 1}, {figure: error_rate, labels: {agent: b}, values: 1}]
  expect: [{at: 0s, rule: failing, firing: []}]`,
      'error_rate is given twice for one group of the rule "failing"',
    ],
  ])('are refused where they make no sense: %s', (tests, expected) => {
    expect(problemsOf(tests)).toEqual([expect.stringContaining(expected)]);
  });

  it('name their rules', () => {
    const problems = (text: string) => readRuleTests(text, () => 'there is no file x').problems;
    expect(problems('tests: []')).toMatchObject([{ message: expect.stringContaining('names no rules') }]);
    expect(problems('rules: x\ntests: []')).toMatchObject([{ line: 1, column: 8, message: 'there is no file x' }]);
  });
});
