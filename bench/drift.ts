import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { newDriftState, observeBehaviour } from '../src/detect/drift/observe.js';
import { type Prediction, type Score, scoreOf } from './drift/score.js';
import { readStreams, type Stream } from './drift/streams.js';

const DEFAULT_DATA = path.resolve(import.meta.dirname, '../../shared/data/agent_metrics');

/**
 * Streams of agents' runs through the product's detector, a run at a time, counted as the set's scorer counts, all
 * and by halves, which shows how far chance moves the figures. `--predictions FILE` writes what `eval_drift.py FILE` reads.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: { data: { type: 'string', default: DEFAULT_DATA }, predictions: { type: 'string' } },
  });
  const streams = readStreams(options.data);
  if (streams === null) {
    print(`no data in ${options.data}`);
    return;
  }
  const startedMs = performance.now();
  const predictions = streams.map(predict);
  const tookMs = performance.now() - startedMs;
  printScore(scoreOf(predictions));
  for (const [name, rest] of [
    ['even streams', 0],
    ['odd streams', 1],
  ] as const) {
    print(`${name.padEnd(12)} ${describe(scoreOf(predictions.filter((_, index) => index % 2 === rest)))}`);
  }
  const runs = streams.reduce((sum, { behaviours }) => sum + behaviours.length, 0);
  print(`${((1_000 * tookMs) / runs).toFixed(1)} µs an observation, state ${largestState(streams)} characters at most`);
  if (options.predictions !== undefined) writePredictions(options.predictions, predictions);
}

/** The alarms of one stream: at each row whose observation brought a finding. */
export function predict(stream: Stream): Prediction {
  let state = newDriftState();
  const alarms: number[] = [];
  for (const [row, behaviour] of stream.behaviours.entries()) {
    const observed = observeBehaviour(state, behaviour);
    state = observed.state;
    if (observed.findings.length > 0) alarms.push(row);
  }
  return { stream, alarms };
}

function largestState(streams: readonly Stream[]): number {
  let largest = 0;
  for (const { behaviours } of streams) {
    let state = newDriftState();
    for (const behaviour of behaviours) {
      state = observeBehaviour(state, behaviour).state;
      largest = Math.max(largest, JSON.stringify(state).length);
    }
  }
  return largest;
}

function printScore(score: Score): void {
  print('kind                       n    hit  false  median delay');
  for (const [kind, { streams, hits, falseStreams, delays }] of [...score.byKind].sort()) {
    const isClean = kind === 'no_change';
    const hit = isClean ? '-' : (hits / streams).toFixed(2);
    const delay = String(delays[delays.length >> 1] ?? '-');
    const wrong = (falseStreams / streams).toFixed(2);
    print(
      `${kind.padEnd(24)} ${String(streams).padStart(4)} ${hit.padStart(6)} ${wrong.padStart(6)} ${delay.padStart(13)}`,
    );
  }
  print(`${'all streams'.padEnd(12)} ${describe(score)}`);
}

function describe({ precision, recall, f1, falsePer1000 }: Score): string {
  const figures = [`precision ${precision.toFixed(3)}`, `recall ${recall.toFixed(3)}`, `F1 ${f1.toFixed(3)}`];
  return `${figures.join('  ')}  false alarms / 1000 change-free runs ${falsePer1000.toFixed(2)}`;
}

function writePredictions(file: string, predictions: readonly Prediction[]): void {
  writeFileSync(
    file,
    predictions.map(({ stream, alarms }) => `${JSON.stringify({ id: stream.id, alarms })}\n`).join(''),
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
