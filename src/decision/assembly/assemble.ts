/** From the spans of one trace to its decisions: the same spans give the same decisions, in whatever order they came. */

import type { Decision } from '../decision.js';
import { type CallCost, costOfLink, findWrapperUsage, ownCostOf, type WrapperUsage } from './call-cost.js';
import { buildChain, type ChainContext } from './chain.js';
import { joinContents } from './content.js';
import { agentNameOf, collectLabels, type Facts, NO_FACTS, readFacts, resolveFacts } from './facts.js';
import { findRootCauses, judge, type Verdict } from './failure.js';
import { findHandoffs } from './handoff.js';
import { placeTurns } from './log-turn.js';
import { findModelCalls } from './model-call.js';
import { findInvocations, type Invocation } from './ownership.js';
import type { Span } from './span.js';
import type { Handoff } from './step.js';
import { type DecisionState, stateOf, summarise } from './summary.js';
import { buildTree } from './tree.js';
import { countUsage } from './usage.js';

export interface AssembledDecision {
  /** Not priced: `costUsd` is null on it and on its steps, see price.ts. Complete when its state is `closed`. */
  decision: Decision;
  /** Every span that belongs to it, steps or not, sorted. */
  spanIds: string[];
  state: DecisionState;
  /** One for each step. */
  stepCosts: CallCost[];
  /** Whether the class of risk was stated for it, on its spans or on those around. */
  isRiskClassStated: boolean;
  /** What classification rules ask about: every value its spans have for an attribute, by key. */
  labels: ReadonlyMap<string, ReadonlySet<string>>;
  /** The user's own figure for the whole decision. */
  ownCostUsd: string | null;
  wrapperUsage: WrapperUsage[];
}

/** What is known of an invocation before its chain is built: its caller's chain tells it too. */
interface Profile {
  agent: string;
  verdict: Verdict;
  facts: Facts;
}

interface TraceContext extends ChainContext {
  profiles: ReadonlyMap<Invocation, Profile>;
  handoffs: ReadonlyMap<Invocation, readonly Handoff[]>;
}

/**
 * The decisions of one trace, in the order they started. `spans` are all that are known of the trace, each span id
 * once; gaps are allowed, and a call with more spans supersedes the result of one with fewer.
 */
export function assembleTrace(spans: readonly Span[]): AssembledDecision[] {
  const tree = buildTree(joinContents(placeTurns(spans)));
  const calls = findModelCalls(tree);
  const causes = findRootCauses(tree);
  const invocations = findInvocations(tree, calls);
  const facts = resolveFacts(invocations, readFacts(tree));
  const profiles = new Map<Invocation, Profile>();
  for (const invocation of invocations) {
    profiles.set(invocation, {
      agent: agentNameOf(invocation),
      verdict: judge(invocation, { calls, causes }),
      facts: facts.get(invocation) ?? NO_FACTS,
    });
  }
  const context: TraceContext = {
    calls,
    causes,
    usage: countUsage(tree, calls),
    parents: new Set(tree.flatMap((node) => (node.span.kind === 'content' ? [] : (node.parent ?? [])))),
    profiles,
    handoffs: findHandoffs(profiles),
  };
  return [...profiles].map(([invocation, profile]) => assembleDecision(invocation, profile, context));
}

function assembleDecision(invocation: Invocation, profile: Profile, context: TraceContext): AssembledDecision {
  const handoffs = context.handoffs.get(invocation) ?? [];
  const chain = buildChain(invocation, handoffs, context);
  const state = stateOf(invocation, handoffs.length > 0);
  return {
    decision: summarise(invocation, { ...profile, chain, usage: context.usage, state }),
    spanIds: invocation.members.map((node) => node.span.spanId).sort(),
    state,
    stepCosts: chain.map(costOfLink),
    isRiskClassStated: profile.facts.riskClass !== null,
    labels: collectLabels(invocation),
    ownCostUsd: ownCostOf(invocation),
    wrapperUsage: findWrapperUsage(invocation, chain, context.usage),
  };
}
