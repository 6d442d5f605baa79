import { isStorableText } from '../decision/filter.js';
import { AppError } from '../errors.js';

/** An object of the input and where it is in it. */
export interface Field<Input> {
  of: Input;
  path: readonly (string | number)[];
}

const NAME_LENGTH_MAX = 200;
const CONTENT_BYTES_MAX = 1_048_576;
/** What GraphQL's Int holds, in which counts are answered. */
export const COUNT_MAX = 2_147_483_647;
/** About 32 years. */
export const DURATION_MS_MAX = 1e12;

/** The refusal of one value, which names it and where it is. */
export function refuse<Input>({ path }: Field<Input>, name: keyof Input & string, problem: string): AppError {
  const place = [...path, name];
  return new AppError('VALIDATION_FAILED', `${place.join('.')} ${problem}`, { path: place });
}

/** A name or an id: 1 to 200 characters that the ledger can hold as they are. */
export function readName<Input>(field: Field<Input>, name: keyof Input & string): string {
  const value = readOptionalName(field, name);
  if (value === null || value === '') throw refuse(field, name, 'must not be empty');
  return value;
}

export function readOptionalName<Input>(field: Field<Input>, name: keyof Input & string): string | null {
  const value = readText(field, name);
  if (value === null || value.length <= NAME_LENGTH_MAX) return value;
  throw refuse(field, name, `has ${value.length} characters; the most is ${NAME_LENGTH_MAX}`);
}

/** A prompt, an answer and the like: at most 1 MiB in UTF-8. */
export function readContent<Input>(field: Field<Input>, name: keyof Input & string): string | null {
  const value = readText(field, name);
  if (value === null || Buffer.byteLength(value) <= CONTENT_BYTES_MAX) return value;
  throw refuse(field, name, `has ${Buffer.byteLength(value)} bytes; the most is ${CONTENT_BYTES_MAX}`);
}

function readText<Input>(field: Field<Input>, name: keyof Input & string): string | null {
  const value = field.of[name] ?? null;
  if (typeof value !== 'string') return null;
  if (isStorableText(value)) return value;
  throw refuse(field, name, 'holds a NUL character or half a surrogate pair');
}

/** A number from 0 to `max`; null when it is left out. */
export function readAmount<Input>(field: Field<Input>, name: keyof Input & string, max: number): number | null {
  const value = field.of[name] ?? null;
  if (typeof value !== 'number') return null;
  if (value >= 0 && value <= max) return value;
  throw refuse(field, name, `must be a number from 0 to ${max}`);
}

/** A time span in milliseconds from 0 to `DURATION_MS_MAX`; null when it is left out. */
export function readDurationMs<Input>(field: Field<Input>, name: keyof Input & string): number | null {
  return readAmount(field, name, DURATION_MS_MAX);
}

/** A whole number from 0 to `COUNT_MAX`; 0 when it is left out. */
export function readCount<Input>(field: Field<Input>, name: keyof Input & string): number {
  const value = readAmount(field, name, COUNT_MAX) ?? 0;
  if (Number.isInteger(value)) return value;
  throw refuse(field, name, 'must be a whole number');
}
