import { type CanonicalValue, canonicalize } from './canonical.js';

/**
 * How much of a list one entry holds, in bytes of its canonical form: with everything else an entry stays below the 65,535
 * bytes that an entry bundle of C2SP tlog-tiles can hold.
 */
const LIST_BYTES_MAX = 40_960;

/**
 * A list in parts that fit into an entry each, in its order. An item that does not is a part of its own; there is one part at
 * least, for a list of nothing.
 */
export function entryPortions<Item>(items: readonly Item[], formOf: (item: Item) => CanonicalValue): Item[][] {
  let part: Item[] = [];
  const parts = [part];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(canonicalize(formOf(item))) + 1;
    if (part.length > 0 && bytes + size > LIST_BYTES_MAX) {
      part = [];
      parts.push(part);
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  return parts;
}
