/** How spans read as steps; tokens are filled in by who counts them. */
import type { Step, StepKind } from '../decision.js';
import type { ModelCall } from './model-call.js';
import type { Span, SpanFailure } from './span.js';
import { firstValue, type SpanNode } from './tree.js';

/** A child's invocation as its parent sees it. */
export interface Handoff {
  /** The caller's span where there is one, else the child's root. */
  node: SpanNode;
  agent: string;
  failure: SpanFailure | null;
}

/** `views` are the spans that saw the step, the outermost first; what it lacks is taken from the ones inside. */
export function stepOf(
  kind: StepKind,
  views: readonly [SpanNode, ...SpanNode[]],
  failure: SpanFailure | null,
): Omit<Step, 'tokens'> {
  const [{ span }] = views;
  return {
    kind,
    name: span.name,
    ...timing(span),
    provider: span.provider,
    model: span.responseModel ?? span.requestModel,
    costUsd: null,
    toolName: kind === 'TOOL_CALL' ? (span.toolName ?? span.name) : null,
    arguments: firstValue(views, (view) => view.arguments),
    result: firstValue(views, (view) => view.result),
    input: firstValue(views, (view) => view.input),
    output: firstValue(views, (view) => view.output),
    ...outcomeOf(failure),
    spanId: span.spanId,
  };
}

export function stepOfCall(call: ModelCall): Omit<Step, 'tokens'> {
  const { span } = call.outer;
  return {
    kind: 'MODEL_CALL',
    name: span.name,
    ...timing(span),
    provider: firstValue(call.innermostFirst, (view) => view.provider),
    model:
      firstValue(call.innermostFirst, (view) => view.responseModel) ??
      firstValue(call.innermostFirst, (view) => view.requestModel),
    costUsd: null,
    toolName: null,
    arguments: null,
    result: null,
    input: firstValue(call.outermostFirst, (view) => view.input),
    output: firstValue(call.outermostFirst, (view) => view.output),
    ...outcomeOf(call.failure),
    spanId: span.spanId,
  };
}

export function stepOfHandoff({ node, agent, failure }: Handoff): Step {
  return {
    kind: 'HANDOFF',
    name: agent,
    ...timing(node.span),
    provider: null,
    model: null,
    tokens: null,
    costUsd: null,
    toolName: null,
    arguments: null,
    result: null,
    input: node.span.input,
    output: node.span.output,
    ...outcomeOf(failure),
    spanId: node.span.spanId,
  };
}

function timing({ startMs, endMs }: Span): Pick<Step, 'startedAtMs' | 'durationMs'> {
  return { startedAtMs: startMs, durationMs: Math.max(0, endMs - startMs) };
}

function outcomeOf(failure: SpanFailure | null): Pick<Step, 'outcome' | 'errorMessage'> {
  if (failure === null) return { outcome: 'SUCCESS', errorMessage: null };
  return { outcome: 'ERROR', errorMessage: failure.message ?? failure.type };
}
