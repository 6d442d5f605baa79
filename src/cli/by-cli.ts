import { systemClock } from '../clock.js';

/** In whose name commands change things, and when, as the ledger tells of it; milliseconds since the epoch. */
export function byCli(): { actor: string; nowMs: number } {
  return { actor: 'cli', nowMs: systemClock.now() };
}
