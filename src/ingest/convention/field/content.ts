import type { Span } from '../../../decision/assembly/span.js';
import type { OtlpSpan } from '../../telemetry.js';
import { eventInputOf, eventOutputOf } from '../message/event-messages.js';
import { flatInputOf, flatOutputOf } from '../message/flat-messages.js';
import { contentOf, labelOf, textOf } from './attribute.js';
import type { Fields } from './fields.js';

/** What went into the span and came out: arguments and result of a tool, messages or a value of anything else. */
export function readContent(span: Span, wire: OtlpSpan, fields: Fields): void {
  if (span.kind === 'tool' || span.kind === 'handoff') {
    span.toolName = textOf(fields.toolName);
    span.toolCallId = labelOf(fields.toolCallId);
    span.arguments = contentOf(fields.arguments);
    span.result = contentOf(fields.result);
    return;
  }
  span.input = flatInputOf(wire.attributes) ?? contentOf(fields.input) ?? eventInputOf(wire.events);
  span.output = flatOutputOf(wire.attributes) ?? contentOf(fields.output) ?? eventOutputOf(wire.events);
}
