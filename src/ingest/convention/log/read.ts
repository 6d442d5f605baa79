import type { Span } from '../../../decision/assembly/span.js';
import type { OtlpLogRecord } from '../../telemetry.js';
import { readAgentEvent } from './agent-turn.js';
import { eventNameOf } from './event-name.js';
import { readGenaiEvent } from './genai.js';

/**
 * What the log records of one request tell of agents, as spans: the turns of coding agents, messages and verdicts for
 * spans sent elsewhere. Never fails: other records, the most by far, give nothing.
 */
export function readLogRecords(records: readonly OtlpLogRecord[]): Span[] {
  return records.flatMap((record, sequence) => readLogRecord(record, sequence));
}

function readLogRecord(record: OtlpLogRecord, sequence: number): Span[] {
  const turn = readAgentEvent(record, sequence);
  if (turn !== null) return turn;
  const name = eventNameOf(record);
  const span = name?.startsWith('gen_ai.') ? readGenaiEvent(record, name, sequence) : null;
  return span === null ? [] : [span];
}
