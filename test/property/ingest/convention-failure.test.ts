import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSpan } from '../../../src/ingest/convention/read.js';
import type { AttributeValue } from '../../../src/ingest/telemetry.js';
import { type WireSpan, wireSpan } from '../../support/wire-span.js';

const read = (sent: WireSpan) => readSpan(wireSpan(sent));

describe('failure', () => {
  const exception = {
    name: 'exception',
    attributes: { 'exception.type': 'TypeError', 'exception.message': 'card declined' },
  };

  it('shows in the status', () => {
    const attributes = { 'gen_ai.operation.name': 'chat', 'error.type': 'timeout' };
    const span = read({ attributes, statusCode: 2, statusMessage: 'too slow', events: [exception] });
    expect(span.failure).toEqual({ type: 'timeout', message: 'too slow' });
  });

  it('shows in an exception event though the status is OK, as LangSmith sends it', () => {
    const span = read({ attributes: { 'langsmith.span.kind': 'tool' }, statusCode: 1, events: [exception] });
    expect(span.failure).toEqual({ type: 'TypeError', message: 'card declined' });
  });

  it('shows in the level, which is all that Langfuse sends', () => {
    const attributes = {
      'langfuse.observation.type': 'tool',
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'card declined',
    };
    expect(read({ attributes }).failure).toEqual({ type: null, message: 'card declined' });
    expect(read({ attributes: { ...attributes, 'langfuse.observation.level': 'WARNING' } }).failure).toBeNull();
  });

  it.each<[string, Record<string, AttributeValue>, WireSpan]>([
    ['Strands status', { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.status': 'error' }, {}],
    ['Mastra flag', { 'mastra.span.type': 'tool_call', 'gen_ai.tool.success': false }, {}],
    ['MCP error type', { 'gen_ai.operation.name': 'execute_tool', 'error.type': 'tool_error' }, {}],
    ['MCP result', { 'mcp.method.name': 'tools/call', 'gen_ai.tool.call.result': '{"content":[],"isError":true}' }, {}],
    ['MCP result in Python', { 'traceloop.span.kind': 'tool', 'traceloop.entity.output': '{"is_error":true}' }, {}],
    [
      'MCP result as structure',
      { 'mcp.method.name': 'tools/call', 'gen_ai.tool.call.result': new Map([['isError', true]]) },
      {},
    ],
    [
      'LangChain tool message',
      { 'openinference.span.kind': 'TOOL', 'output.value': '{"lc":1,"kwargs":{"content":"no","status":"error"}}' },
      {},
    ],
    [
      'Claude Code execution',
      { 'span.type': 'tool.execution', success: 'false' },
      { scope: 'com.anthropic.claude_code.tracing' },
    ],
    [
      'Codex result, as an event below the tool',
      {},
      {
        scope: 'codex_exec',
        name: 'dispatch_tool_call_with_state',
        events: [
          {
            name: 'event otel/src/tool_result.rs:54',
            attributes: { 'event.name': 'codex.tool_result', success: 'false' },
          },
        ],
      },
    ],
    [
      'finish reason of a model call, as Mastra sends it with the status OK',
      { 'mastra.span.type': 'model_inference', 'gen_ai.response.finish_reasons': '["error"]' },
      { statusCode: 1 },
    ],
    ['HTTP status of a model call', { 'gen_ai.operation.name': 'chat', 'http.response.status_code': 429 }, {}],
  ])('shows in what the call says of itself: %s', (_client, attributes, sent) => {
    expect(read({ ...sent, attributes }).failure).not.toBeNull();
  });

  it.each<[string, Record<string, AttributeValue>]>([
    ['a tool that went well', { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.status': 'success' }],
    ['an MCP result', { 'mcp.method.name': 'tools/call', 'gen_ai.tool.call.result': '{"content":[],"isError":false}' }],
    [
      'a result about errors',
      { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.call.result': '{"status":"error"}' },
    ],
    ['a result cut short', { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.call.result': '{"isError":true' }],
    ['a 404 of an ordinary request', { 'http.response.status_code': 404, 'error.type': '404' }],
    ['a model call answered with 200', { 'gen_ai.operation.name': 'chat', 'http.response.status_code': 200 }],
  ])('is not seen in %s', (_case, attributes) => {
    expect(read({ attributes }).failure).toBeNull();
  });

  it('is named by the HTTP status when nothing else names it', () => {
    const attributes = { 'gen_ai.operation.name': 'chat', 'http.response.status_code': 503 };
    expect(read({ attributes }).failure).toEqual({ type: '503', message: null });
  });
});

describe('a hallucination score', () => {
  const judged = (name: string, label: string | null, score: number | null) =>
    read({
      attributes: {
        'openinference.span.kind': 'EVALUATOR',
        'annotation.name': name,
        'annotation.label': label,
        'annotation.score': score,
      },
    }).hallucinationScore;

  it.each<[string, string | null, number | null, number | null]>([
    ['hallucination', 'hallucinated', 0.87, 0.87],
    ['hallucination', 'factual', 0.12, 0.12],
    ['Hallucination', 'hallucinated', 0.13, 0.87],
    ['hallucination', 'factual', 0.88, 0.12],
    ['hallucination', 'not_hallucinated', null, 0],
    ['hallucination', 'hallucinated', null, 1],
    ['hallucination', null, 0.3, 0.3],
    ['faithfulness', null, 0.75, 0.25],
    ['groundedness', 'ungrounded', 1, 1],
    ['hallucination', null, 4, null],
    ['hallucination', 'factual', 5, 0],
    ['relevance', 'relevant', 0.9, null],
  ])('of %s, %s, %s is %s', (name, label, score, expected) => {
    const actual = judged(name, label, score);
    if (expected === null) expect(actual).toBeNull();
    else expect(actual).toBeCloseTo(expected, 9);
  });

  it('is found among several verdicts on one span', () => {
    const attributes = {
      'openinference.span.kind': 'LLM',
      'annotations.0.annotation.name': 'relevance',
      'annotations.0.annotation.score': 0.9,
      'annotations.1.annotation.name': 'hallucination',
      'annotations.1.annotation.score': 0.2,
    };
    expect(read({ attributes }).hallucinationScore).toBe(0.2);
    expect(read({ attributes: { 'openinference.span.kind': 'LLM' } }).hallucinationScore).toBeNull();
  });

  it('is read from the evaluation event of a model call', () => {
    const attributes = {
      'gen_ai.evaluation.name': 'hallucination',
      'gen_ai.evaluation.score.label': 'hallucinated',
      'gen_ai.evaluation.score.value': 0.9,
    };
    const events = [{ name: 'gen_ai.evaluation.result', attributes }];
    expect(read({ attributes: { 'gen_ai.operation.name': 'chat' }, events }).hallucinationScore).toBe(0.9);
  });
});

describe('odd values', () => {
  const KEYS = [
    'openinference.span.kind',
    'langfuse.observation.type',
    'langfuse.observation.usage_details',
    'traceloop.span.kind',
    'ai.operationId',
    'ai.response.toolCalls',
    'mastra.span.type',
    'langsmith.span.kind',
    'langsmith.usage_metadata',
    'gen_ai.operation.name',
    'gen_ai.request.model',
    'gen_ai.usage.input_tokens',
    'gen_ai.response.finish_reasons',
    'gen_ai.tool.call.result',
    'gen_ai.system',
    'metadata',
    'llm.input_messages.0.message.role',
    'llm.input_messages.0.message.tool_calls.0.tool_call.function.arguments',
    'gen_ai.prompt.0.content',
    'langfuse.observation.completion_start_time',
    'annotation.name',
    'midwatch.risk_class',
  ];
  const KINDS = [
    'LLM',
    'AGENT',
    'CHAIN',
    'generation',
    'tool',
    'chat',
    'execute_tool',
    'ai.toolCall',
    'agent_run',
    '[',
    '{"a":1}',
    '[[]]',
  ];
  const value = fc.letrec<{ value: AttributeValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<AttributeValue>(...KINDS),
      fc.string(),
      fc.json(),
      fc.double(),
      fc.bigInt(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      fc.array(tie('value')),
      fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
    ),
  })).value;
  const attributes = fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), value);
  const events = fc.array(
    fc.record({
      name: fc.constantFrom(
        'exception',
        'gen_ai.choice',
        'gen_ai.user.message',
        'gen_ai.tool.message',
        'gen_ai.evaluation.result',
      ),
      attributes: fc.dictionary(
        fc.constantFrom('content', 'message', 'tool_calls', 'role', 'finish_reason', 'id'),
        value,
      ),
    }),
  );

  it('never stop a span from being read, and every number read is finite', () => {
    fc.assert(
      fc.property(attributes, events, fc.string(), (sent, sentEvents, name) => {
        const span = read({ name, attributes: sent, events: sentEvents });
        const numbers = [...Object.values(span), ...Object.values(span.usage ?? {})].filter(
          (v) => typeof v === 'number',
        );
        expect(numbers.every(Number.isFinite)).toBe(true);
        expect(JSON.parse(JSON.stringify(span))).toEqual(span);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an evaluation made afterwards', () => {
  const target = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
  const verdict = {
    'annotations.0.annotation.name': 'hallucination',
    'annotations.0.annotation.label': 'hallucinated',
    'annotations.0.annotation.score': 0.9,
  };
  const links = [{ ...target, attributes: new Map() }];

  it('stands beneath the span it links to', () => {
    expect(read({ attributes: verdict, links })).toMatchObject({
      kind: 'evaluation',
      traceId: target.traceId,
      parentSpanId: target.spanId,
      hallucinationScore: 0.9,
    });
  });

  it('stays where it is when it has a parent or links to several', () => {
    expect(read({ attributes: verdict, links, parentSpanId: 'b7ad6b7169203332' }).traceId).not.toBe(target.traceId);
    expect(read({ attributes: verdict, links: [...links, ...links] }).parentSpanId).toBeNull();
  });

  it('leaves a model call with annotations a model call', () => {
    const attributes = { ...verdict, 'gen_ai.operation.name': 'chat' };
    expect(read({ attributes, links })).toMatchObject({ kind: 'model', parentSpanId: null, hallucinationScore: 0.9 });
  });
});
