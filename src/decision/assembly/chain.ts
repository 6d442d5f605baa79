/** The reasoning chain: the spans of a decision as its steps, in the order they started. */
import type { TokenUsage } from '../../cost/token-usage.js';
import type { Step, StepKind } from '../decision.js';
import type { RootCauses } from './failure.js';
import { isContainer, stepKindOf } from './kind.js';
import type { ModelCall, ModelCalls } from './model-call.js';
import type { Invocation } from './ownership.js';
import type { Span, SpanFailure } from './span.js';
import { type Handoff, stepOf, stepOfCall, stepOfHandoff } from './step.js';
import { compareNodes, type SpanNode } from './tree.js';

export interface ChainContext {
  calls: ModelCalls;
  causes: RootCauses;
  /** The usage that counts, by the span it belongs to. */
  usage: ReadonlyMap<SpanNode, TokenUsage>;
  /** Spans with other spans below them. */
  parents: ReadonlySet<SpanNode>;
}

export interface ChainLink {
  node: SpanNode;
  step: Step;
  /** Null for steps that are no model call. */
  call: ModelCall | null;
}

interface ChainPlan {
  kinds: ReadonlyMap<SpanNode, StepKind>;
  failures: ReadonlyMap<SpanNode, SpanFailure>;
  /** For tool spans seen twice: what the inner spans add. */
  innerTools: ReadonlyMap<SpanNode, SpanNode[]>;
}

export function buildChain(invocation: Invocation, handoffs: readonly Handoff[], context: ChainContext): ChainLink[] {
  const plan = planChain(invocation, context);
  const links: ChainLink[] = [];
  const handedOver = new Set(handoffs.map(({ node }) => node));
  for (const [node, kind] of plan.kinds) {
    if (handedOver.has(node)) continue;
    const call = context.calls.get(node) ?? null;
    const views: [SpanNode, ...SpanNode[]] = [node, ...(plan.innerTools.get(node) ?? [])];
    const tokens = context.usage.get(node) ?? null;
    const failure = plan.failures.get(node) ?? null;
    const step = call === null ? stepOf(kind, views, { failure, tokens }) : stepOfCall(call, tokens);
    links.push({ node, step, call });
  }
  for (const handoff of handoffs) links.push({ node: handoff.node, step: stepOfHandoff(handoff), call: null });
  return links.sort((left, right) => compareNodes(left.node, right.node));
}

/** Decides for each member what it is in the chain; members come parents first, so what is above is decided already. */
function planChain(invocation: Invocation, context: ChainContext): ChainPlan {
  const kinds = new Map<SpanNode, StepKind>();
  const innerTools = new Map<SpanNode, SpanNode[]>();
  const failures = findStepFailures(invocation, context);
  const surrounding = new Map<SpanNode, SpanNode>();
  for (const node of invocation.members) {
    const around = node.parent === null ? undefined : surrounding.get(node.parent);
    const kind = kindInChain(node, { around, invocation, failures, context });
    if (kind === 'TOOL_CALL' && around !== undefined && isSameTool(around.span, node.span)) {
      addInner(innerTools, around, node);
      surrounding.set(node, around);
      continue;
    }
    if (kind !== null) kinds.set(node, kind);
    const isAround = kind !== null && kind !== 'OTHER';
    if (isAround) surrounding.set(node, node);
    else if (around !== undefined) surrounding.set(node, around);
  }
  for (const [outer, inners] of innerTools) {
    const failure = failures.get(outer) ?? failures.get(inners.at(-1) ?? outer);
    if (failure !== undefined) failures.set(outer, failure);
  }
  return { kinds, failures, innerTools };
}

function addInner(innerTools: Map<SpanNode, SpanNode[]>, outer: SpanNode, inner: SpanNode): void {
  const known = innerTools.get(outer);
  if (known === undefined) innerTools.set(outer, [inner]);
  else known.push(inner);
}

function kindInChain(
  node: SpanNode,
  known: {
    around: SpanNode | undefined;
    invocation: Invocation;
    failures: ReadonlyMap<SpanNode, SpanFailure>;
    context: ChainContext;
  },
): StepKind | null {
  const { around, invocation, failures, context } = known;
  const { kind, failure, input, output } = node.span;
  const call = context.calls.get(node);
  if (call !== undefined) return call.outer === node ? 'MODEL_CALL' : null;
  const ownKind = stepKindOf(kind);
  if (ownKind !== null) return ownKind;
  if (node === invocation.root || !(isContainer(kind) || kind === 'evaluation')) return null;

  const isHiddenFailure =
    failure !== null && context.causes.get(node) === node && (around === undefined || !failures.has(around));
  const holdsContent = input !== null || output !== null;
  const isBareStep = kind === 'step' && holdsContent && !context.parents.has(node) && around === undefined;
  return isHiddenFailure || isBareStep ? 'OTHER' : null;
}

/** A tool's outcome is sometimes only on the execution or the approval below its span: the last of them decides. */
function findStepFailures(invocation: Invocation, context: ChainContext): Map<SpanNode, SpanFailure> {
  const failures = new Map<SpanNode, SpanFailure>();
  const lastPart = new Map<SpanNode, SpanNode>();
  for (const node of invocation.members) {
    const call = context.calls.get(node);
    const failure = call === undefined ? node.span.failure : call.failure;
    if (failure !== null) failures.set(node, failure);
    const isPart = node.span.kind === 'step' || node.span.kind === 'human';
    if (!isPart || node.parent?.span.kind !== 'tool') continue;
    const known = lastPart.get(node.parent);
    if (known === undefined || known.span.endMs <= node.span.endMs) lastPart.set(node.parent, node);
  }
  for (const [tool, part] of lastPart) {
    if (part.span.failure !== null && !failures.has(tool)) failures.set(tool, part.span.failure);
  }
  return failures;
}

/** One execution seen twice, for example by the agent and by its MCP client; within one view, tools may call themselves. */
function isSameTool(outer: Span, inner: Span): boolean {
  const isOtherView = inner.scope !== outer.scope || inner.service !== outer.service || inner.side !== 'internal';
  if (outer.kind !== 'tool' || !isOtherView) return false;
  if (inner.toolCallId !== null && outer.toolCallId !== null) return inner.toolCallId === outer.toolCallId;
  return inner.toolName === null || inner.toolName === outer.toolName;
}
