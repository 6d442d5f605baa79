/**
 * - `OWN_TIME`: work took longer by itself. `GAP`: more time lies between a call and its callee's work.
 * - `RESOURCE`: more of something was used. `ERROR`: something fails that usually does not, and nothing below it did.
 */
export const SYMPTOM_KINDS = ['OWN_TIME', 'GAP', 'RESOURCE', 'ERROR'] as const;
export type SymptomKind = (typeof SYMPTOM_KINDS)[number];

/** Something that is more than usual. */
export interface Symptom {
  kind: SymptomKind;
  /** The agent or service in which it was seen; of a gap, the caller. */
  doer: string;
  /** Of a gap: whom it called. */
  callee: string | null;
  /** The operation, or the resource. */
  operation: string;
  /** From 0, as usual: logarithm of the ratio; of errors, the growth of their rate times `ERROR_WEIGHT`. */
  excess: number;
  /** Observations that it rests on. */
  observations: number;
  /** Medians, in milliseconds or the resource's unit; of errors, rates from 0 to 1. */
  usual: number;
  now: number;
}

/** An operation that always fails and never did weighs as much as one that takes `exp(4)` = 55 times as long. */
export const ERROR_WEIGHT = 4;
