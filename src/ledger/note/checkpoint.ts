import { SIZE_MAX } from '../tree/verify.js';
import { parseBase64 } from './base64.js';

/** The head of a log's tree, the text of a signed note (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Which log: `midwatch/<installation>/<fleet>`. */
  origin: string;
  size: bigint;
  root: Buffer;
  /** Lines that nobody attests; ours have none. */
  extensions: readonly string[];
}

export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), root.toString('base64'), ...extensions, ''].join('\n');
}

/** Reads the text of a note; null when it is no checkpoint. The root may have any length: who compares it will see. */
export function parseCheckpoint(text: string): Checkpoint | null {
  if (!text.endsWith('\n')) return null;
  const [origin, size, encodedRoot, ...extensions] = text.slice(0, -1).split('\n');
  if (origin === undefined || size === undefined || encodedRoot === undefined) return null;
  if (origin === '' || extensions.includes('')) return null;
  const root = parseBase64(encodedRoot);
  const parsedSize = parseSize(size);
  if (root === null || root.length === 0 || parsedSize === null) return null;
  return { origin, size: parsedSize, root, extensions };
}

/** A 64-bit number in decimal without leading zeros; null for anything else. */
export function parseSize(text: string): bigint | null {
  if (!/^(?:0|[1-9]\d{0,19})$/.test(text)) return null;
  const size = BigInt(text);
  return size <= SIZE_MAX ? size : null;
}
