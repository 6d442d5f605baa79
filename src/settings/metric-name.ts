import { findFigure } from '../alert/condition/figure-name.js';
import type { Reader } from './reader.js';

/** A metric's name, with or without its statistic. */
export const metricName: Reader<string> = (value, problems) => {
  if (value.kind !== 'text') return problems.add(value, 'must be the name of a metric, such as decision_latency_p95');
  const found = findFigure(value.text);
  return typeof found === 'string' ? problems.add(value, found) : value.text;
};
