/** What about a series can be out of the ordinary. */
export type Aspect = 'value' | 'level' | 'floor' | 'season' | 'season_level' | 'shape' | 'rate';

export interface Band {
  low: number;
  high: number;
}

/** What a detector says of one value of a series. */
export interface Verdict {
  /** From 0, ordinary, to 1; 0 also while a higher score is fresh, so that an incident is heard once. */
  score: number;
  /** What is usual at this time; null while nothing is known. */
  expected: number | null;
  /** Values in here are in themselves nothing unusual. */
  band: Band | null;
  /** What the score rests on most; null where it is 0. */
  aspect: Aspect | null;
}

/**
 * From this score on a verdict is an alarm. ../shared/data/nab is scored best from 0.59 to 0.64, as it is and with its files thinned out,
 * cut or made noisy.
 */
export const ALARM_SCORE = 0.6;
