import type { Buffer } from 'node:buffer';

const NUL = /\0/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;
const CACHE_SLOT_BITS = 12;
const CACHE_SLOTS = 1 << CACHE_SLOT_BITS;
const CACHED_BYTES_MAX = 48;
const WORD_BYTES = 4;
/** 2^32 divided by the golden ratio, as Fibonacci hashing does. */
const HASH_FACTOR = 0x9e3779b1;

/**
 * Text that PostgreSQL and the ledger can hold: NUL becomes U+2400 (␀), a lone surrogate becomes U+FFFD.
 */
export function cleanText(text: string): string {
  return withoutNul(text).replace(LONE_SURROGATE, '\uFFFD');
}

/** The UTF-8 bytes as clean text; invalid sequences become U+FFFD, as the WHATWG encoding standard replaces them. */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  if (start === end) return '';
  return withoutNul(bytes.toString('utf8', start, end));
}

/** The longest prefix of at most `bytesMax` bytes that ends between two characters, and how many bytes were cut. */
export function cutText(bytes: Buffer, bytesMax: number): { text: string; cutBytes: number } {
  let end = bytesMax;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  const cutBytes = bytes.length - end;
  return { text: `${decodeText(bytes, 0, end)}…[cut: ${cutBytes} bytes]`, cutBytes };
}

function withoutNul(text: string): string {
  return text.includes('\0') ? text.replace(NUL, '\u2400') : text;
}

/** Bytes, and the same bytes as words. */
export interface ByteSource {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/**
 * Short texts seen before, found by their bytes, so that the keys and names that fill telemetry are one string each. A
 * slot holds the last text of its hash: memory is bounded and chosen collisions cost no more than a miss.
 */
export class TextCache {
  readonly #texts: string[] = new Array<string>(CACHE_SLOTS).fill('');
  readonly #lengths = new Uint8Array(CACHE_SLOTS);
  readonly #bytes = new Uint8Array(CACHE_SLOTS * CACHED_BYTES_MAX);
  readonly #view = new DataView(this.#bytes.buffer);

  read(source: ByteSource, start: number, end: number): string {
    const length = end - start;
    if (length < WORD_BYTES || length > CACHED_BYTES_MAX) return decodeText(source.bytes, start, end);
    const slot = hashOf(source.view, start, end) >>> (32 - CACHE_SLOT_BITS);
    if (this.#lengths[slot] === length && this.#holds(slot, source.view, start)) return this.#texts[slot] ?? '';
    const text = decodeText(source.bytes, start, end);
    this.#texts[slot] = text;
    this.#lengths[slot] = length;
    this.#bytes.set(source.bytes.subarray(start, end), slot * CACHED_BYTES_MAX);
    return text;
  }

  #holds(slot: number, view: DataView, start: number): boolean {
    const own = slot * CACHED_BYTES_MAX;
    const last = (this.#lengths[slot] ?? 0) - WORD_BYTES;
    for (let at = 0; at < last; at += WORD_BYTES) {
      if (this.#view.getInt32(own + at) !== view.getInt32(start + at)) return false;
    }
    return this.#view.getInt32(own + last) === view.getInt32(start + last);
  }
}

/** Word by word, the last one overlapping the one before it; the upper bits are the best mixed. */
function hashOf(view: DataView, start: number, end: number): number {
  const last = end - WORD_BYTES;
  let hash = end - start;
  for (let at = start; at < last; at += WORD_BYTES) hash = Math.imul(hash ^ view.getInt32(at), HASH_FACTOR);
  return Math.imul(hash ^ view.getInt32(last), HASH_FACTOR);
}
