/** What detectors find out, before it is stored, said and shown. */

import type { Severity } from '../settings/settings.js';

export const ANOMALY_KINDS = [
  'LOOP',
  'UNGROUNDED_ANSWER',
  'METRIC_ANOMALY',
  'BEHAVIOUR_DRIFT',
  'TOKEN_BURN',
  'TOOL_FAILURE',
  'CASCADE_FAILURE',
  'VERSION_DRIFT',
  'LOAD_SKEW',
  'SILENT_AGENT',
  'LEDGER_FAULT',
] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a detector says of something it saw. But for `quotes` it carries no content: evidence names steps and figures. */
export interface Finding {
  kind: AnomalyKind;
  severity: Severity;
  /** From 0, ordinary, to 1, certainly wrong. */
  score: number;
  observed: number | null;
  expected: number | null;
  /** One sentence for whoever is on call. */
  summary: string;
  evidence: Readonly<Record<string, Json>>;
  /** Passages of content that it is about, kept apart from the evidence since not everybody may read content. */
  quotes?: readonly string[] | null;
  /** Names the incident within its kind, fleet and agent: while that is open, the same is not said again. */
  incident: string;
}
