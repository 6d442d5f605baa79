import { createReadStream } from 'node:fs';
import { findEntry } from '../../ledger/bundle/line.js';
import { splitLines } from '../../ledger/bundle/split.js';
import type { Opening } from './dossier.js';
import type { LedgerFact, Payload } from './payload.js';

/** What a walk through a bundle hands over, in the bundle's order. */
export interface BundleReader {
  /** An entry, with its hash and whatever contents of it are disclosed. */
  entry?(fact: LedgerFact, hash: string, openings: readonly Opening[]): void;
  key?(vkey: string): void;
  policy?(text: string): void;
  checkpoint?(note: string): void;
}

/**
 * Walks a bundle line by line, in constant memory. Nothing is checked: whoever reads has had it verified. Lines that are no
 * JSON are passed over, and so is what has no place in a reader.
 */
export async function readBundle(file: string, reader: BundleReader): Promise<void> {
  const walk = new BundleWalk(reader);
  await splitLines(createReadStream(file), (line) => walk.take(line));
  walk.end();
}

class BundleWalk {
  readonly #reader: BundleReader;
  #pending: { fact: LedgerFact; hash: string; openings: Opening[] } | null = null;

  constructor(reader: BundleReader) {
    this.#reader = reader;
  }

  take(line: Buffer): void {
    const place = findEntry(line);
    if (place !== null) {
      this.end();
      if (this.#reader.entry === undefined) return;
      const fact = parse(line.toString('utf8', place.from, place.to));
      if (fact !== null) this.#pending = { fact: fact as unknown as LedgerFact, hash: place.hash, openings: [] };
      return;
    }
    const other = parse(line.toString('utf8'));
    if (other !== null) this.#takeOther(other);
  }

  /** Hands over the last entry, whose contents are all there now. */
  end(): void {
    if (this.#pending === null) return;
    const { fact, hash, openings } = this.#pending;
    this.#pending = null;
    this.#reader.entry?.(fact, hash, openings);
  }

  #takeOther({ type, path, salt, content, vkey, text, note }: Payload): void {
    const isPlaced = typeof path === 'string' && typeof salt === 'string';
    if (type === 'opening' && isPlaced && typeof content === 'object' && content !== null) {
      this.#pending?.openings.push({ path, salt, content: content as Payload });
    }
    if (type === 'key' && typeof vkey === 'string') this.#reader.key?.(vkey);
    if (type === 'policy' && typeof text === 'string') this.#reader.policy?.(text);
    if (type === 'checkpoint' && typeof note === 'string') this.#reader.checkpoint?.(note);
  }
}

function parse(text: string): Payload | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Payload) : null;
  } catch {
    // The verifier names such a line; a reader has nothing to tell of it.
    return null;
  }
}
