import { Buffer } from 'node:buffer';
import { AppError } from '../../errors.js';
import type { ByteSource } from './text.js';
import { timeMsOf } from './time.js';

/** Protobuf wire types. Groups (3 and 4) were never used by OTLP and are refused. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const TWO_POW_32 = 4_294_967_296;
/** Tags and lengths have 32 bits. More bytes are padding, refused as in protobuf's conformance test BadTag_OverlongVarint. */
const VARINT32_BYTES_MAX = 5;

/**
 * Reads one protobuf message, every step checked against the end of the message it stands in. Fields are told apart by
 * the whole tag (number and wire type), so that a known number with another wire type is skipped like an unknown field.
 *
 * Source: protobuf.dev/programming-guides/encoding. Every method refuses broken bytes with `VALIDATION_FAILED`.
 */
export class WireReader implements ByteSource {
  readonly bytes: Buffer;
  readonly view: DataView;
  at = 0;
  /** Where the innermost open message ends. */
  end: number;
  #low = 0;
  #high = 0;

  constructor(body: Uint8Array) {
    this.bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.end = body.byteLength;
  }

  hasMore(): boolean {
    return this.at < this.end;
  }

  /** The next field's number × 8 + wire type. */
  readTag(): number {
    const start = this.at;
    const first = this.bytes[start] ?? 0;
    if (first >= 8 && first < 0x80) {
      this.at = start + 1;
      return first;
    }
    this.#readVarint();
    const isOverlong = this.at - start > VARINT32_BYTES_MAX;
    if (isOverlong || this.#high > 0 || this.#low < 8) this.refuse('a field number from 1 to 536870911', start);
    return this.#low;
  }

  /** Opens the message in a length-delimited field; give what it returns to `leave`. */
  enter(): number {
    const outerEnd = this.end;
    this.end = this.readLength() + this.at;
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.end = outerEnd;
  }

  /** The byte length of a length-delimited field; its bytes start at `at` and are all there. */
  readLength(): number {
    const start = this.at;
    const first = this.bytes[start] ?? 0;
    let length = first;
    if (first < 0x80 && start < this.end) {
      this.at = start + 1;
    } else {
      this.#readVarint();
      length = this.#high * TWO_POW_32 + this.#low;
      if (this.at - start > VARINT32_BYTES_MAX) this.refuse(`a length of at most ${VARINT32_BYTES_MAX} bytes`, start);
    }
    if (length > this.end - this.at) {
      this.refuse(`a length of at most ${this.end - this.at}, found ${length}`, start);
    }
    return length;
  }

  /** The low 32 bits of a varint, signed: enough for `bool` and for the enums of OTLP. */
  readInt32(): number {
    this.#readVarint();
    return this.#low | 0;
  }

  readBool(): boolean {
    this.#readVarint();
    return this.#low !== 0 || this.#high !== 0;
  }

  /** A number within ±(2^53−1), a bigint beyond. */
  readInt64(): number | bigint {
    this.#readVarint();
    const value = (this.#high | 0) * TWO_POW_32 + this.#low;
    if (Number.isSafeInteger(value)) return value;
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  readDouble(): number {
    return this.view.getFloat64(this.#take(8), true);
  }

  readFixed32(): number {
    return this.view.getUint32(this.#take(4), true);
  }

  /** A `fixed64` that counts something. Beyond 2^53 it is no longer exact. */
  readFixed64(): number {
    const start = this.#take(8);
    return this.view.getUint32(start + 4, true) * TWO_POW_32 + this.view.getUint32(start, true);
  }

  /** An `sfixed64`. Beyond ±2^53 it is no longer exact. */
  readSfixed64(): number {
    const start = this.#take(8);
    return this.view.getInt32(start + 4, true) * TWO_POW_32 + this.view.getUint32(start, true);
  }

  /** A `uint64` that counts something. Beyond 2^53 it is no longer exact. */
  readUint64(): number {
    this.#readVarint();
    return this.#high * TWO_POW_32 + this.#low;
  }

  /** An `sint32`: zigzag. */
  readSint32(): number {
    this.#readVarint();
    return (this.#low >>> 1) ^ -(this.#low & 1);
  }

  /** A `fixed64` of nanoseconds since the Unix epoch as milliseconds. Infinity from the year 2262 on (2^63 ns). */
  readTimeMs(): number {
    const start = this.#take(8);
    return timeMsOf(this.view.getUint32(start + 4, true), this.view.getUint32(start, true));
  }

  /** A copy of a `bytes` field, so that keeping it does not keep the request. */
  readBytes(): Uint8Array {
    const length = this.readLength();
    this.at += length;
    return new Uint8Array(this.bytes.subarray(this.at - length, this.at));
  }

  /** A `bytes` field as lower-case hex digits. */
  readHex(): string {
    const length = this.readLength();
    this.at += length;
    return this.bytes.toString('hex', this.at - length, this.at);
  }

  /** Steps over the value of a field that has no meaning here. */
  skip(tag: number): void {
    switch (tag & 7) {
      case VARINT:
        this.#readVarint();
        break;
      case FIXED64:
        this.#take(8);
        break;
      case LENGTH_DELIMITED:
        // Not `+=`, which would read `at` before the length moves it.
        this.at = this.readLength() + this.at;
        break;
      case FIXED32:
        this.#take(4);
        break;
      default:
        this.refuse(`wire type 0, 1, 2 or 5, found ${tag & 7}`, this.at - 1);
    }
  }

  refuse(expected: string, at = this.at): never {
    throw new AppError(
      'VALIDATION_FAILED',
      `The body is not an OTLP protobuf message: at byte ${at}, expected ${expected}.`,
    );
  }

  #take(size: number): number {
    const start = this.at;
    if (size > this.end - start) this.refuse(`${size} bytes, ${this.end - start} are left`);
    this.at = start + size;
    return start;
  }

  /** Leaves the 64 bits in #low and #high, both unsigned; bits beyond the 64th are dropped, as protobuf says. */
  #readVarint(): void {
    const start = this.at;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (start + index >= this.end) this.refuse('a whole varint, the message ends in it', start);
      const byte = this.bytes[start + index] ?? 0;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (index * 7);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (index * 7 - 32);
      if (byte < 0x80) {
        this.at = start + index + 1;
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    this.refuse('a varint of at most 10 bytes', start);
  }
}
