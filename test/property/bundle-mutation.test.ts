import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BundleLine, formatLine } from '../../src/ledger/bundle/line.js';
import { LineDigest } from '../../src/ledger/bundle/line-digest.js';
import type { Trust } from '../../src/ledger/bundle/pin.js';
import { BundleVerifier } from '../../src/ledger/bundle/verifier.js';
import { MemoryLedger, textOf } from '../support/bundle.js';
import { headOf, wordOf } from '../support/installation.js';
import { longChain } from '../support/long-chain-corpus.js';

const ledger = new MemoryLedger({ size: 5 });
const chained = new MemoryLedger({ size: 2, change: { seq: 1, ...longChain(3) } });
const other = new MemoryLedger({ size: 2, fleet: 'other' });
/** One signature more to check: few have it. */
const WORD = wordOf([headOf(ledger), headOf(other)], { key: ledger.key });
/**
 * One of each kind, small: what is wrong with a mutation does not depend on the size. Nearly all the time goes into
 * signatures, which are at the end of a range and at the beginning of a selection: hence fewer of these.
 */
const RANGES = [
  ledger.rangeLines({ to: 2, sizes: [2] }),
  ledger.rangeLines({ from: 3, to: 4 }),
  chained.rangeLines({ from: 1 }),
];
const BUNDLES = [
  ...RANGES,
  ...RANGES,
  ...RANGES,
  ledger.selectionLines([4]),
  [...ledger.rangeLines({ from: 3, to: 4 }), WORD],
];
const texts = await Promise.all(BUNDLES.map(textOf));

function isIntact(lines: readonly Buffer[], rest: Buffer, trust: Trust = ledger.trust): boolean {
  const verifier = new BundleVerifier(trust);
  for (const line of lines) if (!verifier.take(line)) return false;
  const { outcome, installation } = verifier.end(rest);
  // Whose word of the installation it is, is said beside the verdict on the entries.
  return outcome === 'intact' && (installation?.doubt ?? null) === null;
}

function split(bytes: Buffer): { lines: Buffer[]; rest: Buffer } {
  const lines: Buffer[] = [];
  let from = 0;
  for (let to = bytes.indexOf(10); to >= 0; to = bytes.indexOf(10, from)) {
    lines.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return { lines, rest: bytes.subarray(from) };
}

const BYTE_MUTATIONS: readonly ((bytes: Buffer, at: number, other: number) => Buffer)[] = [
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), Buffer.of(other % 256), bytes.subarray(at + 1)]),
  (bytes, at, other) => {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (other % 8));
    return flipped;
  },
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), Buffer.of(other % 256), bytes.subarray(at)]),
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + (other % 200))]),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, other) => {
    const from = other % bytes.length;
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + 40), bytes.subarray(at)]);
  },
];

/** On an idle machine both take a sixth of it. */
const BUSY_MS = 120_000;

describe('a sealed bundle', { timeout: BUSY_MS }, () => {
  it('is intact before it is changed', () => {
    for (const text of texts) {
      const { lines, rest } = split(Buffer.from(text));
      expect(isIntact(lines, rest)).toBe(true);
    }
  });

  it('is not intact with any of its bytes changed, 60,000 times', () => {
    const bundles = texts.map((text) => Buffer.from(text));
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), (which, how, where, other) => {
        const bytes = bundles[which % bundles.length] as Buffer;
        const mutate = BYTE_MUTATIONS[how % BYTE_MUTATIONS.length] as (typeof BYTE_MUTATIONS)[number];
        const mutated = mutate(bytes, where % bytes.length, other);
        if (mutated.equals(bytes)) return;
        const { lines, rest } = split(mutated);
        if (isIntact(lines, rest)) throw new Error(`a mutation passed: ${mutated}`);
      }),
      { numRuns: 60_000 },
    );
  });

  it('is not intact with what it proves changed by somebody who makes its end anew, 40,000 times', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), (which, how, where, other) => {
        const lines = BUNDLES[which % BUNDLES.length] as readonly Line[];
        const mutate = LINE_MUTATIONS[how % LINE_MUTATIONS.length] as (typeof LINE_MUTATIONS)[number];
        const mutated = mutate(lines, where, other);
        if (mutated === null) return;
        if (isIntact(seal(mutated), Buffer.alloc(0))) throw new Error(`a mutation passed: ${JSON.stringify(mutated)}`);
      }),
      { numRuns: 40_000 },
    );
  });
});

type Line = Exclude<BundleLine, { type: 'end' }>;

/** What anybody can do: the line texts with an end that fits them. */
function seal(lines: readonly Line[]): Buffer[] {
  const digest = new LineDigest();
  const count = (type: string) => lines.filter((line) => line.type === type).length;
  const sealed = lines.map((line) => {
    const text = formatLine(line);
    if (line.type === 'entry') digest.takeHash(line.hash);
    else digest.takeLine(text);
    return Buffer.from(text);
  });
  const end = { entries: count('entry'), openings: count('opening'), lines: lines.length + 1, digest: digest.end() };
  return [...sealed, Buffer.from(formatLine({ type: 'end', ...end }))];
}

/** Nobody vouches for these, and the format says so. */
const isInformation = ({ type }: Line) => type === 'key' || type === 'policy';
/** Content may be withheld, and the word of the installation missing: a bundle without some of it is another true bundle. */
const isOptional = (line: Line) => isInformation(line) || line.type === 'opening' || line.type === 'installation';

type LineMutation = (lines: readonly Line[], where: number, other: number) => Line[] | null;

const LINE_MUTATIONS: readonly LineMutation[] = [
  function changeField(lines, where, other) {
    const at = where % lines.length;
    const line = lines[at] as Line;
    const fields = Object.keys(line).filter((field) => !['type', 'about', 'generator', 'format'].includes(field));
    const field = fields[other % fields.length];
    if (isInformation(line) || field === undefined) return null;
    const value = line[field as keyof Line] as unknown;
    const changed = mutateValue(value, other);
    if (changed === null || isHarmless(line, field)) return null;
    return lines.with(at, { ...line, [field]: changed } as Line);
  },
  function drop(lines, where) {
    const at = where % lines.length;
    return isOptional(lines[at] as Line) ? null : lines.toSpliced(at, 1);
  },
  function repeat(lines, where, other) {
    const at = where % lines.length;
    return isInformation(lines[at] as Line) ? null : lines.toSpliced(other % (lines.length + 1), 0, lines[at] as Line);
  },
  function exchange(lines, where, other) {
    const [a, b] = [where % lines.length, other % lines.length];
    const [left, right] = [lines[a] as Line, lines[b] as Line];
    const isSame = formatLine(left) === formatLine(right);
    if (isSame || isInformation(left) || isInformation(right) || (left.type === 'opening' && right.type === 'opening'))
      return null;
    return lines.with(a, right).with(b, left);
  },
  function borrow(lines, where, other) {
    const foreign = BUNDLES.flat()[other % BUNDLES.flat().length] as Line;
    const at = where % lines.length;
    const line = lines[at] as Line;
    if (isOptional(foreign) || isOptional(line) || formatLine(foreign) === formatLine(line)) return null;
    return lines.with(at, foreign);
  },
];

/** Whether content is disclosed says nothing while there is none. */
const isHarmless = (_line: Line, field: string) => field === 'content' && _line.type === 'manifest';

const LETTERS = '0123456789abcdef';

function mutateValue(value: unknown, other: number): unknown {
  if (typeof value === 'number') return value + 1 + (other % 3);
  if (Array.isArray(value)) {
    if (value.length === 0) return ['0'.repeat(64)];
    return other % 3 === 0
      ? value.slice(1)
      : value.with(other % value.length, mutateValue(value[other % value.length], other));
  }
  if (typeof value !== 'string' || value === '') return null;
  const at = other % value.length;
  const letter = LETTERS[other % LETTERS.length];
  if (value === 'range' || value === 'selection') return value === 'range' ? 'selection' : 'range';
  return value[at] === letter ? null : `${value.slice(0, at)}${letter}${value.slice(at + 1)}`;
}
