/** What a span's kind means for decisions and their reasoning chains. */
import type { StepKind } from '../decision.js';
import type { SpanKind } from './span.js';

/** The kinds that are a step of their own; an agent's span is a HANDOFF in its caller's chain, see chain.ts. */
const STEP_OF_KIND: Partial<Record<SpanKind, StepKind>> = {
  model: 'MODEL_CALL',
  embedding: 'MODEL_CALL',
  tool: 'TOOL_CALL',
  retrieval: 'RETRIEVAL',
  reasoning: 'REASONING',
  handoff: 'HANDOFF',
  guardrail: 'GUARDRAIL',
  human: 'HUMAN_REVIEW',
};

const WORK_KINDS: ReadonlySet<SpanKind> = new Set<SpanKind>(['model', 'embedding', 'tool', 'retrieval']);

const CONTAINER_KINDS: ReadonlySet<SpanKind> = new Set<SpanKind>(['workflow', 'step', 'other']);

export function stepKindOf(kind: SpanKind): StepKind | null {
  return STEP_OF_KIND[kind] ?? null;
}

export function isModelCall(kind: SpanKind): boolean {
  return kind === 'model' || kind === 'embedding';
}

/** Work shows that something decided: without any, a trace holds no decision. */
export function isWork(kind: SpanKind): boolean {
  return WORK_KINDS.has(kind);
}

/** A container only surrounds: what is above it and what is below it stand directly to each other. */
export function isContainer(kind: SpanKind): boolean {
  return CONTAINER_KINDS.has(kind);
}
