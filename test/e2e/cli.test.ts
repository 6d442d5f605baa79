import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLedger } from '../support/ledger.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const MIDWATCH = path.resolve(import.meta.dirname, '../../bin/midwatch.js');

let database: TestDatabase;
let dataDir: string;
beforeAll(async () => {
  database = await createDatabase();
  dataDir = mkdtempSync(path.join(tmpdir(), 'midwatch-cli-'));
});
afterAll(async () => {
  rmSync(dataDir, { recursive: true });
  await database.drop();
});

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the program in a directory that is not the project's, with a bare environment. */
function midwatch(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [MIDWATCH, ...args], {
    cwd: dataDir,
    env: { PATH: process.env.PATH, DATABASE_URL: database.url, MIDWATCH_DATA_DIR: dataDir, ...env },
  });
  const outcome: Outcome = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    outcome.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    outcome.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...outcome, code }));
  });
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe('midwatch', () => {
  it('lists its commands', async () => {
    const asked = await midwatch(['--help']);
    expect(asked).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('fleet create') });
    expect(await midwatch([])).toEqual({ code: 2, stdout: '', stderr: asked.stdout });
  });

  it.each([['token'], ['fleet', 'create'], ['fleet', 'list'], ['key', 'create'], ['key', 'list'], ['key', 'revoke']])(
    'explains %s %s',
    async (...words) => {
      const command = words.filter(Boolean);
      const { code, stdout, stderr } = await midwatch([...command, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: midwatch ${command.join(' ')}`);
      expect(stdout).toContain('--help');
    },
  );

  it.each([
    [['frob'], 'there is no command "frob"'],
    [['token', '--frob'], "Unknown option '--frob'"],
    [['token', 'extra'], 'token takes no arguments'],
    [['token', '--role'], "Option '--role <value>' argument missing"],
    [['token', '--role', 'BOSS'], 'none of INGEST, VIEWER, OPERATOR, AUDITOR, ADMIN'],
    [['token', '--fleet', 'a b'], '--fleet: a fleet id is'],
    [['token', '--ttl', '12'], '--ttl: "12" is not a time'],
    [['token', '--ttl', '31d'], '--ttl: "31d" is not a time'],
    [['fleet', 'create'], 'fleet create takes ID'],
    [['fleet', 'create', 'a b'], 'a fleet id is'],
    [['key', 'create', '--fleet', 'a'], '--role is required'],
    [['key', 'create', '--role', 'INGEST'], '--fleet is required'],
    [['key', 'revoke'], 'key revoke takes ID'],
  ])('refuses %j in one line, as bad usage', async (args, message) => {
    const { code, stdout, stderr } = await midwatch(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^midwatch: .+\n$/);
    expect(stderr).toContain(message);
  });

  it.each([
    ['PORT', 'no-port'],
    ['DATABASE_URL', 'mysql://localhost'],
    ['MIDWATCH_JWKS_URL', 'ftp://keys'],
    ['MIDWATCH_LOG_LEVEL', 'loud'],
  ])('names %s in one line when it is %s', async (variable, value) => {
    const { code, stdout, stderr } = await midwatch(['token'], { [variable]: value });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^midwatch: ${variable}: .+\n$`));
  });
});

describe('midwatch token', () => {
  it('prints a token of an ADMIN of every fleet for twelve hours and nothing else', async () => {
    const { code, stdout, stderr } = await midwatch(['token']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { iat, exp, ...claims } = claimsOf(stdout);
    expect(claims).toMatchObject({ iss: 'midwatch', aud: 'midwatch', sub: 'cli', roles: ['ADMIN'], fleets: '*' });
    expect(Number(exp) - Number(iat)).toBe(12 * 3600);
  });

  it('grants the roles, fleets and time that are asked for, in fleets that there are', async () => {
    expect(await midwatch(['token', '--fleet', 'a'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'midwatch: there is no fleet a: create it with npx midwatch fleet create a\n',
    });
    for (const id of ['a', 'b']) await midwatch(['fleet', 'create', id]);
    const options = ['--role', 'viewer', '--role', 'INGEST', '--fleet', 'a', '--fleet=b', '--ttl', '7d', '--json'];
    const { stdout } = await midwatch(['token', ...options]);
    const { iat, exp, ...claims } = claimsOf(JSON.parse(stdout).token);
    expect(claims).toMatchObject({ roles: ['VIEWER', 'INGEST'], fleets: ['a', 'b'] });
    expect(Number(exp) - Number(iat)).toBe(7 * 86_400);
    expect(await checkLedger(database.pool, 'b')).toMatchObject([
      { kind: 'ACCESS', subject: 'Fleet:b' },
      { kind: 'ACCESS', subject: `Token:${claims.jti}` },
    ]);
  });
});

describe('midwatch fleet and key', () => {
  it('create a fleet once and list it beside the first one', async () => {
    expect(await midwatch(['fleet', 'create', 'prod-1'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'created the fleet prod-1\n',
    });
    expect(await midwatch(['fleet', 'create', 'prod-1'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'midwatch: the fleet prod-1 exists already\n',
    });
    expect(await midwatch(['fleet', 'list'])).toEqual({ code: 0, stdout: 'a\nb\ndefault\nprod-1\n', stderr: '' });
    const { stdout } = await midwatch(['fleet', 'list', '--json']);
    expect(JSON.parse(stdout)).toContainEqual({ id: 'prod-1', createdAt: expect.stringMatching(/Z$/) });
  });

  it('create, list and revoke a key that is shown once', async () => {
    await midwatch(['fleet', 'create', 'prod-2']);
    const created = await midwatch(['key', 'create', '--role', 'INGEST', '--fleet', 'prod-2', '--name', 'collector']);
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mw_[0-9A-Za-z]{46}\n$/) });
    const key = created.stdout.trim();
    expect(created.stderr).not.toContain(key);

    const listed = await midwatch(['key', 'list', '--fleet', 'prod-2']);
    const [id = '', ...rest] = listed.stdout.trimEnd().split('\t');
    expect(rest).toEqual(['prod-2', 'INGEST', 'active', 'collector']);
    expect(listed.stdout).not.toContain(key.slice(3, 12));

    expect(await midwatch(['key', 'revoke', id])).toMatchObject({ code: 0, stdout: '' });
    const { stdout } = await midwatch(['key', 'list', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([{ id, fleetId: 'prod-2', revokedAt: expect.stringMatching(/Z$/) }]);
  });

  it('answer no to a fleet or a key that is not there', async () => {
    const created = await midwatch(['key', 'create', '--role', 'INGEST', '--fleet', 'nope']);
    expect(created).toEqual({
      code: 1,
      stdout: '',
      stderr: 'midwatch: there is no fleet nope: create it with npx midwatch fleet create nope\n',
    });
    expect(await midwatch(['key', 'revoke', 'nope'])).toMatchObject({ code: 1, stdout: '' });
  });

  it('say in one line that the database cannot be reached, without its password', async () => {
    const { code, stdout, stderr } = await midwatch(['fleet', 'list'], {
      DATABASE_URL: 'postgresql://user:canary-secret@127.0.0.1:1/none',
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^midwatch: the database cannot be used .+\n$/);
    expect(stderr).not.toContain('canary-secret');
  });
});
