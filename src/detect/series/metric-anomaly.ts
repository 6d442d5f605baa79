import type { Finding } from '../../anomaly/finding.js';
import type { MetricName } from '../../metric/name.js';
import type { Severity } from '../../settings/settings.js';
import { METRIC_WORDS } from './metric-words.js';
import { ALARM_SCORE, type Aspect, type Band, type Verdict } from './verdict.js';

/** Whose figure it is: the metric by name, and of which slice of the agent's work, e.g. `{ model: 'gpt-4o' }`. */
export interface MetricSubject {
  metric: MetricName;
  slice: Readonly<Record<string, string>>;
}

/**
 * Half and seven tenths of the range beyond it, after a long history. Plain noise of five minutes passes the alarm's score about
 * nine times a month and series, the first of these once; what somebody is woken for has to be as rare.
 */
const WARNING_SCORE = 0.99;
const CRITICAL_SCORE = 0.999;

const ASPECT_WORDS: Readonly<Record<Aspect, string>> = {
  value: 'beyond anything it had before',
  level: 'and has stayed where it never stayed before',
  floor: 'and has not come down as far as it always did',
  season: 'unlike the same time on other days',
  season_level: 'and has been unlike the same hours of other days for a while',
  shape: 'and moves as it never moved before',
  rate: 'further off than chance explains',
};

/** The finding of a verdict that is an alarm; null for any other. */
export function findMetricAnomaly(subject: MetricSubject, observed: number, verdict: Verdict): Finding | null {
  const { score, expected, band, aspect } = verdict;
  if (score < ALARM_SCORE || aspect === null) return null;
  return {
    kind: 'METRIC_ANOMALY',
    severity: severityOf(score),
    score,
    observed,
    expected,
    summary: `${said(subject, observed, band)}, ${ASPECT_WORDS[aspect]}.`,
    evidence: { ...subject, aspect, expectedLow: band?.low ?? null, expectedHigh: band?.high ?? null },
    incident: nameOf(subject),
  };
}

function severityOf(score: number): Severity {
  if (score >= CRITICAL_SCORE) return 'CRITICAL';
  return score >= WARNING_SCORE ? 'WARNING' : 'INFO';
}

function nameOf({ metric, slice }: MetricSubject): string {
  const labels = labelsOf(slice);
  return labels.length === 0 ? metric : `${metric} of ${labels.map(([key, value]) => `${key} ${value}`).join(', ')}`;
}

function labelsOf(slice: MetricSubject['slice']): [key: string, value: string][] {
  return Object.entries(slice).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `fraud-eu: decision latency (p95) 4.0 s (usual now: 512 ms to 1.2 s)`. */
function said({ metric, slice }: MetricSubject, observed: number, band: Band | null): string {
  const { name, format } = METRIC_WORDS[metric];
  const whose = labelsOf(slice).map(([, value]) => value);
  const usual = band === null ? '' : ` (usual now: ${format(band.low)} to ${format(band.high)})`;
  return `${whose.length === 0 ? '' : `${whose.join(', ')}: `}${name} ${format(observed)}${usual}`;
}
