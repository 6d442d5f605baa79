import type { Place } from '../../settings/problem.js';
import { formatDuration } from '../../settings/quantity.js';
import type { Measure } from '../condition/expression.js';
import { formatFigure } from '../condition/format.js';
import { nameLabel } from '../condition/label.js';
import { type Alert, type Alerts, type Evaluation, type Group, groupKey } from '../evaluate-rule.js';
import { renderMessage } from '../message.js';
import type { AlertRule } from '../rule.js';
import { stepThrough } from '../simulate.js';
import type { Phase } from '../state.js';
import {
  type Expectation,
  type ExpectedAlert,
  type FigureSeries,
  groupOf,
  type RuleTest,
  type RuleTests,
} from './rule-test.js';

/** An expectation that was not met. */
export interface Failure {
  readonly test: string;
  readonly rule: string;
  readonly atMs: number;
  readonly place: Place;
  /** What was expected and is not so, each after `-`, and what is so and was not expected, each after `+`. */
  readonly differences: readonly string[];
}

/** Holds every test against what its rules come to. */
export function runRuleTests({ tests, intervalMs }: RuleTests): readonly Failure[] {
  return tests.flatMap((test) =>
    rulesOf(test)
      .flatMap((rule) => runRule(test, rule, intervalMs))
      .sort((left, right) => left.place.line - right.place.line),
  );
}

function rulesOf({ expectations }: RuleTest): readonly AlertRule[] {
  return [...new Set(expectations.map(({ rule }) => rule))];
}

function runRule(test: RuleTest, rule: AlertRule, intervalMs: number): Failure[] {
  const expectations = test.expectations.filter((each) => each.rule === rule);
  const lastMs = Math.max(...expectations.map(({ atMs }) => atMs));
  const failures: Failure[] = [];
  for (const { atMs, alerts } of stepThrough(rule, evaluationsOf(test, rule, { intervalMs, lastMs }))) {
    for (const expectation of expectations.filter((each) => each.atMs === atMs)) {
      const differences = compare(expectation, alerts);
      if (differences.length === 0) continue;
      failures.push({ test: test.name, rule: rule.name, atMs, place: expectation.place, differences });
    }
  }
  return failures;
}

function* evaluationsOf(
  { series }: RuleTest,
  rule: AlertRule,
  { intervalMs, lastMs }: { intervalMs: number; lastMs: number },
): Generator<Evaluation> {
  const own = new Map<string, { labels: readonly string[]; series: FigureSeries[] }>();
  for (const each of series) {
    const labels = groupOf(rule, each);
    if (labels === null) continue;
    const key = groupKey(labels);
    const group = own.get(key) ?? { labels, series: [] };
    group.series.push(each);
    own.set(key, group);
  }
  for (let index = 0; index * intervalMs <= lastMs; index += 1) {
    const groups = [...own.values()].map((group) => groupAt(group, index));
    yield { atMs: index * intervalMs, groups };
  }
}

function groupAt(
  { labels, series }: { labels: readonly string[]; series: readonly FigureSeries[] },
  index: number,
): Group {
  const figureOf = ({ key }: Measure) => {
    const own = series.find(({ figure }) => figure === key);
    if (own !== undefined) return own.values[index] ?? null;
    const counted = series.find(({ countKey }) => countKey === key);
    if (counted === undefined) return null;
    return counted.samples === null ? Number.POSITIVE_INFINITY : (counted.samples[index] ?? null);
  };
  return { labels, figureOf };
}

function compare(expectation: Expectation, alerts: Alerts): string[] {
  const { rule, pending, firing } = expectation;
  return [
    ...(pending === null ? [] : comparePhase(rule, 'PENDING', pending, alerts)),
    ...(firing === null ? [] : comparePhase(rule, 'FIRING', firing, alerts)),
  ];
}

function comparePhase(rule: AlertRule, phase: Phase, expected: readonly ExpectedAlert[], alerts: Alerts): string[] {
  const wanted = new Map(expected.map((each) => [groupKey(each.labels), each]));
  const word = phase.toLowerCase();
  const missing = expected.flatMap(({ labels, message }) => {
    const alert = alerts.get(groupKey(labels));
    if (alert?.state.phase !== phase) return [`- ${word} ${nameGroup(rule, labels)}: it is ${describe(alert)}`];
    const said = alert.state.decided === null ? '' : renderMessage(rule, labels, alert.state.decided);
    if (message === null || message === said) return [];
    return [`- ${word} ${nameGroup(rule, labels)} says ${JSON.stringify(message)}`, `+ ${JSON.stringify(said)}`];
  });
  const unexpected = [...alerts].filter(([key, { state }]) => state.phase === phase && !wanted.has(key));
  return [
    ...missing,
    ...unexpected.map(([, alert]) => `+ ${word} ${nameGroup(rule, alert.labels)}: it is ${describe(alert)}`),
  ];
}

function nameGroup({ condition }: AlertRule, labels: readonly string[]): string {
  const pairs = condition.by.map((dimension, index) => `${nameLabel(dimension)}: ${labels[index] || '""'}`);
  return `{${pairs.join(', ')}}`;
}

/** `firing since 3m, at 2.5 s`. */
function describe(alert: Alert | undefined): string {
  if (alert === undefined) return 'inactive';
  const { phase, activeAtMs, firedAtMs, decided } = alert.state;
  if (phase === 'INACTIVE') return 'inactive';
  const sinceMs = (phase === 'FIRING' ? firedAtMs : activeAtMs) ?? 0;
  const at = decided === null ? '' : `, at ${formatFigure(decided.value, decided.unit)}`;
  return `${phase.toLowerCase()} since ${formatDuration(sinceMs)}${at}`;
}
