import { execFile, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignerKey } from '../../src/ledger/note/key.js';
import { keyOf, MemoryLedger, textOf } from '../support/bundle.js';
import { headOf, keyAs, wordOf } from '../support/installation.js';
import { unread } from '../support/unread.js';

const MIDWATCH = path.resolve(import.meta.dirname, '../../bin/midwatch.js');
const ledger = new MemoryLedger({ size: 9 });
/** One key signs all logs of an installation. */
const other = new MemoryLedger({ size: 4, fleet: 'other', key: keyAs(ledger, 'midwatch/test/other') });
const third = new MemoryLedger({ size: 2, fleet: 'third' });
const WORD = wordOf([headOf(ledger), headOf(other), headOf(third)], { key: ledger.key });
const key64 = ({ key }: MemoryLedger) => key.publicKey.toString('base64');

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'midwatch-verify-'));
  bundle = file('bundle.jsonl', await textOf(ledger.rangeLines()));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  return full;
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `midwatch verify` where there is no server, no database and no data. */
function verify(...args: string[]): Promise<Outcome> {
  const env = { PATH: process.env.PATH, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  return new Promise((resolve) => {
    execFile(process.execPath, [MIDWATCH, 'verify', ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('midwatch verify', () => {
  it('says of an intact bundle what it checked', async () => {
    const { code, stdout, stderr } = await verify(bundle, '--public-key', ledger.vkey);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const fact of [
      '9 checked, seq 0 to 8, no gaps',
      'size 9, no unpublished tail',
      ledger.vkey,
      'proves nothing about who made it',
    ]) {
      expect(stdout).toContain(fact);
    }
  });

  it('says by its exit code what it found, also to whoever reads no further', async () => {
    const tail = file('tail.jsonl', await textOf(ledger.rangeLines({ sizes: [4] })));
    for (const [checked, code] of [
      [bundle, 0],
      [tail, 2],
    ] as const) {
      const args = [MIDWATCH, 'verify', checked, '--public-key', ledger.vkey];
      expect(await unread(process.execPath, args)).toEqual({ code, stderr: '' });
    }
    const nowhere = [MIDWATCH, 'verify', 'nowhere'];
    expect(await unread(process.execPath, nowhere, { isDeaf: true })).toMatchObject({ code: 3 });
  });

  it.skipIf(!existsSync('/dev/full'))('gives no verdict that it cannot write', () => {
    const full = openSync('/dev/full', 'w');
    const args = [MIDWATCH, 'verify', bundle, '--public-key', ledger.vkey];
    expect(spawnSync(process.execPath, args, { stdio: ['ignore', full, 'ignore'] }).status).toBe(3);
    closeSync(full);
  });

  it.each([
    ['hex', ledger.key.publicKey.toString('hex')],
    ['base64', ledger.key.publicKey.toString('base64')],
    ['PEM', ledger.key.object.export({ format: 'pem', type: 'spki' }) as string],
  ])('takes a key in %s, in place or from a file', async (form, key) => {
    expect(await verify(bundle, `--public-key=${key}`)).toMatchObject({ code: 0 });
    expect(await verify(bundle, '--public-key', file(`key-${form}`, `${key}\n`))).toMatchObject({ code: 0 });
  });

  it('names the first bad entry', async () => {
    const text = await textOf(ledger.rangeLines());
    const edited = file('edited.jsonl', text.replace('"input":105', '"input":106'));
    const { code, stdout } = await verify(edited, '--public-key', ledger.vkey);
    expect(code).toBe(1);
    expect(stdout).toContain('tampered: entry 5: its hash is not that of its bytes');
    const json = await verify(edited, '--public-key', ledger.vkey, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ outcome: 'tampered', fault: { seq: 5 } });
  });

  it('names all fleets of the installation, and what is behind the end', async () => {
    const part = file('part.jsonl', await textOf([...ledger.rangeLines({ to: 6 }), WORD]));
    const { code, stdout } = await verify(part, '--public-key', ledger.vkey);
    expect(code).toBe(0);
    for (const fact of [
      'midwatch/test had 3 fleets at its log’s checkpoint of size 4',
      'prod: 9 entries in all, which this bundle is of',
      'other: 4 entries in all, none of them in this bundle',
      'by then this fleet’s ledger was longer by 3, not in this bundle',
    ]) {
      expect(stdout).toContain(fact);
    }
    const silent = await verify(bundle, '--public-key', ledger.vkey);
    expect(silent.stdout).toContain('nothing shows whether there are other fleets');
  });

  it('says of several bundles which fleets are not among them', async () => {
    const mine = file('mine.jsonl', await textOf([...ledger.rangeLines(), WORD]));
    const others = file('others.jsonl', await textOf([...other.rangeLines(), WORD]));
    const key = key64(ledger);
    const both = await verify(mine, others, '--public-key', key);
    expect(both).toMatchObject({ code: 0, stderr: '' });
    expect(both.stdout).toContain('1 of 3 fleets of midwatch/test at size 4 are not here: third');
    const json = JSON.parse((await verify(mine, others, '--public-key', key, '--json')).stdout);
    expect(json).toMatchObject({
      files: [
        { file: mine, outcome: 'intact' },
        { file: others, outcome: 'intact' },
      ],
      installations: [{ leftOut: ['third'], contradiction: null }],
    });
    expect(await verify(mine, bundle, others, file('none.jsonl', ''), '--public-key', key)).toMatchObject({ code: 2 });
  });

  it('finds out two bundles whose installation is not one', async () => {
    const mine = file('mine.jsonl', await textOf([...ledger.rangeLines(), WORD]));
    const hidden = wordOf([headOf(ledger), headOf(other)], { key: ledger.key });
    const others = file('hidden.jsonl', await textOf([...other.rangeLines(), hidden]));
    const { code, stdout } = await verify(mine, others, '--public-key', key64(ledger));
    expect(code).toBe(1);
    expect(stdout).toContain('there are two histories of midwatch/test of size 4');
  });

  it('does not believe a key that came with the bundle', async () => {
    const { code, stdout } = await verify(bundle);
    expect(code).toBe(2);
    expect(stdout).toContain('no key was pinned');
    expect(
      await verify(bundle, '--public-key', keyOf(ledger.origin, 'note', 'another').publicKey.toString('hex')),
    ).toMatchObject({ code: 2 });
  });

  it('believes a policy, and compares what was kept', async () => {
    const policy = file('policy.txt', `log ${ledger.vkey}\nquorum none\n`);
    const kept = file('kept.txt', ledger.note(4));
    expect(await verify(bundle, '--policy', policy, '--checkpoint', kept)).toMatchObject({ code: 0 });
    const other = new MemoryLedger({ size: 9, change: { seq: 2, payload: {} } });
    const fork = file('fork.txt', other.note(4));
    const { code, stdout } = await verify(bundle, '--policy', policy, '--checkpoint', kept, '--checkpoint', fork);
    expect(code).toBe(1);
    expect(stdout).toContain('history was rewritten');
  });

  it('says of a kept checkpoint that it is of none of these logs', async () => {
    const [kept, mine] = [file('other.txt', other.note(3)), file('mine.jsonl', await textOf(ledger.rangeLines()))];
    const others = file('others.jsonl', await textOf(other.rangeLines()));
    const stray = `the kept checkpoint of ${other.origin} could not be compared`;
    const options = ['--public-key', key64(ledger), '--checkpoint', kept];
    const alone = await verify(mine, ...options);
    expect(alone).toMatchObject({ code: 2, stdout: expect.stringContaining(`incomplete: ${stray}`) });
    const json = JSON.parse((await verify(mine, ...options, '--json')).stdout);
    expect(json).toMatchObject({ outcome: 'incomplete', reasons: [expect.stringContaining(stray)] });
    const twice = await verify(mine, mine, ...options);
    expect(twice).toMatchObject({ code: 2, stdout: expect.stringContaining(stray) });
    expect(await verify(mine, others, ...options)).toMatchObject({ code: 0 });
    const naming = (name: string, key: SignerKey) =>
      textOf([...ledger.rangeLines(), wordOf([headOf(ledger), headOf(other)], { key })]).then((text) =>
        file(name, text),
      );
    expect(await verify(await naming('named.jsonl', ledger.key), ...options)).toMatchObject({ code: 0 });
    const strange = await naming('strange.jsonl', keyOf('midwatch/test', 'note', 'another'));
    expect(await verify(strange, ...options)).toMatchObject({ code: 2, stdout: expect.stringContaining(stray) });
  });

  it('says of an empty file that nothing was checked', async () => {
    const { code, stdout } = await verify(file('empty.jsonl', ''), '--public-key', ledger.vkey);
    expect(code).toBe(2);
    expect(stdout).toContain('nothing was checked');
  });

  it('does not let the bundle write to the terminal', async () => {
    const lines = ledger.rangeLines();
    const manifest = { ...ledger.manifest({}), generator: '\u001b[2Jintact\u202e' };
    const { stdout } = await verify(
      file('escape.jsonl', await textOf([manifest, ...lines.slice(1)])),
      '--public-key',
      ledger.vkey,
    );
    expect(stdout).toContain('<U+001B>[2Jintact<U+202E>');
  });

  it.each([
    [[], 'verify takes FILE'],
    [['nowhere.jsonl'], 'cannot be read'],
    [['.'], 'cannot be read'],
    [['bundle.jsonl', '--public-key', 'nonsense'], '--public-key'],
    [['bundle.jsonl', '--policy', 'nowhere'], '--policy'],
    [['bundle.jsonl', '--checkpoint', 'bundle.jsonl'], '--checkpoint'],
    [['bundle.jsonl', '--frob'], "Unknown option '--frob'"],
    [['bundle.jsonl', '--public-key', 'one', '--public-key', 'two'], '--public-key is given more than once'],
  ])('refuses %j with exit code 3', async (args, message) => {
    const { code, stdout, stderr } = await verify(...args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^midwatch: .+\n$/);
    expect(stderr).toContain(message);
  });

  it('tells erasures from wishes for them', async () => {
    const asked = { seq: 2, kind: 'ERASURE' as const, payload: { change: 'REQUESTED' } };
    const done = { ...asked, payload: { change: 'ERASED' } };
    for (const [at, change] of [asked, done].entries()) {
      const changed = new MemoryLedger({ size: 9, change });
      const { code, stdout } = await verify(
        file('erased.jsonl', await textOf(changed.rangeLines())),
        ...['--public-key', changed.vkey],
      );
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`ERASURE 1 (${at} carried out)`) });
    }
  });

  it('says of an empty range that it has no entries', async () => {
    const empty = file('empty-range.jsonl', await textOf(ledger.rangeLines({ from: 5, to: 5, sizes: [] })));
    const { code, stdout } = await verify(empty, '--public-key', ledger.vkey);
    expect(code).toBe(2);
    expect(stdout).toContain('no entries: the range is empty, before entry 5');
  });

  it('calls unreadable what is no bundle', async () => {
    expect(await verify(file('other.jsonl', '{"hello":"world"}\n'))).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('unreadable'),
    });
  });
});
