import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWitnessed, readWitnessPolicy } from '../../../src/cosign/witness-policy.js';
import { formatVerifierKey, signerKey } from '../../../src/ledger/note/key.js';

const [A, B, C] = ['a', 'b', 'c'].map((name, seed) =>
  formatVerifierKey(signerKey(`witness.example/${name}`, Buffer.alloc(32, seed), 'cosignature')),
);

let file: string;
beforeEach(() => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'midwatch-policy-')), 'policy.txt');
});
afterEach(() => rmSync(path.dirname(file), { recursive: true }));

function read(...lines: string[]) {
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return readWitnessPolicy(file);
}

describe('the policy of whom to ask', () => {
  it('asks the witnesses that have a URL, wherever they are', () => {
    const { witnesses, quorum } = read(
      `witness a ${A} https://witness.example/a/`,
      `witness b ${B} http://10.0.0.7:4010`,
      `witness c ${C}`,
      'group two-of-three 2 a b c',
      'quorum two-of-three',
    );
    expect(witnesses.map(({ name, url }) => [name, url])).toEqual([
      ['a', 'https://witness.example/a'],
      ['b', 'http://10.0.0.7:4010'],
    ]);
    expect(isWitnessed(quorum, new Set(['a']))).toBe(false);
    expect(isWitnessed(quorum, new Set(['a', 'c']))).toBe(true);
  });

  it('calls nothing witnessed that nobody cosigned', () => {
    const { quorum } = read(`witness a ${A} http://localhost:4010`, 'quorum none');
    expect(isWitnessed(quorum, new Set())).toBe(false);
    expect(isWitnessed(quorum, new Set(['a']))).toBe(true);
  });

  it.each([
    ['that is no policy', ['nonsense'], /line 1: nonsense is neither/],
    ['without witnesses to ask', [`witness a ${A}`, 'quorum a'], /no witness has a URL/],
    ['whose quorum cannot be reached', [`witness a ${A} http://a`, `witness b ${B}`, 'quorum b'], /are no quorum/],
    ['with a URL that is none', [`witness a ${A} a.example`, 'quorum a'], /the URL of a is not http/],
    ['with another scheme', [`witness a ${A} ftp://a.example`, 'quorum a'], /the URL of a is not http/],
    ['with a password', [`witness a ${A} https://me:secret@a.example`, 'quorum a'], /has a password/],
    ['with a query', [`witness a ${A} https://a.example/?x=1`, 'quorum a'], /or a query/],
    [
      'with a log’s key for a witness',
      [`witness a ${formatVerifierKey(signerKey('a', Buffer.alloc(32), 'note'))} http://a`, 'quorum a'],
      /is no key for this/,
    ],
  ])('refuses one %s in one line', (_, lines, problem) => {
    const refusal = (() => {
      try {
        return read(...lines);
      } catch (error) {
        return error as { code?: string; message?: string };
      }
    })();
    expect(refusal).toMatchObject({ code: 'VALIDATION_FAILED', message: expect.stringMatching(problem) });
    expect((refusal as Error).message).toMatch(/^MIDWATCH_LEDGER_POLICY: [^\n]+$/);
    expect((refusal as Error).message).not.toContain('secret');
  });

  it('refuses a file that is not there', () => {
    expect(() => readWitnessPolicy(file)).toThrow(/^MIDWATCH_LEDGER_POLICY: .+ cannot be read \(ENOENT\)$/);
  });
});
