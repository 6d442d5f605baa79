import type { SpanUsage } from '../../../decision/assembly/span.js';
import { countOf } from './attribute.js';
import type { Fields } from './fields.js';

/** Where a client's counting departs from the GenAI conventions. */
export interface UsageRule {
  inputExcludesCache?: boolean;
  outputExcludesReasoning?: boolean;
}

/** Token counts as sent. */
export function sentCounts(fields: Fields): SpanUsage {
  return {
    input: countOf(fields.inputTokens),
    output: countOf(fields.outputTokens),
    cacheRead: countOf(fields.cacheReadTokens),
    cacheWrite: countOf(fields.cacheWriteTokens),
    reasoning: countOf(fields.reasoningTokens),
  };
}

/**
 * Counts in which input includes cache reads and writes and output includes reasoning; null when nothing was counted.
 *
 * Whatever the rule says, a part larger than its whole shows that the whole leaves it out.
 */
export function normaliseUsage(sent: SpanUsage, rule: UsageRule): SpanUsage | null {
  if (Object.values(sent).every((count) => count === null)) return null;
  const cached = (sent.cacheRead ?? 0) + (sent.cacheWrite ?? 0);
  const reasoned = sent.reasoning ?? 0;
  return {
    ...sent,
    input: withPart(sent.input, cached, rule.inputExcludesCache === true),
    output: withPart(sent.output, reasoned, rule.outputExcludesReasoning === true),
  };
}

function withPart(whole: number | null, part: number, isExcluded: boolean): number | null {
  if (whole === null) return null;
  return isExcluded || whole < part ? whole + part : whole;
}
