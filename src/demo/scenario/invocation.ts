import type { AgentProfile } from '../fleet.js';
import type { ModelProfile } from '../model.js';
import type { Random } from '../random.js';
import { DUTIES } from '../topic/by-role.js';
import type { Document, Json, Task } from '../topic/topic.js';
import {
  assistantCalls,
  assistantSays,
  countTokens,
  type Message,
  type ToolCall,
  textOf,
  toolAnswers,
  userSays,
} from './message.js';
import type { Failure, SpanPlan } from './span-plan.js';
import { drawUsage } from './usage.js';

/** What holds for a whole request, whichever agents work on it. */
export interface Setting {
  random: Random;
  conversationId: string;
  segment: string;
  /** How much slower than usual a model is at the moment; 1 is usual. */
  slownessOf(model: ModelProfile): number;
  /** Why a call of the tool fails at the moment; null when it does not. */
  toolFailure(tool: string): Failure | null;
}

/** An agent at work: spans are appended one after the other, each as long as such a span takes. */
export interface Invocation {
  agent: AgentProfile;
  task: Task;
  setting: Setting;
  startMs: number;
  queueMs: number;
  /** Where in the request the next span starts. */
  clockMs: number;
  messages: Message[];
  fixedTokens: number;
  modelCalls: number;
  children: SpanPlan[];
}

export function beginInvocation(
  agent: AgentProfile,
  task: Task,
  options: { setting: Setting; startMs: number },
): Invocation {
  const { random } = options.setting;
  const queueMs = random.lognormal(12, 0.8);
  return {
    agent,
    task,
    ...options,
    queueMs,
    clockMs: options.startMs + queueMs,
    messages: [userSays(task.question)],
    fixedTokens: random.integer(450, 950),
    modelCalls: 0,
    children: [],
  };
}

/** The model answers in words. Returns the model's message. */
export function addAnswer(invocation: Invocation, text: string): Message {
  return addModelCall(invocation, assistantSays(text), 0);
}

/** The model asks for a tool. `draggedTokens` is what it carries along beside its messages. */
export function addToolRequest(invocation: Invocation, call: Omit<ToolCall, 'id'>, draggedTokens = 0): ToolCall {
  const request = { id: `call_${invocation.setting.random.hex(12)}`, ...call };
  addModelCall(invocation, assistantCalls(request), draggedTokens);
  return request;
}

function addModelCall(invocation: Invocation, output: Message, draggedTokens: number): Message {
  const { agent, setting, messages } = invocation;
  const { random } = setting;
  const { model } = agent;
  const durationMs = random.lognormal(model.latencyMs, model.latencySigma) * setting.slownessOf(model);
  const inputText = JSON.stringify(messages);
  const outputText = JSON.stringify([output]);
  append(invocation, durationMs, {
    name: `chat ${model.requestModel}`,
    kind: 'client',
    failure: null,
    attributes: {
      ...chatAttributes(invocation, inputText),
      'gen_ai.response.model': model.responseModel,
      'gen_ai.response.id': `resp_${random.hex(20)}`,
      'gen_ai.response.finish_reasons': [output.finish_reason ?? 'stop'],
      'gen_ai.response.time_to_first_chunk': (durationMs * model.firstTokenShare) / 1_000,
      'gen_ai.output.messages': outputText,
      ...drawUsage(
        {
          model,
          fixedTokens: invocation.fixedTokens,
          messageTokens: countTokens(inputText) + draggedTokens,
          outputTokens: countTokens(outputText) + Math.round(draggedTokens / 20),
          isRepeated: invocation.modelCalls > 0,
        },
        random,
      ),
    },
  });
  invocation.modelCalls += 1;
  messages.push({ role: output.role, parts: output.parts });
  return output;
}

/** The provider turns the call away. */
export function addRefusedModelCall(invocation: Invocation, failure: Failure): void {
  const { agent, setting } = invocation;
  append(invocation, setting.random.lognormal(80, 0.4), {
    name: `chat ${agent.model.requestModel}`,
    kind: 'client',
    failure,
    attributes: chatAttributes(invocation, JSON.stringify(invocation.messages)),
  });
}

/** `inputText` is the JSON of the messages so far. */
function chatAttributes({ agent, setting }: Invocation, inputText: string) {
  const { model } = agent;
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': model.provider,
    'gen_ai.request.model': model.requestModel,
    'gen_ai.request.stream': true,
    'gen_ai.conversation.id': setting.conversationId,
    'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: DUTIES[agent.role].instructions }]),
    'gen_ai.input.messages': inputText,
    'server.address': model.serverAddress,
    'server.port': 443,
  };
}

export type ToolOutcome = { result: Json } | { failure: Failure };

export function addToolRun(invocation: Invocation, call: ToolCall, outcome: ToolOutcome): void {
  const failure = 'failure' in outcome ? outcome.failure : null;
  const durationMs = invocation.setting.random.lognormal(failure === null ? 95 : 700, 0.5);
  const result = 'failure' in outcome ? { error: outcome.failure.message } : outcome.result;
  append(invocation, durationMs, {
    name: `execute_tool ${call.name}`,
    kind: 'internal',
    failure,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': call.name,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': call.id,
      'gen_ai.tool.call.arguments': JSON.stringify(call.arguments),
      ...(failure === null ? { 'gen_ai.tool.call.result': JSON.stringify(result) } : {}),
    },
  });
  invocation.messages.push(toolAnswers(call.id, result));
}

/** A search in documents; what it finds is put before the model together with the question. */
export function addRetrieval(
  invocation: Invocation,
  { collection, query, documents }: { collection: string; query: string; documents: readonly Document[] },
): void {
  append(invocation, invocation.setting.random.lognormal(60, 0.4), {
    name: `retrieval ${collection}`,
    kind: 'client',
    failure: null,
    attributes: {
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.data_source.id': collection,
      'gen_ai.request.top_k': documents.length,
      'gen_ai.retrieval.query.text': query,
      'gen_ai.retrieval.documents': JSON.stringify(documents),
    },
  });
  const passages = documents.map(({ id, content }) => `[${id}] ${content}`).join('\n');
  invocation.messages.push(userSays(`Documents:\n${passages}`));
}

/** What another agent gave back: its spans, and its answer unless it failed. */
export interface Reply {
  plan: SpanPlan;
  output: Message | null;
}

/** Calls another agent's service: the caller's span around the span that the other service reports. */
export function addRemoteInvocation(invocation: Invocation, { call, reply }: { call: ToolCall; reply: Reply }): void {
  const { failure, startMs, durationMs, agent } = reply.plan;
  const networkMs = startMs - invocation.clockMs;
  append(invocation, durationMs + 2 * networkMs, {
    name: `invoke_agent ${agent.name}`,
    kind: 'client',
    failure,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': agent.name,
      'gen_ai.conversation.id': invocation.setting.conversationId,
      'gen_ai.input.messages': JSON.stringify([userSays(invocation.task.question)]),
      'server.address': `${agent.service}.${agent.region}.acme.internal`,
      ...(reply.output === null ? {} : { 'gen_ai.output.messages': JSON.stringify([reply.output]) }),
    },
    children: [reply.plan],
  });
  const response =
    reply.output === null ? { error: failure?.message ?? 'no answer' } : { answer: textOf(reply.output) };
  invocation.messages.push(toolAnswers(call.id, response));
}

/** The agent's own span, from taking the request out of the queue to its answer. */
export function endInvocation(
  invocation: Invocation,
  end: { output: Message | null; failure: Failure | null; isCalled: boolean },
): SpanPlan {
  const { agent, task, setting, startMs, queueMs, clockMs, children } = invocation;
  return {
    agent,
    name: `invoke_agent ${agent.name}`,
    kind: end.isCalled ? 'server' : 'internal',
    startMs,
    durationMs: clockMs - startMs + setting.random.lognormal(3, 0.5),
    failure: end.failure,
    children,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': agent.model.provider,
      'gen_ai.request.model': agent.model.requestModel,
      'gen_ai.agent.name': agent.name,
      'gen_ai.agent.id': agent.service,
      'gen_ai.agent.version': agent.version,
      'gen_ai.conversation.id': setting.conversationId,
      'gen_ai.input.messages': JSON.stringify([userSays(task.question)]),
      ...(end.output === null ? {} : { 'gen_ai.output.messages': JSON.stringify([end.output]) }),
      'midwatch.request_type': task.requestType,
      'midwatch.risk_class': task.riskClass,
      'midwatch.customer_segment': setting.segment,
      'midwatch.queue_ms': queueMs,
    },
  };
}

type Appended = Omit<SpanPlan, 'agent' | 'startMs' | 'durationMs' | 'children'> & { children?: readonly SpanPlan[] };

function append(invocation: Invocation, durationMs: number, span: Appended): void {
  invocation.children.push({
    agent: invocation.agent,
    children: [],
    ...span,
    startMs: invocation.clockMs,
    durationMs,
  });
  invocation.clockMs += durationMs + 1;
}
