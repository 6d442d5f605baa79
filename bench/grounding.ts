import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from '../src/anomaly/finding.js';
import type { Decision, Step } from '../src/decision/decision.js';
import { judgeGrounding, type UsualTools } from '../src/detect/grounding/judge-grounding.js';
import { makeStep } from '../test/support/decision.js';
import { areaUnderCurve, curveOf, type Scored } from './grounding-figures.js';
import { DATA_DIR, type GroundingRow, readRows, sourcesOf } from './grounding-rows.js';

const TRACES_DIR = path.resolve(import.meta.dirname, '../../shared/data/traces/data');

/** Of the 36,679 runs that the agents' rows are from, 8 % call no tool. */
const AGENT_USUAL: UsualTools = { decisions: 1_000, share: 0.92, names: [] };

type Judged = Pick<Decision, 'agent' | 'requestType' | 'input' | 'output' | 'steps'>;

/**
 * Scores every answer of the sets as the decision it would be, and compares with the labels. An answer that cannot be
 * judged counts as the least suspicious of its set, as the sets' scorer has it.
 */
export async function run(args: readonly string[]): Promise<void> {
  const at = args.indexOf('--data');
  const directory = at < 0 ? DATA_DIR : path.resolve(args[at + 1] ?? '.');
  if (!existsSync(directory)) {
    process.stdout.write(`no data in ${directory}\n`);
    return;
  }
  process.stdout.write(`${'set'.padEnd(28)}    n   pos %  AUROC     AP best F1  R@5 % R@10 %  null\n`);
  for (const [name, rows] of readRows(directory)) {
    const scores = rows.map((row) => ({ row, judged: judgeGrounding(decisionOf(row), expectationOf(row)) }));
    const scored = scores.map(({ row, judged }) => ({ label: row.label, score: judged.score ?? -1 }));
    printSet(name, scored);
    printKinds(scores.map(({ row, judged }) => ({ kind: row.kind, label: row.label, score: judged.score ?? -1 })));
    const clean = scores.filter(({ row }) => row.label === 0);
    const alarms = clean.filter(({ judged }) => judged.findings.some(isAlarm)).length;
    const found = scores.filter(({ row, judged }) => row.label === 1 && judged.findings.some(isAlarm)).length;
    process.stdout.write(
      `${''.padEnd(28)} warnings: ${percent(alarms, clean.length)} of grounded, ${percent(found, rows.length - clean.length)} of made up\n`,
    );
  }
  if (at < 0) printRunsWithoutCalls();
  printCost(directory);
}

function isAlarm({ severity }: Finding): boolean {
  return severity !== 'INFO';
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} %`;
}

function printSet(name: string, scored: readonly Scored[]): void {
  const nulls = scored.filter(({ score }) => score < 0).length;
  const positives = scored.filter(({ label }) => label === 1).length;
  const { averagePrecision, bestF1, recallAt5, recallAt10 } = curveOf(scored);
  const figures = [areaUnderCurve(scored), averagePrecision, bestF1, recallAt5, recallAt10];
  const columns = [
    String(scored.length).padStart(5),
    ((100 * positives) / scored.length).toFixed(1).padStart(7),
    ...figures.map((figure, index) => figure.toFixed(3).padStart(index === 2 ? 7 : 6)),
    String(nulls).padStart(5),
  ];
  process.stdout.write(`${name.padEnd(28)}${columns.join(' ')}\n`);
}

/** Each way of making up by itself, against all that is grounded. */
function printKinds(scored: readonly (Scored & { kind: string | undefined })[]): void {
  const grounded = scored.filter(({ label }) => label === 0);
  for (const kind of new Set(scored.filter(({ label }) => label === 1).map((each) => each.kind))) {
    if (kind === undefined) continue;
    const own = scored.filter((each) => each.label === 1 && each.kind === kind);
    process.stdout.write(
      `  ${kind.padEnd(26)}${String(own.length).padStart(5)}         ${areaUnderCurve([...own, ...grounded]).toFixed(3)}\n`,
    );
  }
}

/** Rows of agents become a question, calls and an answer; others a question, a retrieval and an answer. */
function decisionOf(row: GroundingRow): Judged {
  const steps = sourcesOf(row).map(({ text, toolName }) =>
    stepOf(toolName === null ? { kind: 'RETRIEVAL', output: text } : { kind: 'TOOL_CALL', toolName, result: text }),
  );
  return { agent: row.dataset, requestType: row.task ?? null, input: row.question, output: row.answer, steps };
}

function stepOf(known: Partial<Step>): Step {
  return makeStep({ kind: 'OTHER', name: 'step', toolName: null, ...known });
}

function expectationOf({ tool_calls: toolCalls }: Pick<GroundingRow, 'tool_calls'>) {
  return { usualTools: toolCalls === undefined ? null : AGENT_USUAL, requiresTool: false };
}

interface RunWithoutCall {
  question: string;
  answer: string;
  category: string;
}

/** Real runs that rightly called nothing: what is said of them, by what they did instead. */
function printRunsWithoutCalls(): void {
  const file = path.join(TRACES_DIR, 'no_tool_real.jsonl');
  if (!existsSync(file)) return;
  const runs = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunWithoutCall);
  const counts = new Map<string, number>();
  for (const { question, answer, category } of runs) {
    const decision = { agent: 'agent', requestType: null, input: question, output: answer, steps: [] };
    const [finding] = judgeGrounding(decision, { usualTools: AGENT_USUAL, requiresTool: false }).findings;
    const said = `${category}: ${finding === undefined ? 'nothing' : finding.incident.slice(0, -1)}`;
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  process.stdout.write('real runs without a call, and what is found in them:\n');
  for (const [said, count] of [...counts].sort()) process.stdout.write(`  ${said} ${count}\n`);
}

const ANSWER_LENGTH = 2_000;
const SOURCE_LENGTH = 10_000;
const WARM_UP = 300;
const ROUNDS = 500;

/** What one decision of 2 kB answer and 10 kB context costs, made of the longest set's texts. */
function printCost(directory: string): void {
  const rows = [...readRows(directory).values()].flat().filter(({ context }) => (context ?? '') !== '');
  const decisions = Array.from({ length: 50 }, (_, index) => {
    const own = rows.filter((_row, place) => place % 50 === index);
    const fill = (of: (row: GroundingRow) => string, length: number) => own.map(of).join(' ').slice(0, length);
    const context = fill((row) => row.context ?? '', SOURCE_LENGTH);
    const step = stepOf({ kind: 'TOOL_CALL', toolName: 'look_up', result: context });
    return {
      agent: 'a',
      requestType: null,
      input: 'What?',
      output: fill((row) => row.answer, ANSWER_LENGTH),
      steps: [step],
    };
  });
  const judge = (round: number) => {
    const decision = decisions[round % decisions.length];
    if (decision !== undefined) judgeGrounding(decision, { usualTools: null, requiresTool: false });
  };
  for (let round = 0; round < WARM_UP; round += 1) judge(round);
  const startedAtMs = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) judge(round);
  const micros = ((performance.now() - startedAtMs) * 1_000) / ROUNDS;
  process.stdout.write(
    `one decision, ${ANSWER_LENGTH} characters held against ${SOURCE_LENGTH}: ${micros.toFixed(0)} µs\n`,
  );
}
