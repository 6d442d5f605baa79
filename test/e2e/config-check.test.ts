import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/server.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(realpathSync(tmpdir()), 'midwatch-config-'));
  writeFileSync(path.join(directory, 'fine.yaml'), FINE);
  writeFileSync(path.join(directory, 'bad.yaml'), BAD);
});
afterAll(() => rmSync(directory, { recursive: true }));

const FINE = `agent_monitoring:
  alerting:
    - condition: decision_latency_p95 > 2s
      severity: critical
  sampling: {routine_queries: 12.5%}
  retention: {routine_queries: 90d}
  prices:
    - {model: acme-*, input: 2.50, output: 10}
  providers:
    - {kind: anthropic, key_env: ANTHROPIC_ADMIN_KEY, every: 90m}
  budgets:
    - {name: all, limit: $500, per: month}
  judge: {url: "http://ollama:11434/v1", model: qwen3, share: 2.5%}
`;
const BAD = `agent_monitoring:
  samplin: {routine_queries: 10%}
  retention: {routine_queries: 90 days}
`;
const PROBLEMS = [
  'bad.yaml:2:3: agent_monitoring: unknown key "samplin": did you mean sampling?',
  'bad.yaml:3:32: agent_monitoring.retention.routine_queries: "90 days" is not a time such as 500ms, 2s, 5m, 1h, 90d or 7y, of at least 1d, or forever',
];

/** Runs a script of the project in the directory of the files. */
function run(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [path.join(ROOT, script), ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, ...env },
  });
  const outcome = { code: null as number | null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    outcome.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    outcome.stderr += chunk;
  });
  return new Promise<typeof outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...outcome, code }));
  });
}
const check = (...args: string[]) => run('bin/midwatch.js', ['config', 'check', ...args]);

describe('midwatch config check', () => {
  it('prints what holds by a file that is fine', async () => {
    const { code, stdout, stderr } = await check('fine.yaml');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('decision_latency_p95 > 2s (critical)');
    expect(stdout).toContain('high_risk_decisions 100%, routine_queries 12.5%, admin_actions 100%');
    expect(stdout).toContain('high_risk_decisions forever, routine_queries 90d, admin_actions forever');
    expect(stdout).toMatch(
      /^prices +acme-\*\nproviders +anthropic every 90m\nbudgets +all 500 USD per month\njudge +qwen3 at ollama:11434, 2\.5% of decisions, at most 1000 calls a day\ntimestamps +none\nreceivers +none\n$/m,
    );
  });

  it('prints a line for each problem', async () => {
    expect(await check('bad.yaml')).toEqual({ code: 1, stdout: `${PROBLEMS.join('\n')}\n`, stderr: '' });
  });

  it('prints JSON and nothing else', async () => {
    const fine = await check('fine.yaml', '--json');
    expect({ ...fine, stdout: JSON.parse(fine.stdout) }).toMatchObject({
      code: 0,
      stdout: {
        file: 'fine.yaml',
        ok: true,
        problems: [],
        settings: { prices: [{ input: '2.50', validFromMs: null }] },
      },
      stderr: '',
    });
    const bad = await check('--json', 'bad.yaml');
    expect(bad).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(bad.stdout)).toMatchObject({
      ok: false,
      problems: [
        { line: 2, column: 3, key: 'agent_monitoring', message: expect.stringContaining('did you mean sampling?') },
        { line: 3, column: 32, key: 'agent_monitoring.retention.routine_queries' },
      ],
      settings: null,
    });
  });

  it.each([
    [[], 'config check takes FILE'],
    [['fine.yaml', 'bad.yaml'], 'config check takes FILE'],
    [['fine.yaml', '--frob'], "Unknown option '--frob'"],
    [['none.yaml'], 'none.yaml: there is no such file'],
    [['.'], '. cannot be read: EISDIR'],
  ])('refuses %j in one line, as bad usage', async (args, message) => {
    const { code, stdout, stderr } = await check(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^midwatch: .+\n$/);
    expect(stderr).toContain(message);
  });

  it('explains itself', async () => {
    expect(await check('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: midwatch config check FILE'),
    });
  });
});

describe('the server', () => {
  it.each([
    ['bad.yaml', PROBLEMS.map((line) => line.replace('bad.yaml', '{}/bad.yaml')).join('\n')],
    ['none.yaml', '{}/none.yaml: there is no such file: MIDWATCH_CONFIG names it'],
  ])('does not start by %s, and says why', async (file, message) => {
    const env = { MIDWATCH_CONFIG: file, MIDWATCH_DATA_DIR: path.join(directory, 'data'), PORT: '0' };
    const { code, stdout, stderr } = await run('dist/main.js', [], env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^midwatch: /);
    expect(stderr.slice('midwatch: '.length).trimEnd()).toBe(message.replaceAll('{}', directory));
  });
});

it('a command that needs the file prints a line for each problem too', async () => {
  const { code, stderr } = await run('bin/midwatch.js', ['backtest', '--rules', 'bad.yaml', '--from', '2026-11-01']);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `midwatch: ${PROBLEMS.join('\n')}\n` });
});
