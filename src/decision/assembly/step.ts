/** How spans read as steps. */
import type { TokenUsage } from '../../cost/token-usage.js';
import type { Outcome, Step, StepKind } from '../decision.js';
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
  { failure, tokens }: { failure: SpanFailure | null; tokens: TokenUsage | null },
): Step {
  const [{ span }] = views;
  return {
    kind,
    name: span.name,
    startedAtMs: span.startMs,
    durationMs: durationOf(span),
    provider: span.provider,
    model: span.responseModel ?? span.requestModel,
    tokens,
    costUsd: null,
    toolName: kind === 'TOOL_CALL' ? (span.toolName ?? span.name) : null,
    arguments: firstValue(views, (view) => view.arguments),
    result: firstValue(views, (view) => view.result),
    input: firstValue(views, (view) => view.input),
    output: firstValue(views, (view) => view.output),
    outcome: outcomeOf(failure),
    errorMessage: errorMessageOf(failure),
    spanId: span.spanId,
  };
}

export function stepOfCall(call: ModelCall, tokens: TokenUsage | null): Step {
  const { span } = call.outer;
  return {
    kind: 'MODEL_CALL',
    name: span.name,
    startedAtMs: span.startMs,
    durationMs: durationOf(span),
    provider: firstValue(call.innermostFirst, (view) => view.provider),
    model:
      firstValue(call.innermostFirst, (view) => view.responseModel) ??
      firstValue(call.innermostFirst, (view) => view.requestModel),
    tokens,
    costUsd: null,
    toolName: null,
    arguments: null,
    result: null,
    input: firstValue(call.outermostFirst, (view) => view.input) ?? inputOfStepAround(call.outer),
    output: firstValue(call.outermostFirst, (view) => view.output),
    outcome: outcomeOf(call.failure),
    errorMessage: errorMessageOf(call.failure),
    spanId: span.spanId,
  };
}

/** Some clients put a call's prompt on their step around it only. */
function inputOfStepAround({ span, parent }: SpanNode): string | null {
  const isStepAround = parent?.span.kind === 'step' && parent.span.scope === span.scope;
  return isStepAround ? parent.span.input : null;
}

export function stepOfHandoff({ node, agent, failure }: Handoff): Step {
  return {
    kind: 'HANDOFF',
    name: agent,
    startedAtMs: node.span.startMs,
    durationMs: durationOf(node.span),
    provider: null,
    model: null,
    tokens: null,
    costUsd: null,
    toolName: null,
    arguments: null,
    result: null,
    input: node.span.input,
    output: node.span.output,
    outcome: outcomeOf(failure),
    errorMessage: errorMessageOf(failure),
    spanId: node.span.spanId,
  };
}

function durationOf({ startMs, endMs }: Span): number {
  return Math.max(0, endMs - startMs);
}

function outcomeOf(failure: SpanFailure | null): Outcome {
  return failure === null ? 'SUCCESS' : 'ERROR';
}

function errorMessageOf(failure: SpanFailure | null): string | null {
  return failure === null ? null : (failure.message ?? failure.type);
}
