import type { Attributes } from '@opentelemetry/api';
import type { AgentProfile } from '../fleet.js';

export interface Failure {
  /** `error.type`. */
  type: string;
  message: string;
}

/** A span before it has a place in time: what the service of `agent` will report. */
export interface SpanPlan {
  agent: AgentProfile;
  name: string;
  kind: 'internal' | 'client' | 'server';
  /** After the start of the request. */
  startMs: number;
  durationMs: number;
  attributes: Attributes;
  failure: Failure | null;
  children: readonly SpanPlan[];
}

/** Every span of the plan, parents first. */
export function* walkPlan(plan: SpanPlan): Generator<SpanPlan> {
  yield plan;
  for (const child of plan.children) yield* walkPlan(child);
}

/** The spans that are decisions: an agent's own, not its caller's view of it. */
export function decisionsIn(plan: SpanPlan): SpanPlan[] {
  return [...walkPlan(plan)].filter(
    ({ kind, attributes }) => kind !== 'client' && attributes['gen_ai.operation.name'] === 'invoke_agent',
  );
}
