import { Buffer } from 'node:buffer';
import { AppError } from '../../errors.js';
import { type Attributes, type AttributeValue, EMPTY_ATTRIBUTES } from '../telemetry.js';
import type { DecodeLimits } from './limits.js';
import { Rejections } from './rejections.js';
import { UNREADABLE_ID } from './span.js';
import { cleanText, cutText } from './text.js';

export type JsonObject = Readonly<Record<string, unknown>>;

const HEX = /^[0-9a-fA-F]*$/;
const PADDED_BASE64 = /^[A-Za-z0-9+/_-]+={1,2}$/;
const INT64 = /^-?\d{1,19}$/;
const UTF8_BYTES_PER_CODE_UNIT_MAX = 3;

/** The message fields called `name`: absent and null are none. */
export function messagesIn(parent: JsonObject, name: string): JsonObject[] {
  const list = parent[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) refuse(`${name} must be an array`);
  return list.map((element: unknown) => asMessage(element, name));
}

/** A message given by the field `name`; absent and null are the empty message. */
export function messageIn(parent: JsonObject, name: string): JsonObject {
  return parent[name] === undefined || parent[name] === null ? {} : asMessage(parent[name], name);
}

/** What is wrong with an item by itself; null when `read` read it. Whatever else it throws goes on. */
export function problemIn(read: () => void): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'VALIDATION_FAILED') return error.message;
    throw error;
  }
}

export function asMessage(value: unknown, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(`${name} must be an object`);
  return value as JsonObject;
}

/** An id as lower-case hex: OTLP/JSON says hex, the padded base64 of plain ProtoJSON is understood too. */
export function idIn(parent: JsonObject, name: string): string {
  const id = parent[name];
  if (id === undefined || id === null) return '';
  if (typeof id !== 'string') return UNREADABLE_ID;
  if (HEX.test(id)) return id.toLowerCase();
  return PADDED_BASE64.test(id) ? Buffer.from(id, 'base64').toString('hex') : UNREADABLE_ID;
}

/** An enum or a 32-bit number; anything else (also an enum's name, which OTLP/JSON forbids) is 0. */
export function numberIn(parent: JsonObject, name: string): number {
  const value = parent[name];
  return typeof value === 'number' && Number.isInteger(value) ? value : 0;
}

/**
 * Reads text, attributes and values of OTLP/JSON (the ProtoJSON mapping with the exceptions of OTLP: hex ids, integer
 * enums). Fields of a wrong type are refused with `VALIDATION_FAILED`, naming the field.
 */
export class JsonReader {
  readonly limits: DecodeLimits;
  readonly rejections = new Rejections();

  constructor(limits: DecodeLimits) {
    this.limits = limits;
  }

  textIn(parent: JsonObject, name: string): string {
    const text = parent[name];
    if (text === undefined || text === null) return '';
    if (typeof text !== 'string') refuse(`${name} must be a string`);
    return this.#text(text);
  }

  attributesIn(parent: JsonObject): Attributes {
    const { attributesMax } = this.limits;
    const pairs = this.#pairs(messagesIn(parent, 'attributes'), 0);
    if (pairs.size <= attributesMax) return pairs;
    this.rejections.warn(`more than ${attributesMax} attributes on one item: the first ${attributesMax} were kept`);
    return new Map([...pairs].slice(0, attributesMax));
  }

  /** The `AnyValue` in the field `name`; absent is null. */
  valueIn(parent: JsonObject, name: string): AttributeValue {
    return this.#value(messageIn(parent, name), 0);
  }

  #pairs(messages: JsonObject[], depth: number): Attributes {
    if (messages.length === 0) return EMPTY_ATTRIBUTES;
    const pairs: Attributes = new Map();
    for (const message of messages) {
      pairs.set(this.textIn(message, 'key'), this.#value(messageIn(message, 'value'), depth));
    }
    return pairs;
  }

  #value(any: JsonObject, depth: number): AttributeValue {
    if (isPresent(any.stringValue)) return this.textIn(any, 'stringValue');
    if (isPresent(any.intValue)) return int64Of(any.intValue);
    if (isPresent(any.boolValue)) return boolOf(any.boolValue);
    if (isPresent(any.doubleValue)) return doubleOf(any.doubleValue);
    if (isPresent(any.bytesValue)) return bytesOf(any.bytesValue);
    return this.#nested(any, depth + 1);
  }

  #nested(any: JsonObject, depth: number): AttributeValue {
    const isArray = isPresent(any.arrayValue);
    if (!isArray && !isPresent(any.kvlistValue)) return null;
    const { valueDepthMax } = this.limits;
    if (depth > valueDepthMax) refuse(`a value may hold at most ${valueDepthMax} levels of arrays and lists`);
    if (!isArray) return this.#pairs(messagesIn(messageIn(any, 'kvlistValue'), 'values'), depth);
    return messagesIn(messageIn(any, 'arrayValue'), 'values').map((element) => this.#value(element, depth));
  }

  #text(text: string): string {
    const { textBytesMax } = this.limits;
    const cleaned = cleanText(text);
    if (cleaned.length * UTF8_BYTES_PER_CODE_UNIT_MAX <= textBytesMax) return cleaned;
    const bytes = Buffer.from(cleaned, 'utf8');
    if (bytes.length <= textBytesMax) return cleaned;
    const cut = cutText(bytes, textBytesMax);
    this.rejections.warn(`a text of ${bytes.length} bytes was cut by ${cut.cutBytes} bytes`);
    return cut.text;
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function int64Of(value: unknown): number | bigint {
  const isNumber = typeof value === 'number' && Number.isInteger(value);
  if (isNumber && Number.isSafeInteger(value)) return value;
  if (!isNumber && !(typeof value === 'string' && INT64.test(value))) refuse('intValue must be a 64-bit integer');
  const integer = BigInt(value);
  if (BigInt.asIntN(64, integer) !== integer) refuse('intValue must be a 64-bit integer');
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}

function doubleOf(value: unknown): number {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (Number.isNaN(number) && value !== 'NaN') refuse('doubleValue must be a number');
  return number;
}

function boolOf(value: unknown): boolean {
  if (typeof value !== 'boolean') refuse('boolValue must be true or false');
  return value;
}

function bytesOf(value: unknown): Uint8Array {
  if (typeof value !== 'string') refuse('bytesValue must be a base64 string');
  return new Uint8Array(Buffer.from(value, 'base64'));
}

function refuse(problem: string): never {
  throw new AppError('VALIDATION_FAILED', `The body is not an OTLP JSON message: ${problem}.`);
}
