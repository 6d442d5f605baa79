import type { Attributes, AttributeValue, OtlpSpan, SpanEvent } from '../../src/ingest/telemetry.js';

export interface WireSpan extends Partial<Omit<OtlpSpan, 'attributes' | 'resource' | 'scope' | 'events'>> {
  attributes?: Record<string, AttributeValue>;
  resource?: Record<string, AttributeValue>;
  /** The instrumentation scope's name. */
  scope?: string;
  events?: { name: string; attributes?: Record<string, AttributeValue> }[];
}

const mapOf = (values: Record<string, AttributeValue> = {}): Attributes => new Map(Object.entries(values));

export const START_MS = 1_785_000_000_000;

/** A decoded span of 100 ms, a root without attributes unless said otherwise. */
export function wireSpan({ attributes, resource, scope = '', events = [], ...rest }: WireSpan): OtlpSpan {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentSpanId: null,
    parentIsRemote: null,
    name: 'span',
    kind: 1,
    startMs: START_MS,
    endMs: START_MS + 100,
    links: [],
    statusCode: 0,
    statusMessage: '',
    ...rest,
    attributes: mapOf(attributes),
    resource: mapOf(resource ?? { 'service.name': 'shop' }),
    scope: { name: scope, version: '', attributes: new Map() },
    events: events.map(
      (event): SpanEvent => ({ name: event.name, atMs: START_MS + 50, attributes: mapOf(event.attributes) }),
    ),
  };
}
