import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/server.js';

const directory = mkdtempSync(path.join(tmpdir(), 'midwatch-rules-'));
afterAll(() => rmSync(directory, { recursive: true }));

const RULES = 'agent_monitoring: {alerting: [{name: failing, condition: error_rate > 5%, for: 1m}]}\n';
const test = (firing: string) => `rules: midwatch.yaml
tests:
- name: errors
  series: [{figure: error_rate, labels: {agent: a}, values: 6% x2}]
  expect: [{at: 1m, rule: failing, firing: ${firing}}]
`;
for (const [file, text] of Object.entries({
  'midwatch.yaml': RULES,
  'right.yaml': test('[{agent: a}]'),
  'wrong.yaml': test('[{agent: b}]'),
  'mistaken.yaml': test('[{agnt: a}]'),
  'lost.yaml': test('[]').replace('midwatch.yaml', 'none.yaml'),
})) {
  writeFileSync(path.join(directory, file), text);
}

/** Runs `midwatch rules test` in the directory of the files. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const command = [path.join(ROOT, 'bin/midwatch.js'), 'rules', 'test', ...args];
    execFile(process.execPath, command, { cwd: directory }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('midwatch rules test', () => {
  it('says what passed and what did not, of each file', async () => {
    expect(await run('right.yaml')).toEqual({ code: 0, stdout: 'right.yaml: 1 passed\n', stderr: '' });
    expect(await run('right.yaml', 'wrong.yaml')).toEqual({
      code: 1,
      stdout: `right.yaml: 1 passed
wrong.yaml:5:12: errors: "failing" at 1m:
  - firing {agent: b}: it is inactive
  + firing {agent: a}: it is firing since 1m, at 6 %
wrong.yaml: 1 of 1 failed
`,
      stderr: '',
    });
  });

  it('prints JSON and nothing else', async () => {
    const { code, stdout } = await run('wrong.yaml', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      { file: 'wrong.yaml', tests: 1, failures: [{ test: 'errors', rule: 'failing', atMs: 60_000 }], problems: [] },
    ]);
  });

  it.each([
    [['mistaken.yaml', 'right.yaml'], 'mistaken.yaml:5:46: tests[0].expect[0].firing[0]: unknown key "agnt"'],
    [['lost.yaml'], 'lost.yaml:1:8: rules: there is no file'],
    [['none.yaml'], 'midwatch: none.yaml: there is no such file'],
    [[], 'midwatch: rules test takes FILE…'],
  ])('refuses %j as bad usage', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
