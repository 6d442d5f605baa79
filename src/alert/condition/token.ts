import { quote } from '../../settings/problem.js';
import { LITERAL_START, LITERAL_UNITS, type Literal, parseLiteral } from './literal.js';
import { Mistake } from './mistake.js';

interface Span {
  /** Where it begins and ends in the text, in UTF-16 units. */
  readonly offset: number;
  readonly end: number;
}
export interface NumberToken extends Span {
  readonly kind: 'number';
  readonly literal: Literal;
}
/** `text` is what stands there; of texts in quotation marks, what is between them. */
export interface WordToken extends Span {
  readonly kind: 'name' | 'text' | 'sign' | 'end';
  readonly text: string;
}
export type Token = NumberToken | WordToken;

const SPACE = /\s*/y;
const NAME = /[A-Za-z_]\w*/y;
const TEXT = /"(?:[^"\\]|\\["\\])*"|'(?:[^'\\]|\\['\\])*'/y;
const SIGN = /=~|!~|&&|\|\||<>|=>|=<|>=|<=|==|!=|[><=+\-*/(){},!]/y;
/** Signs of other languages, with what is written here. */
const FOREIGN: Readonly<Record<string, string>> = {
  '=~': '= and a pattern such as "fraud-*"',
  '!~': '!= and a pattern such as "fraud-*"',
  '&&': 'and',
  '||': 'or',
  '!': 'not',
  '<>': '!=',
  '=>': '>=',
  '=<': '<=',
};

/** The words and signs of a condition, with an `end` after the last. Throws a Mistake. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = endOf(SPACE, text, 0) ?? 0;
  while (offset < text.length) {
    const token = readToken(text, offset);
    tokens.push(token);
    offset = endOf(SPACE, text, token.end) ?? token.end;
  }
  tokens.push({ kind: 'end', text: '', offset: text.length, end: text.length });
  return tokens;
}

function readToken(text: string, offset: number): Token {
  const number = endOf(LITERAL_START, text, offset);
  if (number !== null) return readNumber(text, offset, number);
  const name = endOf(NAME, text, offset);
  if (name !== null) return { kind: 'name', text: text.slice(offset, name), offset, end: name };
  const quoted = endOf(TEXT, text, offset);
  if (quoted !== null) {
    const inner = text.slice(offset + 1, quoted - 1).replaceAll(/\\(.)/g, '$1');
    return { kind: 'text', text: inner, offset, end: quoted };
  }
  const sign = endOf(SIGN, text, offset);
  if (sign === null) throw new Mistake(offset, sayStray(text, offset));
  const written = text.slice(offset, sign);
  const native = FOREIGN[written];
  if (native !== undefined) throw new Mistake(offset, `${quote(written)} is not known here: write ${native}`);
  return { kind: 'sign', text: written, offset, end: sign };
}

function readNumber(text: string, offset: number, end: number): NumberToken {
  const written = text.slice(offset, end);
  const literal = parseLiteral(written);
  if (literal === undefined) {
    throw new Mistake(
      offset,
      `${quote(written)} is not a number with a unit known here: the units are ${LITERAL_UNITS}`,
    );
  }
  return { kind: 'number', literal, offset, end };
}

function sayStray(text: string, offset: number): string {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  if (character === '"' || character === "'") {
    return `the text has no end: write ${character} after it, and \\ only before ${character} or another \\`;
  }
  return `${quote(character)} has no meaning here`;
}

function endOf(pattern: RegExp, text: string, from: number): number | null {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : null;
}
