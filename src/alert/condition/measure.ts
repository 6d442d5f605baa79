import type { Statistic } from '../../fleet/figures/statistic.js';
import { compareText } from '../../order.js';
import { matchesPattern } from '../../settings/pattern.js';
import { quote } from '../../settings/problem.js';
import { suggest } from '../../settings/reader.js';
import type { Measure } from './expression.js';
import { type FigureName, findConditionFigure, type Measured } from './figure-name.js';
import { type Matcher, type Selector, selectorLabels, valuesOf } from './label.js';
import { Mistake } from './mistake.js';
import { printMeasure } from './print.js';
import type { FigureSyntax, MatcherSyntax } from './syntax.js';

const PATTERN_MAX = 200;

export function makeMeasure(metric: Measured, statistic: Statistic, selector: Selector): Measure {
  return { key: printMeasure({ metric, statistic }, selector), metric, statistic, selector };
}

/** The metric and statistic of a written name. Throws a Mistake. */
export function readFigureName({ name, offset }: FigureSyntax): FigureName {
  const found = findConditionFigure(name);
  if (typeof found === 'string') throw new Mistake(offset, found);
  return found;
}

/** The labels in braces, in one order and each once. Throws a Mistake. */
export function readSelector({ matchers }: FigureSyntax, metric: Measured): Selector {
  const byText = new Map(
    matchers
      .map((matcher) => readMatcher(matcher, metric))
      .map((matcher) => [`${matcher.label}\0${matcher.operator}\0${matcher.pattern}`, matcher] as const),
  );
  return [...byText].sort(([left], [right]) => compareText(left, right)).map(([, matcher]) => matcher);
}

function readMatcher({ label: written, operator, value }: MatcherSyntax, metric: Measured): Matcher {
  const labels = selectorLabels(metric === 'ANOMALIES');
  const label = Object.hasOwn(labels, written.text) ? labels[written.text] : undefined;
  if (label === undefined) {
    const what = metric === 'ANOMALIES' ? 'anomalies have' : 'figures of decisions have';
    throw new Mistake(
      written.offset,
      `${quote(written.text)} is no label that ${what}${suggestOf(written.text, labels)}`,
    );
  }
  if (value.text.length > PATTERN_MAX || !/^[^\p{Cc}\p{Cs}]+$/u.test(value.text)) {
    throw new Mistake(value.offset, `a value has 1 to ${PATTERN_MAX} characters, none of them a control character`);
  }
  const known = valuesOf(label);
  if (known === null) return { label, operator, pattern: value.text };
  const pattern = value.text.toUpperCase();
  if (known.some((each) => matchesPattern(pattern, each))) return { label, operator, pattern };
  const hint = suggest(value.text, known) || `: its values are ${known.join(', ')}`;
  throw new Mistake(value.offset, `${quote(value.text)} is no ${written.text}${hint}`);
}

/** `: did you mean agent?`, or all labels there are. */
export function suggestOf(written: string, labels: Readonly<Record<string, unknown>>): string {
  return suggest(written, Object.keys(labels)) || `: the labels are ${Object.keys(labels).join(', ')}`;
}
