import { verdictTraceId } from '../../../decision/assembly/derived-id.js';
import type { Span } from '../../../decision/assembly/span.js';
import type { Attributes, OtlpLogRecord } from '../../telemetry.js';
import { labelOf } from '../field/attribute.js';
import { genai } from '../genai.js';
import { createReader, readBy } from '../read.js';
import { readSetup } from '../setup/setup.js';
import { recordIdOf, wireOf } from './wire.js';

/**
 * Events of OpenTelemetry's GenAI conventions (docs/gen-ai/gen-ai-events.md): the messages of the span they were written
 * in, all of them or, in the older form, one each; and verdicts of evaluators.
 */
const OPERATION_DETAILS = 'gen_ai.client.inference.operation.details';
const EVALUATION = 'gen_ai.evaluation.result';
const WHOLE_EVENTS = new Set([OPERATION_DETAILS, 'gen_ai.content.prompt', 'gen_ai.content.completion']);
const MESSAGE_EVENTS = new Set([
  'gen_ai.system.message',
  'gen_ai.user.message',
  'gen_ai.assistant.message',
  'gen_ai.tool.message',
  'gen_ai.choice',
]);

const READER = createReader(genai);

/** What the event says of another span; null for other events, and where neither trace nor response is named. */
export function readGenaiEvent(record: OtlpLogRecord, name: string, sequence: number): Span | null {
  if (name === EVALUATION) return readEvaluation(record, sequence);
  const isPart = MESSAGE_EVENTS.has(name);
  if (record.traceId === null || record.spanId === null || !(isPart || WHOLE_EVENTS.has(name))) return null;
  const { traceId } = record;
  const said = { name, atMs: 0, attributes: saidIn(record) };
  const wire = wireOf(record, { traceId, spanId: recordIdOf(record), name, events: [said] });
  const span = readBy(READER, wire, 'content');
  readSetup(span, wire);
  span.log = { traceId, sequence, isPart };
  return span;
}

/** An evaluator's verdict on the span it was written in, else on the response it names. */
function readEvaluation(record: OtlpLogRecord, sequence: number): Span | null {
  const responseId = labelOf(record.attributes.get('gen_ai.response.id'));
  const traceId = record.traceId ?? (responseId === null ? null : verdictTraceId(responseId));
  if (traceId === null) return null;
  const wire = wireOf(record, { traceId, spanId: recordIdOf(record), name: EVALUATION });
  const span = readBy(READER, wire, 'evaluation');
  span.log = { traceId: record.traceId, sequence, isPart: false };
  return span.hallucinationScore === null ? null : span;
}

/** Older events hold the message in the body. */
function saidIn({ body, attributes }: OtlpLogRecord): Attributes {
  return body instanceof Map ? new Map([...attributes, ...body]) : attributes;
}
