import { groupRows } from '../../db/group.js';
import type { Decision, Step } from '../../decision/decision.js';
import type { Work } from './work.js';

type Kin = Pick<
  Decision,
  'id' | 'spanId' | 'parentId' | 'parentSpanId' | 'agent' | 'startedAtMs' | 'endedAtMs' | 'outcome' | 'steps'
>;

/** Agents that call agents are a few deep; what lies deeper than this is left out. */
const DEPTH_MAX = 200;

/** The decisions of one trace as trees of work: a decision that another called lies in the step that called it. */
export function worksOfDecisions<D extends Kin>(decisions: readonly D[]): Work[] {
  const callerOf = callersAmong(decisions);
  const calledBy = groupRows(decisions, (decision) => callerOf.get(decision));
  const treeOf = (decision: D, depth: number): Work => {
    const called = depth < DEPTH_MAX ? (calledBy.get(decision) ?? []) : [];
    return workOf(
      decision,
      called.map((callee) => ({ decision: callee, work: treeOf(callee, depth + 1) })),
    );
  };
  return (calledBy.get(undefined) ?? []).map((root) => treeOf(root, 1));
}

/** Who among them called each, by the decision's id or by the span of a step. */
function callersAmong<D extends Kin>(decisions: readonly D[]): Map<D, D> {
  const byId = new Map(decisions.map((decision) => [decision.id, decision]));
  const bySpan = new Map<string, D>();
  for (const decision of decisions) {
    for (const spanId of [decision.spanId, ...decision.steps.map((step) => step.spanId)]) {
      if (spanId !== null) bySpan.set(spanId, decision);
    }
  }
  const callers = new Map<D, D>();
  for (const decision of decisions) {
    const caller = byId.get(decision.parentId ?? '') ?? bySpan.get(decision.parentSpanId ?? '');
    if (caller !== undefined && caller !== decision) callers.set(decision, caller);
  }
  return callers;
}

interface Called {
  decision: Kin;
  work: Work;
}

function workOf(decision: Kin, called: readonly Called[]): Work {
  const placed = called.map((callee) => ({ ...callee, step: stepCalling(decision, callee.decision) }));
  const steps = decision.steps.map((step): Work => {
    const parts = placed.filter((callee) => callee.step === step).map(({ work }) => work);
    return { ...timesOf(step), doer: decision.agent, operation: operationOf(step), parts };
  });
  const apart = placed.filter(({ step }) => step === undefined).map(({ work }) => work);
  return {
    doer: decision.agent,
    operation: 'decision',
    startMs: decision.startedAtMs,
    durationMs: decision.endedAtMs - decision.startedAtMs,
    isFailed: decision.outcome === 'ERROR',
    parts: [...steps, ...apart],
  };
}

function stepCalling(caller: Kin, callee: Kin): Step | undefined {
  const linked = caller.steps.find(
    ({ spanId }) => spanId !== null && spanId === (callee.parentSpanId ?? callee.spanId),
  );
  return (
    linked ??
    caller.steps.find(
      ({ kind, name, startedAtMs, durationMs }) =>
        kind === 'HANDOFF' &&
        name === callee.agent &&
        startedAtMs <= callee.startedAtMs &&
        startedAtMs + durationMs >= callee.startedAtMs,
    )
  );
}

function timesOf({ startedAtMs, durationMs, outcome }: Step): Pick<Work, 'startMs' | 'durationMs' | 'isFailed'> {
  return { startMs: startedAtMs, durationMs, isFailed: outcome === 'ERROR' };
}

/** `TOOL_CALL get_invoice`: the same for every such step. */
export function operationOf({ kind, name, toolName }: Pick<Step, 'kind' | 'name' | 'toolName'>): string {
  return `${kind} ${toolName ?? name}`;
}
