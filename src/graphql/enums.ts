import { ROLES } from '../access/policy.js';
import { NO_DATA, RULE_ORIGINS } from '../alert/rule.js';
import { ALERT_CHANGES, ALERT_STATES } from '../alerting/alert.js';
import { ANOMALY_KINDS } from '../anomaly/finding.js';
import { OUTCOMES, RISK_CLASSES, STEP_KINDS } from '../decision/decision.js';
import { AGENT_STATUSES } from '../fleet/agent.js';
import { ENTRY_KINDS } from '../ledger/chain.js';
import { CONTRADICTION_ENDS, CONTRADICTION_KINDS } from '../ledger/contradiction.js';
import { LEDGER_LEVELS } from '../ledger/publish/level.js';
import { METRIC_NAMES } from '../metric/name.js';
import { SEVERITIES } from '../settings/settings.js';
import { builder } from './builder.js';

/** An enum of these values; the compiler sees to it that each is described. */
export function describedEnum<const Value extends string>(
  name: string,
  options: { description: string; values: readonly Value[]; descriptions: Record<Value, string> },
) {
  const entries = options.values.map((value) => [value, { description: options.descriptions[value] }] as const);
  // Object.fromEntries forgets which keys it was given.
  const values = Object.fromEntries(entries) as Record<Value, { description: string }>;
  return builder.enumType(name, { description: options.description, values });
}

export const AgentStatusEnum = describedEnum('AgentStatus', {
  description: 'How an agent is, judged by its own history; the thresholds are in midwatch.yaml.',
  values: AGENT_STATUSES,
  descriptions: {
    HEALTHY: 'It does what is usual for it.',
    DEGRADED: 'More of its decisions failed in the last hour than is usual for it, or they took much longer.',
    FAILING: 'Half of its decisions failed in the last hour, or more.',
    SILENT: 'It has made no decision for longer than its own rhythm explains.',
  },
});

export const RiskClassEnum = describedEnum('RiskClass', {
  description: 'How much depends on a decision; sampling follows it.',
  values: RISK_CLASSES,
  descriptions: {
    HIGH_RISK: 'Touches people’s rights, money or safety: content is always kept.',
    ROUTINE: 'Everyday work.',
    ADMIN: 'Housekeeping of the fleet itself.',
  },
});

export const OutcomeEnum = describedEnum('Outcome', {
  description: 'How a decision or a step ended.',
  values: OUTCOMES,
  descriptions: { SUCCESS: 'It ended as it should.', ERROR: 'It failed.' },
});

export const StepKindEnum = describedEnum('StepKind', {
  description: 'What a step of a reasoning chain is.',
  values: STEP_KINDS,
  descriptions: {
    MODEL_CALL: 'A call of a model.',
    TOOL_CALL: 'A call of a tool.',
    RETRIEVAL: 'A search in documents or memory.',
    REASONING: 'Thought the model made visible.',
    HANDOFF: 'Work given to another agent.',
    GUARDRAIL: 'A check of what went in or came out.',
    HUMAN_REVIEW: 'A person was asked.',
    OUTPUT: 'The answer.',
    OTHER: 'Anything else.',
  },
});

export const LedgerEntryKindEnum = describedEnum('LedgerEntryKind', {
  description: 'What a ledger entry seals.',
  values: ENTRY_KINDS,
  descriptions: {
    DECISION: 'A decision, when it was complete.',
    AMENDMENT: 'What became known of a decision after it was sealed.',
    REPRICE: 'A re-pricing: which decisions cost something else by the prices of today, before and after.',
    AGENT: 'That an agent worked with another version, model, prompt or tools than ever before.',
    ALERT: 'An alert: that it fired, resolved, was acknowledged or commented on.',
    RULE: 'An alert rule that was made, changed or removed, with what it says.',
    INCIDENT: 'An anomaly that was found to be critical, or became so.',
    SILENCE: 'A silence that was begun or ended, with its reason.',
    SETTINGS: 'That the settings were read anew, with the digest of the file.',
    LEDGER_KEY: 'That the key which signs checkpoints was rotated, or an earlier one revoked, with the reason.',
    ACCESS:
      'That a fleet was made, an API key made or revoked, a token issued, or a session opened with a sign-in link.',
    READ: 'That somebody was given content of decisions: who, of which, and what kind of content.',
    ERASURE: 'That content was asked to be erased, and what came of it.',
    HOLD: 'A legal hold that was placed.',
    RELEASE: 'A legal hold that was released.',
    EXPORT: 'A report or bundle that was made, with its SHA-256 and who asked for it.',
    PRUNE: 'What retention removed since it was past its time.',
  },
});

export const LedgerLevelEnum = describedEnum('LedgerLevel', {
  description: 'How much there is to hold an entry to.',
  values: LEDGER_LEVELS,
  descriptions: {
    SEALED: 'It is in the chain.',
    PUBLISHED: 'A signed checkpoint covers it.',
    WITNESSED: 'Enough witnesses have cosigned a checkpoint that covers it.',
  },
});

export const ContradictionKindEnum = describedEnum('ContradictionKind', {
  description: 'How a witness contradicts a ledger.',
  values: CONTRADICTION_KINDS,
  descriptions: {
    AHEAD: 'It has cosigned more entries than the ledger has.',
    INCONSISTENT: 'It has cosigned other entries than the ledger has.',
  },
});

export const ContradictionEndEnum = describedEnum('ContradictionEnd', {
  description: 'Why a contradiction is over.',
  values: CONTRADICTION_ENDS,
  descriptions: {
    COSIGNED: 'The witness found that the ledger goes on from what it had cosigned.',
    LEFT_POLICY: 'The witness was taken out of the policy, and nothing proved what it said.',
  },
});

export const RoleEnum = describedEnum('Role', {
  description: 'What a credential may do.',
  values: ROLES,
  descriptions: {
    INGEST: 'Sends telemetry and reads nothing.',
    VIEWER: 'Reads agents, decisions and the ledger, without content.',
    OPERATOR: 'Also reads content: prompts, answers, arguments and results of tools.',
    AUDITOR: 'Reads everything and changes nothing.',
    ADMIN: 'All of it, and API keys and fleets.',
  },
});

export const MetricNameEnum = describedEnum('MetricName', {
  description: 'What is measured.',
  values: METRIC_NAMES,
  descriptions: {
    DECISIONS: 'Decisions, 1 each; none in OTLP metrics, whose calls are no decisions.',
    ERROR_RATE:
      'Of each decision, 1 when it failed, else 0: AVG is the rate, SUM the number that failed. Of OTLP metrics, of each ' +
      'call whose metric tells how it ended.',
    TOKEN_USAGE:
      'Tokens of each decision, input and output together: SUM is all of them. Of OTLP metrics, of each call that is in a ' +
      'histogram of tokens: where there are only counters, they have a SUM and nothing else. Percentiles of calls take ' +
      'the longest outputs for the answers to the longest inputs.',
    TOKEN_USAGE_PER_REQUEST: 'The same values: AVG is the usage per decision, or per call.',
    DECISION_LATENCY: 'From the start of each decision to its end, in milliseconds.',
    INFERENCE_LATENCY: 'Of each model call, in milliseconds.',
    QUEUE_TIME: 'How long each decision waited before work on it began, in milliseconds, where that is known.',
    TIME_TO_FIRST_TOKEN: 'From a decision’s first model call to its first token, in milliseconds, where that is known.',
    COST:
      'Of each decision whose cost is known, in US dollars: SUM is exact, and null where decisions, or the calls of OTLP ' +
      'metrics, have none that is known.',
    HALLUCINATION_SCORE: 'From 0, grounded, to 1, made up, of each decision that could be judged.',
    TOOL_INVOCATION_SUCCESS_RATE: 'Of each tool call, 1 when it succeeded, else 0: AVG is the rate.',
    TOOL_INVOCATIONS: 'Tool calls of each decision: SUM is all of them.',
  },
});

export const SeverityEnum = describedEnum('Severity', {
  description: 'How bad something is.',
  values: SEVERITIES,
  descriptions: {
    INFO: 'Worth knowing; nobody has to do anything.',
    WARNING: 'Somebody should look at it during the day.',
    CRITICAL: 'Somebody should look at it now.',
  },
});

export const AlertStateEnum = describedEnum('AlertState', {
  description: 'Where an alert stands.',
  values: ALERT_STATES,
  descriptions: {
    INACTIVE: 'It was pending, and its condition was no longer met before it fired.',
    PENDING: 'Its condition is met, and not yet for as long as the rule says.',
    FIRING: 'Somebody should look at it.',
    RESOLVED: 'It fired, and is over.',
  },
});

export const AlertChangeEnum = describedEnum('AlertChangeKind', {
  description: 'What happened to an alert.',
  values: ALERT_CHANGES,
  descriptions: {
    PENDING: 'Its condition is met.',
    WITHDRAWN: 'Its condition is no longer met, before it fired.',
    FIRING: 'It fires.',
    RESOLVED: 'It is over.',
    ACKNOWLEDGED: 'Somebody has taken it on.',
    COMMENTED: 'Somebody said something about it.',
  },
});

export const NoDataEnum = describedEnum('NoData', {
  description: 'What a group without data is taken for.',
  values: NO_DATA,
  descriptions: {
    OK: 'As if the condition were not met.',
    KEEP: 'As it was before.',
    FIRE: 'As if the condition were met.',
  },
});

export const RuleOriginEnum = describedEnum('RuleOrigin', {
  description: 'Where an alert rule is from.',
  values: RULE_ORIGINS,
  descriptions: { FILE: 'midwatch.yaml, for every fleet.', API: 'Made over the API, for this fleet.' },
});

export const AnomalyKindEnum = describedEnum('AnomalyKind', {
  description: 'What a detector can find wrong.',
  values: ANOMALY_KINDS,
  descriptions: {
    LOOP: 'A decision does the same thing over and over.',
    UNGROUNDED_ANSWER: 'An answer says what nothing the agent was given supports.',
    METRIC_ANOMALY: 'A metric of an agent is out of its usual range for this hour and weekday.',
    BEHAVIOUR_DRIFT: 'An agent behaves differently than it used to.',
    TOKEN_BURN: 'Tokens or money are spent faster than usual, or than a budget allows.',
    TOOL_FAILURE: 'A tool fails an agent more often than it used to.',
    CASCADE_FAILURE: 'A failure travelled from one agent to others.',
    VERSION_DRIFT: 'An agent lags behind the version of its role, or changed without announcing it.',
    LOAD_SKEW: 'One agent carries much more of the work than it used to.',
    SILENT_AGENT: 'An agent has made no decision for longer than its rhythm explains.',
    LEDGER_FAULT: 'The ledger is not as it was sealed or signed.',
  },
});
