import type { OtlpLogRecord } from '../../telemetry.js';
import { claudeCode } from '../claude-code.js';
import { textOf } from '../field/attribute.js';
import type { AgentEvent, AgentLog } from './agent-log.js';

/**
 * Claude Code's events (docs.anthropic.com, "Monitoring"; seen of 2.1.197): the body is `claude_code.<event>`, the
 * attribute `event.name` the bare event. A failed request is told once, after the last attempt.
 */
const PREFIX = 'claude_code.';

const KINDS = new Map<string, AgentEvent['kind']>([
  ['user_prompt', 'agent'],
  ['api_request', 'model'],
  ['api_error', 'model'],
  ['assistant_response', 'content'],
  ['tool_result', 'tool'],
]);

export const claudeCodeLog: AgentLog = {
  convention: {
    ...claudeCode,
    aliases: {
      ...claudeCode.aliases,
      agentName: [],
      responseId: ['request_id'],
      requestModel: [],
      responseModel: ['model'],
      arguments: ['tool_input', 'tool_parameters'],
      errorType: ['error_type'],
      input: ['prompt'],
      output: ['response', 'decision'],
    },
    complete: () => undefined,
  },
  sessionKey: 'session.id',
  turnKey: 'prompt.id',
  eventOf(record) {
    const name = nameOf(record);
    if (name === null) return null;
    const kind = name === 'tool_decision' ? reviewKindOf(record) : KINDS.get(name);
    return kind == null ? null : { kind, name: PREFIX + name, isFailure: name === 'api_error' };
  },
};

function nameOf({ body, attributes }: OtlpLogRecord): string | null {
  const written = textOf(body);
  if (!written?.startsWith(PREFIX)) return null;
  return textOf(attributes.get('event.name')) ?? written.slice(PREFIX.length);
}

/** Rules and hooks decide too; only a person's decision is a review. */
function reviewKindOf({ attributes }: OtlpLogRecord): 'human' | null {
  return textOf(attributes.get('source'))?.startsWith('user_') ? 'human' : null;
}
