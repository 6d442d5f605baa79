import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { LiveSettings } from '../../../src/settings/live-settings.js';
import { loadSettings } from '../../../src/settings/read.js';
import { DEFAULT_SETTINGS } from '../../../src/settings/settings.js';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'midwatch-settings-'));
  file = path.join(directory, 'midwatch.yaml');
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (...sections: string[]) =>
  writeFileSync(file, ['agent_monitoring:', ...sections.map((section) => `  ${section}`)].join('\n'));
const rule = (name: string) => `alerting: [{ name: ${name}, condition: error_rate > 5% }]`;
const open = () => new LiveSettings(loadSettings(file), file);
const namesOf = (live: LiveSettings) => live.current.alerting.map(({ name }) => name);

describe('settings that are read anew', () => {
  it('hold at once where they are followed; the others are named', () => {
    write(rule('old'), 'retention: { minute_rollups: 5d }');
    const live = open();
    write(rule('new'), 'retention: { minute_rollups: 6d }');
    const seen: string[][] = [];
    live.onReload(({ alerting }) => seen.push(alerting.map(({ name }) => name)));
    const { needRestart, digest } = live.reload();
    expect(namesOf(live)).toEqual(['new']);
    expect(seen).toEqual([['new']]);
    expect(needRestart).toEqual(['retention']);
    expect(live.current.retention.minuteRollups).toBe(5 * 86_400_000);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('change nothing when the file is wrong or gone', () => {
    write(rule('old'));
    const live = open();
    write('alerting: [{ name: new, condition: error_rate > many }]');
    expect(() => live.reload()).toThrow(/midwatch\.yaml:2:\d+/);
    rmSync(file);
    expect(() => live.reload()).toThrow(AppError);
    expect(namesOf(live)).toEqual(['old']);
    write(rule('new'));
    live.reload();
    expect(namesOf(live)).toEqual(['new']);
  });

  it('are the defaults while there is no file and never was', () => {
    const live = new LiveSettings(DEFAULT_SETTINGS, file);
    expect(live.reload()).toMatchObject({ digest: null, needRestart: [] });
    expect(live.current).toEqual(DEFAULT_SETTINGS);
  });

  it('are refused as a whole when somebody cannot follow them', () => {
    write(rule('old'));
    const live = open();
    const followed: string[] = [];
    live.onReload(({ alerting }) => followed.push(alerting[0]?.name ?? ''));
    live.onReload(({ alerting }) => {
      if (alerting[0]?.name === 'new') throw new AppError('VALIDATION_FAILED', 'a variable is not set');
    });
    write(rule('new'));
    expect(() => live.reload()).toThrow('a variable is not set');
    expect(namesOf(live)).toEqual(['old']);
    expect(followed).toEqual(['new', 'old']);
  });
});
