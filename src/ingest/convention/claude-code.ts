import type { SpanKind } from '../../decision/assembly/span.js';
import type { Convention } from './convention.js';
import { textOf } from './field/attribute.js';

/** Claude Code's tracing: `span.type` under the scope `com.anthropic.claude_code.tracing`, counts and times as bare names. */
const SCOPE_PREFIX = 'com.anthropic.claude_code';

const KINDS = new Map<string, SpanKind>([
  ['interaction', 'agent'],
  ['llm_request', 'model'],
  ['tool', 'tool'],
]);

export const claudeCode: Convention = {
  name: 'claude-code',
  kindOf({ scope, attributes }) {
    if (!scope.name.startsWith(SCOPE_PREFIX)) return null;
    const type = textOf(attributes.get('span.type'));
    if (type === null) return null;
    if (type === 'tool.blocked_on_user' && isUserDecision(textOf(attributes.get('source')))) return 'human';
    return KINDS.get(type) ?? 'step';
  },
  aliases: {
    agentName: ['agent.name'],
    agentId: ['agent_id'],
    agentVersion: ['app.version'],
    conversationId: ['session.id'],
    requestModel: ['model'],
    inputTokens: ['input_tokens'],
    outputTokens: ['output_tokens'],
    cacheReadTokens: ['cache_read_tokens'],
    cacheWriteTokens: ['cache_creation_tokens'],
    reportedCostUsd: ['cost_usd'],
    firstTokenMs: ['ttft_ms'],
    finishReasons: ['stop_reason'],
    toolName: ['tool_name'],
    toolCallId: ['tool_use_id'],
    arguments: ['tool_input', 'tool_parameters', 'full_command', 'file_path'],
    result: ['tool_output'],
    toolOutcome: ['success'],
    errorMessage: ['error'],
    httpStatus: ['status_code'],
    input: ['user_prompt', 'new_context'],
    output: ['response.model_output'],
  },
  usageRule: () => ({ inputExcludesCache: true }),
  complete(span) {
    if (span.kind === 'agent') span.agentName ??= span.name;
  },
};

/** A tool call waits under `tool.blocked_on_user` also when a rule or a hook decides; only a person's decision is a review. */
function isUserDecision(source: string | null): boolean {
  return source?.startsWith('user_') ?? false;
}
