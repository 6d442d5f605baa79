import { hash } from 'node:crypto';
import type { OtlpLogRecord, OtlpSpan } from '../../telemetry.js';
import { contentOf, jsonTextOf, textOf } from '../field/attribute.js';

/** A record as the span it stands for, so that conventions read both by the same names. */
export function wireOf(
  record: OtlpLogRecord,
  known: Partial<OtlpSpan> & Pick<OtlpSpan, 'traceId' | 'spanId'>,
): OtlpSpan {
  const atMs = momentOf(record) ?? 0;
  return {
    parentSpanId: record.spanId,
    parentIsRemote: null,
    name: '',
    kind: 1,
    startMs: atMs,
    endMs: atMs,
    attributes: record.attributes,
    events: [],
    links: [],
    statusCode: 0,
    statusMessage: '',
    resource: record.resource,
    scope: record.scope,
    ...known,
  };
}

/** When it happened, milliseconds since the epoch; null when the record says so nowhere. */
export function momentOf({ timeMs, observedMs, attributes }: OtlpLogRecord): number | null {
  if (timeMs > 0) return timeMs;
  if (observedMs > 0) return observedMs;
  const writtenMs = Date.parse(textOf(attributes.get('event.timestamp')) ?? '');
  return Number.isNaN(writtenMs) ? null : writtenMs;
}

/** 16 hex digits by which a record that comes again, in whatever request, is known: of everything it says. */
export function recordIdOf(record: OtlpLogRecord): string {
  const { traceId, spanId, timeMs, eventName, body, attributes, resource } = record;
  const said = [
    traceId,
    spanId,
    timeMs,
    eventName,
    contentOf(body),
    contentOf(attributes),
    resource.get('service.name'),
  ];
  return hash('sha256', jsonTextOf(said) ?? '').slice(0, 16);
}
