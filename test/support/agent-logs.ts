import type { TestLogRecord } from './otlp-logs.js';

/**
 * Turns of coding agents as their log records tell them. Codex CLI after openai/codex codex-rs/otel session_telemetry.rs,
 * where all numbers that are displayed are text and the record's event name is a place in the source; Gemini CLI after
 * google-gemini/gemini-cli packages/core/src/telemetry/types.ts. Both were read in 2026, not captured.
 */
export function codexTurn({ conversation, prompt, atMs = 0 }: CodexTurn): TestLogRecord[] {
  const record = (name: string, offsetMs: number, attributes: Record<string, unknown> = {}): TestLogRecord => ({
    service: 'codex_exec',
    scope: 'codex_otel',
    atMs: atMs + offsetMs,
    eventName: 'event otel/src/events/session_telemetry.rs:921',
    attributes: {
      'event.name': name,
      ...attributes,
      'conversation.id': conversation,
      'app.version': '0.154.0',
      model: 'gpt-5-codex',
      slug: 'gpt-5-codex',
    },
  });
  const counts = (input: number, output: number) => ({
    'event.kind': 'response.completed',
    input_token_count: String(input),
    output_token_count: String(output),
    cached_token_count: 50,
    reasoning_token_count: 8,
    tool_token_count: String(input + output),
  });
  return [
    record('codex.user_prompt', 0, { prompt_length: String(prompt.length), prompt }),
    record('codex.api_request', 120, { duration_ms: '100', 'http.response.status_code': 200, attempt: 0 }),
    record('codex.sse_event', 130, { 'event.kind': 'response.created', duration_ms: '10' }),
    record('codex.sse_event', 900, { 'event.kind': 'response.completed', duration_ms: '10' }),
    record('codex.sse_event', 901, counts(1_000, 40)),
    record('codex.tool_decision', 910, { tool_name: 'shell', call_id: 'c1', decision: 'approved', source: 'Config' }),
    record('codex.tool_result', 1_000, {
      tool_name: 'shell',
      call_id: 'c1',
      arguments: '{"command":["false"]}',
      duration_ms: '80',
      success: 'false',
      output: 'exit code 1',
    }),
    record('codex.api_request', 1_100, { duration_ms: '90', 'http.response.status_code': 200, attempt: 0 }),
    record('codex.sse_event', 1_500, counts(1_100, 60)),
  ];
}

interface CodexTurn {
  conversation: string;
  prompt: string;
  atMs?: number;
}

export function geminiTurn({ session, prompt }: { session: string; prompt: string }): TestLogRecord[] {
  const record = (name: string, atMs: number, attributes: Record<string, unknown> = {}): TestLogRecord => ({
    service: 'gemini-cli',
    scope: 'gemini-cli',
    atMs,
    body: `${name} happened.`,
    attributes: { 'session.id': session, 'event.name': name, prompt_id: `${session}########1`, ...attributes },
  });
  const model = 'gemini-2.5-pro';
  return [
    record('gemini_cli.user_prompt', 0, { prompt_length: prompt.length, prompt }),
    record('gemini_cli.api_request', 10, { model, request_text: '[{"role":"user"}]' }),
    record('gemini_cli.api_response', 510, {
      model,
      duration_ms: 500,
      input_token_count: 200,
      output_token_count: 30,
      cached_content_token_count: 20,
      thoughts_token_count: 12,
      status_code: 200,
      finish_reasons: ['stop'],
      response_text: 'It is done.',
    }),
    record('gemini_cli.tool_call', 600, {
      function_name: 'read_file',
      function_args: '{"path":"a.txt"}',
      duration_ms: 40,
      success: true,
    }),
    record('gemini_cli.api_error', 900, {
      model,
      duration_ms: 200,
      error: 'quota exceeded',
      'error.message': 'quota exceeded',
      status_code: 429,
    }),
  ];
}
