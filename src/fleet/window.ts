import { AppError } from '../errors.js';
import { DAY_MS } from '../time.js';

const WINDOW_MS_MAX = 400 * DAY_MS;

/** A span of time that figures of the fleet are of: `toMs` excluded. */
export interface Window {
  fromMs: number;
  toMs: number;
}

/**
 * The window somebody asks for: until now, and a day long, where nothing else is said. Throws VALIDATION_FAILED when it is
 * empty or too long.
 */
export function readWindow(
  { from, to }: { from?: Date | null | undefined; to?: Date | null | undefined },
  nowMs: number,
): Window {
  const toMs = to?.getTime() ?? nowMs;
  const fromMs = from?.getTime() ?? toMs - DAY_MS;
  checkOrder({ fromMs, toMs });
  if (toMs - fromMs > WINDOW_MS_MAX) {
    throw new AppError('VALIDATION_FAILED', `from and to may be ${WINDOW_MS_MAX / DAY_MS} days apart at most`, {
      path: ['from'],
    });
  }
  return { fromMs, toMs };
}

/** Throws VALIDATION_FAILED for a window that holds nothing. */
export function checkOrder({ fromMs, toMs }: Window): void {
  if (fromMs >= toMs) throw new AppError('VALIDATION_FAILED', 'from must be before to', { path: ['from'] });
}
