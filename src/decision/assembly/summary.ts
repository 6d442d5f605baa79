/** A decision's own fields, read off its root, its chain and the facts around it. */

import type { TokenUsage } from '../../cost/token-usage.js';
import type { Decision } from '../decision.js';
import type { ChainLink } from './chain.js';
import type { Facts } from './facts.js';
import type { Verdict } from './failure.js';
import { fingerprintOf } from './fingerprint.js';
import type { Invocation } from './ownership.js';
import { firstValue, type SpanNode } from './tree.js';
import { addTokens, NO_TOKENS } from './usage.js';

/**
 * - `closed`: the root has ended and nothing is known to be missing.
 * - `awaiting-parent`: a span above is named but not here; it may turn out to be the root.
 * - `awaiting-callee`: the caller's side of an invocation; the called agent's own span may come and be the root.
 * - `open`: the root has not ended.
 * - `unending`: the root is a turn told by log records, whose end nobody sends: over when nothing more comes.
 */
export type DecisionState = 'closed' | 'awaiting-parent' | 'awaiting-callee' | 'open' | 'unending';

export interface Summarised {
  agent: string;
  facts: Facts;
  verdict: Verdict;
  chain: readonly ChainLink[];
  /** The usage that counts, by the span it belongs to. */
  usage: ReadonlyMap<SpanNode, TokenUsage>;
  state: DecisionState;
}

/** `costUsd` is null. Time to first token is the first model call's own figure, from that call's start. */
export function summarise(invocation: Invocation, known: Summarised): Decision {
  const { root, members } = invocation;
  const { chain, facts, state } = known;
  const views = [root, ...invocation.agentSpans, ...invocation.callerSpans];
  const steps = chain.map((link) => link.step);
  const modelSteps = steps.filter((step) => step.kind === 'MODEL_CALL');
  const toolSteps = steps.filter((step) => step.kind === 'TOOL_CALL');
  return {
    id: decisionId(invocation),
    traceId: root.span.traceId,
    spanId: root.span.spanId,
    parentSpanId: root.span.parentSpanId,
    parentId: invocation.parent === null ? null : decisionId(invocation.parent),
    agent: known.agent,
    agentVersion: firstValue(views, (span) => span.agentVersion) ?? root.span.serviceVersion,
    fingerprint: fingerprintOf(invocation, chain),
    ...facts,
    riskClass: facts.riskClass ?? 'ROUTINE',
    ...answeringModel(invocation, chain),
    ...interval(invocation),
    queueMs: root.span.queueMs ?? sumQueueMs(members),
    timeToFirstTokenMs: timeToFirstTokenMs(chain) ?? root.span.timeToFirstTokenMs,
    tokens: sumTokens(members, known.usage),
    costUsd: null,
    costSource: null,
    calls: [],
    ...known.verdict,
    hallucinationScore: worstScore(members),
    groundingScore: null,
    toolCalls: toolSteps.length,
    failedToolCalls: toolSteps.filter((step) => step.outcome === 'ERROR').length,
    complete: state === 'closed',
    input: firstValue(views, (span) => span.input) ?? modelSteps[0]?.input ?? null,
    output: firstValue(views, (span) => span.output) ?? modelSteps.at(-1)?.output ?? null,
    steps,
  };
}

export function stateOf(invocation: Invocation, hasChildren: boolean): DecisionState {
  const { root, agentSpans, tops, isWorking } = invocation;
  if (!root.span.ended) return root.span.log === null ? 'open' : 'unending';
  if (agentSpans.length === 0) return tops.some((top) => top.isOrphan) ? 'awaiting-parent' : 'closed';
  const isCallersSide = agentSpans.some((node) => node.span.side === 'client') && !isWorking && !hasChildren;
  return isCallersSide ? 'awaiting-callee' : 'closed';
}

function decisionId({ root }: Invocation): string {
  return `${root.span.traceId}-${root.span.spanId}`;
}

function answeringModel({ root }: Invocation, chain: readonly ChainLink[]): Pick<Decision, 'provider' | 'model'> {
  const links = chain.filter(({ step }) => step.kind === 'MODEL_CALL');
  const languageLinks = links.filter(({ node }) => node.span.kind === 'model');
  const candidates = languageLinks.length > 0 ? languageLinks : links;
  const answered = candidates.findLast(({ step }) => step.outcome === 'SUCCESS') ?? candidates.at(-1);
  if (answered !== undefined) return { provider: answered.step.provider, model: answered.step.model };
  return { provider: root.span.provider, model: root.span.responseModel ?? root.span.requestModel };
}

/** Without an end, the latest moment known stands in for it. A service's decision spans all its parts of the trace. */
function interval({ root, tops, members }: Invocation): Pick<Decision, 'startedAtMs' | 'endedAtMs'> {
  let startedAtMs = root.span.startMs;
  let endedAtMs = root.span.endMs;
  for (const { span } of root.span.ended ? tops : members) {
    startedAtMs = Math.min(startedAtMs, root.span.ended ? span.startMs : startedAtMs);
    endedAtMs = Math.max(endedAtMs, span.endMs);
  }
  return { startedAtMs, endedAtMs };
}

function sumQueueMs(members: readonly SpanNode[]): number | null {
  let sumMs: number | null = null;
  for (const { span } of members) if (span.queueMs !== null) sumMs = (sumMs ?? 0) + span.queueMs;
  return sumMs;
}

function timeToFirstTokenMs(chain: readonly ChainLink[]): number | null {
  for (const { call } of chain) {
    const ms = call === null ? null : firstValue(call.innermostFirst, (span) => span.timeToFirstTokenMs);
    if (ms !== null) return ms;
  }
  return null;
}

function sumTokens(members: readonly SpanNode[], usage: ReadonlyMap<SpanNode, TokenUsage>): TokenUsage {
  let sum = NO_TOKENS;
  for (const node of members) sum = addTokens(sum, usage.get(node) ?? NO_TOKENS);
  return sum;
}

function worstScore(members: readonly SpanNode[]): number | null {
  let worst: number | null = null;
  for (const { span } of members) {
    if (span.hallucinationScore !== null) worst = Math.max(worst ?? 0, span.hallucinationScore);
  }
  return worst;
}
