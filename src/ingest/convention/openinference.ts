import type { SpanKind } from '../../decision/assembly/span.js';
import type { Attributes, OtlpSpan } from '../telemetry.js';
import { annotation } from './annotation.js';
import type { Convention } from './convention.js';
import { textOf } from './field/attribute.js';
import { metadataOf } from './field/metadata.js';
import { isGraphRun, ownerByRootRun } from './langchain.js';
import { retrievedDocumentsOf } from './message/documents.js';
import { vercel } from './vercel.js';

/** Arize OpenInference (openinference/spec): `openinference.span.kind` and flat `llm.*` attributes. */
const KINDS = new Map<string, SpanKind>([
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
]);

export const openinference: Convention = {
  name: 'openinference',
  kindOf(wire) {
    const sent = textOf(wire.attributes.get('openinference.span.kind'))?.toUpperCase();
    if (sent === undefined) return null;
    if (sent === 'LLM' && wire.name.includes(PREPARATION)) return 'step';
    if (sent === 'AGENT' && isAgentsTrace(wire)) return 'workflow';
    if (sent === 'TOOL' && wire.name.startsWith('handoff to ')) return 'handoff';
    if (sent === 'CHAIN' && isGraphChain(wire)) return 'agent';
    return KINDS.get(sent) ?? 'step';
  },
  aliases: {
    agentName: ['agent.name'],
    conversationId: ['session.id'],
    userId: ['user.id'],
    metadata: ['metadata'],
    provider: ['llm.provider', 'llm.system'],
    requestModel: ['llm.request.model_name', 'embedding.model_name', 'reranker.model_name'],
    responseModel: ['llm.response.model_name', 'llm.model_name'],
    inputTokens: ['llm.token_count.prompt'],
    outputTokens: ['llm.token_count.completion'],
    cacheReadTokens: ['llm.token_count.prompt_details.cache_read'],
    cacheWriteTokens: ['llm.token_count.prompt_details.cache_write'],
    reasoningTokens: ['llm.token_count.completion_details.reasoning'],
    reportedCostUsd: ['llm.cost.total'],
    finishReasons: ['llm.finish_reason'],
    toolName: ['tool.name'],
    toolCallId: ['tool.id', 'tool_call.id'],
    // By the specification `tool.parameters` is the tool's schema; some clients send the arguments there.
    arguments: ['input.value', 'tool.parameters'],
    result: ['output.value'],
    input: ['input.value'],
    output: ['output.value'],
    ...annotation.aliases,
  },
  aliasesBeneath: vercel.aliases,
  complete(span, wire) {
    const { attributes } = wire;
    if (span.kind === 'agent') {
      span.agentName ??= graphNodeOf(attributes) ?? nameOfRun(wire);
      span.callerName = textOf(attributes.get('graph.node.parent_id'));
    }
    if (span.kind === 'workflow') span.workflow ??= span.name;
    if (span.kind === 'step' && LANGCHAIN_SCOPES.has(span.scope)) span.agentName ??= ownerByRootRun(span);
    if (span.kind === 'tool' || span.kind === 'handoff') span.toolName ??= span.name;
    if (span.kind === 'model') span.responseId ??= responseIdOf(textOf(attributes.get('output.value')));
    if (span.kind === 'retrieval') span.output = retrievedDocumentsOf(attributes) ?? span.output;
  },
};

const LANGCHAIN_SCOPES = new Set([
  '@arizeai/openinference-instrumentation-langchain',
  'openinference.instrumentation.langchain',
]);

const AGENTS_SCOPES = new Set([
  '@arizeai/openinference-instrumentation-openai-agents',
  'openinference.instrumentation.openai_agents',
]);

/** LlamaIndex's methods that only put a request together are sent as LLM too: `OpenAI._prepare_chat_with_tools`. */
const PREPARATION = '._prepare_';

/** The OpenAI Agents SDK's whole trace: sent as an AGENT like the agents in it, which alone are nodes of a graph. */
function isAgentsTrace({ scope, attributes }: OtlpSpan): boolean {
  return AGENTS_SCOPES.has(scope.name) && !attributes.has('graph.node.id');
}

/** Methods that instrumentations of classes append to the agent's name: `researcher.run`. */
const AGENT_METHOD = /\.(?:a?run|run_stream|arun_stream|_execute_core|execute_task|kickoff)$/;

/** A span of Vercel's is named after the function called, which is no agent's name. */
function nameOfRun(wire: OtlpSpan): string | null {
  return vercel.kindOf(wire) === null ? textOf(wire.name.replace(AGENT_METHOD, '')) : null;
}

function isGraphChain({ name, attributes }: OtlpSpan): boolean {
  const metadata = metadataOf(attributes.get('metadata'));
  return isGraphRun({
    runName: name,
    agentName: textOf(metadata?.get('lc_agent_name')),
    isNode: metadata?.has('langgraph_node') ?? false,
  });
}

function graphNodeOf(attributes: Attributes): string | null {
  return textOf(attributes.get('graph.node.name')) ?? textOf(attributes.get('graph.node.id'));
}

/** Providers' answers begin with their identifier; reading no further spares parsing each answer whole. */
const ANSWER_START = '{"id":"';

function responseIdOf(answer: string | null): string | null {
  if (!answer?.startsWith(ANSWER_START)) return null;
  const end = answer.indexOf('"', ANSWER_START.length);
  return end < 0 ? null : textOf(answer.slice(ANSWER_START.length, end));
}
