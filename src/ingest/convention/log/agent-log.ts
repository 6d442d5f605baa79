import type { SpanKind } from '../../../decision/assembly/span.js';
import type { OtlpLogRecord } from '../../telemetry.js';
import type { Convention } from '../convention.js';

/** What one record of a coding agent tells of its turn. */
export interface AgentEvent {
  kind: SpanKind;
  /** The name of the step it becomes. */
  name: string;
  /** It tells of a failure although it names no status. */
  isFailure?: boolean;
}

/**
 * How a coding agent without traces writes its turns as log records: one record for the prompt, one for each answer of the
 * model, one for each tool that has run, and none for the end.
 */
export interface AgentLog {
  /** Its attributes' names. */
  convention: Convention;
  /** The attribute that names the session… */
  sessionKey: string;
  /** …and the one that names the turn; null when nothing does, and a turn is what follows a prompt. */
  turnKey: string | null;
  /** What the record tells; null for records of something else, or of nothing a decision is made of. */
  eventOf(record: OtlpLogRecord): AgentEvent | null;
}
