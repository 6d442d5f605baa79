import { AssertionError } from 'node:assert';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frontier } from '../../../../src/ledger/tree/frontier.js';
import { EMPTY_ROOT, HASH_BYTES, type NodeId } from '../../../../src/ledger/tree/node.js';
import { consistencyRanges, inclusionRanges, readRanges } from '../../../../src/ledger/tree/proof.js';
import { nodeInTile, TILE_WIDTH, tileOf, tileWidth } from '../../../../src/ledger/tree/tile.js';
import { findConsistencyFault, findInclusionFault, SIZE_MAX } from '../../../../src/ledger/tree/verify.js';
import vectors from '../../../vectors/merkle/rfc6962-tree.json' with { type: 'json' };

const SIZE = 300;
const hex = (text: string) => Buffer.from(text, 'hex');
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leaves = Array.from({ length: SIZE }, (_, at) => sha256(Buffer.from([0, at & 255, at >> 8])));

/** MTH(D[from:to]) as RFC 9162 section 2.1.1 defines it, word by word. */
function mth(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0] as Buffer;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return sha256(Buffer.of(1), mth(hashes.slice(0, split)), mth(hashes.slice(split)));
}

const roots = Array.from({ length: SIZE + 1 }, (_, size) => mth(leaves.slice(0, size)));

const known = new Map<string, Buffer>();

function nodeOf({ level, index }: NodeId): Buffer {
  const name = `${level}/${index}`;
  const at = Number(index) * 2 ** level;
  const node = known.get(name) ?? mth(leaves.slice(at, at + 2 ** level));
  known.set(name, node);
  return node;
}

const readNodes = async (nodes: readonly NodeId[]) => nodes.map(nodeOf);

const proveInclusion = (index: number, size: number) =>
  readRanges(inclusionRanges(BigInt(index), BigInt(size)), readNodes);
const proveConsistency = (from: number, to: number) =>
  readRanges(consistencyRanges(BigInt(from), BigInt(to)), readNodes);

describe('a growing tree', () => {
  it('has the root of RFC 9162 at every size, also when it is read back in between', () => {
    let frontier = Frontier.empty();
    expect(frontier.root()).toEqual(EMPTY_ROOT);
    for (const [at, leaf] of leaves.entries()) {
      frontier.append(leaf);
      expect(frontier.root()).toEqual(roots[at + 1]);
      const again = Frontier.read(frontier.size, frontier.bytes);
      expect(again?.size).toBe(BigInt(at + 1));
      frontier = again ?? frontier;
    }
  });

  it('takes what was hashed already as it takes the leaves below', () => {
    const whole = Frontier.empty();
    for (const leaf of leaves) whole.append(leaf);
    for (const level of [1, 3, 6, 8]) {
      const width = 2 ** level;
      const frontier = Frontier.empty();
      for (let from = 0; from + width <= SIZE; from += width) {
        frontier.appendSubtree({ level, root: mth(leaves.slice(from, from + width)) });
      }
      for (const leaf of leaves.slice(Number(frontier.size))) frontier.append(leaf);
      expect(frontier.size).toBe(whole.size);
      expect(frontier.bytes).toEqual(whole.bytes);
    }
  });

  it('is not read from bytes of another size', () => {
    expect(Frontier.read(3n, Buffer.alloc(HASH_BYTES))).toBeNull();
    expect(Frontier.read(3n, Buffer.alloc(2 * HASH_BYTES + 1))).toBeNull();
    expect(Frontier.read(SIZE_MAX, Buffer.alloc(64 * HASH_BYTES))?.size).toBe(SIZE_MAX);
  });

  it('is that of the published vectors', () => {
    const frontier = Frontier.empty();
    expect(frontier.root()).toEqual(hex(vectors.rootHashesBySize[0] ?? ''));
    for (const [at, input] of vectors.leafInputs.entries()) {
      frontier.append(sha256(Buffer.of(0), hex(input)));
      expect(frontier.root()).toEqual(hex(vectors.rootHashesBySize[at + 1] ?? ''));
    }
  });
});

describe('an inclusion proof', () => {
  it('is right for every leaf of many sizes, and for no other leaf, index, size or root', async () => {
    for (const size of [1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 65, 255, 256, 257, SIZE]) {
      for (let index = 0; index < size; index += 1) {
        const inclusion = {
          index: BigInt(index),
          size: BigInt(size),
          leaf: leaves[index] as Buffer,
          root: roots[size] as Buffer,
          proof: await proveInclusion(index, size),
        };
        expect(findInclusionFault(inclusion)).toBeNull();
        expect(findInclusionFault({ ...inclusion, leaf: sha256() })).not.toBeNull();
        expect(findInclusionFault({ ...inclusion, root: sha256() })).not.toBeNull();
        expect(findInclusionFault({ ...inclusion, index: BigInt(index + 1) })).not.toBeNull();
        expect(findInclusionFault({ ...inclusion, proof: [...inclusion.proof, sha256()] })).not.toBeNull();
        if (index > 0) expect(findInclusionFault({ ...inclusion, proof: inclusion.proof.slice(1) })).not.toBeNull();
      }
    }
  });

  it.each(vectors.inclusionProofs)(
    'of the published vectors is made and accepted: $leafIndex in $treeSize',
    async (vector) => {
      const inputs = vectors.leafInputs.map((input) => sha256(Buffer.of(0), hex(input)));
      const ranges = inclusionRanges(BigInt(vector.leafIndex), BigInt(vector.treeSize));
      const proof = await readRanges(ranges, async (nodes) =>
        nodes.map(({ level, index }) =>
          mth(inputs.slice(Number(index) * 2 ** level, (Number(index) + 1) * 2 ** level)),
        ),
      );
      expect(proof.map((hash) => hash.toString('hex'))).toEqual(vector.proof);
      const inclusion = {
        index: BigInt(vector.leafIndex),
        size: BigInt(vector.treeSize),
        leaf: hex(vector.leafHash),
        root: hex(vector.root),
        proof,
      };
      expect(findInclusionFault(inclusion)).toBeNull();
    },
  );

  it('with sizes and indexes no tree has is refused in words', () => {
    const inclusion = { index: 0n, size: 0n, leaf: sha256(), root: sha256(), proof: [] };
    expect(findInclusionFault(inclusion)).toMatch(/no index 0/);
    expect(findInclusionFault({ ...inclusion, size: 2n ** 64n })).toMatch(/no size/);
    expect(findInclusionFault({ ...inclusion, size: -1n })).toMatch(/no size/);
    expect(findInclusionFault({ ...inclusion, size: 1n, index: -1n })).toMatch(/no index -1/);
    expect(findInclusionFault({ ...inclusion, size: 1n, leaf: Buffer.alloc(31) })).toMatch(/32 bytes/);
  });

  it('beyond 2^53 is told apart by its last bit', () => {
    const size = SIZE_MAX;
    const index = 2n ** 63n + 1n;
    const path = inclusionRanges(index, size);
    expect(path[0]).toEqual({ from: 2n ** 63n, to: 2n ** 63n + 1n });
    const proof = path.map((_, at) => sha256(Buffer.of(at)));
    const rootOf = (at: bigint) => {
      let hash = sha256();
      for (const [step, { from }] of path.entries()) {
        hash =
          from < at
            ? sha256(Buffer.of(1), proof[step] as Buffer, hash)
            : sha256(Buffer.of(1), hash, proof[step] as Buffer);
      }
      return hash;
    };
    const inclusion = { index, size, leaf: sha256(), root: rootOf(index), proof };
    expect(findInclusionFault(inclusion)).toBeNull();
    expect(findInclusionFault({ ...inclusion, index: index - 1n })).not.toBeNull();
  });
});

describe('a consistency proof', () => {
  it('is right between any two sizes up to 72 and some larger ones, and for nothing else', async () => {
    const sizes = [...Array.from({ length: 72 }, (_, at) => at + 1), 128, 200, 255, 256, 257, SIZE];
    for (const toSize of sizes) {
      for (const fromSize of sizes.filter((size) => size <= toSize)) {
        const consistency = {
          fromSize: BigInt(fromSize),
          toSize: BigInt(toSize),
          fromRoot: roots[fromSize] as Buffer,
          toRoot: roots[toSize] as Buffer,
          proof: await proveConsistency(fromSize, toSize),
        };
        expect(findConsistencyFault(consistency)).toBeNull();
        expect(findConsistencyFault({ ...consistency, fromRoot: sha256() })).not.toBeNull();
        expect(findConsistencyFault({ ...consistency, toRoot: sha256() })).not.toBeNull();
        expect(findConsistencyFault({ ...consistency, proof: [...consistency.proof, sha256()] })).not.toBeNull();
        if (consistency.proof.length > 0) {
          expect(findConsistencyFault({ ...consistency, proof: consistency.proof.slice(0, -1) })).not.toBeNull();
        }
      }
    }
  });

  it.each(vectors.consistencyProofs)('of the published vectors is accepted: $size1 to $size2', (vector) => {
    const consistency = {
      fromSize: BigInt(vector.size1),
      toSize: BigInt(vector.size2),
      fromRoot: hex(vector.root1),
      toRoot: hex(vector.root2),
      proof: vector.proof.map(hex),
    };
    expect(findConsistencyFault(consistency)).toBeNull();
  });

  it('from nothing, backwards, or beyond 64 bits is refused in words', () => {
    const consistency = { fromSize: 1n, toSize: 1n, fromRoot: sha256(), toRoot: sha256(), proof: [] };
    expect(findConsistencyFault(consistency)).toBeNull();
    expect(findConsistencyFault({ ...consistency, fromSize: 0n })).toMatch(/empty tree/);
    expect(findConsistencyFault({ ...consistency, fromSize: 2n })).toMatch(/does not fit/);
    expect(findConsistencyFault({ ...consistency, fromSize: -1n })).toMatch(/no such size/);
    expect(findConsistencyFault({ ...consistency, toSize: 2n ** 64n })).toMatch(/no such size/);
  });

  it('with any bit changed is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: SIZE - 1 }),
        fc.integer({ min: 1, max: SIZE }),
        fc.nat(),
        fc.nat(),
        async (a, b, which, bit) => {
          const [fromSize, toSize] = a < b ? [a, b] : [b, a];
          const proof = await proveConsistency(fromSize, toSize);
          fc.pre(proof.length > 0);
          const changed = Buffer.from(proof[which % proof.length] as Buffer);
          changed[bit % HASH_BYTES] = (changed[bit % HASH_BYTES] as number) ^ (1 << (bit % 8));
          proof[which % proof.length] = changed;
          const consistency = { fromSize: BigInt(fromSize), toSize: BigInt(toSize), proof };
          const ends = { fromRoot: roots[fromSize] as Buffer, toRoot: roots[toSize] as Buffer };
          expect(findConsistencyFault({ ...consistency, ...ends })).not.toBeNull();
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('tiles', () => {
  it('hold every node a proof asks for', async () => {
    const tiles = new Map<string, Buffer>();
    for (const level of [0, 1]) {
      const hashes = await readNodes(
        Array.from({ length: Math.floor(SIZE / TILE_WIDTH ** level) }, (_, at) => ({
          level: 8 * level,
          index: BigInt(at),
        })),
      );
      for (let at = 0; at < hashes.length; at += TILE_WIDTH) {
        tiles.set(`${level}/${at / TILE_WIDTH}`, Buffer.concat(hashes.slice(at, at + TILE_WIDTH)));
      }
    }
    const fromTiles = async (nodes: readonly NodeId[]) =>
      nodes.map((node) => {
        const tile = tileOf(node);
        const bytes = tiles.get(`${tile.level}/${tile.index}`) as Buffer;
        expect(bytes.length).toBe(tileWidth(tile, BigInt(SIZE)) * HASH_BYTES);
        return nodeInTile(node, bytes);
      });
    for (const index of [0, 1, 100, 255, 256, 299]) {
      const ranges = inclusionRanges(BigInt(index), BigInt(SIZE));
      expect(await readRanges(ranges, fromTiles)).toEqual(await proveInclusion(index, SIZE));
    }
  });

  it('too narrow for a node refuse it', () => {
    expect(() => nodeInTile({ level: 2, index: 1n }, Buffer.alloc(7 * HASH_BYTES))).toThrow(AssertionError);
  });
});
