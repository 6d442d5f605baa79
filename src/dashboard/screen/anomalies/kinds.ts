import type { AnomalyKind } from './anomalies.graphql.js';

/** What each kind means, for somebody who meets it for the first time. */
export const MEANINGS: Readonly<Record<AnomalyKind, string>> = {
  LOOP: 'The agent did the same again and again without getting on.',
  UNGROUNDED_ANSWER: 'It stated something that nothing it looked up supports.',
  METRIC_ANOMALY: 'A figure is out of its usual range for this hour and weekday.',
  BEHAVIOUR_DRIFT: 'It goes about its work differently than before.',
  TOKEN_BURN: 'It uses far more tokens or money than is usual or planned.',
  TOOL_FAILURE: 'A tool fails more often than it usually does.',
  CASCADE_FAILURE: 'One failure made the agents that called it fail too.',
  VERSION_DRIFT: 'It lags behind its role’s version, or changed without saying so.',
  LOAD_SKEW: 'The work is spread more unevenly than usual.',
  LEDGER_FAULT: 'The record of the fleet does not hold what it sealed.',
  SILENT_AGENT: 'It has made no decision for longer than its rhythm explains.',
};

export const KINDS = Object.keys(MEANINGS) as AnomalyKind[];
