import { describe, expect, it } from 'vitest';
import { readSpan } from '../../../src/ingest/convention/read.js';
import type { AttributeValue } from '../../../src/ingest/telemetry.js';
import { START_MS, type WireSpan, wireSpan } from '../../support/wire-span.js';

const read = (attributes: Record<string, AttributeValue>, sent: WireSpan = {}) =>
  readSpan(wireSpan({ ...sent, attributes }));
const chat = (attributes: Record<string, AttributeValue>, sent: WireSpan = {}) =>
  read({ 'gen_ai.operation.name': 'chat', ...attributes }, sent);

describe('models and provider', () => {
  it.each([
    ['OpenInference', { 'openinference.span.kind': 'LLM', 'llm.request.model_name': 'a', 'llm.model_name': 'b' }],
    ['Vercel', { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.model.id': 'a', 'ai.response.model': 'b' }],
    ['GenAI', { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'a', 'gen_ai.response.model': 'b' }],
    [
      'LangSmith',
      { 'langsmith.span.kind': 'llm', 'langsmith.metadata.ls_model_name': 'a', 'gen_ai.response.model': 'b' },
    ],
  ])('tells the model asked from the model that answered: %s', (_client, attributes) => {
    expect(read(attributes)).toMatchObject({ requestModel: 'a', responseModel: 'b' });
  });

  it.each([
    ['openai.chat', 'openai'],
    ['openai.responses', 'openai'],
    ['anthropic.messages', 'anthropic'],
    ['google.generative-ai', 'gcp.gemini'],
    ['google.vertex.chat', 'gcp.vertex_ai'],
    ['amazon-bedrock', 'aws.bedrock'],
    ['OpenAI', 'openai'],
    ['Anthropic', 'anthropic'],
    ['az.ai.openai', 'azure.ai.openai'],
    ['azure.ai.openai', 'azure.ai.openai'],
    ['vertex_ai', 'gcp.vertex_ai'],
    ['gemini', 'gcp.gemini'],
    ['gcp.gen_ai', 'gcp.gen_ai'],
    ['xai', 'x_ai'],
    ['mistralai', 'mistral_ai'],
    ['Homemade', 'homemade'],
  ])('names the provider %s as %s', (sent, provider) => {
    expect(chat({ 'gen_ai.system': sent }).provider).toBe(provider);
  });

  it.each([
    ['langchain', 'gpt-4o', 'openai'],
    ['gcp.vertex.agent', 'gemini-2.5-flash', 'gcp.gemini'],
    ['shop', 'claude-sonnet-4-5', 'anthropic'],
    ['shop', 'llama-3.3-70b', null],
    ['', 'openai/gpt-4o', 'openai'],
    ['', 'anthropic.claude-3-haiku', 'aws.bedrock'],
  ])('takes the provider from the model when %j is none: %s', (sent, model, provider) => {
    expect(chat({ 'gen_ai.system': sent, 'gen_ai.request.model': model }).provider).toBe(provider);
  });
});

describe('the identifier of an answer', () => {
  it('is read from the answer itself where OpenInference sends it whole', () => {
    const answer = {
      'openinference.span.kind': 'LLM',
      'output.value': '{"id":"chatcmpl-1","object":"chat.completion"}',
    };
    expect(read(answer).responseId).toBe('chatcmpl-1');
    expect(read({ 'openinference.span.kind': 'LLM', 'output.value': 'Sunny.' }).responseId).toBeNull();
  });
});

describe('tokens', () => {
  const openai = { input: 142, output: 60, cacheRead: 64, cacheWrite: null, reasoning: 16 };

  it.each([
    [
      'GenAI',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 142,
        'gen_ai.usage.output_tokens': 60,
        'gen_ai.usage.cache_read.input_tokens': 64,
        'gen_ai.usage.reasoning.output_tokens': 16,
      },
    ],
    [
      'deprecated GenAI',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.prompt_tokens': 142,
        'gen_ai.usage.completion_tokens': 60,
        'gen_ai.usage.cache_read_input_tokens': 64,
        'gen_ai.usage.reasoning_tokens': 16,
      },
    ],
    [
      'OpenInference',
      {
        'openinference.span.kind': 'LLM',
        'llm.token_count.prompt': 142,
        'llm.token_count.completion': 60,
        'llm.token_count.prompt_details.cache_read': 64,
        'llm.token_count.completion_details.reasoning': 16,
      },
    ],
    [
      'Vercel 6',
      {
        'ai.operationId': 'ai.streamText.doStream',
        'ai.usage.inputTokens': 142,
        'ai.usage.outputTokens': 60,
        'ai.usage.cachedInputTokens': 64,
        'ai.usage.reasoningTokens': 16,
      },
    ],
    [
      'OpenInference written onto Vercel 6',
      {
        'openinference.span.kind': 'LLM',
        'ai.operationId': 'ai.generateText.doGenerate',
        'llm.token_count.prompt': 142,
        'llm.token_count.completion': 60,
        'ai.usage.cachedInputTokens': 64,
        'ai.usage.reasoningTokens': 16,
      },
    ],
    [
      'Langfuse, each kind apart',
      {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.usage_details':
          '{"input":78,"output":44,"total":202,"input_cached_tokens":64,"output_reasoning_tokens":16}',
      },
    ],
    [
      'Langfuse, as OpenAI counts',
      {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.usage_details':
          '{"input":142,"output":60,"total":202,"input_cached_tokens":64,"output_reasoning_tokens":16}',
      },
    ],
    [
      'LangSmith',
      {
        'langsmith.span.kind': 'llm',
        'gen_ai.usage.input_tokens': 142,
        'gen_ai.usage.output_tokens': 60,
        'gen_ai.usage.input_token_details': '{"cache_read":64}',
        'gen_ai.usage.output_token_details': '{"reasoning":16}',
      },
    ],
    [
      'LangSmith, metadata alone',
      {
        'langsmith.span.kind': 'llm',
        'langsmith.usage_metadata':
          '{"input_tokens":142,"output_tokens":60,"input_token_details":{"cache_read":64},"output_token_details":{"reasoning":16}}',
      },
    ],
    [
      'Mastra',
      {
        'mastra.span.type': 'model_inference',
        'gen_ai.usage.input_tokens': 142,
        'gen_ai.usage.output_tokens': 60,
        'gen_ai.usage.cached_input_tokens': 64,
        'gen_ai.usage.reasoning_tokens': 16,
      },
    ],
  ])('are read from %s', (_client, attributes) => {
    expect(read(attributes).usage).toEqual(openai);
  });

  it.each([
    [
      'with a kind of its own',
      '{"input":100,"output":40,"total":150,"input_audio_tokens":4,"output_audio_tokens":6}',
      104,
      46,
    ],
    ['as Anthropic counts', '{"input":175,"output":65,"total":240,"cache_read_input_tokens":64}', 239, 65],
    ['under OpenAI names', '{"prompt_tokens":142,"completion_tokens":60}', 142, 60],
  ])('of Langfuse are whole: %s', (_form, details, input, output) => {
    const attributes = { 'langfuse.observation.type': 'generation', 'langfuse.observation.usage_details': details };
    expect(read(attributes).usage).toMatchObject({ input, output });
  });

  it('are those of an embedding too', () => {
    expect(read({ 'ai.operationId': 'ai.embed.doEmbed', 'ai.usage.tokens': 15 }).usage).toMatchObject({
      input: 15,
      output: null,
    });
  });

  it('are not added up where a client sends the same count under an old and a new name', () => {
    const usage = chat({ 'gen_ai.usage.prompt_tokens': 10, 'gen_ai.usage.input_tokens': 10 }).usage;
    expect(usage?.input).toBe(10);
  });

  it.each([
    ['Traceloop, Anthropic', '@traceloop/instrumentation-anthropic', { 'gen_ai.operation.name': 'chat' }, 282],
    ['Traceloop, OpenAI', '@traceloop/instrumentation-openai', { 'gen_ai.operation.name': 'chat' }, 186],
    ['OpenLIT, Anthropic', 'openlit', { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'anthropic' }, 282],
    ['OpenLIT, OpenAI', 'openlit', { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'openai' }, 186],
    ['the Anthropic SDK', 'com.anthropic.sdk.typescript', { 'gen_ai.operation.name': 'chat' }, 186],
  ])('include the cache, which some clients leave out: %s', (_client, scope, attributes, input) => {
    const counts = {
      'gen_ai.usage.input_tokens': 186,
      'gen_ai.usage.cache_read.input_tokens': 64,
      'gen_ai.usage.cache_creation.input_tokens': 32,
    };
    expect(read({ ...attributes, ...counts }, { scope }).usage).toMatchObject({ input, cacheRead: 64, cacheWrite: 32 });
  });

  it('include the cache that Claude Code leaves out', () => {
    const attributes = {
      'span.type': 'llm_request',
      input_tokens: 186,
      cache_read_tokens: 64,
      cache_creation_tokens: 32,
    };
    const { usage } = read(attributes, { scope: 'com.anthropic.claude_code.tracing' });
    expect(usage).toEqual({ input: 282, output: null, cacheRead: 64, cacheWrite: 32, reasoning: null });
  });

  it('include the thoughts that Gemini counts apart', () => {
    const attributes = { 'gen_ai.usage.output_tokens': 50, 'gen_ai.usage.experimental.reasoning_tokens': 20 };
    expect(chat(attributes, { scope: 'gcp.vertex.agent' }).usage).toMatchObject({ output: 70, reasoning: 20 });
  });

  it('include a part larger than its whole, whoever sent it', () => {
    const usage = chat({ 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.cache_read.input_tokens': 500 }).usage;
    expect(usage).toMatchObject({ input: 510, cacheRead: 500 });
  });

  it.each<[AttributeValue, number | null]>([
    ['142', 142],
    [142.0, 142],
    [4_294_967_296, 4_294_967_296],
    [9_007_199_254_740_993n, 9_007_199_254_740_992],
    [-1, null],
    [Number.NaN, null],
    ['many', null],
    [true, null],
    [null, null],
  ])('are numbers, however written: %s', (sent, input) => {
    const usage = chat({ 'gen_ai.usage.input_tokens': sent, 'gen_ai.usage.output_tokens': 1 }).usage;
    expect(usage).toMatchObject({ input, output: 1 });
  });

  it('are unknown, not 0, where none were sent', () => {
    expect(chat({}).usage).toBeNull();
    expect(chat({ 'gen_ai.usage.input_tokens': 3 }).usage).toMatchObject({ output: null, cacheRead: null });
  });
});

describe('what the client says a call cost', () => {
  it.each([
    [{ 'openinference.span.kind': 'LLM', 'llm.cost.total': 0.5 }, 0.5],
    [{ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.cost': 0.5 }, 0.5],
    [
      { 'langfuse.observation.type': 'generation', 'langfuse.observation.cost_details': '{"input":0.1,"total":0.5}' },
      0.5,
    ],
    [
      {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.cost_details': '{"input":0.25,"output":0.25}',
      },
      0.5,
    ],
    [{ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.cost': 0 }, null],
  ])('%j', (attributes, costUsd) => {
    expect(read(attributes).reportedCostUsd).toBe(costUsd);
  });
});

describe('time to the first token', () => {
  const at = new Date(START_MS + 40).toISOString();

  it.each<[Record<string, AttributeValue>, number | null]>([
    [{ 'gen_ai.operation.name': 'chat', 'gen_ai.response.time_to_first_chunk': 0.04 }, 40],
    [{ 'gen_ai.operation.name': 'chat', 'gen_ai.client.operation.time_to_first_chunk': 0.04 }, 40],
    [{ 'ai.operationId': 'ai.streamText.doStream', 'ai.response.msToFirstChunk': 40 }, 40],
    [{ 'langfuse.observation.type': 'generation', 'langfuse.observation.completion_start_time': `"${at}"` }, 40],
    [{ 'mastra.span.type': 'model_inference', 'mastra.completion_start_time': at }, 40],
    [
      { 'mastra.span.type': 'model_inference', 'mastra.completion_start_time': new Date(START_MS - 40).toISOString() },
      null,
    ],
    [{ 'mastra.span.type': 'model_inference', 'mastra.completion_start_time': 'soon' }, null],
    [{ 'gen_ai.operation.name': 'chat', 'gen_ai.response.time_to_first_chunk': -0.04 }, null],
  ])('is in milliseconds from the start: %j', (attributes, ms) => {
    const timeToFirstTokenMs = read(attributes).timeToFirstTokenMs;
    if (ms === null) expect(timeToFirstTokenMs).toBeNull();
    else expect(timeToFirstTokenMs).toBeCloseTo(ms, 6);
  });
});

describe('why a model stopped', () => {
  it.each<[AttributeValue, string[]]>([
    [['stop'], ['stop']],
    [['end_turn'], ['stop']],
    ['STOP', ['stop']],
    ['tool-calls', ['tool_calls']],
    [['tool_use'], ['tool_calls']],
    [['tool_call'], ['tool_calls']],
    ['["stop"]', ['stop']],
    ['stop, length', ['stop', 'length']],
    [['MAX_TOKENS'], ['length']],
    [['SAFETY'], ['content_filter']],
    [['stop', 'stop', 'stop'], ['stop']],
    [['Pause_Turn'], ['pause_turn']],
    [[], []],
    [7, []],
  ])('reads %j as %j', (sent, reasons) => {
    expect(chat({ 'gen_ai.response.finish_reasons': sent }).finishReasons).toEqual(reasons);
  });

  it('reads it from the event of the answer where no attribute has it', () => {
    const events = [{ name: 'gen_ai.choice', attributes: { finish_reason: 'end_turn', message: 'Hello' } }];
    expect(chat({}, { events }).finishReasons).toEqual(['stop']);
  });
});
