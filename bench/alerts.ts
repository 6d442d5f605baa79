import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Alerts, evaluateRule } from '../src/alert/evaluate-rule.js';
import type { RuleFields } from '../src/alert/read-rule.js';
import { ALERT_CASES, readAlertCases, transitionsOf } from '../test/support/alert-cases.js';
import { ruleOf } from '../test/support/alert-rule.js';
import { median } from './rounds.js';

/**
 * The reference cases of alert rules under `--data DIR` through the product's code, judged by the set's own scorer, and what an
 * evaluation of a rule costs with ten thousand groups.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: { data: { type: 'string', default: ALERT_CASES } },
  });
  printScore(options.data);
  printCost('all quiet', { condition: 'decision_latency_p95 > 2s' }, () => 100);
  printCost('all firing', { condition: 'decision_latency_p95 > 2s' }, () => 3_000);
  const mixed = {
    condition: 'error_rate > 5% and decisions > 20 or cost > $5/h by agent, model',
    minimum_samples: '10',
  };
  printCost('three figures, in and out', mixed, (round, group) => ((round + group) % 3 === 0 ? 1_000 : 0));
}

function printScore(directory: string): void {
  const cases = readAlertCases(directory);
  if (cases === null) {
    print(`no data in ${directory}`);
    return;
  }
  const work = mkdtempSync(path.join(tmpdir(), 'midwatch-alerts-'));
  try {
    const file = path.join(work, 'transitions.jsonl');
    const lines = cases.map((each) => JSON.stringify({ id: each.id, transitions: transitionsOf(each) }));
    writeFileSync(file, `${lines.join('\n')}\n`);
    print(
      execFileSync('python3', [path.join(directory, 'alert_reference.py'), 'check', file], { encoding: 'utf8' }).trim(),
    );
  } finally {
    rmSync(work, { recursive: true });
  }
}

const GROUPS = 10_000;
const ROUNDS = 20;
const EVERY_MS = 15_000;

function printCost(name: string, fields: RuleFields, valueAt: (round: number, group: number) => number): void {
  const rule = ruleOf(fields);
  const groupLabels = Array.from({ length: GROUPS }, (_, group) =>
    rule.condition.by.map((label) => `${label}-${group}`),
  );
  let alerts: Alerts = new Map();
  const tookMs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const groups = groupLabels.map((labels, group) => ({ labels, figureOf: () => valueAt(round, group) }));
    const startedAtMs = performance.now();
    ({ alerts } = evaluateRule(rule, alerts, { atMs: round * EVERY_MS, groups }));
    tookMs.push(performance.now() - startedAtMs);
  }
  const usualMs = median(tookMs);
  print(
    `${name.padEnd(26)} ${usualMs.toFixed(1)} ms an evaluation of ${GROUPS} groups, ${((1_000 * usualMs) / GROUPS).toFixed(2)} us a group`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
