import type { Decision } from '../decision.js';
import type { History } from './history.js';
import type { Observation } from './usual.js';

/**
 * Why a decision is kept whatever its class.
 * - `unknown`: too little has been seen of its agent and request type to call it ordinary.
 * - `unusual`: far slower, dearer or longer than usual. `no-tool`: answered without a tool where one is usually called.
 */
export type Finding = 'error' | 'incomplete' | 'ungrounded' | 'unknown' | 'unusual' | 'no-tool';

const UNGROUNDED_SCORE = 0.5;

/** The first reason found to keep the decision; null when there is none. What is cheap to see is looked at first. */
export function findingOf(fleet: string, decision: Decision, history: History): Finding | null {
  if (decision.outcome === 'ERROR' || decision.failedToolCalls > 0) return 'error';
  if (!decision.complete) return 'incomplete';
  if ((decision.hallucinationScore ?? 0) >= UNGROUNDED_SCORE) return 'ungrounded';
  const observation = observe(decision);
  const usual = history.usualFor(fleet, observation);
  if (usual === null) return 'unknown';
  if (usual.isFarAbove(observation)) return 'unusual';
  return usual.lacksTool(observation) ? 'no-tool' : null;
}

export function observe({
  agent,
  requestType,
  startedAtMs,
  endedAtMs,
  tokens,
  costUsd,
  toolCalls,
}: Decision): Observation {
  return {
    agent,
    requestType,
    latencyMs: endedAtMs - startedAtMs,
    tokens: tokens.input + tokens.output,
    costUsd: costUsd === null ? null : Number(costUsd),
    toolCalls,
  };
}
