import { quote } from '../../settings/problem.js';
import { checkExpression } from './check.js';
import type { Condition, Expression, Figure, Measure } from './expression.js';
import type { Measured } from './figure-name.js';
import { type AlertDimension, groupLabels, type Selector } from './label.js';
import { readFigureName, readSelector, suggestOf } from './measure.js';
import { Mistake } from './mistake.js';
import { printMeasure } from './print.js';
import { type ConditionSyntax, parseFigureSyntax, parseSyntax } from './syntax.js';

/** What is wrong with a text, where it is wrong (UTF-16 units from 0), and what would be right. */
export interface ConditionError {
  readonly offset: number;
  readonly message: string;
}

/**
 * Reads the condition of an alert, such as `decision_latency_p95 > 2s and decisions > 20 by agent`; docs/ALERTS.md has the
 * language. Without `by`, alerts are told apart by agent. Never throws.
 */
export function parseCondition(text: string): Condition | ConditionError {
  return orError(() => {
    const syntax = parseSyntax(text);
    const expression = checkExpression(syntax.root, text);
    return { text, expression, by: readBy(syntax, expression) };
  });
}

export function isConditionError(parsed: object): parsed is ConditionError {
  return 'message' in parsed;
}

export interface WrittenFigure {
  readonly key: string;
  readonly metric: Measured;
  readonly selector: Selector;
}

/** Reads the name of one figure, such as `cost_sum{agent="fraud-*"}`, as `Measure.key` has it. Never throws. */
export function parseFigure(text: string): WrittenFigure | ConditionError {
  return orError(() => {
    const syntax = parseFigureSyntax(text);
    const figure = readFigureName(syntax);
    const selector = readSelector(syntax, figure.metric);
    return { key: printMeasure(figure, selector), metric: figure.metric, selector };
  });
}

/** The figures a condition is made of, each once. */
export function measuresOf({ expression }: Pick<Condition, 'expression'>): readonly Measure[] {
  const measures = new Map<string, Measure>();
  const visitFigure = (figure: Figure): void => {
    if (figure.kind === 'measure') measures.set(figure.measure.key, figure.measure);
    if (figure.kind === 'calculation') [figure.left, figure.right].forEach(visitFigure);
  };
  const visit = (each: Expression): void => {
    if (each.kind === 'not') visit(each.operand);
    else if (each.kind === 'comparison') [each.left, each.right].forEach(visitFigure);
    else [each.left, each.right].forEach(visit);
  };
  visit(expression);
  return [...measures.values()];
}

function orError<T>(read: () => T): T | ConditionError {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { offset: error.offset, message: error.message };
  }
}

function readBy({ by }: ConditionSyntax, expression: Expression): readonly AlertDimension[] {
  if (by === null) return ['AGENT'];
  const [only] = by;
  if (by.length === 1 && only?.text === 'fleet') return [];
  const hasAnomalies = measuresOf({ expression }).some(({ metric }) => metric === 'ANOMALIES');
  const labels = groupLabels(hasAnomalies);
  const dimensions: AlertDimension[] = [];
  for (const { text, offset } of by) {
    const dimension = Object.hasOwn(labels, text) ? labels[text] : undefined;
    if (dimension === undefined) {
      const what = hasAnomalies ? 'anomalies are' : 'alerts can be';
      throw new Mistake(
        offset,
        `${quote(text)} is nothing that ${what} told apart by${suggestOf(text, { ...labels, fleet: null })}`,
      );
    }
    if (dimensions.includes(dimension)) throw new Mistake(offset, `${text} is named twice`);
    dimensions.push(dimension);
  }
  return dimensions;
}
