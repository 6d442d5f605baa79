import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Step } from '../src/decision/decision.js';
import { lookAtStep } from '../src/detect/loop/observe.js';
import { newLoopState } from '../src/detect/loop/state.js';
import type { LoopSighting } from '../src/detect/loop/verdict.js';
import { makeStep } from '../test/support/decision.js';

const DEFAULT_DATA = path.resolve(import.meta.dirname, '../../shared/data/loops');

interface RunStep {
  type: 'user' | 'message' | 'tool_call' | 'tool_result';
  tool?: string;
  args?: unknown;
  call_id?: string;
  result?: unknown;
  error?: unknown;
  text?: string | null;
}

interface Run {
  id: string;
  subset: string;
  kind?: string | null;
  label: 0 | 1 | null;
  start_step?: number | null;
  steps: RunStep[];
}

interface Judged {
  run: Run;
  sighting: LoopSighting | null;
}

/** The labelled runs of the set through the product's detector, a step at a time, counted as the set's scorer counts. */
export async function run(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: { data: { type: 'string', default: DEFAULT_DATA }, errors: { type: 'boolean', default: false } },
  });
  const file = path.join(options.data, 'data', 'loops.jsonl');
  if (!existsSync(file)) {
    print(`no data in ${options.data}`);
    return;
  }
  const runs = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Run);
  const judged = runs.map((each) => ({ run: each, sighting: firstSighting(each) }));
  const scored = judged.filter(({ run: { label } }) => label !== null);
  printTable(scored);
  printDelay(scored);
  printPatterns(scored);
  if (options.errors) printErrors(scored);
  printCost(runs);
}

/** Raised while the run goes on: at the first step that makes it certain. */
function firstSighting({ steps }: Run): LoopSighting | null {
  const state = newLoopState();
  for (const { step, index } of stepsOf(steps)) {
    const sighting = lookAtStep(state, step, index);
    if (sighting !== null) return sighting;
  }
  return null;
}

interface Placed {
  step: Step;
  /** Of the call or message in the run. */
  index: number;
}

const STEP_MS = 1_000;

/** A call and its result are one step, which is over when the result is there; a call without one is given at the end. */
function stepsOf(steps: readonly RunStep[]): Placed[] {
  const placed: Placed[] = [];
  const open: { call: RunStep; index: number }[] = [];
  for (const [index, each] of steps.entries()) {
    if (each.type === 'tool_call') open.push({ call: each, index });
    else if (each.type === 'message')
      placed.push({ index, step: stepOf({ kind: 'MODEL_CALL', output: each.text ?? null }) });
    else if (each.type === 'tool_result') {
      const own = open.findIndex(({ call }) => call.call_id === each.call_id);
      const [answered] = open.splice(Math.max(0, own), 1);
      if (answered !== undefined) placed.push({ index: answered.index, step: toolStep(answered.call, each) });
    }
  }
  for (const { call, index } of open) placed.push({ index, step: toolStep(call, {}) });
  return placed.map(({ step, index }, order) => ({ index, step: { ...step, startedAtMs: 1 + order * STEP_MS } }));
}

function toolStep(call: RunStep, { result, error }: Partial<RunStep>): Step {
  const isError = error !== undefined && error !== null && error !== false && error !== '';
  return stepOf({
    kind: 'TOOL_CALL',
    toolName: call.tool ?? null,
    arguments: call.args === undefined ? null : JSON.stringify(call.args),
    result: result === undefined || result === null ? null : String(result),
    outcome: isError ? 'ERROR' : 'SUCCESS',
    errorMessage: isError ? String(error) : null,
  });
}

function stepOf(known: Partial<Step>): Step {
  return makeStep({ kind: 'OTHER', name: 'step', toolName: null, durationMs: STEP_MS / 2, ...known });
}

function printTable(scored: readonly Judged[]): void {
  print('subset                        TP    FP    FN    TN       P      R     F1    FPR');
  const groups = new Map<string, Judged[]>();
  for (const each of scored) {
    const isMast = each.run.subset.startsWith('mast');
    for (const group of [each.run.subset, isMast ? 'mast_human (all)' : 'ALL except MAST']) {
      groups.set(group, [...(groups.get(group) ?? []), each]);
    }
  }
  for (const [group, own] of [...groups].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const count = (label: number, isHit: boolean) =>
      own.filter(({ run: each, sighting }) => each.label === label && (sighting !== null) === isHit).length;
    const [tp, fp, fn, tn] = [count(1, true), count(0, true), count(1, false), count(0, false)];
    const ratios = [tp / (tp + fp), tp / (tp + fn), tp === 0 ? 0 : (2 * tp) / (2 * tp + fp + fn), fp / (fp + tn)];
    const counts = [tp, fp, fn, tn].map((figure) => String(figure).padStart(5)).join(' ');
    print(`${group.padEnd(26)} ${counts}  ${ratios.map((ratio) => format(ratio)).join(' ')}`);
  }
}

function format(ratio: number): string {
  return (Number.isNaN(ratio) ? 'nan' : ratio.toFixed(3)).padStart(6);
}

/** Calls and messages from the first that repeats to the one that made it certain, where the first is known. */
function printDelay(scored: readonly Judged[]): void {
  const delays = scored
    .flatMap(({ run: { label, start_step: start, steps }, sighting }) => {
      if (label !== 1 || sighting === null || start === undefined || start === null) return [];
      const counted = steps.slice(start, sighting.lastStep + 1);
      return [counted.filter(({ type }) => type === 'tool_call' || type === 'message').length];
    })
    .sort((left, right) => left - right);
  if (delays.length === 0) return;
  const at = (share: number) => delays[Math.floor(delays.length * share)];
  print(`delay in steps from the first repeated step (injected): median ${at(0.5)}  p90 ${at(0.9)}`);
}

function printPatterns(scored: readonly Judged[]): void {
  const counts = new Map<string, number>();
  for (const { run: each, sighting } of scored) {
    if (sighting === null) continue;
    const said = `${each.subset} ${each.kind ?? ''}`.trim();
    const key = `${said.padEnd(34)} label ${each.label} ${sighting.pattern}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  print('what was seen first:');
  for (const [key, count] of [...counts].sort()) print(`  ${key} ${count}`);
}

function printErrors(scored: readonly Judged[]): void {
  for (const { run: each, sighting } of scored) {
    if ((each.label === 1) === (sighting !== null)) continue;
    print(`  ${each.label === 1 ? 'missed' : 'false alarm'} ${each.id} ${each.kind ?? ''} ${JSON.stringify(sighting)}`);
  }
}

const COST_ROUNDS = 5;

function printCost(runs: readonly Run[]): void {
  const all = runs.map(({ steps }) => stepsOf(steps));
  const count = all.reduce((sum, { length }) => sum + length, 0) * COST_ROUNDS;
  const startedAtMs = performance.now();
  for (let round = 0; round < COST_ROUNDS; round += 1) {
    for (const steps of all) {
      const state = newLoopState();
      for (const { step, index } of steps) lookAtStep(state, step, index);
    }
  }
  const micros = (1_000 * (performance.now() - startedAtMs)) / count;
  print(`${micros.toFixed(1)} µs a step`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
