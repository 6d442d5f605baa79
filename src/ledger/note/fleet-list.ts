import { hash } from 'node:crypto';
import { compareText } from '../../order.js';
import { HASH_BYTES } from '../tree/node.js';
import { parseBase64 } from './base64.js';
import { parseSize } from './checkpoint.js';

/** How far a fleet's ledger had come: what a checkpoint of it says. */
export interface FleetHead {
  /** `midwatch/<installation>/<fleet>`. */
  origin: string;
  size: bigint;
  root: Buffer;
}

/**
 * All fleets of an installation with their heads, as text that has one way to be written: a line
 * `<origin> <size> <base64 root>` for each, by origin.
 */
export function formatFleetList(heads: readonly FleetHead[]): string {
  return [...heads]
    .sort((left, right) => compareText(left.origin, right.origin))
    .map(({ origin, size, root }) => `${origin} ${size} ${root.toString('base64')}\n`)
    .join('');
}

/** Reads what `formatFleetList` writes; null when it is not that: no fleet, one that is there twice, another order. */
export function parseFleetList(text: string): FleetHead[] | null {
  if (!text.endsWith('\n')) return null;
  const heads = text.slice(0, -1).split('\n').map(parseHead);
  if (!heads.every((head) => head !== null)) return null;
  const isSorted = heads.every(({ origin }, at) => at === 0 || (heads[at - 1] as FleetHead).origin < origin);
  return isSorted ? heads : null;
}

function parseHead(line: string): FleetHead | null {
  const [, origin, digits, encoded] = /^([!-~]+) (\d+) ([!-~]+)$/.exec(line) ?? [];
  const size = parseSize(digits ?? '');
  const root = parseBase64(encoded ?? '');
  if (origin === undefined || size === null || root?.length !== HASH_BYTES) return null;
  return { origin, size, root };
}

/** The leaf of the log of the installation that commits to a list: how many fleets there are, and SHA-256 of its text. */
export function fleetListLeaf(list: string): string {
  return `fleets ${list.split('\n').length - 1} ${hash('sha256', list, 'base64')}\n`;
}
