import fc from 'fast-check';
import { AppError } from '../../src/errors.js';

const oneByte = fc.integer({ min: 0, max: 255 }).map((byte) => [byte]);
/** Of more bytes than the ten that protobuf allows a varint, or about as many: chance alone makes hardly any. */
const longVarint = fc.integer({ min: 9, max: 12 }).map((length) => new Array<number>(length).fill(0xff));

/** What `mutate` changes in a body, `at` taken modulo its length. */
export const mutations = fc.array(
  fc.record({
    at: fc.nat(),
    bytes: fc.oneof({ weight: 9, arbitrary: oneByte }, { weight: 1, arbitrary: longVarint }),
  }),
  { minLength: 1, maxLength: 4 },
);

export function mutate(body: Uint8Array, changes: { at: number; bytes: number[] }[]): Uint8Array {
  const mutated = Uint8Array.from(body);
  for (const { at, bytes } of changes) {
    const start = at % Math.max(1, body.length);
    mutated.set(bytes.slice(0, body.length - start), start);
  }
  return mutated;
}

/** `null` when the body is accepted, the refusal when it is refused; anything else that is thrown fails the test. */
export function refusalOf(decode: () => unknown): AppError | null {
  try {
    decode();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
