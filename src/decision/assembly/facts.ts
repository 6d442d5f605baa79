/** What a decision is labelled with: its agent, and facts that clients put on one span and mean for the whole trace. */
import type { Invocation } from './ownership.js';
import type { Span } from './span.js';
import { firstValue, type SpanNode } from './tree.js';

export type Facts = Pick<
  Span,
  'conversationId' | 'userId' | 'customerSegment' | 'requestType' | 'riskClass' | 'region' | 'environment'
>;

export const NO_FACTS: Facts = {
  conversationId: null,
  userId: null,
  customerSegment: null,
  requestType: null,
  riskClass: null,
  region: null,
  environment: null,
};

/** Own facts first, the root's before all; then those of the invocations around, nearest first; then the trace's. */
export function resolveFacts(invocations: readonly Invocation[], ofTrace: Facts): ReadonlyMap<Invocation, Facts> {
  const resolved = new Map<Invocation, Facts>();
  for (const invocation of invocations) {
    const unresolved: Invocation[] = [];
    for (let next: Invocation | null = invocation; next !== null && !resolved.has(next); next = next.parent) {
      unresolved.push(next);
    }
    for (const next of unresolved.reverse()) {
      const inherited = (next.parent === null ? undefined : resolved.get(next.parent)) ?? ofTrace;
      const { root, agentSpans, callerSpans, members } = next;
      const own = readFacts([root, ...agentSpans, ...callerSpans, ...members]);
      resolved.set(next, inheritFacts(own, inherited));
    }
  }
  return resolved;
}

/** Each fact as the first span that has it gives it. */
export function readFacts(nodes: Iterable<SpanNode>): Facts {
  const facts = { ...NO_FACTS };
  for (const { span } of nodes) {
    facts.conversationId ??= span.conversationId;
    facts.userId ??= span.userId;
    facts.customerSegment ??= span.customerSegment;
    facts.requestType ??= span.requestType;
    facts.riskClass ??= span.riskClass;
    facts.region ??= span.region;
    facts.environment ??= span.environment;
  }
  return facts;
}

function inheritFacts(own: Facts, inherited: Facts): Facts {
  return {
    conversationId: own.conversationId ?? inherited.conversationId,
    userId: own.userId ?? inherited.userId,
    customerSegment: own.customerSegment ?? inherited.customerSegment,
    requestType: own.requestType ?? inherited.requestType,
    riskClass: own.riskClass ?? inherited.riskClass,
    region: own.region ?? inherited.region,
    environment: own.environment ?? inherited.environment,
  };
}

/** The name the agent's own span gives, else its caller's, else the owner most of its spans name, else its service. */
export function agentNameOf(invocation: Invocation): string {
  const views = [...invocation.agentSpans, ...invocation.callerSpans];
  return firstValue(views, (span) => span.agentName) ?? commonOwner(invocation) ?? invocation.root.span.service;
}

function commonOwner(invocation: Invocation): string | null {
  const counts = new Map<string, number>();
  for (const { span } of invocation.members) {
    if (span.agentName !== null) counts.set(span.agentName, (counts.get(span.agentName) ?? 0) + 1);
  }
  let common: string | null = null;
  let commonCount = 0;
  for (const [name, count] of counts) {
    if (count > commonCount || (count === commonCount && common !== null && name < common)) {
      common = name;
      commonCount = count;
    }
  }
  return common;
}

/** Every value that spans of the invocation, its caller's side included, have for an attribute, by key. */
export function collectLabels({
  agentSpans,
  callerSpans,
  members,
}: Invocation): ReadonlyMap<string, ReadonlySet<string>> {
  const labels = new Map<string, Set<string>>();
  for (const { span } of [...agentSpans, ...callerSpans, ...members]) {
    if (span.labels === null) continue;
    for (const [key, value] of Object.entries(span.labels)) {
      const values = labels.get(key);
      if (values === undefined) labels.set(key, new Set([value]));
      else values.add(value);
    }
  }
  return labels;
}
