import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Trust } from '../../src/ledger/bundle/pin.js';
import { BundleVerifier } from '../../src/ledger/bundle/verifier.js';
import { MemoryLedger, textOf } from '../support/bundle.js';
import { BYTE_MUTATIONS, LINE_MUTATIONS, type Line, sealLines } from '../support/bundle-mutations.js';
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
        const mutated = mutate(lines, where, other, BUNDLES.flat());
        if (mutated === null) return;
        if (isIntact(sealLines(mutated), Buffer.alloc(0)))
          throw new Error(`a mutation passed: ${JSON.stringify(mutated)}`);
      }),
      { numRuns: 40_000 },
    );
  });
});
