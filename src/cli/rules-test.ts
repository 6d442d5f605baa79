import path from 'node:path';
import { readRuleTests } from '../alert/rule-test/read.js';
import { type Failure, runRuleTests } from '../alert/rule-test/run.js';
import { formatProblem, type Problem } from '../settings/problem.js';
import { formatDuration } from '../settings/quantity.js';
import { checkSettings, readIfPresent, readPresent } from '../settings/read.js';
import { type Command, JSON_OPTION } from './command.js';
import { printJson, printLine, tell } from './output.js';

const PASSED = 0;
const FAILED = 1;
const UNREADABLE = 2;

interface FileOutcome {
  file: string;
  /** How many tests it has. */
  tests: number;
  failures: readonly Failure[];
  problems: readonly Problem[];
}

export const rulesTest: Command = {
  name: 'rules test',
  summary: 'Hold alert rules against series with the alerts that are expected of them.',
  positionals: ['FILE…'],
  options: { json: JSON_OPTION },
  run: async (input) => {
    const outcomes = input.rest('FILE…').map(testFile);
    if (input.has('json')) printJson(outcomes);
    else for (const outcome of outcomes) printOutcome(outcome);
    if (outcomes.some(({ problems }) => problems.length > 0)) return UNREADABLE;
    return outcomes.some(({ failures }) => failures.length > 0) ? FAILED : PASSED;
  },
};

/** Tests of a file that cannot be read as it should be are not run. */
function testFile(file: string): FileOutcome {
  const text = readPresent(file);
  const { tests, problems } = readRuleTests(text, (name) => loadRules(path.resolve(path.dirname(file), name)));
  const failures = problems.length > 0 ? [] : runRuleTests(tests);
  return { file, tests: tests.tests.length, failures, problems };
}

function loadRules(file: string) {
  const text = readIfPresent(file);
  if (text === null) return `there is no file ${file}`;
  const { settings, problems } = checkSettings(text, file);
  const [first] = problems;
  return first === undefined ? settings.alerting : `there are mistakes in it: ${formatProblem(file, first)}`;
}

function printOutcome({ file, tests, failures, problems }: FileOutcome): void {
  for (const problem of problems) tell(formatProblem(file, problem));
  if (problems.length > 0) return;
  for (const { test, rule, atMs, place, differences } of failures) {
    printLine(`${file}:${place.line}:${place.column}: ${test}: ${JSON.stringify(rule)} at ${formatDuration(atMs)}:`);
    for (const difference of differences) printLine(`  ${difference}`);
  }
  const failed = new Set(failures.map(({ test }) => test)).size;
  printLine(`${file}: ${failed === 0 ? `${tests} passed` : `${failed} of ${tests} failed`}`);
}
