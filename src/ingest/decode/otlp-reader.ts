import { AppError } from '../../errors.js';
import { type Attributes, type AttributeValue, EMPTY_ATTRIBUTES } from '../telemetry.js';
import type { DecodeLimits } from './limits.js';
import { Rejections } from './rejections.js';
import { cutText, TextCache } from './text.js';
import { WireReader } from './wire.js';

const keys = new TextCache();
const values = new TextCache();

/**
 * Reads what every OTLP message is made of: text, attributes and values (common.proto). Tags are field number × 8 + wire
 * type.
 */
export class OtlpReader extends WireReader {
  readonly limits: DecodeLimits;
  readonly rejections = new Rejections();
  #valueCount = 0;

  constructor(body: Uint8Array, limits: DecodeLimits) {
    super(body);
    this.limits = limits;
  }

  /** A `string` field: clean, and cut at the limit. */
  readText(): string {
    return this.#readText(values);
  }

  /** A `KeyValue` field, put into `attributes`; a key that comes again replaces its value. */
  readAttribute(attributes: Attributes): void {
    const { attributesMax } = this.limits;
    if (this.#readPair(attributes, attributesMax, 0)) return;
    this.rejections.warn(`more than ${attributesMax} attributes on one item: the first ${attributesMax} were kept`);
  }

  /** The attributes with one more; most events, links and scopes have none, so that a Map is made for the first. */
  withAttribute(attributes: Attributes): Attributes {
    const own = attributes === EMPTY_ATTRIBUTES ? new Map() : attributes;
    this.readAttribute(own);
    return own;
  }

  /** An `AnyValue` field that stands by itself, such as a log record's body. */
  readAnyValue(): AttributeValue {
    return this.#readValue(0);
  }

  /** @returns whether the pair was kept. */
  #readPair(into: Attributes, sizeMax: number, depth: number): boolean {
    const outerEnd = this.enter();
    let key = '';
    let value: AttributeValue = null;
    while (this.hasMore()) {
      const tag = this.readTag();
      if (tag === 10) key = this.#readText(keys);
      else if (tag === 18) value = this.#readValue(depth);
      else this.skip(tag);
    }
    this.leave(outerEnd);
    if (into.size >= sizeMax && !into.has(key)) return false;
    into.set(key, value);
    return true;
  }

  /** An `AnyValue` field; one without a value, or of a kind not known here, is null. */
  #readValue(depth: number): AttributeValue {
    this.#countValue();
    const outerEnd = this.enter();
    let value: AttributeValue = null;
    while (this.hasMore()) {
      const tag = this.readTag();
      if (tag === 10) value = this.#readText(values);
      else if (tag === 16) value = this.readBool();
      else if (tag === 24) value = this.readInt64();
      else if (tag === 33) value = this.readDouble();
      else if (tag === 42) value = this.#readArray(depth + 1);
      else if (tag === 50) value = this.#readKeyValueList(depth + 1);
      else if (tag === 58) value = this.readBytes();
      else this.skip(tag);
    }
    this.leave(outerEnd);
    return value;
  }

  #readArray(depth: number): AttributeValue[] {
    this.#checkDepth(depth);
    const outerEnd = this.enter();
    const elements: AttributeValue[] = [];
    while (this.hasMore()) {
      const tag = this.readTag();
      if (tag === 10) elements.push(this.#readValue(depth));
      else this.skip(tag);
    }
    this.leave(outerEnd);
    return elements;
  }

  #readKeyValueList(depth: number): Attributes {
    this.#checkDepth(depth);
    const outerEnd = this.enter();
    let pairs = EMPTY_ATTRIBUTES;
    while (this.hasMore()) {
      const tag = this.readTag();
      if (tag === 10) {
        if (pairs === EMPTY_ATTRIBUTES) pairs = new Map();
        this.#readPair(pairs, Number.POSITIVE_INFINITY, depth);
      } else this.skip(tag);
    }
    this.leave(outerEnd);
    return pairs;
  }

  #readText(cache: TextCache): string {
    const length = this.readLength();
    const start = this.at;
    this.at = start + length;
    if (length <= this.limits.textBytesMax) return cache.read(this, start, this.at);
    const { text, cutBytes } = cutText(this.bytes.subarray(start, this.at), this.limits.textBytesMax);
    this.rejections.warn(`a text of ${length} bytes was cut by ${cutBytes} bytes`);
    return text;
  }

  #checkDepth(depth: number): void {
    const { valueDepthMax } = this.limits;
    if (depth > valueDepthMax) this.refuse(`at most ${valueDepthMax} levels of arrays and lists in a value`);
  }

  #countValue(): void {
    this.#valueCount += 1;
    if (this.#valueCount <= this.limits.valuesMax) return;
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `The request holds more than ${this.limits.valuesMax} attribute values: send fewer at a time.`,
    );
  }
}
