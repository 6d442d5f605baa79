/**
 * What an agent did so far in bounded memory: the newest decisions in blocks that double in size the older they are (Datar et
 * al., SIAM J. Comput. 31, 2002, as ADWIN uses it: Bifet and Gavaldà, SDM 2007), all before them as one group.
 */

import { EMPTY_GROUP, type Encoded, fadeGroup, type Group, groupOf, mergeGroups } from './group.js';
import { type Mix, NO_MIX } from './request-mix.js';
import { addProducts, fadeProducts, type Products, sumProducts } from './separation.js';

export interface History {
  older: Group;
  /** The newest last. */
  blocks: readonly Group[];
  /** Of everything in `older` and `blocks`. */
  products: Products;
  /** Of `older`: decisions from before the mix of requests last shifted, which is compared with those since. */
  formerMix: Mix;
}

export const BLOCK_SIZE = 10;
const BLOCKS_PER_SIZE = 3;
const BLOCK_SIZE_MAX = 80;
/** When so many are remembered, all before the blocks count half. */
const COUNT_MAX = 2_000;
const SMALL_COUNT = 30;
const FADED_SHARE = 0.5;

export const EMPTY_HISTORY: History = { older: EMPTY_GROUP, blocks: [], products: [], formerMix: NO_MIX };

/**
 * A group that was held apart joins what has long been so. Unless it is small, the blocks do too: they are from before it, and
 * would pass for what came after.
 */
export function rememberGroup(history: History, group: Group, added: Products): History {
  const products = sumProducts(history.products, added);
  if (group.count < SMALL_COUNT) return { ...history, older: mergeGroups(history.older, group), products };
  return { ...history, older: mergeGroups(allOf(history), group), blocks: [], products };
}

export function rememberBlock(history: History, decisions: readonly Encoded[]): History {
  const { older, blocks } = settle(history.older, [...history.blocks, groupOf(decisions)]);
  const remembered = { ...history, older, blocks, products: addProducts(history.products, decisions) };
  return countOf(remembered) > COUNT_MAX ? fade(remembered) : remembered;
}

export function allOf({ older, blocks }: History): Group {
  return blocks.reduce(mergeGroups, older);
}

/** How many decisions are remembered. */
export function countOf({ older, blocks }: History): number {
  return blocks.reduce((sum, { count }) => sum + count, older.count);
}

/** All decisions, those that lie before a moment and those from it on. */
export interface Split {
  before: Group;
  after: Group;
}

/** Every cut between two blocks, the newest first. */
export function splitsOf({ older, blocks }: History): Split[] {
  const befores: Group[] = [];
  let before = older;
  for (const block of blocks) {
    befores.push(before);
    before = mergeGroups(before, block);
  }
  const splits: Split[] = [];
  let after = EMPTY_GROUP;
  for (let index = blocks.length - 1; index >= 0; index -= 1) {
    after = mergeGroups(blocks[index] ?? EMPTY_GROUP, after);
    splits.push({ before: befores[index] ?? older, after });
  }
  return splits;
}

function settle(older: Group, blocks: Group[]): { older: Group; blocks: Group[] } {
  for (let size = BLOCK_SIZE; ; size *= 2) {
    const first = blocks.findIndex(({ count }) => count === size);
    const ofSize = blocks.filter(({ count }) => count === size);
    const [oldest, next] = ofSize;
    if (oldest === undefined || next === undefined || ofSize.length <= BLOCKS_PER_SIZE) return { older, blocks };
    if (size === BLOCK_SIZE_MAX) return { older: mergeGroups(older, oldest), blocks: blocks.slice(1) };
    blocks.splice(first, 2, mergeGroups(oldest, next));
  }
}

function fade(history: History): History {
  const older = fadeGroup(history.older, FADED_SHARE);
  const formerMix = history.formerMix.map((count) => count * FADED_SHARE);
  const faded = { ...history, older, formerMix };
  return { ...faded, products: fadeProducts(history.products, allOf(history), allOf(faded)) };
}
