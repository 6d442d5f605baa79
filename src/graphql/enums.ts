import { ROLES } from '../access/policy.js';
import { OUTCOMES, RISK_CLASSES, STEP_KINDS } from '../decision/decision.js';
import { AGENT_STATUSES } from '../fleet/agent.js';
import { ENTRY_KINDS } from '../ledger/chain.js';
import { builder } from './builder.js';

/** An enum of these values; the compiler sees to it that each is described. */
function describedEnum<const Value extends string>(
  name: string,
  options: { description: string; values: readonly Value[]; descriptions: Record<Value, string> },
) {
  const entries = options.values.map((value) => [value, { description: options.descriptions[value] }] as const);
  // Object.fromEntries forgets which keys it was given.
  const values = Object.fromEntries(entries) as Record<Value, { description: string }>;
  return builder.enumType(name, { description: options.description, values });
}

export const AgentStatusEnum = describedEnum('AgentStatus', {
  description: 'How an agent did in the last hour.',
  values: AGENT_STATUSES,
  descriptions: {
    HEALTHY: 'Less than 5 % of its decisions failed.',
    DEGRADED: 'From 5 % of its decisions failed, but less than half.',
    FAILING: 'Half of its decisions failed, or more.',
    SILENT: 'It was seen before, and made no decision.',
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
