import { describe, expect, it } from 'vitest';
import { readSpan } from '../../../src/ingest/convention/read.js';
import type { AttributeValue } from '../../../src/ingest/telemetry.js';
import { type WireSpan, wireSpan } from '../../support/wire-span.js';

const read = (sent: WireSpan) => readSpan(wireSpan(sent));
const kindOf = (attributes: Record<string, AttributeValue>, sent: WireSpan = {}) => read({ ...sent, attributes }).kind;

describe('what a span is', () => {
  it.each([
    ['LLM', 'model'],
    ['EMBEDDING', 'embedding'],
    ['RETRIEVER', 'retrieval'],
    ['RERANKER', 'step'],
    ['TOOL', 'tool'],
    ['AGENT', 'agent'],
    ['CHAIN', 'step'],
    ['GUARDRAIL', 'guardrail'],
    ['EVALUATOR', 'evaluation'],
    ['PROMPT', 'step'],
    ['SOMETHING_NEW', 'step'],
  ])('reads the OpenInference kind %s as %s', (sent, kind) => {
    expect(kindOf({ 'openinference.span.kind': sent })).toBe(kind);
  });

  it.each([
    ['generation', 'model'],
    ['embedding', 'embedding'],
    ['retriever', 'retrieval'],
    ['tool', 'tool'],
    ['agent', 'agent'],
    ['chain', 'step'],
    ['span', 'step'],
    ['event', 'step'],
    ['guardrail', 'guardrail'],
    ['evaluator', 'evaluation'],
  ])('reads the Langfuse observation %s as %s', (sent, kind) => {
    expect(kindOf({ 'langfuse.observation.type': sent })).toBe(kind);
  });

  it.each([
    ['workflow', 'workflow'],
    ['agent', 'agent'],
    ['tool', 'tool'],
    ['task', 'step'],
    ['session', 'step'],
  ])('reads the Traceloop kind %s as %s', (sent, kind) => {
    expect(kindOf({ 'traceloop.span.kind': sent })).toBe(kind);
  });

  it('reads a Traceloop task by its operation when it names one', () => {
    expect(kindOf({ 'traceloop.span.kind': 'task', 'gen_ai.operation.name': 'chat' })).toBe('model');
    expect(kindOf({ 'traceloop.span.kind': 'task', 'gen_ai.operation.name': 'homemade' })).toBe('step');
  });

  it.each([
    ['ai.generateText', 'agent'],
    ['ai.streamText', 'agent'],
    ['ai.generateObject', 'agent'],
    ['ai.streamObject', 'agent'],
    ['ai.generateText.doGenerate', 'model'],
    ['ai.streamObject.doStream', 'model'],
    ['ai.toolCall', 'tool'],
    ['ai.embed', 'step'],
    ['ai.embedMany.doEmbed', 'embedding'],
  ])('reads the Vercel operation %s as %s', (operation, kind) => {
    expect(kindOf({ 'ai.operationId': operation })).toBe(kind);
    expect(kindOf({ 'operation.name': `${operation} my-function` })).toBe(kind);
  });

  it.each([
    ['model_inference', 'model'],
    ['model_generation', 'step'],
    ['model_step', 'step'],
    ['model_chunk', 'step'],
    ['agent_run', 'agent'],
    ['tool_call', 'tool'],
    ['mcp_tool_call', 'tool'],
    ['workflow_run', 'workflow'],
  ])('reads the Mastra type %s as %s', (sent, kind) => {
    expect(kindOf({ 'mastra.span.type': sent, 'gen_ai.operation.name': 'chat' })).toBe(kind);
  });

  it('reads a Mastra generation of versions before 1.0 as the model call itself', () => {
    expect(kindOf({ 'mastra.span.type': 'model_generation' }, { scope: '@mastra/otel' })).toBe('model');
  });

  it.each([
    ['llm', 'model'],
    ['tool', 'tool'],
    ['retriever', 'retrieval'],
    ['embedding', 'embedding'],
    ['chain', 'step'],
    ['prompt', 'step'],
    ['parser', 'step'],
  ])('reads the LangSmith kind %s as %s, whatever its operation name says', (sent, kind) => {
    expect(kindOf({ 'langsmith.span.kind': sent, 'gen_ai.operation.name': 'embeddings' })).toBe(kind);
  });

  it.each([
    ['llm_request', 'model'],
    ['tool', 'tool'],
    ['interaction', 'agent'],
    ['tool.execution', 'step'],
    ['tool.blocked_on_user', 'step'],
  ])('reads the Claude Code type %s as %s', (sent, kind) => {
    expect(kindOf({ 'span.type': sent }, { scope: 'com.anthropic.claude_code.tracing' })).toBe(kind);
  });

  it.each<[string, Record<string, AttributeValue>, string]>([
    ['session_task.turn', { model: 'gpt-5' }, 'agent'],
    ['try_run_sampling_request', { model: 'gpt-5' }, 'model'],
    ['handle_responses', { 'gen_ai.usage.input_tokens': 142 }, 'model'],
    ['handle_responses', {}, 'other'],
    ['exec_command', { tool_name: 'exec_command', call_id: 'call_1', tool_source: 'direct' }, 'tool'],
    ['dispatch_tool_call_with_state', {}, 'step'],
    ['append_items', {}, 'other'],
  ])('reads the Codex span %s with %j as %s', (name, attributes, kind) => {
    expect(kindOf(attributes, { scope: 'codex_exec', name })).toBe(kind);
  });

  it('takes what LlamaIndex does to put a request together for a step, not for a model call', () => {
    const attributes = { 'openinference.span.kind': 'LLM', 'llm.model_name': 'gpt-4o' };
    expect(kindOf(attributes, { name: 'OpenAI._prepare_chat_with_tools' })).toBe('step');
    expect(kindOf(attributes, { name: 'OpenAI.achat' })).toBe('model');
  });

  it('sees a person at work where Claude Code waited for the user and the user decided', () => {
    const scope = 'com.anthropic.claude_code.tracing';
    expect(kindOf({ 'span.type': 'tool.blocked_on_user', source: 'user_temporary' }, { scope })).toBe('human');
    expect(kindOf({ 'span.type': 'tool.blocked_on_user', source: 'config' }, { scope })).toBe('step');
  });

  it.each([
    ['chat', 'model'],
    ['text_completion', 'model'],
    ['generate_content', 'model'],
    ['llm_call', 'model'],
    ['embeddings', 'embedding'],
    ['retrieval', 'retrieval'],
    ['execute_tool', 'tool'],
    ['tool.execute', 'tool'],
    ['tool_call', 'tool'],
    ['invoke_agent', 'agent'],
    ['create_agent', 'step'],
    ['invoke_workflow', 'workflow'],
    ['plan', 'reasoning'],
    ['search_memory', 'retrieval'],
    ['create_memory', 'step'],
    ['agent_step', 'step'],
    ['rerank', 'step'],
    ['homemade', 'step'],
  ])('reads the GenAI operation %s as %s', (operation, kind) => {
    expect(kindOf({ 'gen_ai.operation.name': operation })).toBe(kind);
  });

  it.each([
    ['chat', 'model'],
    ['completion', 'model'],
    ['embedding', 'embedding'],
  ])('reads the request type %s, from before operation names, as %s', (sent, kind) => {
    expect(kindOf({ 'llm.request.type': sent })).toBe(kind);
  });

  it('takes a span with a model and a provider or tokens for a model call though it names no operation', () => {
    expect(kindOf({ 'gen_ai.request.model': 'gemini-2.5-flash', 'gen_ai.system': 'gcp.vertex.agent' })).toBe('model');
    expect(kindOf({ 'gen_ai.request.model': 'gpt-4o', 'gen_ai.usage.prompt_tokens': 3 })).toBe('model');
    expect(kindOf({ 'gen_ai.request.model': 'gpt-4o' })).toBe('other');
    expect(kindOf({ 'gen_ai.usage.input_tokens': 3 })).toBe('other');
  });

  it('takes an MCP tools/call for a tool, other MCP methods for ordinary spans', () => {
    const call = read({ name: 'tools/call search', attributes: { 'mcp.method.name': 'tools/call' } });
    expect(call).toMatchObject({ kind: 'tool', toolName: 'search', convention: 'mcp' });
    expect(kindOf({ 'mcp.method.name': 'tools/list' })).toBe('other');
  });

  it('knows a tool and an agent by the span name alone', () => {
    expect(read({ name: 'execute_tool charge_card' })).toMatchObject({ kind: 'tool', toolName: 'charge_card' });
    expect(read({ name: 'invoke_agent Planner' })).toMatchObject({ kind: 'agent', agentName: 'Planner' });
  });

  it('lets the earlier convention win where a span speaks two', () => {
    const attributes = {
      'openinference.span.kind': 'CHAIN',
      'gen_ai.operation.name': 'chat',
      'ai.operationId': 'ai.toolCall',
    };
    expect(read({ attributes })).toMatchObject({ kind: 'step', convention: 'openinference' });
  });

  it('ignores a kind of the wrong type', () => {
    expect(kindOf({ 'openinference.span.kind': 7, 'gen_ai.operation.name': 'chat' })).toBe('model');
  });

  it('leaves every other span an ordinary one, with who it was for', () => {
    const span = read({
      name: 'POST /refunds',
      attributes: { 'http.route': '/refunds', 'user.id': 'u-1', 'session.id': 's-1' },
    });
    expect(span).toMatchObject({
      kind: 'other',
      convention: 'plain',
      userId: 'u-1',
      conversationId: 's-1',
      usage: null,
    });
  });
});

describe('how a span stands to other processes and to time', () => {
  it.each([
    [0, 'internal'],
    [1, 'internal'],
    [2, 'server'],
    [3, 'client'],
    [4, 'client'],
    [5, 'server'],
  ] as const)('reads OTLP kind %i as %s', (kind, side) => {
    expect(read({ kind }).side).toBe(side);
  });

  it('says that a span has not ended', () => {
    const { startMs, endMs, ended } = read({ endMs: 0 });
    expect({ isInstant: startMs === endMs, ended }).toEqual({ isInstant: true, ended: false });
  });

  it('gives a span whose clock went back no duration', () => {
    const { startMs, endMs, ended } = read({ startMs: 2_000, endMs: 1_000 });
    expect({ startMs, endMs, ended }).toEqual({ startMs: 2_000, endMs: 2_000, ended: true });
  });
});
