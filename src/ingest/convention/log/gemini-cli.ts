import { geminiCli } from '../dialect/gemini-cli.js';
import type { AgentEvent, AgentLog } from './agent-log.js';
import { eventNameOf } from './event-name.js';

/** Gemini CLI's events (google-gemini/gemini-cli, packages/core/src/telemetry/types.ts); each names its prompt. */
const KINDS = new Map<string, AgentEvent['kind']>([
  ['gemini_cli.user_prompt', 'agent'],
  ['gemini_cli.api_request', 'request'],
  ['gemini_cli.api_response', 'model'],
  ['gemini_cli.api_error', 'model'],
  ['gemini_cli.tool_call', 'tool'],
]);

export const geminiCliLog: AgentLog = {
  convention: {
    ...geminiCli,
    aliases: {
      ...geminiCli.aliases,
      conversationId: ['session.id'],
      responseModel: ['model'],
      finishReasons: ['finish_reasons'],
      toolName: ['function_name'],
      arguments: ['function_args'],
      toolOutcome: ['success'],
      httpStatus: ['http.status_code', 'status_code'],
      errorType: ['error.type', 'error_type'],
      errorMessage: ['error.message', 'error'],
      input: ['prompt', 'request_text'],
      output: ['response_text'],
    },
  },
  sessionKey: 'session.id',
  turnKey: 'prompt_id',
  eventOf(record) {
    const name = eventNameOf(record);
    const kind = name === null ? undefined : KINDS.get(name);
    if (name === null || kind === undefined) return null;
    return { kind, name, isFailure: name === 'gemini_cli.api_error' };
  },
};
