import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAddCheckpoint } from '../../../src/ledger/note/add-checkpoint.js';
import { checkCosignature } from '../../../src/ledger/note/cosignature.js';
import { signerKey, type VerifierKey, verifierKey } from '../../../src/ledger/note/key.js';
import { checkSignature, formatNote, parseNote, signText } from '../../../src/ledger/note/signed-note.js';
import { CosignedHeads, originHash } from '../../../src/witness/heads.js';
import { type Answer, Witness } from '../../../src/witness/witness.js';
import { TestLog } from '../../support/test-log.js';

const KEY = signerKey('witness.example/w1', Buffer.alloc(32, 7), 'cosignature');
const START_S = 1_800_000_000;

let dir: string;
let nowS: number;
let log: TestLog;
let witness: Witness;

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'midwatch-witness-'));
  nowS = START_S;
  log = new TestLog().append(20);
  witness = await openWitness();
});
afterEach(() => rmSync(dir, { recursive: true }));

const ofLogs = (...logs: VerifierKey[]) => ({ logs, installations: [] });

async function openWitness(): Promise<Witness> {
  const heads = await CosignedHeads.open(path.join(dir, 'heads'), KEY);
  const opened = new Witness({ key: KEY, heads, clock: { now: () => nowS * 1_000 } });
  opened.trust(ofLogs(log.key));
  return opened;
}

interface Step {
  of?: TestLog;
  from: number;
  to: number;
}

async function body({ of = log, from, to }: Step): Promise<string> {
  return formatAddCheckpoint({ oldSize: BigInt(from), proof: await of.proof(from, to), note: of.checkpoint(to) });
}

async function add(step: Step): Promise<Answer> {
  return witness.addCheckpoint(await body(step));
}

/** When the answer's cosignature of the checkpoint was made; null when it has none. */
function cosignedAt(answer: Answer, checkpoint: string): number | null {
  if (answer.status !== 200) return expect.fail(`answered ${answer.status}`);
  const signed = parseNote(checkpoint + answer.signatures);
  const atS = signed === null ? null : checkCosignature(signed, KEY);
  return typeof atS === 'bigint' ? Number(atS) : null;
}

describe('a witness', () => {
  it('answers as litewitness does', async () => {
    const file = path.resolve(import.meta.dirname, '../../vectors/tlog/litewitness.json');
    const { origin, publicKey, exchanges } = JSON.parse(readFileSync(file, 'utf8'));
    witness.trust(ofLogs(verifierKey(origin, Buffer.from(publicKey, 'hex'), 'note')));
    expect(exchanges).toHaveLength(9);
    for (const exchange of exchanges) {
      const answer = await witness.addCheckpoint(exchange.body);
      expect(answer.status).toBe(exchange.status);
      if (answer.status === 409) expect(`${answer.size}\n`).toBe(exchange.answer);
    }
  });

  it('cosigns a log from its first head on, at every size', async () => {
    let from = 0;
    for (const to of [0, 1, 2, 3, 7, 8, 8, 15, 20]) {
      const answer = await add({ from, to });
      expect(cosignedAt(answer, log.checkpoint(to))).toBe(START_S);
      from = to;
    }
  });

  it('tells the size it knows to whoever is mistaken about it', async () => {
    await add({ from: 0, to: 10 });
    expect(await add({ from: 0, to: 12 })).toEqual({ status: 409, size: 10n });
    expect(await add({ from: 11, to: 12 })).toEqual({ status: 409, size: 10n });
    expect((await add({ from: 10, to: 12 })).status).toBe(200);
  });

  it('refuses to go back, whatever the log says', async () => {
    await add({ from: 0, to: 10 });
    expect(await add({ from: 0, to: 5 })).toEqual({ status: 409, size: 10n });
    expect(await add({ from: 5, to: 5 })).toEqual({ status: 409, size: 10n });
    expect((await witness.addCheckpoint(`old 10\n\n${log.checkpoint(5)}`)).status).toBe(400);
  });

  it('refuses another history of the same log', async () => {
    await add({ from: 0, to: 10 });
    const fork = log.forkAt(7).append(13, 'forged');
    expect((await add({ of: fork, from: 10, to: 10 })).status).toBe(422);
    expect((await add({ of: fork, from: 10, to: 15 })).status).toBe(422);
    // The honest proof does not help the forged head.
    const stolen = { oldSize: 10n, proof: await log.proof(10, 15), note: fork.checkpoint(15) };
    expect((await witness.addCheckpoint(formatAddCheckpoint(stolen))).status).toBe(422);
    expect((await add({ from: 10, to: 15 })).status).toBe(200);
  });

  it('serves one of many that want to continue the same head', async () => {
    await add({ from: 0, to: 10 });
    const steps = Array.from(
      { length: 20 },
      (_, n): Step => ({ of: log.forkAt(10).append(1 + n, `fork ${n}`), from: 10, to: 11 + n }),
    );
    const answers = await Promise.all(steps.map(add));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [size] = new Set(answers.flatMap((answer) => (answer.status === 409 ? [answer.size] : [])));
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect(cosignedAt(answers[Number(size) - 11] as Answer, steps[Number(size) - 11]?.of?.checkpoint() ?? '')).toBe(
      START_S,
    );
  });

  it('knows logs by their keys alone', async () => {
    const stranger = new TestLog().append(3);
    expect((await add({ of: stranger, from: 0, to: 3 })).status).toBe(404);
    const impostor = new TestLog(log.origin).append(3);
    expect((await add({ of: impostor, from: 0, to: 3 })).status).toBe(403);
    witness.trust(ofLogs(log.key, impostor.key));
    expect((await add({ of: impostor, from: 0, to: 3 })).status).toBe(200);
    witness.trust(ofLogs());
    expect((await add({ from: 3, to: 4 })).status).toBe(404);
  });

  it('knows every ledger of an installation by one key', async () => {
    const seed = Buffer.alloc(32, 9);
    const installation = signerKey('midwatch/0123456789abcdef', seed, 'note');
    witness.trust({ logs: [], installations: [installation] });
    for (const origin of [installation.name, `${installation.name}/prod`, `${installation.name}/made-later`]) {
      const own = new TestLog(origin, seed).append(3);
      expect((await add({ of: own, from: 0, to: 3 })).status).toBe(200);
      expect((await add({ of: own.forkAt(2).append(2, 'forged'), from: 3, to: 4 })).status).toBe(422);
      expect((await add({ of: new TestLog(origin).append(9), from: 3, to: 9 })).status).toBe(403);
    }
    const neighbour = new TestLog(`${installation.name}0/prod`, seed).append(3);
    expect((await add({ of: neighbour, from: 0, to: 3 })).status).toBe(404);
  });

  it('takes a head that other keys signed too, and keeps what it checked', async () => {
    const text = log.text(4);
    const others = Array.from({ length: 16 }, (_, n) =>
      signText(text, signerKey(`other.example/${n}`, Buffer.alloc(32, n), 'note')),
    );
    const note = formatNote({ text, signatures: [...others, signText(text, log.key)] });
    expect((await witness.addCheckpoint(`old 0\n\n${note}`)).status).toBe(200);
    const kept = parseNote(witness.latest(originHash(log.origin)) ?? '');
    expect(kept?.signatures.map(({ name }) => name)).toEqual([log.origin, KEY.name]);
    expect(kept && checkSignature(kept, log.key)).toBe('verified');
  });

  it('condemns a head with one wrong signature of a key it knows', async () => {
    const text = log.text(4);
    const wrong = { ...signText(text, log.key), bytes: Buffer.alloc(64) };
    const note = formatNote({ text, signatures: [signText(text, log.key), wrong] });
    expect((await witness.addCheckpoint(`old 0\n\n${note}`)).status).toBe(403);
  });

  it('never bears an earlier time for a later head', async () => {
    await add({ from: 0, to: 1 });
    nowS -= 100;
    expect(cosignedAt(await add({ from: 1, to: 2 }), log.checkpoint(2))).toBe(START_S);
    nowS += 200;
    expect(cosignedAt(await add({ from: 2, to: 2 }), log.checkpoint(2))).toBe(START_S + 100);
  });

  it.each([
    ['nothing', ''],
    ['no empty line', 'old 0\n'],
    ['no old size', '\n\nx'],
    ['a size with leading zeros', 'old 00\n\n'],
    ['a negative size', 'old -1\n\n'],
    ['a size beyond 64 bits', 'old 18446744073709551616\n\n'],
    ['another word', 'new 0\n\n'],
    ['two spaces', 'old  0\n\n'],
    ['a carriage return', 'old 0\r\n\n'],
    ['a proof that is not base64', 'old 0\n*\n\n'],
    ['a hash of another length', `old 0\n${Buffer.alloc(31).toString('base64')}\n\n`],
    ['a hash without padding', `old 0\n${Buffer.alloc(32).toString('base64').slice(0, -1)}\n\n`],
    ['a proof of 64 hashes', `old 0\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\n`],
  ])('refuses %s', async (_, head) => {
    expect((await witness.addCheckpoint(head + log.checkpoint(1))).status).toBe(400);
  });

  it.each([
    ['a root of another length', (text: string) => text.replace(/\n[^\n]+\n$/, '\nAAAA\n')],
    ['a size that is no number', (text: string) => text.replace('\n1\n', '\n1e1\n')],
    ['no root', (text: string) => text.replace(/\n[^\n]+\n$/, '\n')],
  ])('refuses a checkpoint with %s, signed as it is', async (_, spoil) => {
    const text = spoil(log.text(1));
    const note = formatNote({ text, signatures: [signText(text, log.key)] });
    expect((await witness.addCheckpoint(`old 0\n\n${note}`)).status).toBe(400);
  });

  it.each([
    ['no signature', ''],
    ['no empty line before where signatures are', null],
    ['a signature that is not base64', '— x *\n'],
    ['a signature that is shorter than its key’s id', '— x AAAA\n'],
    ['more than text after its signature', '— x AAAAAAAA\nmore\n'],
  ])('refuses a checkpoint with %s as unsigned', async (_, signatures) => {
    const note = signatures === null ? log.text(1) : `${log.text(1)}\n${signatures}`;
    expect((await witness.addCheckpoint(`old 0\n\n${note}`)).status).toBe(403);
  });

  it('refuses an empty tree with a root, and a proof from nothing', async () => {
    const text = log.text(0).replace(/\n[^\n]+\n$/, `\n${Buffer.alloc(32, 1).toString('base64')}\n`);
    const note = formatNote({ text, signatures: [signText(text, log.key)] });
    expect((await witness.addCheckpoint(`old 0\n\n${note}`)).status).toBe(422);
    const proof = [Buffer.alloc(32)];
    expect(
      (await witness.addCheckpoint(formatAddCheckpoint({ oldSize: 0n, proof, note: log.checkpoint(3) }))).status,
    ).toBe(422);
  });

  it('refuses every proof with a wrong, missing or additional hash', async () => {
    await add({ from: 0, to: 11 });
    const proof = await log.proof(11, 20);
    const wrongs = [
      ...proof.map((hash, at) => proof.with(at, Buffer.from(hash.map((byte) => byte ^ 1)))),
      ...proof.map((_, at) => proof.toSpliced(at, 1)),
      [...proof, Buffer.alloc(32)],
    ];
    for (const wrong of wrongs) {
      const spoiled = formatAddCheckpoint({ oldSize: 11n, proof: wrong, note: log.checkpoint(20) });
      expect((await witness.addCheckpoint(spoiled)).status).toBe(422);
    }
    expect((await add({ from: 11, to: 20 })).status).toBe(200);
  });

  it('remembers what it cosigned, and forgets drafts that a crash left', async () => {
    await add({ from: 0, to: 10 });
    writeFileSync(path.join(dir, 'heads', `${originHash(log.origin)}.0123456789ab.draft`), 'torn');
    witness = await openWitness();
    expect(readdirSync(path.join(dir, 'heads'))).toEqual([originHash(log.origin)]);
    expect(await add({ from: 0, to: 12 })).toEqual({ status: 409, size: 10n });
    expect((await add({ from: 10, to: 12 })).status).toBe(200);
  });

  it('does not start on heads that it did not cosign', async () => {
    await add({ from: 0, to: 10 });
    const file = path.join(dir, 'heads', originHash(log.origin));
    const kept = readFileSync(file, 'utf8');
    for (const spoiled of ['', kept.slice(0, -2), kept.replace('\n10\n', '\n9\n'), log.checkpoint(3)]) {
      writeFileSync(file, spoiled);
      await expect(openWitness()).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining(file),
      });
    }
    writeFileSync(file, kept);
    await openWitness();
  });

  it('signs nothing that it could not keep', async () => {
    await add({ from: 0, to: 10 });
    rmSync(path.join(dir, 'heads'), { recursive: true });
    await expect(add({ from: 10, to: 12 })).rejects.toThrow();
    expect(await add({ from: 0, to: 12 })).toEqual({ status: 409, size: 10n });
  });
});
