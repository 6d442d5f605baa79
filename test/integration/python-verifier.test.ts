import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parsePinnedKey } from '../../src/ledger/bundle/pin.js';
import { readTogether } from '../../src/ledger/bundle/together.js';
import type { BundleVerdict } from '../../src/ledger/bundle/verdict.js';
import type { FleetHead } from '../../src/ledger/note/fleet-list.js';
import { parsePolicy } from '../../src/ledger/note/policy.js';
import { vouchBy } from '../../src/timestamp/vouch.js';
import { check, keyOf, MemoryLedger, textOf } from '../support/bundle.js';
import { type BundleCase, bundleCorpus } from '../support/bundle-corpus.js';
import { BYTE_MUTATIONS, LINE_MUTATIONS, type Line, sealLines } from '../support/bundle-mutations.js';
import { headOf, keyAs, wordOf } from '../support/installation.js';
import { longChain } from '../support/long-chain-corpus.js';
import { tokenCorpus } from '../support/token-corpus.js';
import { pemOf } from '../support/tsa-server.js';
import { unread } from '../support/unread.js';
import rfc8032 from '../vectors/ed25519/rfc8032.json' with { type: 'json' };
import wycheproof from '../vectors/signatures/wycheproof.json' with { type: 'json' };

const VERIFIER = path.resolve(import.meta.dirname, '../../verifier');
const DRIVER = path.resolve(import.meta.dirname, '../support/corpus-driver.py');
const OUTPUT_BYTES_MAX = 100_000_000;
const trustOf = ({ key }: MemoryLedger) => ({ key, policy: null, held: [] });
const EXIT_CODES = { intact: 0, tampered: 1, incomplete: 2, unreadable: 3 };

const python = (args: readonly string[], input = '') =>
  spawnSync('python3', ['-B', ...args], { input, encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX });
const hasPython = python(['--version']).status === 0;
if (!hasPython) process.stderr.write('python3 is not installed: the second verifier is not tested\n');

const folder = mkdtempSync(path.join(tmpdir(), 'midwatch-python-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string | Buffer): string {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  return full;
}

function argumentsOf(one: BundleCase, at: number): string[] {
  return [
    file(`${at}.jsonl`, one.text),
    ...(one.key === null ? [] : ['--public-key', one.key]),
    ...(one.policy === null ? [] : ['--policy', file(`${at}.policy`, one.policy)]),
    ...one.held.flatMap((note, index) => ['--checkpoint', file(`${at}.${index}.note`, note)]),
  ];
}

interface Answer {
  code: number;
  report: Omit<BundleVerdict, 'lateS'> | null;
  stderr: string;
}

function runPython(calls: readonly (readonly string[])[]): Answer[] {
  const { status, stdout, stderr } = python([DRIVER, VERIFIER], JSON.stringify(calls));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe.skipIf(!hasPython)('the verifier in Python', () => {
  it('says the same as midwatch verify of every bundle', async () => {
    const corpus = await bundleCorpus();
    const answers = runPython(corpus.map(argumentsOf));
    expect(answers).toHaveLength(corpus.length);
    for (const [at, one] of corpus.entries()) {
      const trust = {
        key: one.key === null ? null : parsePinnedKey(one.key),
        policy: one.policy === null ? null : parsePolicy(one.policy),
        held: one.held,
      };
      const { outcome, fault, entries, openings, published, bundledKeys, keys, installation } = await check(
        one.text,
        trust,
      );
      const { code, report } = answers[at] as Answer;
      expect([one.name, code]).toEqual([one.name, EXIT_CODES[one.outcome]]);
      expect([one.name, report]).toMatchObject([
        one.name,
        {
          outcome,
          fault: fault === null ? null : { seq: fault.seq, line: fault.line },
          entries,
          openings,
          published,
          bundledKeys,
          keys,
          installation,
        },
      ]);
    }
  }, 120_000);

  it('says the same of whatever somebody makes of a bundle', async () => {
    const ledger = new MemoryLedger({ size: 9, change: { seq: 4, ...longChain(5) } });
    const word = wordOf([headOf(ledger)], { key: ledger.key });
    const bundles = [
      ledger.rangeLines({ sizes: [3, 9] }),
      ledger.selectionLines([2, 4]),
      [...ledger.rangeLines({ from: 3, to: 6 }), word],
    ] as const;
    const numbers = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat(), fc.boolean());
    const texts = fc.sample(numbers, 600).flatMap(([which, how, where, other, isSealedAnew]) => {
      const lines = bundles[which % bundles.length] as readonly Line[];
      if (isSealedAnew) {
        const mutated = LINE_MUTATIONS[how % LINE_MUTATIONS.length]?.(lines, where, other, bundles.flat()) ?? null;
        return mutated === null ? [] : [Buffer.from(`${sealLines(mutated).join('\n')}\n`)];
      }
      const bytes = Buffer.from(`${sealLines(lines).join('\n')}\n`);
      return [BYTE_MUTATIONS[how % BYTE_MUTATIONS.length]?.(bytes, where % bytes.length, other) ?? bytes];
    });
    const answers = runPython(texts.map((text, at) => [file(`made-${at}.jsonl`, text), '--public-key', ledger.vkey]));
    for (const [at, text] of texts.entries()) {
      const { outcome, fault, entries, openings, published, reasons } = await check(text, ledger.trust);
      const report = answers[at]?.report;
      expect([report, String(text)]).toMatchObject([
        { outcome, fault: fault && { seq: fault.seq, line: fault.line }, entries, openings, published },
        String(text),
      ]);
      expect(report?.reasons).toHaveLength(reasons.length);
    }
  }, 60_000);

  it('says the same of several bundles together', async () => {
    const ledger = new MemoryLedger({ size: 9 });
    const other = new MemoryLedger({ size: 4, fleet: 'other', key: keyAs(ledger, 'midwatch/test/other') });
    const heads = [headOf(ledger), headOf(other), headOf(new MemoryLedger({ size: 2, fleet: 'third' }))];
    const text = (of: MemoryLedger, fleets: readonly FleetHead[]) =>
      textOf([...of.rangeLines(), wordOf(fleets, { key: ledger.key })]);
    const sets = [
      [await text(ledger, heads), await text(other, heads)],
      [await text(ledger, heads), await text(other, heads.slice(0, 2))],
      [await text(ledger, heads), await textOf(other.rangeLines())],
    ];
    const key = ledger.key.publicKey;
    const calls = sets.map((texts, set) => [
      ...texts.map((one, at) => file(`set-${set}-${at}.jsonl`, one)),
      '--public-key',
      key.toString('hex'),
    ]);
    const answers = runPython(calls);
    expect(answers.map(({ code }) => code)).toEqual([0, 1, 0]);
    for (const [at, texts] of sets.entries()) {
      const trust = { key: { publicKey: key }, policy: null, held: [] };
      const verdicts = await Promise.all(texts.map((one) => check(one, trust)));
      const installations = readTogether(verdicts);
      expect(installations).toHaveLength(1);
      expect(answers[at]?.report).toMatchObject({
        files: verdicts.map(({ outcome, installation }) => ({ outcome, installation })),
        installations,
      });
    }
  });

  it('says the same of who time-stamped a bundle', async () => {
    const ledger = new MemoryLedger({ size: 5 });
    const word = wordOf([headOf(ledger)], { key: ledger.key });
    const corpus = await tokenCorpus(Buffer.from(word.note));
    const texts = await Promise.all(
      corpus.map(({ token }) =>
        textOf([...ledger.rangeLines(), word, { type: 'timestamp', token: token.toString('base64') }]),
      ),
    );
    const calls = corpus.map(({ roots }, at) => [
      ...[file(`stamped-${at}.jsonl`, texts[at] as string), '--public-key', ledger.vkey],
      ...['--timestamp-roots', file(`stamped-${at}.pem`, roots.map((certificate) => pemOf({ certificate })).join(''))],
    ]);
    const answers = runPython(calls);
    for (const [at, { name, roots, fault }] of corpus.entries()) {
      const { outcome, installation } = await check(texts[at] as string, trustOf(ledger), {
        vouch: vouchBy(roots),
      });
      expect([name, outcome]).toEqual([name, fault === null ? 'intact' : 'incomplete']);
      const { code, report } = answers[at] as Answer;
      expect([name, code, report?.outcome]).toEqual([name, EXIT_CODES[outcome], outcome]);
      const { doubt, ...said } = installation?.timestamp ?? { doubt: 'not there' };
      expect([name, report?.installation?.timestamp]).toEqual([
        name,
        { ...said, doubt: doubt === null ? null : expect.stringMatching(fault as RegExp) },
      ]);
      expect([name, doubt]).toEqual([name, fault === null ? null : expect.stringMatching(fault)]);
      const reasons = fault === null ? [] : [expect.stringMatching(/^its time-stamp is not believed: /)];
      expect([name, report?.reasons]).toEqual([name, reasons]);
    }
  }, 120_000);

  it('says the same of kept checkpoints that are of none of the logs', async () => {
    const [ledger, other] = [new MemoryLedger({ size: 9 }), new MemoryLedger({ size: 4, fleet: 'other' })];
    const texts = await Promise.all([ledger, other].map((of) => textOf(of.rangeLines())));
    const [mine, others] = texts.map((text, at) => file(`kept-${at}.jsonl`, text)) as [string, string];
    const logs = [ledger, other].map(({ vkey }) => `log ${vkey}\n`);
    const options = ['--policy', file('both.policy', `${logs.join('')}quorum none\n`)];
    const kept = [...options, '--checkpoint', file('other.note', other.note(3))];
    const reason = `the kept checkpoint of ${other.origin} could not be compared: nothing here is of that log`;
    const strange = wordOf([headOf(ledger), headOf(other)], { key: keyOf('midwatch/test', 'note', 'another') });
    const named = file('kept-named.jsonl', await textOf([...ledger.rangeLines(), strange]));
    const [alone, twice, both, unbelieved] = runPython([
      [mine, ...kept],
      [mine, mine, ...kept],
      [mine, others, ...kept],
      [named, ...kept],
    ]);
    expect(unbelieved).toMatchObject({ code: 2, report: { outcome: 'incomplete', reasons: [reason] } });
    expect(alone).toMatchObject({ code: 2, report: { outcome: 'incomplete', reasons: [reason] } });
    expect(twice).toMatchObject({ code: 2, report: { reasons: [reason] } });
    expect(both).toMatchObject({ code: 0, report: { reasons: [] } });
  });

  it('says the same of what was made of a file', async () => {
    const text = await textOf(new MemoryLedger({ size: 1 }).rangeLines());
    const files = [
      gzipSync(text),
      gzipSync(text, { level: 0 }),
      Buffer.from('PK\u0003\u0004'),
      `\ufeff${text}`,
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      text.replaceAll('\n', '\r\n'),
    ];
    const answers = runPython(files.map((made, at) => [file(`foreign-${at}`, made)]));
    for (const [at, made] of files.entries()) {
      const { outcome, fault } = await check(made, { key: null, policy: null, held: [] });
      expect([at, outcome, fault?.problem]).toEqual([
        at,
        'unreadable',
        expect.stringMatching(/unpack it|saved it anew/),
      ]);
      expect(answers[at]).toMatchObject({ code: 3, report: { outcome, fault: { problem: fault?.problem } } });
    }
  });

  it('says by its exit code what it found, also to whoever reads no further', async () => {
    const ledger = new MemoryLedger({ size: 5 });
    const bundle = file('unread.jsonl', await textOf(ledger.rangeLines({ sizes: [4] })));
    const verifier = path.join(VERIFIER, 'midwatch_verify.py');
    expect(await unread('python3', ['-B', verifier, bundle, '--public-key', ledger.vkey])).toEqual({
      code: EXIT_CODES.incomplete,
      stderr: '',
    });
    expect(await unread('python3', ['-B', verifier, 'nowhere'], { isDeaf: true })).toMatchObject({ code: 3 });
  });

  it.skipIf(!existsSync('/dev/full'))('gives no verdict that it cannot write', async () => {
    const ledger = new MemoryLedger({ size: 2 });
    const bundle = file('unwritten.jsonl', await textOf(ledger.rangeLines()));
    const full = openSync('/dev/full', 'w');
    const args = ['-B', path.join(VERIFIER, 'midwatch_verify.py'), bundle, '--public-key', ledger.vkey];
    expect(spawnSync('python3', args, { stdio: ['ignore', full, 'ignore'] }).status).toBe(EXIT_CODES.unreadable);
    closeSync(full);
  });

  it('reads what comes through a pipe', async () => {
    const ledger = new MemoryLedger({ size: 2 });
    const bundle = file('piped.jsonl', await textOf(ledger.rangeLines()));
    const script = 'cat "$0" | python3 -B "$1" /dev/stdin --public-key "$2"';
    const verifier = path.join(VERIFIER, 'midwatch_verify.py');
    const { status, stderr } = spawnSync('sh', ['-c', script, bundle, verifier, ledger.vkey], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('refuses bad usage with exit code 3', async () => {
    const bundle = file('usage.jsonl', await textOf(new MemoryLedger({ size: 1 }).rangeLines()));
    const calls = [
      [],
      ['nowhere'],
      ['.'],
      [bundle, '--public-key', 'x'],
      [bundle, '--policy', bundle],
      [bundle, '--policy', file('crlf.policy', 'quorum none\r\n')],
      [bundle, '--checkpoint', file('crlf.note', new MemoryLedger({ size: 1 }).note().replaceAll('\n', '\r\n'))],
      [bundle, '--checkpoint', bundle],
      [bundle, '--frob'],
      [bundle, '--timestamp-roots', 'nowhere'],
      [bundle, '--timestamp-roots', bundle],
      [bundle, '--signature-roots', bundle],
    ];
    for (const { code, report, stderr } of runPython(calls)) {
      expect({ code, report }).toEqual({ code: 3, report: null });
      expect(stderr).toMatch(/^midwatch_verify: .+\n$/);
    }
  });

  it('takes a key as PEM and from a file', async () => {
    const ledger = new MemoryLedger({ size: 1 });
    const bundle = file('pem.jsonl', await textOf(ledger.rangeLines()));
    const pem = file('key.pem', ledger.key.object.export({ format: 'pem', type: 'spki' }));
    const vkey = file('key.vkey', `${ledger.vkey}\n`);
    expect(
      runPython([
        [bundle, '--public-key', pem],
        [bundle, '--public-key', vkey],
      ]).map(({ code }) => code),
    ).toEqual([0, 0]);
  });

  it('judges Ed25519 signatures as RFC 8032 and OpenSSL do', () => {
    const cases = rfc8032.vectors.map(({ publicKey, message, signature }) => [publicKey, message, signature, true]);
    for (let at = 0; at < 20; at += 1) {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const message = Buffer.from(`message ${at}`);
      const signature = sign(null, message, privateKey);
      const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
      cases.push([raw, message.toString('hex'), signature.toString('hex'), true]);
      signature[(at * 7) % 64] = (signature[(at * 7) % 64] ?? 0) ^ 1;
      cases.push([raw, message.toString('hex'), signature.toString('hex'), false]);
    }
    // The order of the group added to s: the same point, and a second signature if it were let pass (RFC 8032 section 8.4).
    const [first] = rfc8032.vectors;
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const signature = Buffer.from(first?.signature ?? '', 'hex');
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
    const malleable = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex');
    cases.push([first?.publicKey ?? '', first?.message ?? '', signature.toString('hex', 0, 32) + malleable, false]);
    const code = `import json,sys;sys.path.insert(0,${JSON.stringify(VERIFIER)});from midwatch_verify import ed25519_verify as v;b=bytes.fromhex
print(json.dumps([v(b(k),b(m),b(s)) for k,m,s,_ in json.load(sys.stdin)]))`;
    const { stdout, stderr } = python(['-c', code], JSON.stringify(cases));
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(cases.map(([, , , isValid]) => isValid));
  });

  it('judges RSA and ECDSA signatures as Wycheproof does', () => {
    const code = `import json,sys;sys.path.insert(0,${JSON.stringify(VERIFIER)});import midwatch_keys as k;from midwatch_der import Der
def judge(v):
    key,message,value=(bytes.fromhex(v[n]) for n in ("publicKey","message","signature"))
    if v["file"].startswith("rsa"): return k.rsa_verify(k.rsa_key(Der(key)),v["hash"],message,value,v.get("salt"))
    return k.ecdsa_verify(*k.ec_key(Der(key)),v["hash"],message,value)
print(json.dumps([judge(v) for v in json.load(sys.stdin)]))`;
    const { stdout, stderr } = python(['-c', code], JSON.stringify(wycheproof.vectors));
    expect(stderr).toBe('');
    const named = (verdicts: readonly boolean[]) =>
      wycheproof.vectors.map(({ file: name, tcId }, at) => `${name} ${tcId}: ${verdicts[at]}`);
    expect(named(JSON.parse(stdout))).toEqual(named(wycheproof.vectors.map(({ isValid }) => isValid)));
  });

  it('believes no key that is no point of the curve it names', () => {
    const [p256, p384] = ['P-256', 'P-384'].map((namedCurve) => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve });
      return publicKey.export({ format: 'der', type: 'spki' });
    }) as [Buffer, Buffer];
    // 26 bytes say which curve it is; then come 4 and the two coordinates.
    const [head, x, y] = [p256.subarray(0, 26), p256.subarray(27, 59), p256.subarray(59)];
    const point = (first: number, ...rest: Buffer[]) => Buffer.concat([head, Buffer.from([first]), ...rest]);
    const compressed = Buffer.from(p256.subarray(0, 26));
    compressed[1] = 57;
    compressed[24] = 34;
    const odd = 2 + ((y.at(-1) ?? 0) & 1);
    const keys: [Buffer, boolean][] = [
      [p256, true],
      [p384, true],
      [Buffer.concat([compressed, Buffer.from([odd]), x]), true],
      [point(4, x, y.with(31, (y.at(-1) ?? 0) ^ 1) as Buffer), false],
      [point(4, y, x), false],
      [point(4, Buffer.alloc(64)), false],
      [point(4, Buffer.alloc(64, 255)), false],
      [point(6, x, y), false],
      [Buffer.from(p256.toString('hex').replace('2a8648ce3d030107', '2a8648ce3d030101'), 'hex'), false],
    ];
    const code = `import json,sys;sys.path.insert(0,${JSON.stringify(VERIFIER)});from midwatch_keys import is_strong;from midwatch_der import Der
print(json.dumps([is_strong(Der(bytes.fromhex(k))) for k in json.load(sys.stdin)]))`;
    const { stdout, stderr } = python(['-c', code], JSON.stringify(keys.map(([key]) => key.toString('hex'))));
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(keys.map(([, isBelieved]) => isBelieved));
  });
});
