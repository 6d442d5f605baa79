import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Evaluation } from '../../src/alert/evaluate-rule.js';
import type { AlertRule } from '../../src/alert/rule.js';
import { stepThrough } from '../../src/alert/simulate.js';
import { ruleOf } from './alert-rule.js';

/** One case of ../shared/data/alerts: a series, a rule and the changes of state that follow; moments and lengths in seconds. */
export interface AlertCase {
  id: string;
  rule: {
    every: number;
    stale: number;
    op: '>' | '<';
    threshold: number;
    for: number;
    keep_firing: number;
    clear?: number;
    tail?: number;
  };
  series: [at: number, value: number][];
  transitions: [at: number, state: string][];
}

export const ALERT_CASES = path.resolve(import.meta.dirname, '../../../shared/data/alerts');

/** All cases; null where there are none. */
export function readAlertCases(directory: string): readonly AlertCase[] | null {
  const file = path.join(directory, 'data', 'cases.jsonl');
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

const STATES = { PENDING: 'pending', WITHDRAWN: 'inactive', FIRING: 'firing', RESOLVED: 'inactive' } as const;

/** The changes of state that the product comes to. */
export function transitionsOf(each: AlertCase): [at: number, state: string][] {
  const transitions: [number, string][] = [];
  for (const { atMs, changes } of stepThrough(ruleOfCase(each), evaluationsOf(each))) {
    for (const { change } of changes) transitions.push([atMs / 1_000, STATES[change]]);
  }
  return transitions;
}

export function ruleOfCase({ rule: { op, threshold, for: forS, keep_firing, clear } }: AlertCase): AlertRule {
  return ruleOf({
    condition: `token_usage_avg ${op} ${threshold} by fleet`,
    for: `${forS}s`,
    keep_firing_for: `${keep_firing}s`,
    // What Prometheus does not have.
    flap_hold: '0s',
    clear: clear === undefined ? null : String(clear),
  });
}

/** The newest sample counts while it is not older than the case says. */
function* evaluationsOf({ rule: { every, stale, tail = 3 * every }, series }: AlertCase): Generator<Evaluation> {
  const end = (series.at(-1)?.[0] ?? 0) + tail;
  let next = 0;
  for (let at = 0; at <= end; at += every) {
    while ((series[next]?.[0] ?? Number.POSITIVE_INFINITY) <= at) next += 1;
    const [sampledAt, value] = series[next - 1] ?? [Number.NEGATIVE_INFINITY, null];
    yield { atMs: at * 1_000, groups: [{ labels: [], figureOf: () => (at - sampledAt <= stale ? value : null) }] };
  }
}
