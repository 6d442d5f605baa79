/** Tokens counted once: clients repeat a call's usage on every wrapper around it. */
import type { TokenUsage } from '../../cost/token-usage.js';
import type { ModelCalls } from './model-call.js';
import type { SpanUsage } from './span.js';
import type { SpanNode, SpanTree } from './tree.js';

export const NO_TOKENS: TokenUsage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };

/**
 * The usage that counts, on the span it belongs to: a model call's on its outer span, and a wrapper's own only where
 * nothing below it, child agents included, reports any.
 */
export function countUsage(tree: SpanTree, calls: ModelCalls): ReadonlyMap<SpanNode, TokenUsage> {
  const counted = new Map<SpanNode, TokenUsage>();
  const reported = new Set<SpanNode>();
  for (const node of tree.toReversed()) {
    const call = calls.get(node);
    const usage = call === undefined ? node.span.usage : call.usage;
    if (usage !== null) {
      const isCounted = call === undefined ? !reported.has(node) : call.outer === node;
      if (isCounted) counted.set(node, toTokens(usage));
      reported.add(node);
    }
    if (node.parent !== null && reported.has(node)) reported.add(node.parent);
  }
  return counted;
}

export function addTokens(left: TokenUsage, right: TokenUsage): TokenUsage {
  return {
    input: left.input + right.input,
    output: left.output + right.output,
    cacheRead: left.cacheRead + right.cacheRead,
    cacheWrite: left.cacheWrite + right.cacheWrite,
    reasoning: left.reasoning + right.reasoning,
  };
}

function toTokens(usage: SpanUsage): TokenUsage {
  return {
    input: usage.input ?? 0,
    output: usage.output ?? 0,
    cacheRead: usage.cacheRead ?? 0,
    cacheWrite: usage.cacheWrite ?? 0,
    reasoning: usage.reasoning ?? 0,
  };
}
