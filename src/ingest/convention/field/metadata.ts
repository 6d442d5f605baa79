import type { AttributeValue } from '../../telemetry.js';
import { jsonObjectOf, scalarOf } from './attribute.js';
import { type Aliases, collectFields, type Fields, indexFields } from './fields.js';

/** The names applications give their own facts, which no convention fixes; the clearest first. */
const APPLICATION_KEYS = {
  conversationId: [
    'session_id',
    'sessionId',
    'session.id',
    'conversation_id',
    'conversationId',
    'conversation.id',
    'thread_id',
    'threadId',
  ],
  userId: ['user_id', 'userId', 'user.id'],
  customerSegment: ['customer_segment', 'customerSegment', 'customer.segment'],
  requestType: ['request_type', 'requestType', 'request.type'],
  riskClass: ['risk_class', 'riskClass'],
} satisfies Aliases;

/** Names too common to mean this on their own, but clear among an application's metadata. */
const METADATA_KEYS = {
  ...APPLICATION_KEYS,
  customerSegment: [
    ...APPLICATION_KEYS.customerSegment,
    'segment',
    'user_segment',
    'userSegment',
    'customer_tier',
    'customerTier',
    'tier',
    'plan',
  ],
} satisfies Aliases;

/** The application's keys under each prefix, for an index of attributes. */
export function aliasesUnder(prefixes: readonly string[]): Aliases {
  const under = (keys: readonly string[]): string[] => prefixes.flatMap((prefix) => keys.map((key) => prefix + key));
  return {
    conversationId: under(METADATA_KEYS.conversationId),
    userId: under(METADATA_KEYS.userId),
    customerSegment: under(METADATA_KEYS.customerSegment),
    requestType: under(METADATA_KEYS.requestType),
    riskClass: under(METADATA_KEYS.riskClass),
  };
}

/** The application's keys as bare attributes. */
export const BARE_APPLICATION_KEYS = APPLICATION_KEYS;

const JSON_INDEX = indexFields([{ ...METADATA_KEYS, agentName: ['lc_agent_name'] }]);

/** Longer metadata is not searched: it would cost more than it tells. */
const JSON_CHARACTERS_MAX = 65_536;

/** The fields an application's metadata object, sent as one attribute, adds to those already found. */
export function withMetadata(fields: Fields): Fields {
  const metadata = metadataOf(fields.metadata);
  return metadata === null ? fields : { ...collectFields(metadata, JSON_INDEX), ...fields };
}

/** The scalars of a metadata object, null when the value holds no object. */
export function metadataOf(value: AttributeValue | undefined): Map<string, AttributeValue> | null {
  if (typeof value === 'string' && value.length > JSON_CHARACTERS_MAX) return null;
  const object = jsonObjectOf(value);
  if (object === null) return null;
  const scalars = new Map<string, AttributeValue>();
  for (const [key, member] of Object.entries(object)) {
    const scalar = scalarOf(member);
    if (scalar !== undefined) scalars.set(key, scalar);
  }
  return scalars;
}
