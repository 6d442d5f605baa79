/** What spans say a call cost, and the tokens of calls that no step shows: the input of price.ts. */
import { dollarsFromNumber } from '../../cost/dollars.js';
import type { TokenUsage } from '../../cost/token-usage.js';
import type { ChainLink } from './chain.js';
import type { Invocation } from './ownership.js';
import { firstValue, type SpanNode } from './tree.js';

/** Cost figures that came with a call, as decimal text in US dollars, and what its price can be found by. */
export interface CallCost {
  /** The user's own figure, which wins over any computed one. */
  own: string | null;
  /** The client's estimate, used when the model has no known price. */
  reported: string | null;
  /** The model asked for: its price stands in when the model that answered has none. */
  requestModel: string | null;
}

/** Tokens that only a wrapper around calls reports, so that no step of the chain carries them. */
export interface WrapperUsage extends CallCost {
  provider: string | null;
  model: string | null;
  tokens: TokenUsage;
  /** When the wrapper started, milliseconds since the epoch. */
  atMs: number;
}

export const NO_FIGURES: CallCost = { own: null, reported: null, requestModel: null };

export function costOfLink({ node, call }: ChainLink): CallCost {
  // A child agent's figures belong to its own decision.
  if (node.span.kind === 'agent') return NO_FIGURES;
  return call === null ? costOf([node], [node]) : costOf(call.outermostFirst, call.innermostFirst);
}

/** The user's own figure for the whole decision; null when there is none. */
export function ownCostOf(invocation: Invocation): string | null {
  return decimal(firstValue([invocation.root, ...invocation.agentSpans], (span) => span.ownCostUsd));
}

export function findWrapperUsage(
  invocation: Invocation,
  chain: readonly ChainLink[],
  usage: ReadonlyMap<SpanNode, TokenUsage>,
): WrapperUsage[] {
  const shown = new Set(chain.map((link) => link.node));
  const found: WrapperUsage[] = [];
  for (const node of invocation.members) {
    const tokens = usage.get(node);
    if (tokens === undefined || shown.has(node)) continue;
    const { provider, responseModel, requestModel, startMs } = node.span;
    found.push({
      provider,
      model: responseModel ?? requestModel,
      tokens,
      atMs: startMs,
      ...costOf([node], [node]),
    });
  }
  return found;
}

function costOf(outermostFirst: readonly SpanNode[], innermostFirst: readonly SpanNode[]): CallCost {
  return {
    own: decimal(firstValue(outermostFirst, (span) => span.ownCostUsd)),
    reported: decimal(firstValue(innermostFirst, (span) => span.reportedCostUsd)),
    requestModel: firstValue(innermostFirst, (span) => span.requestModel),
  };
}

function decimal(dollars: number | null): string | null {
  return dollars === null ? null : dollarsFromNumber(dollars);
}
