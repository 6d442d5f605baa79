import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkProof, type ProofOfEntry } from '../../../src/dashboard/screen/ledger/proof.js';
import { leafHash } from '../../../src/ledger/chain.js';
import { formatCheckpoint } from '../../../src/ledger/note/checkpoint.js';
import { formatVerifierKey, signerKey } from '../../../src/ledger/note/key.js';
import { formatNote, signText } from '../../../src/ledger/note/signed-note.js';
import { hashChildren } from '../../../src/ledger/tree/node.js';
import { inclusionRanges } from '../../../src/ledger/tree/proof.js';

const HASH = 'The hash is that of the sealed text';
const PLACE = 'The text says that this is its place';
const SIGNED = 'The ledger’s key signed the head of the tree';
const PATH = 'A path of 4 hashes leads to the signed root';

const ORIGIN = 'midwatch/test/default';
const key = signerKey(ORIGIN, randomBytes(32), 'note');
const texts = Array.from({ length: 20 }, (_, seq) => JSON.stringify({ kind: 'DECISION', seq, subject: `d${seq} é` }));
const leaves = texts.map((text) => Buffer.from(leafHash(text), 'hex'));

/** RFC 9162 section 2.1.1, word for word. */
function rootOf(of: readonly Buffer[]): Buffer {
  const [only] = of;
  if (of.length === 1 && only !== undefined) return only;
  let split = 1;
  while (split * 2 < of.length) split *= 2;
  return hashChildren(rootOf(of.slice(0, split)), rootOf(of.slice(split)));
}

function proofOf(seq: number, size: number): ProofOfEntry {
  const root = rootOf(leaves.slice(0, size));
  const text = formatCheckpoint({ origin: ORIGIN, size: BigInt(size), root, extensions: [] });
  return {
    entry: { seq, canonical: texts[seq] ?? '', hash: (leaves[seq] as Buffer).toString('hex') },
    path: {
      leafIndex: seq,
      treeSize: size,
      hashes: inclusionRanges(BigInt(seq), BigInt(size)).map(({ from, to }) =>
        rootOf(leaves.slice(Number(from), Number(to))).toString('hex'),
      ),
    },
    note: formatNote({ text, signatures: [signText(text, key)] }),
    publicKey: formatVerifierKey(key),
  };
}

async function refuted(proof: ProofOfEntry): Promise<string[]> {
  return (await checkProof(proof)).checks.filter(({ isTrue }) => !isTrue).map(({ claim }) => claim);
}

describe('a proof that the browser checks', () => {
  it('holds for every entry of trees of every shape', async () => {
    for (let size = 1; size <= texts.length; size += 1) {
      for (let seq = 0; seq < size; seq += 1) {
        const { checks, notChecked } = await checkProof(proofOf(seq, size));
        expect(
          checks.filter(({ isTrue }) => !isTrue),
          `${seq} of ${size}`,
        ).toEqual([]);
        expect([checks.length, notChecked]).toEqual([4, []]);
      }
    }
  });

  it('does not hold for a text that was changed, even with a hash to match', async () => {
    const proof = proofOf(5, 13);
    const canonical = proof.entry.canonical.replace('d5', 'd6');
    expect(await refuted({ ...proof, entry: { ...proof.entry, canonical } })).toEqual([HASH, PATH]);
    expect(await refuted({ ...proof, entry: { seq: 5, canonical, hash: leafHash(canonical) } })).toEqual([PATH]);
  });

  it('does not hold for another place, another path or another size', async () => {
    const proof = proofOf(5, 13);
    expect(await refuted({ ...proof, path: { ...proof.path, leafIndex: 4 } })).toEqual([PLACE, PATH]);
    for (const hashes of [[], proof.path.hashes.slice(1), [...proof.path.hashes, 'ab'.repeat(32)]]) {
      expect(await refuted({ ...proof, path: { ...proof.path, hashes } })).toHaveLength(1);
    }
    expect(await refuted({ ...proof, path: { ...proof.path, treeSize: 14 } })).toEqual([PATH]);
  });

  it('does not hold under a head that somebody else signed, or that was changed after it was signed', async () => {
    const proof = proofOf(5, 13);
    const other = signerKey(ORIGIN, randomBytes(32), 'note');
    expect(await refuted({ ...proof, publicKey: formatVerifierKey(other) })).toEqual([SIGNED, PATH]);
    const note = (proof.note ?? '').replace(/^13$/m, '14');
    expect(await refuted({ ...proof, note })).toEqual([SIGNED, PATH]);
    expect(await refuted({ ...proof, publicKey: 'no key' })).toEqual([SIGNED, PATH]);
    for (const broken of ['no note', 'a\n\nb'])
      expect(await refuted({ ...proof, note: broken })).toEqual([SIGNED, PATH]);
  });

  it('says when there is nothing to hold it to', async () => {
    const { checks, notChecked } = await checkProof({ ...proofOf(5, 13), note: null });
    expect([checks.length, notChecked.length]).toEqual([2, 1]);
  });
});
