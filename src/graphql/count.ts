import { AppError } from '../errors.js';

/** How many items somebody wants of a list without pages. Throws VALIDATION_FAILED for a number that is not 1 to `max`. */
export function readCount(first: number | null | undefined, { usual, max }: { usual: number; max: number }): number {
  const count = first ?? usual;
  if (count >= 1 && count <= max) return count;
  throw new AppError('VALIDATION_FAILED', `first must be 1 to ${max}`, { path: ['first'] });
}
