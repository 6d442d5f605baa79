import type { Finding } from '../../anomaly/finding.js';
import { type TokenHistogram, tokenQuantile } from './usual-tokens.js';

/** The tokens of one decision, input and output, all or so far. */
export interface TokenUse {
  decisionId: string;
  requestType: string | null;
  tokens: number;
}

/** Fewer decisions say nothing of what is usual. */
export const KNOWN_MIN = 30;
/**
 * So many deviations of logarithms above the median, and so many times what 95 of 100 use: of 32,634 real runs in
 * ../shared/data/agent_metrics none is, one in 8,000 is above five deviations.
 */
const DEVIATIONS = 6;
const TIMES_P95 = 3;
/** Nobody is woken for a few cents. */
const TOKENS_MIN = 10_000;
const CRITICAL_TIMES = 3;
/** Of a normal distribution, from the median to the 95th percentile. */
const P95_DEVIATIONS = 1.645;
const DEVIATION_MIN = 0.15;

/** The finding when a decision uses far more than is usual of its kind; null too when that is not known yet. */
export function findRunaway(usual: TokenHistogram, { decisionId, requestType, tokens }: TokenUse): Finding | null {
  if (usual.weight < KNOWN_MIN || tokens < TOKENS_MIN) return null;
  const [median, p95] = [tokenQuantile(usual, 0.5), tokenQuantile(usual, 0.95)];
  const deviation = Math.max(DEVIATION_MIN, Math.log((p95 + 1) / (median + 1)) / P95_DEVIATIONS);
  const bound = Math.max(TOKENS_MIN, TIMES_P95 * p95, median * Math.exp(DEVIATIONS * deviation));
  if (tokens <= bound) return null;
  return {
    kind: 'TOKEN_BURN',
    severity: tokens > CRITICAL_TIMES * bound ? 'CRITICAL' : 'WARNING',
    score: 1 - bound / (2 * tokens),
    observed: tokens,
    expected: Math.round(median),
    summary: `the decision used ${said(tokens)} tokens, ${said(tokens / Math.max(median, 1))} times what is usual${requestType === null ? '' : ` of ${requestType}`}`,
    evidence: { burn: 'DECISION', requestType, tokens, usualMedian: Math.round(median), usualP95: Math.round(p95) },
    incident: `decision ${decisionId}`,
  };
}

function said(figure: number): string {
  return Number(figure.toPrecision(2)).toLocaleString('en');
}
