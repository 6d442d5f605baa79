/** A value of a PDF (ISO 32000-1 section 7.3), as far as our own files have them. */
export type PdfValue =
  | { kind: 'name'; name: string }
  | { kind: 'text'; bytes: Buffer }
  | { kind: 'number'; value: number }
  | { kind: 'reference'; id: number }
  | { kind: 'word'; word: string }
  | PdfValue[]
  | Map<string, PdfValue>;

/** What is no PDF of ours, or one that somebody changed. */
export class PdfFault extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'PdfFault';
  }
}

const DEPTH_MAX = 40;
const WHITE = new Set([0x00, 0x09, 0x0a, 0x0c, 0x0d, 0x20]);
const DELIMITERS = new Set([...'()<>[]{}/%'].map((character) => character.charCodeAt(0)));

/** Reads one value from the start of some bytes. Returns it and where it ends. Throws PdfFault on anything else. */
export function parsePdfValue(bytes: Buffer): { value: PdfValue; end: number } {
  const reader = new ValueReader(bytes);
  const value = reader.read(0);
  return { value, end: reader.at };
}

class ValueReader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(depth: number): PdfValue {
    if (depth > DEPTH_MAX) throw new PdfFault('values are nested too deep');
    this.#skipWhite();
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new PdfFault('a value breaks off');
    if (byte === 0x2f) return { kind: 'name', name: this.#name() };
    if (byte === 0x28) return { kind: 'text', bytes: this.#literal() };
    if (byte === 0x5b) return this.#array(depth);
    if (byte === 0x3c) return this.#bytes[this.at + 1] === 0x3c ? this.#dictionary(depth) : this.#hex();
    return this.#word();
  }

  #array(depth: number): PdfValue[] {
    this.at += 1;
    const items: PdfValue[] = [];
    for (;;) {
      this.#skipWhite();
      if (this.#bytes[this.at] === 0x5d) break;
      items.push(this.read(depth + 1));
    }
    this.at += 1;
    return items;
  }

  #dictionary(depth: number): Map<string, PdfValue> {
    this.at += 2;
    const entries = new Map<string, PdfValue>();
    for (;;) {
      this.#skipWhite();
      if (this.#bytes[this.at] === 0x3e && this.#bytes[this.at + 1] === 0x3e) break;
      if (this.#bytes[this.at] !== 0x2f) throw new PdfFault('a key of a dictionary is no name');
      const key = this.#name();
      if (entries.has(key)) throw new PdfFault(`a dictionary has ${key} twice`);
      entries.set(key, this.read(depth + 1));
    }
    this.at += 2;
    return entries;
  }

  #name(): string {
    this.at += 1;
    return this.#regular().replaceAll(/#([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }

  #word(): PdfValue {
    const word = this.#regular();
    if (word === '') throw new PdfFault('there is no value where one should be');
    const value = Number(word);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(word) || Number.isNaN(value)) return { kind: 'word', word };
    const [, generation] = /^[ \n]+(\d{1,5})[ \n]+R(?![^\s<>()[\]{}/%])/.exec(this.#ahead()) ?? [];
    if (generation === undefined || !Number.isSafeInteger(value)) return { kind: 'number', value };
    // Other readers find nothing there.
    if (generation !== '0') throw new PdfFault('it names an object of a generation that ours have not');
    this.at = this.#bytes.indexOf(0x52, this.at) + 1;
    return { kind: 'reference', id: value };
  }

  #ahead(): string {
    return this.#bytes.toString('latin1', this.at, this.at + 16);
  }

  #regular(): string {
    const start = this.at;
    for (let byte = this.#bytes[this.at]; byte !== undefined && !WHITE.has(byte) && !DELIMITERS.has(byte); ) {
      this.at += 1;
      byte = this.#bytes[this.at];
    }
    return this.#bytes.toString('latin1', start, this.at);
  }

  #literal(): Buffer {
    const out: number[] = [];
    let open = 0;
    for (;;) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) throw new PdfFault('a text breaks off');
      this.at += 1;
      if (byte === 0x5c) this.#escape(out);
      else if (byte === 0x28 && open++ === 0) continue;
      else if (byte === 0x29 && --open === 0) return Buffer.from(out);
      else out.push(byte);
    }
  }

  #escape(out: number[]): void {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new PdfFault('a text breaks off');
    this.at += 1;
    const plain = { n: 0x0a, r: 0x0d, t: 0x09, b: 0x08, f: 0x0c }[String.fromCharCode(byte)];
    out.push(plain ?? byte);
  }

  #hex(): PdfValue {
    const end = this.#bytes.indexOf(0x3e, this.at);
    const digits = end < 0 ? '' : this.#bytes.toString('latin1', this.at + 1, end).replaceAll(/\s/g, '');
    if (end < 0 || !/^[0-9A-Fa-f]*$/.test(digits)) throw new PdfFault('a text in hex is none');
    this.at = end + 1;
    return { kind: 'text', bytes: Buffer.from(digits, 'hex') };
  }

  #skipWhite(): void {
    for (let byte = this.#bytes[this.at]; byte !== undefined && WHITE.has(byte); byte = this.#bytes[this.at])
      this.at += 1;
  }
}

/** Text as PDF writes it: UTF-16 with a mark in front, else one byte a character. */
export function pdfText(value: PdfValue | undefined): string | null {
  if (value === undefined || Array.isArray(value) || value instanceof Map || value.kind !== 'text') return null;
  const { bytes } = value;
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return Buffer.from(bytes.subarray(2)).swap16().toString('utf16le');
  return bytes.toString('latin1');
}
