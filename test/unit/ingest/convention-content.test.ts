import { describe, expect, it } from 'vitest';
import { readSpan } from '../../../src/ingest/convention/read.js';
import type { AttributeValue } from '../../../src/ingest/telemetry.js';
import { type WireSpan, wireSpan } from '../../support/wire-span.js';

const read = (attributes: Record<string, AttributeValue>, sent: WireSpan = {}) =>
  readSpan(wireSpan({ ...sent, attributes }));
const parsed = (text: string | null): unknown => JSON.parse(text ?? 'null');

const ASKED = { role: 'user', parts: [{ type: 'text', content: 'Weather in Paris?' }] };
const CALL = { type: 'tool_call', id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } };

describe('messages', () => {
  it('stay as they were sent where they are GenAI messages', () => {
    const sent = '[{"role":"user", "parts":[{"type":"text","content":"Hi"}]}]';
    expect(read({ 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': sent }).input).toBe(sent);
  });

  it('are written as JSON where the wire holds structure', () => {
    const sent = [
      new Map<string, AttributeValue>([
        ['role', 'user'],
        ['n', 9_007_199_254_740_993n],
      ]),
    ];
    const { input } = read({ 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': sent });
    expect(input).toBe('[{"role":"user","n":"9007199254740993"}]');
  });

  it('are put together from OpenInference attributes, in the order of their numbers', () => {
    const span = read({
      'openinference.span.kind': 'LLM',
      'input.value': '{"model":"gpt-4o"}',
      'llm.input_messages.1.message.role': 'tool',
      'llm.input_messages.1.message.content': '21 degrees',
      'llm.input_messages.1.message.tool_call_id': 'call_1',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'Weather in Paris?',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.contents.0.message_content.type': 'text',
      'llm.output_messages.0.message.contents.0.message_content.text': 'Let me see.',
      'llm.output_messages.0.message.tool_calls.0.tool_call.id': 'call_1',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'get_weather',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{"city":"Paris"}',
    });
    expect(parsed(span.input)).toEqual([
      ASKED,
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: '21 degrees' }] },
    ]);
    expect(parsed(span.output)).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Let me see.' }, CALL] },
    ]);
  });

  it('are left out where OpenInference sends a role alone, for the value beside it', () => {
    const span = read({
      'openinference.span.kind': 'CHAIN',
      'input.value': '{"messages":[["user","Hi"]]}',
      'llm.input_messages.0.message.role': 'user',
    });
    expect(span.input).toBe('{"messages":[["user","Hi"]]}');
  });

  it('are put together from old Traceloop attributes, without the word null', () => {
    const span = read({
      'llm.request.type': 'chat',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': '[{"type":"text","text":"Weather in Paris?"}]',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': 'null',
      'gen_ai.completion.0.finish_reason': 'tool_calls',
      'gen_ai.completion.0.tool_calls.0.id': 'call_1',
      'gen_ai.completion.0.tool_calls.0.name': 'get_weather',
      'gen_ai.completion.0.tool_calls.0.arguments': '{"city":"Paris"}',
    });
    expect(parsed(span.input)).toEqual([ASKED]);
    expect(parsed(span.output)).toEqual([{ role: 'assistant', parts: [CALL], finish_reason: 'tool_calls' }]);
    expect(span.finishReasons).toEqual(['tool_calls']);
  });

  it('are put together from span events', () => {
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } }],
    };
    const span = read(
      { 'gen_ai.operation.name': 'chat' },
      {
        events: [
          { name: 'gen_ai.user.message', attributes: { content: 'Weather in Paris?' } },
          { name: 'gen_ai.tool.message', attributes: { content: '{"temp":21}', id: 'call_0' } },
          { name: 'gen_ai.choice', attributes: { message: JSON.stringify(message), finish_reason: 'tool_calls' } },
        ],
      },
    );
    expect(parsed(span.input)).toEqual([
      ASKED,
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_0', response: { temp: 21 } }] },
    ]);
    expect(parsed(span.output)).toEqual([{ role: 'assistant', parts: [CALL], finish_reason: 'tool_calls' }]);
  });

  it('are read from events of Strands, whose content is a list of blocks', () => {
    const span = read(
      { 'gen_ai.operation.name': 'chat', 'gen_ai.event.start_time': '2026-08-01T00:00:00Z' },
      {
        events: [
          { name: 'gen_ai.user.message', attributes: { content: '[{"type":"textBlock","text":"Weather in Paris?"}]' } },
          { name: 'gen_ai.choice', attributes: { message: '[{"text":"Sunny."}]', finish_reason: 'end_turn' } },
        ],
      },
    );
    expect(parsed(span.input)).toEqual([ASKED]);
    expect(parsed(span.output)).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Sunny.' }], finish_reason: 'end_turn' },
    ]);
  });

  it('are the one attribute of the event that holds them all', () => {
    const attributes = { 'gen_ai.input.messages': '[1]', 'gen_ai.output.messages': '[2]' };
    const events = [{ name: 'gen_ai.client.inference.operation.details', attributes }];
    expect(read({ 'gen_ai.operation.name': 'chat' }, { events })).toMatchObject({ input: '[1]', output: '[2]' });
  });

  it('of Vercel hold the tool calls sent apart from the text, a JSON string inside JSON too', () => {
    const calls = [
      { toolCallId: 'call_1', toolName: 'get_weather', input: '{"city":"Paris"}' },
      { toolCallId: 'call_1', toolName: 'get_weather', args: { city: 'Paris' } },
    ];
    const operation = { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.response.text': 'Let me see.' };
    expect(read(operation).output).toBe('Let me see.');
    const { output } = read({ ...operation, 'ai.response.toolCalls': JSON.stringify(calls) });
    expect(parsed(output)).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Let me see.' }, CALL, CALL] },
    ]);
  });

  it('are plain text where the wire holds plain text', () => {
    const agent = { 'openinference.span.kind': 'AGENT', 'input.value': 'weather?', 'output.value': 'Sunny.' };
    expect(read(agent)).toMatchObject({ input: 'weather?', output: 'Sunny.' });
  });

  it('survive arguments nested deeper than JSON can be written', () => {
    const levels = 200_000;
    const span = read({
      'openinference.span.kind': 'LLM',
      'output.value': 'Sunny.',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'get_weather',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments':
        '['.repeat(levels) + ']'.repeat(levels),
    });
    expect(span.output).toBe('Sunny.');
  });

  it('do not run wild with a hostile number', () => {
    const { input } = read({
      'openinference.span.kind': 'LLM',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'Weather in Paris?',
      'llm.input_messages.4294967295.message.content': 'Again',
      'llm.input_messages.__proto__.message.content': 'Polluted',
    });
    expect(parsed(input)).toEqual([ASKED, { role: 'user', parts: [{ type: 'text', content: 'Again' }] }]);
  });
});

describe('tools', () => {
  const tools: [string, Record<string, AttributeValue>, WireSpan][] = [
    [
      'GenAI',
      {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'get_weather',
        'gen_ai.tool.call.id': 'call_1',
        'gen_ai.tool.call.arguments': new Map([['city', 'Paris']]),
        'gen_ai.tool.call.result': '21',
      },
      {},
    ],
    [
      'OpenInference',
      {
        'openinference.span.kind': 'TOOL',
        'tool.name': 'get_weather',
        'tool.id': 'call_1',
        'input.value': '{"city":"Paris"}',
        'output.value': '21',
      },
      {},
    ],
    [
      'Traceloop',
      {
        'traceloop.span.kind': 'tool',
        'traceloop.entity.name': 'get_weather',
        'gen_ai.tool.call.id': 'call_1',
        'traceloop.entity.input': '{"city":"Paris"}',
        'traceloop.entity.output': '21',
      },
      {},
    ],
    [
      'Vercel 6',
      {
        'ai.operationId': 'ai.toolCall',
        'ai.toolCall.name': 'get_weather',
        'ai.toolCall.id': 'call_1',
        'ai.toolCall.args': '{"city":"Paris"}',
        'ai.toolCall.result': '21',
      },
      {},
    ],
    [
      'Langfuse',
      {
        'langfuse.observation.type': 'tool',
        'gen_ai.tool.call.id': 'call_1',
        'langfuse.observation.input': '{"city":"Paris"}',
        'langfuse.observation.output': '21',
      },
      { name: 'get_weather' },
    ],
    [
      'LangSmith',
      {
        'langsmith.span.kind': 'tool',
        'gen_ai.tool.call.id': 'call_1',
        'gen_ai.prompt': '{"city":"Paris"}',
        'gen_ai.completion': '21',
      },
      { name: 'get_weather' },
    ],
    [
      'Mastra 0',
      {
        'mastra.span.type': 'tool_call',
        'gen_ai.tool.name': 'get_weather',
        'gen_ai.tool.call.id': 'call_1',
        'gen_ai.tool.input': '{"city":"Paris"}',
        'gen_ai.tool.output': '21',
      },
      {},
    ],
    [
      'Google ADK',
      {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'get_weather',
        'gen_ai.tool.call.id': 'call_1',
        'gcp.vertex.agent.tool_call_args': '{"city":"Paris"}',
        'gcp.vertex.agent.tool_response': '21',
      },
      { scope: 'gcp.vertex.agent' },
    ],
    [
      'Strands',
      {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.event.start_time': '2026-08-01T00:00:00Z',
        'gen_ai.tool.name': 'get_weather',
        'gen_ai.tool.call.id': 'call_1',
      },
      {
        events: [
          { name: 'gen_ai.tool.message', attributes: { content: '{"city":"Paris"}' } },
          { name: 'gen_ai.choice', attributes: { message: '21' } },
        ],
      },
    ],
    [
      'OpenLIT',
      {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'get_weather',
        'gen_ai.tool.call.id': 'call_1',
        'gen_ai.tool.args': '{"city":"Paris"}',
        'gen_ai.tool.call.result': '21',
      },
      { scope: 'openlit' },
    ],
    [
      'OpenInference, beside the schema of the tool',
      {
        'openinference.span.kind': 'TOOL',
        'tool.name': 'get_weather',
        'tool.id': 'call_1',
        'tool.parameters': '{"type":"object","properties":{"city":{"type":"string"}}}',
        'input.value': '{"city":"Paris"}',
        'output.value': '21',
      },
      {},
    ],
    [
      'Pydantic AI',
      {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'get_weather',
        'gen_ai.tool.call.id': 'call_1',
        tool_arguments: '{"city":"Paris"}',
        tool_response: '21',
      },
      { scope: 'pydantic-ai' },
    ],
  ];

  it.each(tools)('are read from %s', (_client, attributes, sent) => {
    expect(read(attributes, sent)).toMatchObject({
      kind: 'tool',
      toolName: 'get_weather',
      toolCallId: 'call_1',
      arguments: '{"city":"Paris"}',
      result: '21',
      failure: null,
    });
  });

  it('are no executions where a model call names the tool it asks for', () => {
    const span = read({ 'gen_ai.operation.name': 'chat', 'gen_ai.tool.name': 'get_weather' });
    expect(span).toMatchObject({ kind: 'model', toolName: null });
  });

  it('that hand over to another agent are handoffs', () => {
    const attributes = { 'openinference.span.kind': 'TOOL', 'output.value': '{"to_agent":"billing"}' };
    const span = read(attributes, { name: 'handoff to billing' });
    expect(span).toMatchObject({ kind: 'handoff', toolName: 'handoff to billing', result: '{"to_agent":"billing"}' });
  });
});

describe('retrievals', () => {
  it('hold their query and documents', () => {
    const documents = '[{"id":"doc-1","score":0.9}]';
    const attributes = {
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.retrieval.query.text': 'refunds',
      'gen_ai.retrieval.documents': documents,
    };
    expect(read(attributes)).toMatchObject({ kind: 'retrieval', input: 'refunds', output: documents });
  });

  it('of OpenInference are put together from flat attributes', () => {
    const { output } = read({
      'openinference.span.kind': 'RETRIEVER',
      'retrieval.documents.0.document.id': 'doc-1',
      'retrieval.documents.0.document.content': 'Within 30 days.',
      'retrieval.documents.0.document.score': 0.9,
    });
    expect(parsed(output)).toEqual([{ id: 'doc-1', score: 0.9, content: 'Within 30 days.' }]);
  });
});
