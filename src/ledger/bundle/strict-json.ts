import { isUtf8 } from 'node:buffer';
import type { CanonicalValue } from '../canonical.js';

/** Bytes that are not the canonical form of anything: what is wrong, and at which byte. */
export class FormFault extends Error {
  constructor(problem: string, at: number) {
    super(`${problem} at byte ${at}`);
    this.name = 'FormFault';
  }
}

/** An entry's payload has 32 levels at most (canonical.ts), and lies in an object. */
const DEPTH_MAX = 33;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const FIRST_PRINTABLE = 0x20;
const FIRST_BEYOND_ASCII = 0x80;

const DIGITS_MAX = 16;

const LITERALS = [
  { text: 'true', value: true },
  { text: 'false', value: false },
  { text: 'null', value: null },
] as const;

/** The escapes that have a letter of their own; other control characters are written as \u00xx. */
const LETTER_ESCAPES: ReadonlyMap<number, string> = new Map(
  Object.entries({ '"': '"', '\\': '\\', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }).map(([letter, character]) => [
    letter.charCodeAt(0),
    character,
  ]),
);
const LETTER_U = 0x75;
const HEX_ESCAPE = /^00(?:0[1-7be-f]|1[0-9a-f])$/;

/**
 * Reads bytes that must be one value in the ledger's canonical form (RFC 8785, narrowed by CONTRACT section 9), and
 * nothing else: `canonicalize` of what is returned gives the same bytes. Throws FormFault on everything JSON.parse would
 * repair or let pass: duplicate and unsorted keys, white space, needless escapes, numbers that are no integers within
 * ±(2^53−1), negative zero, lone surrogates, NUL, bytes that are no UTF-8, nesting deeper than 33, anything after the end.
 */
export function readCanonical(bytes: Buffer): CanonicalValue {
  if (!isUtf8(bytes)) throw new FormFault('text that is not UTF-8', 0);
  const reader = new CanonicalReader(bytes);
  const value = reader.value(0);
  reader.end();
  return value;
}

class CanonicalReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  value(depth: number): CanonicalValue {
    const byte = this.#bytes[this.#at] ?? this.#fail('an end where a value should be');
    if (byte === QUOTE) return this.#string();
    if (byte === OPEN_BRACE) return this.#object(depth);
    if (byte === OPEN_BRACKET) return this.#array(depth);
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.#integer();
    return this.#literal();
  }

  end(): void {
    if (this.#at < this.#bytes.length) this.#fail('something after the end of the value');
  }

  #object(depth: number): CanonicalValue {
    this.#enter(depth);
    const object: Record<string, CanonicalValue> = {};
    if (this.#skip(CLOSE_BRACE)) return object;
    let before: string | null = null;
    do {
      if (this.#bytes[this.#at] !== QUOTE) this.#fail('no key where one should be');
      const key = this.#string();
      if (before !== null && key <= before) this.#fail(key === before ? 'a duplicate key' : 'keys that are not sorted');
      before = key;
      if (!this.#skip(COLON)) this.#fail('no colon after a key');
      setOwn(object, key, this.value(depth + 1));
    } while (this.#skip(COMMA));
    if (!this.#skip(CLOSE_BRACE)) this.#fail('an object that does not go on as it should');
    return object;
  }

  #array(depth: number): CanonicalValue {
    this.#enter(depth);
    const items: CanonicalValue[] = [];
    if (this.#skip(CLOSE_BRACKET)) return items;
    do items.push(this.value(depth + 1));
    while (this.#skip(COMMA));
    if (!this.#skip(CLOSE_BRACKET)) this.#fail('an array that does not go on as it should');
    return items;
  }

  #enter(depth: number): void {
    if (depth === DEPTH_MAX) this.#fail(`nesting deeper than ${DEPTH_MAX}`);
    this.#at += 1;
  }

  #skip(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }

  #string(): string {
    const bytes = this.#bytes;
    let from = this.#at + 1;
    let text = '';
    let isAscii = true;
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] as number;
      if (byte >= FIRST_BEYOND_ASCII) isAscii = false;
      else if (byte === QUOTE) {
        this.#at = at + 1;
        return text + decode(bytes, { from, to: at, isAscii });
      } else if (byte === BACKSLASH) {
        this.#at = at;
        text += decode(bytes, { from, to: at, isAscii }) + this.#escape();
        from = this.#at;
        at = from - 1;
      } else if (byte < FIRST_PRINTABLE) {
        this.#at = at;
        this.#fail('a control character that is not escaped');
      }
    }
    this.#at = bytes.length;
    return this.#fail('a string that does not end');
  }

  #escape(): string {
    const byte = this.#bytes[this.#at + 1];
    const character = LETTER_ESCAPES.get(byte ?? 0);
    if (character !== undefined) {
      this.#at += 2;
      return character;
    }
    const digits = this.#latin1(this.#at + 2, this.#at + 6);
    if (byte !== LETTER_U || !HEX_ESCAPE.test(digits)) this.#fail(describeEscape(byte, digits));
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #integer(): number {
    const start = this.#at;
    const isNegative = this.#skip(MINUS);
    const from = this.#at;
    let byte = this.#bytes[this.#at] ?? 0;
    while (byte >= ZERO && byte <= NINE) {
      this.#at += 1;
      byte = this.#bytes[this.#at] ?? 0;
    }
    const count = this.#at - from;
    if (count === 0) this.#fail('a number without digits');
    if (byte === 0x2e || byte === 0x65 || byte === 0x45) this.#fail('a number that is no integer');
    if (this.#bytes[from] === ZERO && (count > 1 || isNegative)) this.#fail('a number with a needless zero or sign');
    const value = Number(this.#latin1(start, this.#at));
    if (count > DIGITS_MAX || !Number.isSafeInteger(value)) this.#fail('a number beyond ±(2^53−1)');
    return value;
  }

  #literal(): boolean | null {
    for (const { text, value } of LITERALS) {
      if (this.#latin1(this.#at, this.#at + text.length) !== text) continue;
      this.#at += text.length;
      return value;
    }
    return this.#fail('no value of JSON’s');
  }

  #latin1(from: number, to: number): string {
    return this.#bytes.toString('latin1', from, to);
  }

  #fail(problem: string): never {
    throw new FormFault(problem, this.#at);
  }
}

function decode(bytes: Buffer, { from, to, isAscii }: { from: number; to: number; isAscii: boolean }): string {
  if (from === to) return '';
  return bytes.toString(isAscii ? 'latin1' : 'utf8', from, to);
}

/** Assigning to `__proto__` would change the object's prototype instead. */
function setOwn(object: Record<string, CanonicalValue>, key: string, value: CanonicalValue): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function describeEscape(letter: number | undefined, digits: string): string {
  if (letter === LETTER_U && digits === '0000') return 'a NUL character';
  if (letter === LETTER_U && /^d[89a-f]/i.test(digits)) return 'an escaped surrogate';
  return 'an escape that is not the one way to write it';
}
