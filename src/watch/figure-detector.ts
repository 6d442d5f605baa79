import type { Sighting } from '../anomaly/anomaly.js';

/** Looks at the figures of a fleet again and again. */
export interface FigureDetector {
  /** What it is called where it fails. */
  name: string;
  everyMs: number;
  /** What it sees that it had not seen before; the incidents are unique in the fleet. */
  look(fleet: string, nowMs: number): Promise<Sighting[]>;
}
