import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeriesDetector } from '../../src/detect/series/series.js';

const MIDWATCH = path.resolve(import.meta.dirname, '../../bin/midwatch.js');
const ROWS = 2_000;
const ENDLESS = '1'.repeat(5_000);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(realpathSync(tmpdir()), 'midwatch-backtest-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A daily wave of five minutes with a spike near its end. */
const series = Array.from({ length: ROWS }, (_, index) => {
  const moment = new Date(Date.UTC(2026, 10, 1) + index * 300_000).toISOString().slice(0, 19).replace('T', ' ');
  const value = index === 1_900 ? 500 : 100 + Math.round(50 * Math.sin((index / 288) * 2 * Math.PI)) + (index % 7);
  return { moment, value };
});
const CSV = ['timestamp,value', ...series.map(({ moment, value }) => `${moment},${value}`), ''].join('\n');

function backtest(args: readonly string[], stdin = '') {
  const child = spawn(process.execPath, [MIDWATCH, 'backtest', ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH },
  });
  const outcome = { code: null as number | null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    outcome.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    outcome.stderr += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  return new Promise<typeof outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...outcome, code }));
  });
}

describe('midwatch backtest --csv', () => {
  it('adds to each row the score of the detector', async () => {
    writeFileSync(path.join(directory, 'series.csv'), CSV);
    const { code, stdout, stderr } = await backtest(['--csv', 'series.csv']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const detector = new SeriesDetector();
    const scored = series.map(({ moment, value }) => {
      const { score } = detector.observe(Date.parse(`${moment.replace(' ', 'T')}Z`), value);
      return `${moment},${value},${score}`;
    });
    expect(stdout).toBe(['timestamp,value,anomaly_score', ...scored, ''].join('\n'));
    expect(Number(stdout.split('\n')[1_901]?.split(',')[2])).toBeGreaterThan(0.9);
  });

  it('reads stdin, ends of lines of Windows, and rows without a value', async () => {
    const rows = ['timestamp,value', '2026-11-01T00:00:00Z,1', '2026-11-01 00:05:00.000,', '2026-11-01 00:10:00,NaN'];
    const { code, stdout } = await backtest(['--csv', '-'], rows.join('\r\n'));
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'timestamp,value,anomaly_score',
      '2026-11-01T00:00:00Z,1,0',
      '2026-11-01 00:05:00.000,,0',
      '2026-11-01 00:10:00,NaN,0',
      '',
    ]);
  });

  it.each([
    ['when,what\n', 'stdin:1: the header is "when,what", not timestamp,value'],
    ['', 'stdin:1: the header is "", not timestamp,value'],
    ['timestamp,value\n2026-11-01 00:00:00,1\nyesterday,2\n', 'stdin:3: "yesterday" is not a time'],
    ['timestamp,value\n2026-02-30 00:00:00,1\n', 'stdin:2: "2026-02-30 00:00:00" is not a time'],
    ['timestamp,value\n2026-11-01 00:00:00,0x10\n', 'stdin:2: "0x10" is not a number'],
    ['timestamp,value\n2026-11-01 00:00:00\n', 'stdin:2: "2026-11-01 00:00:00" is not timestamp,value'],
    [`timestamp,value\n${ENDLESS}`, 'stdin:2: no end of line'],
  ])('names the line that is wrong: %#', async (stdin, message) => {
    const { code, stderr } = await backtest(['--csv', '-'], stdin);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`midwatch: ${message}`) });
  });

  it('says when there is no such file, or none is named', async () => {
    expect(await backtest(['--csv', 'absent.csv'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('absent.csv'),
    });
    expect(await backtest([])).toMatchObject({ code: 2, stderr: expect.stringContaining('--csv') });
  });

  it('is done with a hundred thousand rows in seconds', async () => {
    const rows = Array.from({ length: 50 }, () => CSV.slice(CSV.indexOf('\n') + 1)).join('');
    const startedMs = performance.now();
    const { code, stdout } = await backtest(['--csv', '-'], `timestamp,value\n${rows}`);
    expect({ code, rows: stdout.split('\n').length }).toEqual({ code: 0, rows: 50 * ROWS + 2 });
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });
});
