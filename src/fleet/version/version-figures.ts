import { dollarsAsNumber } from '../../cost/dollars.js';
import type { Figures } from '../../metric/figures.js';

/** What decisions of one version came to; null where none says. */
export interface VersionFigures {
  decisions: number;
  /** 0 to 1; 0 when there are no decisions. */
  errorRate: number;
  latencyP95Ms: number | null;
  /** Of the decisions whose cost is known; those that used no tokens cost nothing. */
  costPerDecisionUsd: number | null;
  tokensPerDecision: number | null;
  toolSuccessRate: number | null;
}

/** Needs the summary of latency. */
export function versionFiguresOf({ counts, costPicodollars, summaries }: Figures): VersionFigures {
  const per = (total: number, count: number) => (count > 0 ? total / count : null);
  const { decisions } = counts;
  return {
    decisions,
    errorRate: per(counts.errors, decisions) ?? 0,
    latencyP95Ms: summaries.latency?.quantile(0.95) ?? null,
    costPerDecisionUsd: per(dollarsAsNumber(costPicodollars), decisions - counts.unpriced),
    tokensPerDecision: per(counts.input_tokens + counts.output_tokens, decisions),
    toolSuccessRate: per(counts.tool_calls - counts.failed_tool_calls, counts.tool_calls),
  };
}
