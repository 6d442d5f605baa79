import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAddCheckpoint } from '../../src/ledger/note/add-checkpoint.js';
import { checkCosignature } from '../../src/ledger/note/cosignature.js';
import { parseNote } from '../../src/ledger/note/signed-note.js';
import { originHash } from '../../src/witness/heads.js';
import { TestLog } from '../support/test-log.js';
import { until } from '../support/wait.js';
import { startWitness, type TestWitness } from '../support/witness.js';

let dataDir: string;
let log: TestLog;
let running: TestWitness[];

beforeEach(() => {
  dataDir = path.join(mkdtempSync(path.join(tmpdir(), 'midwatch-witness-')), 'data');
  log = new TestLog().append(40);
  running = [];
});
afterEach(async () => {
  for (const witness of running) await witness.stop('SIGKILL');
  rmSync(path.dirname(dataDir), { recursive: true });
});

async function start(...options: string[]): Promise<TestWitness> {
  const witness = await startWitness(dataDir, ...options);
  running.push(witness);
  return witness;
}

async function body(from: number, to: number, of = log): Promise<string> {
  return formatAddCheckpoint({ oldSize: BigInt(from), proof: await of.proof(from, to), note: of.checkpoint(to) });
}

/** Whether the text bears a cosignature of the witness on the log's head of this size. */
function isCosigned(signatures: string, { key }: TestWitness, size: number): boolean {
  const signed = parseNote(log.checkpoint(size) + signatures);
  return signed !== null && typeof checkCosignature(signed, key) === 'bigint';
}

describe('midwatch witness', () => {
  it('prints its verifier key, keeps it to itself, and has the same one the next time', async () => {
    const first = await start('--log', log.vkey);
    expect(first.vkey).toMatch(/^midwatch-witness\/[0-9a-f]{8}\+[0-9a-f]{8}\+B\S+$/);
    expect(first.stderr()).toContain(`witness NAME ${first.vkey} ${first.url}`);
    expect(statSync(path.join(dataDir, 'witness.key')).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(await (await fetch(`${first.url}/healthz`)).text()).toBe('ok\n');
    expect(await first.stop()).toBe(0);
    expect((await start('--log', log.vkey)).vkey).toBe(first.vkey);
  });

  it('answers with the status codes and types of C2SP', async () => {
    const witness = await start('--log', log.vkey, '--name', 'witness.example/w1');
    const cosigned = await witness.add(await body(0, 10));
    expect(cosigned.status).toBe(200);
    expect(isCosigned(await cosigned.text(), witness, 10)).toBe(true);
    const conflict = await witness.add(await body(0, 12));
    expect(conflict.status).toBe(409);
    expect(conflict.headers.get('content-type')).toBe('text/x.tlog.size');
    expect(await conflict.text()).toBe('10\n');
    expect((await witness.add(await body(10, 12, log.forkAt(9).append(5, 'forged')))).status).toBe(422);
    const stranger = new TestLog().append(1);
    expect((await witness.add(await body(0, 1, stranger))).status).toBe(404);
    expect((await witness.add(await body(0, 1, new TestLog(log.origin).append(1)))).status).toBe(403);
    expect((await witness.add('old 0\n\n')).status).toBe(400);
    expect((await fetch(`${witness.url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${witness.url}/`)).status).toBe(404);
  });

  it('serves monitors what it cosigned last', async () => {
    const witness = await start('--log', log.vkey);
    const url = `${witness.url}/${originHash(log.origin)}/checkpoint`;
    expect((await fetch(url)).status).toBe(404);
    await witness.add(await body(0, 10));
    await witness.add(await body(10, 11));
    const note = await (await fetch(url)).text();
    expect(note.startsWith(log.checkpoint(11))).toBe(true);
    expect(isCosigned(note.slice(log.checkpoint(11).length), witness, 11)).toBe(true);
  });

  it('keeps what it answered through kill -9 in the midst of its work', async () => {
    let vkey = '';
    let known = 0;
    for (let round = 0; round < 3; round += 1) {
      const witness = await start('--log', log.vkey);
      expect(witness.vkey).toBe(vkey || witness.vkey);
      vkey = witness.vkey;
      const asked = await witness.add(await body(0, 40));
      const size = asked.status === 409 ? Number(await asked.text()) : 0;
      // It may know more than it could answer, never less.
      expect(size).toBeGreaterThanOrEqual(known);
      if (asked.status === 200) known = 40;
      log.append(10);
      const answered = climb(witness, Math.max(known, size));
      await until(() => answered.sizes.length > 3);
      await witness.stop('SIGKILL');
      await answered.ended;
      known = Math.max(known, ...answered.sizes);
    }
    const witness = await start('--log', log.vkey);
    const fork = log.forkAt(2).append(log.size + 5, 'forged');
    const refused = await witness.add(await body(0, known - 1));
    expect([refused.status, Number(await refused.text())]).toEqual([409, expect.any(Number)]);
    expect((await witness.add(await body(known, known, fork))).status).not.toBe(200);
    expect(readdirSync(path.join(dataDir, 'heads'))).toEqual([originHash(log.origin)]);
  });

  it('cosigns one of many forks that arrive together', async () => {
    const witness = await start('--log', log.vkey);
    await witness.add(await body(0, 10));
    const forks = Array.from({ length: 12 }, (_, n) => log.forkAt(10).append(3, `fork ${n}`));
    const answers = await Promise.all(forks.map(async (fork) => (await witness.add(await body(10, 13, fork))).status));
    expect(answers.filter((status) => status === 200)).toHaveLength(1);
    expect(answers.filter((status) => status === 409)).toHaveLength(11);
  });

  it('reads its policy anew on SIGHUP, and holds on to the old one when the new one is wrong', async () => {
    const policy = path.join(path.dirname(dataDir), 'policy.txt');
    writeFileSync(policy, 'quorum none\n');
    const witness = await start('--policy', policy);
    expect((await witness.add(await body(0, 10))).status).toBe(404);
    writeFileSync(policy, `log ${log.vkey}\nquorum none\n`);
    witness.process.kill('SIGHUP');
    await until(() => witness.stderr().includes(log.origin));
    expect((await witness.add(await body(0, 10))).status).toBe(200);
    writeFileSync(policy, 'nonsense\n');
    witness.process.kill('SIGHUP');
    await until(() => witness.stderr().includes('not read anew'));
    expect((await witness.add(await body(10, 11))).status).toBe(200);
  });

  it('does not fall over what is thrown at it', async () => {
    const witness = await start('--log', log.vkey);
    expect((await witness.add(new Uint8Array([0x6f, 0x6c, 0x64, 0x20, 0xff, 0xfe]))).status).toBe(400);
    expect((await witness.add('x'.repeat(300_000))).status).toBe(413);
    expect((await witness.add(`old 0\n\n${log.checkpoint(3)}${'— x AAAAAAAA\n'.repeat(101)}`)).status).toBe(403);
    expect((await fetch(`${witness.url}//`)).status).toBe(404);
    const { port } = new URL(witness.url);
    for (const bytes of [
      '\0\0\0',
      'POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\nold',
      'GET //:x HTTP/1.1\r\nhost: x\r\n\r\n',
    ]) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.write(bytes, resolve));
      socket.destroy();
    }
    expect((await witness.add(await body(0, 3))).status).toBe(200);
    expect(await (await fetch(`${witness.url}/healthz`)).text()).toBe('ok\n');
  });

  it('lets no second one use its data, and takes over from one that was killed', async () => {
    const witness = await start('--log', log.vkey);
    await expect(start('--log', log.vkey)).rejects.toThrow(/ended with 1: midwatch: another witness runs on/);
    await witness.stop('SIGKILL');
    expect((await start('--log', log.vkey)).vkey).toBe(witness.vkey);
  });

  it.each([
    [['--listen', 'nowhere'], 2, /^midwatch: --listen: "nowhere" is no HOST:PORT\n$/],
    [['--listen', '127.0.0.1:70000'], 2, /is no HOST:PORT/],
    [['--log', 'x'], 2, /^midwatch: --log: "x" is no log’s verifier key\n$/],
    [['--policy', '/nowhere/policy'], 2, /^midwatch: --policy: \/nowhere\/policy cannot be read \(ENOENT\)\n$/],
    [['--name', 'a b'], 2, /^midwatch: --name: .+\n$/],
  ])('refuses %j in one line', async (options, code, message) => {
    const failed = await start(...options).catch((error: Error) => error.message);
    const [, said, stderr = ''] = /^ended with (\d): (.*)$/s.exec(String(failed)) ?? [];
    expect(Number(said)).toBe(code);
    expect(stderr).toMatch(message);
  });

  it('does not use a key that others may read, or that has another name', async () => {
    await (await start('--name', 'witness.example/w1')).stop();
    await expect(start('--name', 'witness.example/w2')).rejects.toThrow(/is named witness.example\/w1 for good/);
    const file = path.join(dataDir, 'witness.key');
    chmodSync(file, 0o640);
    await expect(start()).rejects.toThrow(/others may read/);
    chmodSync(file, 0o600);
    const key = readFileSync(file, 'utf8');
    writeFileSync(file, key.slice(0, -9));
    await expect(start()).rejects.toThrow(/holds no witness key/);
  });
});

/** Has the witness cosign head after head until it is gone; `sizes` are those it answered for. */
function climb(witness: TestWitness, from: number): { sizes: number[]; ended: Promise<void> } {
  const sizes: number[] = [];
  const work = async () => {
    for (let size = from; ; size += 1) {
      if (size >= log.size) log.append(10);
      const answer = await witness.add(await body(size, size + 1));
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`answered ${answer.status} ${text}`);
      sizes.push(size + 1);
    }
  };
  const ended = work().catch((error: unknown) => {
    if (String(error).includes('answered')) throw error;
  });
  return { sizes, ended };
}
