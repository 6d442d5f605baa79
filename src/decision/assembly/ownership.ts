/** Which span belongs to which decision: the nearest agent's, else the one its service made without an agent span. */
import assert from 'node:assert';
import {
  type AgentView,
  type AgentViews,
  decidingView,
  findAgentViews,
  innermostView,
  openingSpan,
} from './invocation.js';
import { isWork } from './kind.js';
import type { ModelCalls } from './model-call.js';
import { compareNodes, type SpanNode, type SpanTree } from './tree.js';

/** One decision in the making. */
export interface Invocation {
  readonly root: SpanNode;
  /** The agent spans that see it from inside, the root first; empty for a service that decided without an agent span. */
  readonly agentSpans: readonly SpanNode[];
  /** The spans by which its caller sees it, outermost first; they are its members, and a HANDOFF of the caller's. */
  readonly callerSpans: readonly SpanNode[];
  /** It has a model call, tool or retrieval of its own, in its own service. */
  readonly isWorking: boolean;
  /** For a service without an agent span: the topmost span of each part of the trace it decided in; else the root. */
  readonly tops: readonly SpanNode[];
  /** Every span that belongs to it, parents first. */
  readonly members: SpanNode[];
  /** The invocation around it; null when there is none or it is not known yet. */
  parent: Invocation | null;
  /** The invocation around is known by its agent's name alone: its spans are not above these. */
  isCalledByName: boolean;
}

type Owners = Map<SpanNode, Invocation>;

/** In the order of their roots, parents not necessarily first. A span has one owner at most. */
export function findInvocations(tree: SpanTree, calls: ModelCalls): Invocation[] {
  const views = findAgentViews(tree);
  const byView = new Map<AgentView, Invocation>();
  for (const view of views.all) if (view.callees.length === 0) byView.set(view, invocationOf(view, views));

  const owners: Owners = new Map();
  for (const node of tree) {
    const view = views.nearest.get(node);
    if (view === undefined) continue;
    const isCallersSide = node.span.kind === 'agent' && view.callees.length > 0;
    const deciding = isCallersSide ? innermostView(view) : decidingView(view);
    const owner = deciding === null ? undefined : byView.get(deciding);
    if (owner !== undefined) owners.set(node, owner);
  }
  adoptOrphans(tree, owners);
  const services = groupByService(tree, { owners, calls });
  inheritOwners(tree, owners, services);

  const invocations = [...byView.values(), ...new Set(services.values())];
  for (const node of tree) owners.get(node)?.members.push(node);
  linkParents(invocations, owners);
  return invocations.sort((left, right) => compareNodes(left.root, right.root));
}

function invocationOf(view: AgentView, views: AgentViews): Invocation {
  const callers: AgentView[] = [];
  for (let caller = view.caller; caller !== null; caller = caller.caller) callers.unshift(caller);
  const root = openingSpan(view);
  return {
    root,
    agentSpans: view.spans,
    callerSpans: callers.flatMap((caller) => caller.spans),
    isWorking: view.spans.some((node) => views.working.has(node)),
    tops: [root],
    members: [],
    parent: null,
    isCalledByName: false,
  };
}

/**
 * Spans whose chain of parents ends in a gap belong to the one agent of their service that they name. An agent in the
 * same part of the trace is excepted: it stands below them.
 */
function adoptOrphans(tree: SpanTree, owners: Owners): void {
  const tops = topsOf(tree);
  const named = invocationsByName(owners);
  for (const [top, orphans] of groupOrphans(tree, { owners, tops })) {
    const [name, ...others] = new Set(orphans.flatMap((node) => node.span.agentName ?? []));
    if (name === undefined || others.length > 0) continue;
    for (const node of orphans) {
      const owner = named.get(nameKey(node.span.service, name)) ?? null;
      if (owner !== null && tops.get(owner.root) !== top) owners.set(node, owner);
    }
  }
}

/** Spans without an owner by the top of their part of the trace, where that part's parent is missing. */
function groupOrphans(
  tree: SpanTree,
  { owners, tops }: { owners: Owners; tops: ReadonlyMap<SpanNode, SpanNode> },
): Map<SpanNode, SpanNode[]> {
  const groups = new Map<SpanNode, SpanNode[]>();
  for (const node of tree) {
    const top = tops.get(node);
    if (owners.has(node) || top === undefined || !top.isOrphan) continue;
    const group = groups.get(top);
    if (group === undefined) groups.set(top, [node]);
    else group.push(node);
  }
  return groups;
}

function topsOf(tree: SpanTree): ReadonlyMap<SpanNode, SpanNode> {
  const tops = new Map<SpanNode, SpanNode>();
  for (const node of tree) tops.set(node, (node.parent === null ? undefined : tops.get(node.parent)) ?? node);
  return tops;
}

/** Null where two invocations of a service share a name. */
function invocationsByName(owners: Owners): ReadonlyMap<string, Invocation | null> {
  const named = new Map<string, Invocation | null>();
  for (const invocation of new Set(owners.values())) {
    for (const name of new Set(invocation.agentSpans.map((node) => node.span.agentName))) {
      const key = nameKey(invocation.root.span.service, name ?? '');
      if (name !== null) named.set(key, named.has(key) ? null : invocation);
    }
  }
  return named;
}

function nameKey(service: string, name: string): string {
  return `${service}\n${name}`;
}

/**
 * One invocation for each service with work that no agent span owns, by its tops: a top is the highest span above such
 * work in the same service without a gap, so that a request's latency is counted from the request on.
 */
function groupByService(
  tree: SpanTree,
  { owners, calls }: { owners: Owners; calls: ModelCalls },
): ReadonlyMap<SpanNode, Invocation> {
  const tops = new Map<SpanNode, SpanNode>();
  const topsByService = new Map<string, Set<SpanNode>>();
  for (const node of tree) {
    if (owners.has(node)) continue;
    const { service, kind } = node.span;
    const topAbove = node.parent?.span.service === service ? tops.get(node.parent) : undefined;
    const top = topAbove ?? node;
    tops.set(node, top);
    const call = calls.get(node);
    if (isWork(kind) && (call === undefined || call.outer === node)) {
      topsByService.set(service, (topsByService.get(service) ?? new Set()).add(top));
    }
  }
  const invocations = new Map<SpanNode, Invocation>();
  for (const serviceTops of topsByService.values()) {
    const invocation = invocationOfService([...serviceTops]);
    for (const top of serviceTops) invocations.set(top, invocation);
  }
  return invocations;
}

function invocationOfService(tops: SpanNode[]): Invocation {
  const ordered = tops.sort((left, right) => left.depth - right.depth || compareNodes(left, right));
  const root = ordered[0];
  assert(root !== undefined, 'work has a topmost span');
  return {
    root,
    agentSpans: [],
    callerSpans: [],
    isWorking: true,
    tops: ordered,
    members: [],
    parent: null,
    isCalledByName: false,
  };
}

/** A span without an owner belongs to what surrounds it. */
function inheritOwners(tree: SpanTree, owners: Owners, services: ReadonlyMap<SpanNode, Invocation>): void {
  for (const node of tree) {
    if (owners.has(node)) continue;
    const owner = services.get(node) ?? (node.parent === null ? undefined : owners.get(node.parent));
    if (owner !== undefined) owners.set(node, owner);
  }
}

function linkParents(invocations: readonly Invocation[], owners: Owners): void {
  for (const invocation of invocations) {
    const above = (invocation.callerSpans[0] ?? invocation.root).parent;
    invocation.parent = above === null ? null : (owners.get(above) ?? null);
  }
  linkNamedCallers(invocations);
  cutCircles(invocations);
}

/** An invocation with nothing above it belongs to the agent that it says handed over to it: of several, the last that began before. */
function linkNamedCallers(invocations: readonly Invocation[]): void {
  const latest = new Map<string, Invocation>();
  for (const invocation of invocations.toSorted((left, right) => compareNodes(left.root, right.root))) {
    const { service, callerName, agentName } = invocation.root.span;
    if (invocation.parent === null && callerName !== null) {
      invocation.parent = latest.get(nameKey(service, callerName)) ?? null;
      invocation.isCalledByName = invocation.parent !== null;
    }
    if (agentName !== null) latest.set(nameKey(service, agentName), invocation);
  }
}

/** Adopted spans could make two invocations each other's parent. */
function cutCircles(invocations: readonly Invocation[]): void {
  const settled = new Set<Invocation>();
  for (const start of invocations) {
    const path = new Set<Invocation>();
    for (let next: Invocation | null = start; next !== null && !settled.has(next); next = next.parent) {
      path.add(next);
      if (next.parent !== null && path.has(next.parent)) next.parent = null;
    }
    for (const passed of path) settled.add(passed);
  }
}
