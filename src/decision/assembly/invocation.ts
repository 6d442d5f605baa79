/** Which agent spans are one invocation: an agent is often seen twice, by its caller and by itself, or by two wrappers. */
import assert from 'node:assert';
import { isContainer, isWork } from './kind.js';
import type { SpanNode, SpanTree } from './tree.js';

/** Agent spans that see one invocation from one process. */
export interface AgentView {
  /** Outermost first. */
  readonly spans: SpanNode[];
  /** The view around this one, in whatever process. */
  readonly enclosing: AgentView | null;
  /** The same invocation seen by its caller: the enclosing view, or null when that is another invocation. */
  readonly caller: AgentView | null;
  /** The views whose caller this is; where there are any, this view is the caller's side only. */
  readonly callees: AgentView[];
}

export interface AgentViews {
  readonly all: readonly AgentView[];
  /** The view of the nearest agent span, itself included; spans without one are absent. */
  readonly nearest: ReadonlyMap<SpanNode, AgentView>;
  /** Agent spans that have a model call, tool or retrieval of their own in their own service. */
  readonly working: ReadonlySet<SpanNode>;
}

/** How a span stands to the nearest agent span above or at it. */
interface Reach {
  readonly agent: SpanNode;
  readonly view: AgentView;
  /** Only containers stand between. */
  readonly isDirect: boolean;
  /** A call to another process stands between. */
  readonly isRemote: boolean;
}

interface Work {
  /** Agent spans with work whose nearest agent span they are, in their own service. */
  readonly own: Set<SpanNode>;
  /** Spans with work at or below them. */
  readonly below: Set<SpanNode>;
  /** Agent spans with an agent of another service as the next below. */
  readonly calling: Set<SpanNode>;
}

export function findAgentViews(tree: SpanTree): AgentViews {
  const work = findWork(tree);
  const all: AgentView[] = [];
  const reaches = new Map<SpanNode, Reach>();
  const nearest = new Map<SpanNode, AgentView>();
  for (const node of tree) {
    const above = node.parent === null ? undefined : reaches.get(node.parent);
    const reach = node.span.kind === 'agent' ? reachOfAgent(node, { above, work, all }) : reachBelow(node, above);
    if (reach === undefined) continue;
    reaches.set(node, reach);
    nearest.set(node, reach.view);
  }
  return { all, nearest, working: work.own };
}

function reachOfAgent(
  node: SpanNode,
  { above, work, all }: { above: Reach | undefined; work: Work; all: AgentView[] },
): Reach {
  const relation = above === undefined ? 'nested' : relate(node, above, work);
  if (above !== undefined && relation === 'wrapped') {
    above.view.spans.push(node);
    return { agent: node, view: above.view, isDirect: true, isRemote: false };
  }
  const enclosing = above?.view ?? null;
  const caller = relation === 'callee' ? enclosing : null;
  const view: AgentView = { spans: [node], enclosing, caller, callees: [] };
  all.push(view);
  caller?.callees.push(view);
  return { agent: node, view, isDirect: true, isRemote: false };
}

function reachBelow(node: SpanNode, above: Reach | undefined): Reach | undefined {
  if (above === undefined) return undefined;
  const { kind, side, service } = node.span;
  const isDirect = above.isDirect && isContainer(kind);
  const isRemote = above.isRemote || side !== 'internal' || service !== above.agent.span.service;
  return isDirect === above.isDirect && isRemote === above.isRemote ? above : { ...above, isDirect, isRemote };
}

function relate(inner: SpanNode, above: Reach, work: Work): 'wrapped' | 'callee' | 'nested' {
  const outer = above.agent;
  const outerWorks = work.own.has(outer);
  if (!above.isDirect) return 'nested';

  const [name, outerName] = [inner.span.agentName, outer.span.agentName];
  const isOtherService = inner.span.service !== outer.span.service;
  if (isOtherService || above.isRemote || (inner.span.side === 'server' && outer.span.side === 'client')) {
    const isNamedAlike = name === outerName && name !== null;
    const isCall = outer.span.side === 'client' && (isNamedAlike || name === null || outerName === null);
    return !outerWorks && (isCall || (isOtherService && isNamedAlike)) ? 'callee' : 'nested';
  }
  const isCallOut = inner.span.side === 'client' && work.calling.has(inner);
  const mayBeSame = name === null ? !isCallOut : name === outerName;
  return mayBeSame && !(outerWorks && work.below.has(inner)) ? 'wrapped' : 'nested';
}

function findWork(tree: SpanTree): Work {
  const own = new Set<SpanNode>();
  const below = new Set<SpanNode>();
  const calling = new Set<SpanNode>();
  const agents = new Map<SpanNode, SpanNode>();
  for (const node of tree) {
    const above = node.parent === null ? undefined : agents.get(node.parent);
    const agent = node.span.kind === 'agent' ? node : above;
    if (agent === node && above !== undefined && above.span.service !== node.span.service) calling.add(above);
    if (agent !== undefined) agents.set(node, agent);
    if (!isWork(node.span.kind)) continue;
    below.add(node);
    if (agent !== undefined && agent.span.service === node.span.service) own.add(agent);
  }
  for (const node of tree.toReversed()) if (node.parent !== null && below.has(node)) below.add(node.parent);
  return { own, below, calling };
}

/** The view that is a decision of its own: a caller's side gives way to the view around it. Null when there is none. */
export function decidingView(view: AgentView): AgentView | null {
  let deciding: AgentView | null = view;
  while (deciding !== null && deciding.callees.length > 0) deciding = deciding.enclosing;
  return deciding;
}

/** Where the view's calls ended up: the called agent's own view of the invocation. */
export function innermostView(view: AgentView): AgentView {
  let innermost = view;
  for (let callee = view.callees[0]; callee !== undefined; callee = callee.callees[0]) innermost = callee;
  return innermost;
}

export function openingSpan(view: AgentView): SpanNode {
  const opening = view.spans[0];
  assert(opening !== undefined, 'a view has a span');
  return opening;
}
