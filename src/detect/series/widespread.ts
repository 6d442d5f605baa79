import type { Finding } from '../../anomaly/finding.js';
import type { MetricName } from '../../metric/name.js';
import { SEVERITIES } from '../../settings/settings.js';
import { METRIC_WORDS } from './metric-words.js';

/** A metric of one agent that is out of the ordinary. */
export interface AgentAlarm {
  agent: string;
  metric: MetricName;
  finding: Finding;
}

/** From so many agents at once on it is not they that are out of the ordinary, but what they have in common. */
export const WIDESPREAD_AGENTS_MIN = 3;
const AGENTS_SHOWN_MAX = 50;

export function sideOf({ observed, expected }: Finding): 'above' | 'below' {
  return (observed ?? 0) >= (expected ?? 0) ? 'above' : 'below';
}

/** What several agents have at the same time in the same metric, on the same side of what is usual, said once. */
export function joinAlarms(alarms: readonly [AgentAlarm, ...AgentAlarm[]]): Finding {
  const furthestFirst = [...alarms].sort((left, right) => distanceOf(right.finding) - distanceOf(left.finding));
  const [first = alarms[0]] = furthestFirst;
  const agents = [...new Set(furthestFirst.map(({ agent }) => agent))];
  const { name, format } = METRIC_WORDS[first.metric];
  const [observed, expected] = [first.finding.observed ?? 0, first.finding.expected ?? 0];
  const side = sideOf(first.finding);
  return {
    kind: 'METRIC_ANOMALY',
    severity: SEVERITIES.findLast((each) => alarms.some(({ finding }) => finding.severity === each)) ?? 'INFO',
    score: Math.max(...alarms.map(({ finding }) => finding.score)),
    observed: agents.length,
    expected: 0,
    summary: `${name}: ${agents.length} agents at once are ${side} what is usual, ${first.agent} most of all with ${format(observed)} (usual now: ${format(expected)}).`,
    evidence: {
      metric: first.metric,
      side,
      agents: agents.slice(0, AGENTS_SHOWN_MAX),
      alarms: furthestFirst.slice(0, AGENTS_SHOWN_MAX).map(({ agent, finding }) => ({
        agent,
        observed: finding.observed,
        expected: finding.expected,
        ...finding.evidence,
      })),
    },
    incident: `${first.metric} of many agents ${side}`,
  };
}

function distanceOf({ observed, expected }: Finding): number {
  return Math.abs((observed ?? 0) - (expected ?? 0));
}
