import { isUtf8 } from 'node:buffer';
import { compareText } from '../../order.js';
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

const POINT = 0x2e;
const SMALL_E = 0x65;
const CAPITAL_E = 0x45;

/** No safe integer has more, and those with fewer are all safe. */
const DIGITS_MAX = 16;

const LITERALS = ['null', 'true', 'false'];

/** The escapes that have a letter of their own; other control characters are written as \u00xx. */
const LETTER_ESCAPES: ReadonlySet<number> = new Set(Buffer.from('"\\bfnrt'));
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
  new FormChecker(bytes).check();
  // Of canonical bytes nothing is left to repair.
  return JSON.parse(bytes.toString()) as CanonicalValue;
}

/** A key between its quotes. Plain: of ASCII without escapes, so that its bytes are in the order of its UTF-16 units. */
interface Key {
  from: number;
  to: number;
  isPlain: boolean;
}

/** Walks over bytes once and makes nothing of them. */
class FormChecker {
  readonly #bytes: Buffer;
  #at = 0;
  /** Whether the last string was. */
  #isPlain = true;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  check(): void {
    this.#value(0);
    if (this.#at < this.#bytes.length) this.#fail('something after the end of the value');
  }

  #value(depth: number): void {
    const byte = this.#bytes[this.#at];
    if (byte === QUOTE) this.#string();
    else if (byte === OPEN_BRACE) this.#object(depth);
    else if (byte === OPEN_BRACKET) this.#array(depth);
    else if (byte === MINUS || isDigit(byte)) this.#integer();
    else this.#literal(byte);
  }

  #object(depth: number): void {
    this.#enter(depth);
    if (this.#skip(CLOSE_BRACE)) return;
    let before: Key | null = null;
    do {
      if (this.#bytes[this.#at] !== QUOTE) this.#fail('no key where one should be');
      const from = this.#at + 1;
      this.#string();
      const key: Key = { from, to: this.#at - 1, isPlain: this.#isPlain };
      if (before !== null) this.#requireOrder(before, key);
      before = key;
      if (!this.#skip(COLON)) this.#fail('no colon after a key');
      this.#value(depth + 1);
    } while (this.#skip(COMMA));
    if (!this.#skip(CLOSE_BRACE)) this.#fail('an object that does not go on as it should');
  }

  #requireOrder(before: Key, key: Key): void {
    const order = before.isPlain && key.isPlain ? this.#compareBytes(before, key) : this.#compareTexts(before, key);
    if (order === 0) this.#fail('a duplicate key');
    if (order > 0) this.#fail('keys that are not sorted');
  }

  #compareBytes(left: Key, right: Key): number {
    const bytes = this.#bytes;
    const length = Math.min(left.to - left.from, right.to - right.from);
    for (let at = 0; at < length; at += 1) {
      const difference = (bytes[left.from + at] as number) - (bytes[right.from + at] as number);
      if (difference !== 0) return difference;
    }
    return left.to - left.from - (right.to - right.from);
  }

  #compareTexts(left: Key, right: Key): number {
    return compareText(this.#textOf(left), this.#textOf(right));
  }

  /** With its quotes it is JSON of its own, and canonical as far as it was walked over. */
  #textOf({ from, to }: Key): string {
    return JSON.parse(this.#bytes.toString('utf8', from - 1, to + 1)) as string;
  }

  #array(depth: number): void {
    this.#enter(depth);
    if (this.#skip(CLOSE_BRACKET)) return;
    do this.#value(depth + 1);
    while (this.#skip(COMMA));
    if (!this.#skip(CLOSE_BRACKET)) this.#fail('an array that does not go on as it should');
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

  #string(): void {
    const bytes = this.#bytes;
    const { length } = bytes;
    let isPlain = true;
    let at = this.#at + 1;
    while (at < length) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.#at = at + 1;
        this.#isPlain = isPlain;
        return;
      }
      if (byte === BACKSLASH) {
        isPlain = false;
        at += this.#escape(at);
        continue;
      }
      if (byte < FIRST_PRINTABLE) this.#fail('a control character that is not escaped', at);
      if (byte >= FIRST_BEYOND_ASCII) isPlain = false;
      at += 1;
    }
    this.#fail('a string that does not end', length);
  }

  /** How long the escape at this place is. */
  #escape(at: number): number {
    const letter = this.#bytes[at + 1] ?? 0;
    if (LETTER_ESCAPES.has(letter)) return 2;
    const digits = this.#latin1(at + 2, at + 6);
    if (letter === LETTER_U && HEX_ESCAPE.test(digits)) return 6;
    return this.#fail(describeEscape(letter, digits), at);
  }

  #integer(): void {
    const start = this.#at;
    const isNegative = this.#skip(MINUS);
    const from = this.#at;
    while (isDigit(this.#bytes[this.#at])) this.#at += 1;
    const count = this.#at - from;
    if (count === 0) this.#fail('a number without digits');
    const after = this.#bytes[this.#at];
    if (after === POINT || after === SMALL_E || after === CAPITAL_E) this.#fail('a number that is no integer');
    if (this.#bytes[from] === ZERO && (count > 1 || isNegative)) this.#fail('a number with a needless zero or sign');
    const isSafe = count < DIGITS_MAX || Number.isSafeInteger(Number(this.#latin1(start, this.#at)));
    if (!isSafe || count > DIGITS_MAX) this.#fail('a number beyond ±(2^53−1)');
  }

  #literal(byte: number | undefined): void {
    if (byte === undefined) this.#fail('an end where a value should be');
    const literal = LITERALS.find((text) => this.#latin1(this.#at, this.#at + text.length) === text);
    if (literal === undefined) this.#fail('no value of JSON’s');
    this.#at += literal.length;
  }

  #latin1(from: number, to: number): string {
    return this.#bytes.toString('latin1', from, to);
  }

  #fail(problem: string, at = this.#at): never {
    throw new FormFault(problem, at);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function describeEscape(letter: number, digits: string): string {
  if (letter === LETTER_U && digits === '0000') return 'a NUL character';
  if (letter === LETTER_U && /^d[89a-f]/i.test(digits)) return 'an escaped surrogate';
  return 'an escape that is not the one way to write it';
}
