import type { OtlpLogRecord } from '../../telemetry.js';
import { textOf } from '../field/attribute.js';

/** Rust's tracing fills the field with the place in its source: `event otel/src/otel_manager.rs:1153`. */
const SOURCE_PLACE = /[\s/]/;

/** The event's name: the field, else the attribute that stood for it before, else the body; null when it has none. */
export function eventNameOf({ eventName, attributes, body }: OtlpLogRecord): string | null {
  const older = textOf(attributes.get('event.name'));
  if (eventName !== '' && !(older !== null && SOURCE_PLACE.test(eventName))) return eventName;
  return older ?? textOf(body);
}
