import type { SpanFailure, SpanKind } from '../../../decision/assembly/span.js';
import type { AttributeValue, OtlpSpan, SpanEvent } from '../../telemetry.js';
import { countOf, flagOf, isJsonObject, labelOf, structureOf, textOf } from './attribute.js';
import type { Fields } from './fields.js';
import { finishReasonsOf } from './finish-reason.js';

const ERROR_STATUS = 2;
const HTTP_ERROR_MIN = 400;
const FAILED_WORDS = new Set(['error', 'failed', 'failure', 'cancelled', 'timeout']);

/** Marks of a failed result, one of which a text must hold before it is parsed. */
const FAILURE_MARKS = ['isError', 'is_error', '"kwargs"'];

/**
 * Why the span failed, null when nothing says it did. A failure shows in the status, in an exception event though the status is
 * unset or OK, in Langfuse's level, in `error.type`, in an HTTP status or finish reason of a model call, or in what a tool says of itself.
 */
export function failureOf(wire: OtlpSpan, kind: SpanKind, fields: Fields): SpanFailure | null {
  const exception = wire.events.find(({ name }) => name === 'exception');
  const isFailed =
    wire.statusCode === ERROR_STATUS ||
    exception !== undefined ||
    textOf(fields.level)?.toUpperCase() === 'ERROR' ||
    (kind !== 'other' && isFailedCall(kind, fields));
  if (!isFailed) return null;
  return { type: typeOf(fields, exception), message: messageOf(wire, fields, exception) };
}

function isFailedCall(kind: SpanKind, fields: Fields): boolean {
  if (fields.errorType !== undefined || saysFailed(fields.toolOutcome)) return true;
  if (kind === 'tool') return isFailedResult(fields.result);
  if (kind !== 'model' && kind !== 'embedding') return false;
  return (countOf(fields.httpStatus) ?? 0) >= HTTP_ERROR_MIN || finishReasonsOf(fields.finishReasons).includes('error');
}

function saysFailed(outcome: AttributeValue | undefined): boolean {
  return flagOf(outcome) === false || FAILED_WORDS.has(textOf(outcome)?.toLowerCase() ?? '');
}

/** An MCP result with `isError` (`is_error` in Python), or a LangChain tool message with the status `error`. */
function isFailedResult(result: AttributeValue | undefined): boolean {
  if (typeof result === 'string' && !FAILURE_MARKS.some((mark) => result.includes(mark))) return false;
  const structure = structureOf(result);
  if (!isJsonObject(structure)) return false;
  if (structure.isError === true || structure.is_error === true) return true;
  const message = isJsonObject(structure.kwargs) ? structure.kwargs : null;
  return message?.status === 'error';
}

function typeOf(fields: Fields, exception: SpanEvent | undefined): string | null {
  const status = countOf(fields.httpStatus);
  const sent = labelOf(fields.errorType) ?? textOf(exception?.attributes.get('exception.type'));
  return sent ?? (status !== null && status >= HTTP_ERROR_MIN ? String(status) : null);
}

function messageOf(wire: OtlpSpan, fields: Fields, exception: SpanEvent | undefined): string | null {
  const recorded = textOf(exception?.attributes.get('exception.message'));
  return textOf(wire.statusMessage) ?? recorded ?? textOf(fields.errorMessage);
}
