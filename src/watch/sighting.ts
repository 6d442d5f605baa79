import type { Sighting } from '../anomaly/anomaly.js';
import type { Finding } from '../anomaly/finding.js';
import type { Decision } from '../decision/decision.js';
import type { MetricName } from '../metric/name.js';

/** A finding in one decision: the incident is the decision's, or its trace's, own. */
export function sightingIn(decision: Decision, finding: Finding, detectedAtMs: number): Sighting {
  return {
    ...finding,
    incident: `${decision.traceId ?? decision.id} ${finding.incident}`,
    agent: decision.agent,
    decisionId: decision.id,
    customerSegment: decision.customerSegment,
    metric: null,
    quotes: finding.quotes ?? null,
    detectedAtMs,
  };
}

/** A finding about an agent, or about the fleet where that is null; its incident is unique in the fleet by itself. */
export function sightingOf(
  { agent, finding, metric }: { agent: string | null; finding: Finding; metric?: MetricName },
  detectedAtMs: number,
): Sighting {
  return {
    ...finding,
    agent,
    decisionId: null,
    customerSegment: null,
    metric: metric ?? null,
    quotes: finding.quotes ?? null,
    detectedAtMs,
  };
}

/** As `sightingOf`, of a finding whose incident is unique among its agent's only, or with what it is about. */
export function sightingOfAgent(
  found: { agent: string | null; finding: Finding; metric?: MetricName },
  detectedAtMs: number,
  ...about: readonly string[]
): Sighting {
  const incident = [found.agent ?? '', found.finding.incident, ...about].join(' ').trim();
  return { ...sightingOf(found, detectedAtMs), incident };
}
