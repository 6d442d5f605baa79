import type { Finding, Json } from '../anomaly/finding.js';
import { sumKnownDollars } from '../cost/dollars.js';
import type { Decision } from '../decision/decision.js';
import type { DecisionRow } from '../decision/row.js';
import { type Cascade, findCascades } from '../fleet/cascade/cascade.js';
import type { FailedDecision } from '../fleet/cascade/failed-decision.js';
import { agentsOf } from '../fleet/cascade/pattern.js';
import { duration, percent } from '../fleet/wording.js';
import type { Severity } from '../settings/settings.js';
import { dayOf } from '../time.js';
import type { Suspect } from './root-cause/blame.js';
import { operationOf, worksOfDecisions } from './root-cause/decision-work.js';
import { rankCauses } from './root-cause/rank-causes.js';
import type { Symptom } from './root-cause/symptom.js';
import type { WorkFigures } from './root-cause/work-figures.js';

export interface CascadeFinding {
  /** The agent in which it broke. */
  agent: string;
  /** The decision in which it broke. */
  decisionId: string;
  finding: Finding;
}

/** What the ranking names: the likeliest causes, each with its strongest evidence. */
const CAUSES_SHOWN_MAX = 3;
const SYMPTOMS_SHOWN_MAX = 3;
/** A suspect with less against it than this is as usual. */
const SUSPICION_MIN = 0.5;
/** Agents that failed because of one: from the second on, a whole chain is down. */
const CALLERS_CRITICAL = 2;

/**
 * The failures of a trace that travelled from one agent to another, each named by where it broke. While calls without a
 * known callee may still be explained (`isSettled` false), nothing is said of those that broke on a call. `usual` holds what
 * such work was like before; the trace itself is not to be in it yet.
 */
export function findCascadeFailures(
  trace: readonly Decision[],
  { usual, isSettled }: { usual: WorkFigures; isSettled: boolean },
): CascadeFinding[] {
  const failed = trace.filter(({ outcome }) => outcome === 'ERROR');
  if (failed.length < 2) return [];
  const parentIds = new Map<string, string>();
  for (const { id, parentId } of failed) if (parentId !== null) parentIds.set(id, parentId);
  const cascades = findCascades(failed.map(toFailed), parentIds).filter(crossesAgents);
  const suspects = cascades.length === 0 ? [] : rankCauses(worksOfDecisions(trace), usual);
  return cascades
    .filter(({ origin }) => isSettled || origin.step?.kind !== 'HANDOFF')
    .map((cascade) => describe(cascade, suspects, trace));
}

function crossesAgents(cascade: Cascade): boolean {
  return new Set(agentsOf(cascade)).size > 1;
}

function describe(cascade: Cascade, suspects: readonly Suspect[], trace: readonly Decision[]): CascadeFinding {
  const { origin, path, decisions, confidence, brokeAtMs } = cascade;
  const { agentName: agent, id: decisionId } = origin.decision.row;
  const agents = agentsOf(cascade);
  const callers = agents.slice(0, -1);
  const steps = trace.find(({ id }) => id === decisionId)?.steps ?? [];
  const brokenStep = origin.step === null ? undefined : steps[origin.step.index];
  const step = brokenStep === undefined ? null : operationOf(brokenStep);
  const broke = step === null ? `${agent} failed` : `${agent} broke on ${spoken(step)}`;
  return {
    agent,
    decisionId,
    finding: {
      kind: 'CASCADE_FAILURE',
      severity: severityOf(callers.length, trace),
      score: confidence,
      observed: decisions.length,
      expected: 0,
      summary: `${broke}, and ${callers.toReversed().join(', then ')} failed because of it.`,
      evidence: {
        traceId: cascade.traceId,
        path: agents,
        decisions: path.map(({ row }) => row.id),
        failedDecisions: decisions.length,
        agent,
        step,
        brokeAt: new Date(brokeAtMs).toISOString(),
        costUsd: sumKnownDollars(decisions.map(({ row }) => row.costUsd)),
        clues: [...cascade.evidence],
        causes: causesOf(agent, step, suspects),
      },
      incident: `trace ${cascade.traceId ?? path[0]?.row.id ?? decisionId}`,
    },
  };
}

function severityOf(callers: number, trace: readonly Decision[]): Severity {
  const isGrave = trace.some(({ outcome, riskClass }) => outcome === 'ERROR' && riskClass === 'HIGH_RISK');
  return isGrave || callers >= CALLERS_CRITICAL ? 'CRITICAL' : 'WARNING';
}

/** Where the failure broke comes first; behind it whoever else was not as usual, which may be why it broke. */
function causesOf(agent: string, step: string | null, suspects: readonly Suspect[]): Json[] {
  const first = suspects.find(({ doer }) => doer === agent) ?? { doer: agent, score: 0, symptoms: [] };
  const others = suspects.filter(({ doer, score }) => doer !== agent && score >= SUSPICION_MIN);
  return [first, ...others].slice(0, CAUSES_SHOWN_MAX).map((suspect) => ({
    agent: suspect.doer,
    step: suspect === first ? step : (suspect.symptoms[0]?.operation ?? null),
    score: Math.round(suspect.score * 100) / 100,
    evidence: evidenceAgainst(suspect, suspect === first ? step : null),
  }));
}

/** What failed, `broken` before all else; then what took longer. Symptoms that are as usual are none. */
function evidenceAgainst({ doer, symptoms }: Suspect, broken: string | null): string[] {
  const grown = symptoms.filter(({ now, usual }) => now > usual);
  const isSaid = grown.some(({ kind, operation }) => kind === 'ERROR' && operation === broken);
  // Too seldom seen to say what is usual of it, or known to fail: it is where this failure began all the same.
  const plain = broken === null || isSaid ? [] : [`${spoken(broken)} of ${doer} failed.`];
  const failuresFirst = [...grown].sort(
    (left, right) => Number(right.kind === 'ERROR') - Number(left.kind === 'ERROR'),
  );
  return [...plain, ...failuresFirst.map(sentenceOf)].slice(0, SYMPTOMS_SHOWN_MAX);
}

function sentenceOf({ kind, doer, callee, operation, usual, now }: Symptom): string {
  if (kind === 'ERROR') return `${spoken(operation)} of ${doer} failed; usually ${percent(usual)} do.`;
  const times = `${duration(now)}, usually ${duration(usual)}`;
  return kind === 'GAP'
    ? `Between ${doer}’s call and ${callee ?? 'its callee'}’s work lay ${times}.`
    : `${spoken(operation)} of ${doer} took ${times} by itself.`;
}

/** `TOOL_CALL get_invoice` as `tool call get_invoice`. */
function spoken(operation: string): string {
  const [kind = '', ...name] = operation.split(' ');
  return [kind.toLowerCase().replaceAll('_', ' '), ...name].join(' ');
}

/** As the record will have it; its place there is not known before it is sealed, and nothing here asks for it. */
function toFailed(decision: Decision): FailedDecision {
  const { agent, tokens, startedAtMs, endedAtMs } = decision;
  const row: DecisionRow = {
    ...decision,
    seq: 0,
    sealedOn: dayOf(endedAtMs),
    agentName: agent,
    startedAt: new Date(startedAtMs),
    endedAt: new Date(endedAtMs),
    latencyMs: endedAtMs - startedAtMs,
    inputTokens: tokens.input,
    outputTokens: tokens.output,
    cacheReadTokens: tokens.cacheRead,
    cacheWriteTokens: tokens.cacheWrite,
    reasoningTokens: tokens.reasoning,
    sampled: true,
  };
  const steps = decision.steps.map((step, index) => ({
    index,
    kind: step.kind,
    name: step.name,
    startMs: step.startedAtMs,
    endMs: step.startedAtMs + step.durationMs,
    outcome: step.outcome,
    errorMessage: step.errorMessage,
    spanId: step.spanId,
  }));
  return { row, spanId: decision.spanId, errorMessage: decision.errorMessage, steps };
}
