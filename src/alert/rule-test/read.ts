import { readDocument } from '../../settings/document.js';
import { type Problem, Problems, quote } from '../../settings/problem.js';
import { DURATION_FORMS, formatDuration, parseDuration } from '../../settings/quantity.js';
import { distinctList, list, type Reader, record, Section, single, suggest, word } from '../../settings/reader.js';
import { placeIn } from '../../settings/text-place.js';
import { MINUTE_MS } from '../../time.js';
import { isConditionError, parseFigure, type WrittenFigure } from '../condition/condition.js';
import { metricOf } from '../condition/figure-name.js';
import { groupLabels, nameLabel } from '../condition/label.js';
import { makeMeasure } from '../condition/measure.js';
import { groupKey } from '../evaluate-rule.js';
import { alertRule } from '../read-rule.js';
import { type AlertRule, measuresOfRule } from '../rule.js';
import {
  type Expectation,
  type ExpectedAlert,
  type FigureSeries,
  groupOf,
  type RuleTest,
  type RuleTests,
} from './rule-test.js';
import { EVALUATIONS_MAX, parseCounts, parseValues, VALUES_FORM } from './values.js';

const FILE_KEYS = ['rules', 'alerting', 'interval', 'tests'] as const;
const TEST_EXAMPLE = '[{name: slow, series: […], expect: […]}]';
const ALERT_EXAMPLE = '[{agent: fraud-1}]';

/** The rules of a file of settings, or what is wrong with it, in words. */
export type LoadRules = (file: string) => readonly AlertRule[] | string;

/** Reads a file of rule tests, docs/ALERTS.md has its form, and collects what is wrong with it. Never throws. */
export function readRuleTests(text: string, loadRules: LoadRules): { tests: RuleTests; problems: readonly Problem[] } {
  const problems = new Problems();
  const section = new Section(readDocument(text, problems), FILE_KEYS, problems);
  const rules = [
    ...section.read('rules', rulesFile(loadRules), []),
    ...section.read('alerting', list(alertRule, '[{condition: error_rate > 5%}]'), []),
  ];
  if (!section.has('rules') && !section.has('alerting')) {
    problems.add(section.place, 'names no rules: write rules: midwatch.yaml, or alerting: with rules of its own');
  }
  const intervalMs = section.read('interval', time, MINUTE_MS);
  const tests = section.require(
    'tests',
    distinctList(testOf(rules, intervalMs), ({ name }) => `the name ${name}`, TEST_EXAMPLE),
    `write tests: ${TEST_EXAMPLE}`,
  );
  return { tests: { rules, intervalMs, tests: tests ?? [] }, problems: problems.list() };
}

const time = single(`${DURATION_FORMS}, above 0`, (text) => parseDuration(text) || undefined);

function rulesFile(loadRules: LoadRules): Reader<readonly AlertRule[]> {
  return (value, problems) => {
    if (value.kind !== 'text') return problems.add(value, 'must be the name of a file, such as midwatch.yaml');
    const rules = loadRules(value.text);
    return typeof rules === 'string' ? problems.add(value, rules) : rules;
  };
}

function testOf(rules: readonly AlertRule[], intervalMs: number): Reader<RuleTest> {
  return (value, problems) => {
    const section = new Section(value, ['name', 'series', 'expect'], problems);
    const name = section.require('name', word('a name'), 'write what the test is about');
    const series = section.read('series', list(seriesOf(rules), '[{figure: error_rate, values: 1% 6%}]'), []);
    const needs = 'write [{at: 5m, rule: …, firing: […]}]';
    const expectations = section.require('expect', list(expectationOf(rules, intervalMs), needs.slice(6)), needs);
    if (name === undefined || expectations === undefined) return undefined;
    checkGroups(series, expectations, problems);
    return { name, series, expectations };
  };
}

/** One figure of one group cannot be two series: nothing says how they would add up. */
function checkGroups(series: readonly FigureSeries[], expectations: readonly Expectation[], problems: Problems): void {
  for (const rule of new Set(expectations.map((expectation) => expectation.rule))) {
    const seen = new Set<string>();
    for (const each of series) {
      const { figure, place } = each;
      const group = groupOf(rule, each);
      if (group === null) continue;
      const key = groupKey([figure, ...group]);
      if (seen.has(key)) problems.add(place, `${figure} is given twice for one group of the rule ${quote(rule.name)}`);
      seen.add(key);
    }
  }
}

function seriesOf(rules: readonly AlertRule[]): Reader<FigureSeries> {
  const known = new Set(rules.flatMap((rule) => measuresOfRule({ ...rule, minimumSamples: 0 }).map(({ key }) => key)));
  return (value, problems) => {
    const section = new Section(value, ['figure', 'labels', 'values', 'samples'], problems);
    const figure = section.require('figure', figureOf(known), 'write a figure of a rule, such as decision_latency_p95');
    const labels = section.read('labels', labelValues, {});
    if (figure === undefined) return undefined;
    const { type } = metricOf(figure.metric);
    const values = section.require(
      'values',
      single(VALUES_FORM, (text) => parseValues(text, type)),
      'write 1s 1s 3s x5',
    );
    const samples = section.read('samples', single('whole numbers such as 5 x3 20', parseCounts), null);
    if (values === undefined) return undefined;
    const { key: countKey } = makeMeasure(figure.metric, 'COUNT', figure.selector);
    return { figure: figure.key, countKey, labels, values, samples, place: value };
  };
}

function figureOf(known: ReadonlySet<string>): Reader<WrittenFigure> {
  return (value, problems) => {
    if (value.kind !== 'text') return problems.add(value, 'must be a figure of a rule, such as decision_latency_p95');
    const figure = parseFigure(value.text);
    if (isConditionError(figure)) return problems.add(placeIn(value, figure.offset), figure.message);
    if (known.has(figure.key)) return figure;
    const hint = suggest(figure.key, known) || `: they read ${[...known].join(', ') || 'none'}`;
    return problems.add(value, `no rule reads ${quote(figure.key)}${hint}`);
  };
}

const labelValues: Reader<Readonly<Record<string, string>>> = (value, problems) => {
  const read = record(word('a value'), '{agent: fraud-1}')(value, problems);
  const known = groupLabels(false);
  for (const [name, { place }] of value.kind === 'mapping' ? value.entries : []) {
    if (Object.hasOwn(known, name)) continue;
    const hint = suggest(name, Object.keys(known)) || `: the labels are ${Object.keys(known).join(', ')}`;
    problems.add(place, `there is no label ${quote(name)}${hint}`);
  }
  const named = Object.entries(read ?? {}).map(([name, each]) => [nameLabel(known[name] ?? 'AGENT'), each]);
  return read && Object.fromEntries(named);
};

function expectationOf(rules: readonly AlertRule[], intervalMs: number): Reader<Expectation> {
  return (value, problems) => {
    const section = new Section(value, ['at', 'rule', 'pending', 'firing'], problems);
    const atMs = section.require('at', momentOf(intervalMs), 'write the time of an evaluation, such as 5m');
    const rule = section.require('rule', ruleOf(rules), 'write the name of a rule');
    if (!section.has('pending') && !section.has('firing') && atMs !== undefined && rule !== undefined) {
      return problems.add(value, 'expects nothing: write pending or firing, with [] where nothing should be');
    }
    if (atMs === undefined || rule === undefined) return undefined;
    const pending = section.read('pending', list(alertOf(rule), ALERT_EXAMPLE), null);
    const firing = section.read('firing', list(alertOf(rule), ALERT_EXAMPLE), null);
    return { rule, atMs, pending, firing, place: value };
  };
}

function momentOf(intervalMs: number): Reader<number> {
  const lastMs = intervalMs * (EVALUATIONS_MAX - 1);
  const expected = `the time of an evaluation, a multiple of ${formatDuration(intervalMs)} up to ${formatDuration(lastMs)}`;
  return single(expected, (text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms <= lastMs && ms % intervalMs === 0 ? ms : undefined;
  });
}

function ruleOf(rules: readonly AlertRule[]): Reader<AlertRule> {
  return (value, problems) => {
    if (value.kind !== 'text') return problems.add(value, 'must be the name of a rule');
    const names = rules.map(({ name }) => name);
    const found = rules[names.indexOf(value.text)];
    const hint = suggest(value.text, names) || `: the rules are ${names.map(quote).join(', ') || 'none'}`;
    return found ?? problems.add(value, `there is no rule ${quote(value.text)}${hint}`);
  };
}

/** `{agent: fraud-1, message: …}`: each dimension of the rule, and what the alert says. */
function alertOf({ condition }: AlertRule): Reader<ExpectedAlert> {
  const names = condition.by.map(nameLabel);
  return (value, problems) => {
    const section = new Section(value, [...names, 'message'], problems);
    const labels = names.map((name) =>
      section.require(name, anyText, `write the ${name}, or "" where it is not known`),
    );
    const message = section.read('message', anyText, null);
    const isWhole = labels.every((label) => label !== undefined);
    return isWhole ? { labels: labels as string[], message } : undefined;
  };
}

const anyText: Reader<string> = single('a text', (text) => text);
