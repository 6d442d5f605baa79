import { describe, expect, it } from 'vitest';
import type { Span } from '../../../src/decision/assembly/span.js';
import { readLogRecords } from '../../../src/ingest/convention/log/read.js';
import { DEFAULT_DECODE_LIMITS } from '../../../src/ingest/decode/limits.js';
import { decodeLogsJson } from '../../../src/ingest/decode/logs-json.js';
import { codexTurn } from '../../support/agent-logs.js';
import { logsRequest, type TestLogRecord } from '../../support/otlp-logs.js';

const BASE_MS = 1_795_000_000_000;
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

const read = (...records: TestLogRecord[]): Span[] =>
  readLogRecords(decodeLogsJson(Buffer.from(logsRequest(records, BASE_MS)), DEFAULT_DECODE_LIMITS).records);

function readOne(record: TestLogRecord): Span {
  const [span, ...others] = read(record);
  if (span === undefined || others.length > 0) expect.fail(`one span expected, ${others.length} others`);
  return span;
}

/** A record as Claude Code 2.1.197 writes it (captured). */
const claude = (event: string, attributes: Record<string, unknown> = {}): TestLogRecord => ({
  service: 'claude-code',
  scope: 'com.anthropic.claude_code.events',
  body: `claude_code.${event}`,
  attributes: { 'session.id': 'session-1', 'prompt.id': 'prompt-1', 'event.name': event, ...attributes },
});

const codex = (name: string, attributes: Record<string, unknown> = {}): TestLogRecord => ({
  attributes: { 'event.name': name, 'conversation.id': 'conversation-1', ...attributes },
});

describe('Claude Code', () => {
  it('tells a turn whose records stand beneath its prompt', () => {
    const [prompt, call, tool] = read(
      claude('user_prompt', { prompt: 'Do it.' }),
      claude('api_request', {
        model: 'claude-sonnet-4-5-20250929',
        input_tokens: '142',
        output_tokens: '44',
        cache_read_tokens: '64',
        cache_creation_tokens: '32',
        cost_usd: 0.0011,
        duration_ms: '114',
        request_id: 'req_1',
      }),
      claude('tool_result', {
        tool_name: 'Read',
        tool_use_id: 'toolu_1',
        success: 'false',
        duration_ms: '7',
        error_type: 'NotFound',
        error: 'File does not exist.',
        tool_input: '{"file_path":"/x"}',
      }),
    );
    expect(prompt).toMatchObject({
      kind: 'agent',
      agentName: 'claude-code',
      parentSpanId: null,
      ended: false,
      input: 'Do it.',
      conversationId: 'session-1',
    });
    expect(call).toMatchObject({
      kind: 'model',
      traceId: prompt?.traceId,
      parentSpanId: prompt?.spanId,
      startMs: BASE_MS - 114,
      endMs: BASE_MS,
      provider: 'anthropic',
      responseModel: 'claude-sonnet-4-5-20250929',
      responseId: 'req_1',
      usage: { input: 238, output: 44, cacheRead: 64, cacheWrite: 32, reasoning: null },
      reportedCostUsd: 0.0011,
    });
    expect(tool).toMatchObject({
      kind: 'tool',
      toolName: 'Read',
      arguments: '{"file_path":"/x"}',
      failure: { type: 'NotFound', message: 'File does not exist.' },
    });
  });

  it('tells a failed request once, though its connection broke before there was a status', () => {
    const [failed, ...others] = read(
      claude('api_error', { model: 'claude-sonnet-4-5', error: 'Connection error.' }),
      claude('api_retries_exhausted', { error: 'Connection error.', status_code: '500' }),
    );
    expect(others).toEqual([]);
    expect(failed).toMatchObject({ kind: 'model', usage: null, failure: { message: 'Connection error.' } });
  });

  it.each([
    ['user_reject', 'human'],
    ['config', undefined],
  ])('with a tool decided by %s', (source, kind) => {
    const decision = claude('tool_decision', { tool_name: 'Bash', decision: 'reject', source });
    expect(read(decision)[0]?.kind).toBe(kind);
  });

  it('says of the span a record was written in what it says of the turn', () => {
    const record = { ...claude('assistant_response', { response: 'Paris.', request_id: 'req_1' }), traceId: TRACE_ID };
    const [told, remark] = read({ ...record, spanId: SPAN_ID });
    expect(told).toMatchObject({ kind: 'content', output: 'Paris.', responseId: 'req_1' });
    expect(told?.traceId).not.toBe(TRACE_ID);
    expect(remark).toMatchObject({ kind: 'content', traceId: TRACE_ID, parentSpanId: SPAN_ID, output: 'Paris.' });
  });
});

describe('Codex CLI', () => {
  it('names its events in an attribute: the field holds a place in the source', () => {
    const kinds = read(...codexTurn({ conversation: 'c', prompt: 'Run.' })).map(({ kind }) => kind);
    expect(kinds).toEqual(['agent', 'request', 'model', 'tool', 'request', 'model']);
  });

  it('counts its answer at the event with counts, input with the cache and output with reasoning', () => {
    const answer = codex('codex.sse_event', {
      'event.kind': 'response.completed',
      input_token_count: '1000',
      output_token_count: '40',
      cached_token_count: 900,
      reasoning_token_count: 30,
      model: 'gpt-5-codex',
    });
    expect(readOne(answer)).toMatchObject({
      provider: 'openai',
      responseModel: 'gpt-5-codex',
      usage: { input: 1_000, output: 40, cacheRead: 900, cacheWrite: null, reasoning: 30 },
    });
  });

  it.each([
    ['codex.api_request', { 'http.response.status_code': 429 }, 'model'],
    ['codex.api_request', { 'error.message': 'timed out' }, 'model'],
    ['codex.websocket_request', { success: 'false' }, 'model'],
    ['codex.websocket_request', { success: 'true' }, 'request'],
    ['codex.sse_event', { 'event.kind': 'response.failed', 'error.message': 'overloaded' }, 'model'],
    ['codex.tool_decision', { source: 'User', decision: 'denied' }, 'human'],
  ])('%s with %j is a %s', (name, attributes, kind) => {
    const span = readOne(codex(name, attributes));
    expect(span.kind).toBe(kind);
    expect(span.failure !== null).toBe(kind === 'model');
  });

  it('has turns without a name: every prompt is another, all in the conversation’s trace', () => {
    const [first, second] = read(
      codex('codex.user_prompt', { prompt: 'a' }),
      codex('codex.user_prompt', { prompt: 'b' }),
    );
    expect(first?.traceId).toBe(second?.traceId);
    expect(first?.spanId).not.toBe(second?.spanId);
  });
});

describe('GenAI events', () => {
  const message = (name: string, body: Record<string, unknown>): TestLogRecord => ({
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    body,
    attributes: { 'event.name': name, 'gen_ai.system': 'openai' },
  });

  it('of the older form are one message each', () => {
    const spans = read(
      message('gen_ai.user.message', { content: 'Hi' }),
      message('gen_ai.choice', { index: 0, finish_reason: 'stop', message: { content: 'Hello' } }),
    );
    expect(spans).toMatchObject([
      { kind: 'content', parentSpanId: SPAN_ID, input: '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]' },
      { output: '[{"role":"assistant","parts":[{"type":"text","content":"Hello"}],"finish_reason":"stop"}]' },
    ]);
    expect(spans.map(({ log }) => log)).toEqual([
      { traceId: TRACE_ID, sequence: 0, isPart: true },
      { traceId: TRACE_ID, sequence: 1, isPart: true },
    ]);
  });

  it('without the span they are about tell nothing', () => {
    const { traceId: _traceId, ...adrift } = message('gen_ai.user.message', { content: 'Hi' });
    expect(read(adrift)).toEqual([]);
  });

  const verdict = (attributes: Record<string, unknown>): TestLogRecord => ({
    eventName: 'gen_ai.evaluation.result',
    attributes,
  });

  it('of an evaluator are a verdict on invention, or nothing', () => {
    const onResponse = { 'gen_ai.response.id': 'resp_1' };
    const invention = { 'gen_ai.evaluation.name': 'hallucination', 'gen_ai.evaluation.score.value': 0.12 };
    const label = { 'gen_ai.evaluation.score.label': 'factual' };
    expect(readOne(verdict({ ...onResponse, ...invention, ...label }))).toMatchObject({
      kind: 'evaluation',
      hallucinationScore: 0.12,
      responseId: 'resp_1',
    });
    expect(read(verdict({ ...onResponse, 'gen_ai.evaluation.name': 'Relevance' }))).toEqual([]);
    expect(read(verdict(invention))).toEqual([]);
  });
});

describe('log records', () => {
  it('of anything else tell nothing', () => {
    const others: TestLogRecord[] = [
      { body: 'GET / 200' },
      { eventName: 'device.app.lifecycle', attributes: { 'session.id': 's' } },
      claude('tool_started'),
      { ...claude('user_prompt'), attributes: { 'event.name': 'user_prompt' } },
      codex('codex.sse_event', { 'event.kind': 'response.created' }),
    ];
    expect(read(...others)).toEqual([]);
  });

  it('that come again in another request are the same spans', () => {
    const record = claude('api_request', { request_id: 'req_1', 'event.sequence': '4' });
    const [alone] = read(record);
    const [, after] = read(claude('user_prompt'), record);
    expect(after?.spanId).toBe(alone?.spanId);
    expect(read(claude('api_request', { 'event.sequence': '5' }))[0]?.spanId).not.toBe(alone?.spanId);
  });
});
