import type { Attributes, AttributeValue } from '../../telemetry.js';
import { amountOf, countOf, labelOf, textOf } from './attribute.js';

/** What a value must be to be taken for a field; `any` takes whatever is there. */
const ACCEPTS = {
  text: (value: AttributeValue) => textOf(value) !== null,
  label: (value: AttributeValue) => labelOf(value) !== null,
  count: (value: AttributeValue) => countOf(value) !== null,
  amount: (value: AttributeValue) => amountOf(value) !== null,
  any: (value: AttributeValue) => value !== null && value !== '',
};

/** Every field that attributes can name, in the unit its name ends with. */
const FIELD_TYPES = {
  agentName: 'text',
  agentId: 'label',
  agentVersion: 'label',
  workflow: 'text',
  conversationId: 'label',
  userId: 'label',
  customerSegment: 'text',
  requestType: 'text',
  riskClass: 'text',
  environment: 'text',
  /** The application's own keys as one JSON object. */
  metadata: 'any',

  provider: 'text',
  requestModel: 'text',
  responseModel: 'text',
  responseId: 'label',
  inputTokens: 'count',
  outputTokens: 'count',
  cacheReadTokens: 'count',
  cacheWriteTokens: 'count',
  reasoningTokens: 'count',
  /** Token counts by kind, as one JSON object. */
  usageDetails: 'any',
  inputDetails: 'any',
  outputDetails: 'any',
  reportedCostUsd: 'amount',
  /** Cost by kind in US dollars, as one JSON object. */
  costDetails: 'any',
  ownCostUsd: 'amount',
  queueMs: 'amount',
  firstTokenMs: 'amount',
  firstTokenS: 'amount',
  /** The moment of the first token: ISO 8601, perhaps in JSON quotes. */
  firstTokenAt: 'text',
  finishReasons: 'any',

  toolName: 'text',
  toolCallId: 'label',
  arguments: 'any',
  result: 'any',
  input: 'any',
  output: 'any',

  level: 'text',
  errorType: 'label',
  errorMessage: 'text',
  httpStatus: 'count',
  /** How the tool says it went: a flag that is false, or a status that says so. */
  toolOutcome: 'any',
  evaluationName: 'text',
  evaluationLabel: 'text',
  evaluationScore: 'amount',
} as const;

export type FieldName = keyof typeof FIELD_TYPES;

/** The attribute keys of each field, best first. */
export type Aliases = Partial<Record<FieldName, readonly string[]>>;

/** What the attributes hold for each field: always of the field's type, absent when no alias has one. */
export type Fields = Partial<Record<FieldName, AttributeValue>>;

interface Target {
  field: FieldName;
  rank: number;
  accepts: (value: AttributeValue) => boolean;
}

/** From an attribute's key to the fields it may fill. */
export type FieldIndex = ReadonlyMap<string, readonly Target[]>;

/** Layers of aliases as one index: an alias of an earlier layer wins over every alias of a later one. */
export function indexFields(layers: readonly Aliases[]): FieldIndex {
  const index = new Map<string, Target[]>();
  layers.forEach((aliases, layer) => {
    for (const field of Object.keys(aliases).filter(isFieldName)) {
      aliases[field]?.forEach((key, position) => {
        const targets = index.get(key) ?? [];
        if (targets.some((target) => target.field === field)) return;
        targets.push({ field, rank: layer * RANKS_PER_LAYER + position, accepts: ACCEPTS[FIELD_TYPES[field]] });
        index.set(key, targets);
      });
    }
  });
  return index;
}

const RANKS_PER_LAYER = 1_000;

/** Reads every field in one pass: the cost is that of the attributes sent, however many aliases a field has. */
export function collectFields(attributes: Attributes, index: FieldIndex): Fields {
  const fields: Fields = {};
  const ranks: Partial<Record<FieldName, number>> = {};
  for (const [key, value] of attributes) {
    const targets = index.get(key);
    if (targets === undefined) continue;
    for (const target of targets) {
      if (target.rank >= (ranks[target.field] ?? Number.POSITIVE_INFINITY) || !target.accepts(value)) continue;
      fields[target.field] = value;
      ranks[target.field] = target.rank;
    }
  }
  return fields;
}

function isFieldName(key: string): key is FieldName {
  return Object.hasOwn(FIELD_TYPES, key);
}
