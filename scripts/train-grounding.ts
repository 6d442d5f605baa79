// Fits the weights of the grounding model and writes them: `npx tsx scripts/train-grounding.ts [--data DIR]`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { areaUnderCurve } from '../bench/grounding-figures.js';
import { DATA_DIR, type GroundingRow, questionOf, readRows } from '../bench/grounding-rows.js';
import { TEXT_FEATURES, TOOL_FEATURES } from '../src/detect/grounding/features.js';
import { partsOf, type Weights } from '../src/detect/grounding/model.js';
import { measureAnswer } from '../src/detect/grounding/score-answer.js';

/** How much each set counts, whatever its size; within a set both labels count the same. Sets left out are only looked at. */
const SET_WEIGHTS: Readonly<Record<string, number>> = {
  ragtruth_qa: 1,
  agent_tool_grounding: 1,
  begin_wow: 0.5,
  'begin_cmu-dog': 0.25,
  begin_topicalchat: 0.25,
  faithdial_audit: 0.3,
};
const FOLDS = 5;
/** Of the squared weights, against a mean log loss: strong, since most features say much the same. */
const PENALTY = 0.003;
const ROUNDS = 12;
const SEED = 7;

const NAMES = [
  ...new Set<(typeof TEXT_FEATURES)[number] | (typeof TOOL_FEATURES)[number]>([...TEXT_FEATURES, ...TOOL_FEATURES]),
];
const SIZE = 2 * (TEXT_FEATURES.length + 1) + TOOL_FEATURES.length + 1;

interface Example {
  set: string;
  label: number;
  group: string;
  kind: string | undefined;
  values: Readonly<Record<string, number>>;
  parts: ReturnType<typeof partsOf>;
  weight: number;
}

const dataAt = process.argv.indexOf('--data');
const examples = readExamples(dataAt < 0 ? DATA_DIR : (process.argv[dataAt + 1] ?? DATA_DIR));
printCrossValidation(examples);
writeWeights(train(examples));

/** Answers given without any call are for the rule about calls, not for a comparison with nothing. */
function readExamples(directory: string): Example[] {
  const read = [...readRows(directory)].flatMap(([set, rows]) => rows.flatMap((row) => exampleOf(set, row) ?? []));
  const counts = new Map<string, number>();
  for (const { set, label } of read) counts.set(`${set} ${label}`, (counts.get(`${set} ${label}`) ?? 0) + 1);
  const whole = Object.values(SET_WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  return read.map((example) => ({
    ...example,
    weight: (SET_WEIGHTS[example.set] ?? 0) / (2 * whole * (counts.get(`${example.set} ${example.label}`) ?? 1)),
  }));
}

function exampleOf(set: string, row: GroundingRow): Example | null {
  const measured = measureAnswer(questionOf(row));
  if (measured === null) return null;
  return {
    set,
    label: row.label,
    // Rows of one task, question or text stay together: none is judged by what it was trained on.
    group: row.task ?? row.pair ?? (row.context ?? '').slice(0, 200),
    kind: row.kind,
    values: measured.features,
    parts: partsOf(measured.shape),
    weight: 0,
  };
}

function printCrossValidation(all: readonly Example[]): void {
  const groups = [...new Set(all.map(({ set, group }) => `${set} ${group}`))];
  const foldOf = new Map(shuffled(groups).map((group, index) => [group, index % FOLDS]));
  const scored: { example: Example; value: number }[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const isHeld = ({ set, group }: Example) => foldOf.get(`${set} ${group}`) === fold;
    const model = train(all.filter((example) => !isHeld(example)));
    for (const example of all.filter(isHeld)) scored.push({ example, value: logOdds(model, example) });
  }
  for (const set of new Set(all.map((example) => example.set))) {
    const own = scored.filter(({ example }) => example.set === set);
    const area = areaUnderCurve(own.map(({ example, value }) => ({ label: example.label, score: value })));
    process.stdout.write(
      `${set.padEnd(26)} ${String(own.length).padStart(5)}  cross-validated AUROC ${area.toFixed(3)}\n`,
    );
  }
  printThresholds(scored);
}

/** What a threshold costs in clean answers of agents, which the severity of findings is chosen by. */
function printThresholds(scored: readonly { example: Example; value: number }[]): void {
  const agent = scored.filter(({ example }) => example.parts.tool > 0);
  const clean = agent.flatMap(({ example, value }) => (example.label === 0 ? [1 / (1 + Math.exp(-value))] : []));
  const madeUp = agent.flatMap(({ example, value }) => (example.label === 1 ? [1 / (1 + Math.exp(-value))] : []));
  for (const threshold of [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95]) {
    const shareOf = (scores: readonly number[]) => scores.filter((score) => score >= threshold).length / scores.length;
    const [alarms, found] = [shareOf(clean), shareOf(madeUp)].map((share) => `${(share * 100).toFixed(1)} %`);
    process.stdout.write(`answers from tools at ${threshold}: ${alarms} of clean, ${found} of made up\n`);
  }
}

interface Fitted {
  means: number[];
  deviations: number[];
  coefficients: number[];
}

function train(all: readonly Example[]): Fitted {
  const used = all.filter(({ weight }) => weight > 0);
  const { means, deviations } = scaleOf(used);
  const rows = used.map((example) => rowOf(example, means, deviations));
  let coefficients = new Array<number>(SIZE).fill(0);
  for (let round = 0; round < ROUNDS; round += 1) coefficients = improved(rows, used, coefficients);
  return { means, deviations, coefficients };
}

function scaleOf(used: readonly Example[]): { means: number[]; deviations: number[] } {
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  const meanOf = (of: (example: Example) => number) =>
    used.reduce((sum, each) => sum + each.weight * of(each), 0) / total;
  const means = NAMES.map((name) => meanOf(({ values }) => values[name] ?? 0));
  const deviations = NAMES.map((name, index) => {
    const mean = means[index] ?? 0;
    return Math.sqrt(meanOf(({ values }) => ((values[name] ?? 0) - mean) ** 2)) || 1;
  });
  return { means, deviations };
}

function rowOf({ values, parts }: Example, means: readonly number[], deviations: readonly number[]): Float64Array {
  const standard = (name: (typeof NAMES)[number]) => {
    const index = NAMES.indexOf(name);
    return ((values[name] ?? 0) - (means[index] ?? 0)) / (deviations[index] ?? 1);
  };
  const text = [1, ...TEXT_FEATURES.map(standard)];
  const tool = [1, ...TOOL_FEATURES.map(standard)];
  return Float64Array.from([
    ...text.map((value) => value * parts.short),
    ...text.map((value) => value * parts.long),
    ...tool.map((value) => value * parts.tool),
  ]);
}

/** One step of Newton's method. */
function improved(rows: readonly Float64Array[], used: readonly Example[], coefficients: readonly number[]): number[] {
  const gradient = coefficients.map((value) => PENALTY * value);
  const curvature = coefficients.map((_, at) => coefficients.map((_value, other) => (at === other ? PENALTY : 0)));
  for (const [index, row] of rows.entries()) {
    const { label = 0, weight = 0 } = used[index] ?? {};
    const probability = 1 / (1 + Math.exp(-dot(row, coefficients)));
    const bend = weight * probability * (1 - probability);
    for (let at = 0; at < SIZE; at += 1) {
      const value = row[at] ?? 0;
      if (value === 0) continue;
      gradient[at] = (gradient[at] ?? 0) + weight * (probability - label) * value;
      const line = curvature[at] ?? [];
      for (let other = 0; other < SIZE; other += 1) line[other] = (line[other] ?? 0) + bend * value * (row[other] ?? 0);
    }
  }
  const step = solve(curvature, gradient);
  return coefficients.map((value, at) => value - (step[at] ?? 0));
}

function dot(left: Float64Array, right: readonly number[]): number {
  return left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
}

/** Gauss' elimination; the penalty keeps the matrix from being singular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const lines = matrix.map((line, at) => [...line, right[at] ?? 0]);
  for (let at = 0; at < lines.length; at += 1) {
    const pivot = lines[at] ?? [];
    for (let below = at + 1; below < lines.length; below += 1) {
      const line = lines[below] ?? [];
      const times = (line[at] ?? 0) / (pivot[at] ?? 1);
      for (let column = at; column < line.length; column += 1)
        line[column] = (line[column] ?? 0) - times * (pivot[column] ?? 0);
    }
  }
  const solution = new Array<number>(lines.length).fill(0);
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines[at] ?? [];
    const known = solution.reduce((sum, value, column) => sum + (column > at ? value * (line[column] ?? 0) : 0), 0);
    solution[at] = ((line[lines.length] ?? 0) - known) / (line[at] ?? 1);
  }
  return solution;
}

function logOdds({ means, deviations, coefficients }: Fitted, example: Example): number {
  return dot(rowOf(example, means, deviations), coefficients);
}

function writeWeights({ means, deviations, coefficients }: Fitted): void {
  const round = (value: number) => Number(value.toPrecision(4));
  const termsAt = (start: number, names: readonly string[]) => ({
    bias: round(coefficients[start] ?? 0),
    weights: Object.fromEntries(names.map((name, at) => [name, round(coefficients[start + 1 + at] ?? 0)])),
  });
  const model: Weights = {
    scale: Object.fromEntries(
      NAMES.map((name, at) => [name, [round(means[at] ?? 0), round(deviations[at] ?? 1)] as const]),
    ),
    short: termsAt(0, TEXT_FEATURES),
    long: termsAt(TEXT_FEATURES.length + 1, TEXT_FEATURES),
    tool: termsAt(2 * (TEXT_FEATURES.length + 1), TOOL_FEATURES),
  };
  const text = JSON.stringify(model, null, 2)
    .replaceAll(/"(\w+)":/g, '$1:')
    .replaceAll(/\[\s+(\S+)\s+(\S+)\s+\]/g, '[$1 $2]')
    .replaceAll(/([\d\]}])\n/g, '$1,\n');
  const file = path.resolve(import.meta.dirname, '../src/detect/grounding/weights.ts');
  const head = '/** Written by scripts/train-grounding.ts. */\n';
  writeFileSync(
    file,
    `import type { Weights } from './model.js';\n\n${head}export const WEIGHTS: Weights = ${text.replace(/,?\s*$/, '')};\n`,
  );
}

function shuffled<T>(values: readonly T[]): T[] {
  let state = SEED;
  const drawn = values.map((value) => {
    state = (state * 48_271) % 2_147_483_647;
    return { value, order: state };
  });
  return drawn.sort((left, right) => left.order - right.order).map(({ value }) => value);
}
