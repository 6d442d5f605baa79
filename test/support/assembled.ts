/** Reads assembled decisions the way tests speak of them. */
import { expect } from 'vitest';
import { type AssembledDecision, assembleTrace } from '../../src/decision/assembly/assemble.js';
import { spanTree } from './span-tree.js';

export function assemble(text: string): AssembledDecision[] {
  return assembleTrace(spanTree(text));
}

/** `Agent`, or `Parent > Agent` for each decision, in order of start. */
export function callers(assembled: AssembledDecision[]): string[] {
  const names = new Map(assembled.map(({ decision }) => [decision.id, decision.agent]));
  return assembled.map(({ decision }) =>
    decision.parentId === null ? decision.agent : `${names.get(decision.parentId)} > ${decision.agent}`,
  );
}

export function decisionOf(assembled: AssembledDecision[], agent: string): AssembledDecision {
  const found = assembled.find(({ decision }) => decision.agent === agent);
  if (found === undefined) expect.fail(`no decision of ${agent}`);
  return found;
}

export function chainOf({ decision }: AssembledDecision): string[] {
  return decision.steps.map((step) => `${step.kind} ${step.name}${step.outcome === 'ERROR' ? ' !' : ''}`);
}
