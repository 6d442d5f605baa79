import { deriveSpanId, deriveTraceId } from '../../../decision/assembly/derived-id.js';
import type { Span } from '../../../decision/assembly/span.js';
import type { OtlpLogRecord } from '../../telemetry.js';
import { amountOf, labelOf } from '../field/attribute.js';
import { resourceFactsOf } from '../field/resource.js';
import { createReader, type Reader, readBy } from '../read.js';
import type { AgentEvent, AgentLog } from './agent-log.js';
import { claudeCodeLog } from './claude-code.js';
import { codexLog } from './codex.js';
import { geminiCliLog } from './gemini-cli.js';
import { momentOf, recordIdOf, wireOf } from './wire.js';

const LOGS: readonly { log: AgentLog; reader: Reader }[] = [claudeCodeLog, codexLog, geminiCliLog].map((log) => ({
  log,
  reader: createReader(log.convention),
}));

const ERROR_STATUS = 2;

/**
 * The spans a coding agent's record stands for: one in the turn's own trace, and, where the record was written in a trace,
 * one in that, which completes the agent's own span. Null when it is no such record.
 */
export function readAgentEvent(record: OtlpLogRecord, sequence: number): Span[] | null {
  for (const { log, reader } of LOGS) {
    const event = log.eventOf(record);
    const session = event === null ? null : labelOf(record.attributes.get(log.sessionKey));
    if (event === null || session === null || momentOf(record) === null) continue;
    const turn = log.turnKey === null ? null : labelOf(record.attributes.get(log.turnKey));
    const span = readEvent(record, { event, reader, session, turn });
    span.log = { traceId: record.traceId, sequence, isPart: false };
    const remark = remarkOf(span, record);
    return remark === null ? [span] : [span, remark];
  }
  return null;
}

interface Told {
  event: AgentEvent;
  reader: Reader;
  session: string;
  /** Null when the record does not name it: then the session's trace holds all its turns. */
  turn: string | null;
}

function readEvent(record: OtlpLogRecord, { event, reader, session, turn }: Told): Span {
  const { service } = resourceFactsOf(record.resource);
  const facts = turn === null ? [service, session] : [service, session, turn];
  const isPrompt = event.kind === 'agent';
  const rootId = deriveSpanId('turn', ...facts);
  const wire = wireOf(record, {
    traceId: deriveTraceId('turn', ...facts),
    // Where prompts have no name, each is a turn of its own.
    spanId: isPrompt && turn !== null ? rootId : recordIdOf(record),
    parentSpanId: isPrompt ? null : rootId,
    name: event.name,
    statusCode: event.isFailure ? ERROR_STATUS : 0,
  });
  wire.startMs = wire.endMs - Math.max(0, amountOf(record.attributes.get('duration_ms')) ?? 0);
  const span = readBy(reader, wire, event.kind);
  if (isPrompt) {
    span.agentName ??= service;
    span.ended = false;
  }
  return span;
}

/** What the record says of the span it was written in, or of the call or the tool it names in that span's trace. */
function remarkOf(span: Span, { traceId, spanId }: OtlpLogRecord): Span | null {
  if (traceId === null || spanId === null || span.kind === 'human' || span.kind === 'request') return null;
  return { ...span, kind: 'content', traceId, parentSpanId: spanId, startMs: span.endMs, ended: true, failure: null };
}
