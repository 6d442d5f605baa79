import { groupRows } from '../../db/group.js';
import { compareText } from '../../order.js';
import type { Symptom } from './symptom.js';

/** Where a disturbance may come from. */
export interface Suspect {
  doer: string;
  /** From 0; comparable among the suspects of one incident. */
  score: number;
  /** What speaks for it, the strongest first. */
  symptoms: Symptom[];
}

/** A gap that says as much against the caller as against the one it called is the latter's: blame moves down an edge. */
const CALLER_WEIGHT = 0.9;
/** Weaker symptoms are the noise of small samples. */
const EXCESS_SHOWN_MIN = 0.1;

/**
 * Ranks agents or services by what is more than usual in them. Kinds of symptoms are parts of one length (Euclid's norm), so
 * that one clear symptom outweighs several faint ones.
 */
export function rankSuspects(symptoms: readonly Symptom[]): Suspect[] {
  const { ofCallers, ofCallees } = splitGaps(symptoms.filter(({ kind }) => kind === 'GAP'));
  const own = groupRows(
    symptoms.filter(({ kind }) => kind !== 'GAP'),
    ({ doer }) => doer,
  );
  const doers = new Set(symptoms.flatMap(({ doer, callee }) => (callee === null ? [doer] : [doer, callee])));
  const suspects = [...doers].map((doer): Suspect => {
    const strengths = [
      ...[...groupRows(own.get(doer) ?? [], aspectOf).values()].map(strengthOf),
      CALLER_WEIGHT * (ofCallers.get(doer) ?? 0),
      ofCallees.get(doer) ?? 0,
    ];
    return { doer, score: Math.hypot(...strengths), symptoms: evidenceFor(doer, symptoms) };
  });
  return suspects.sort((left, right) => right.score - left.score || compareText(left.doer, right.doer));
}

function aspectOf({ kind, operation }: Symptom): string {
  return kind === 'RESOURCE' ? operation : kind;
}

/** Of errors the worst counts: one operation that fails is enough. Times count as their mean: a few are always odd. */
function strengthOf(symptoms: readonly Symptom[]): number {
  return symptoms[0]?.kind === 'ERROR' ? Math.max(...symptoms.map(({ excess }) => excess)) : meanExcess(symptoms);
}

function meanExcess(symptoms: readonly Symptom[]): number {
  const weight = symptoms.reduce((sum, { observations }) => sum + observations, 0);
  return symptoms.reduce((sum, { excess, observations }) => sum + excess * observations, 0) / Math.max(weight, 1);
}

interface Edge {
  caller: string;
  callee: string;
  excess: number;
}

/**
 * Parts what grew between callers and callees among them: against a callee speaks what a caller does not have with its other
 * callees, and against a caller what its callees do not have with their other callers.
 */
function splitGaps(gaps: readonly Symptom[]) {
  const edges = [...groupRows(gaps, ({ doer, callee }) => JSON.stringify([doer, callee])).values()].flatMap((group) => {
    const [{ doer, callee } = { doer: '', callee: null }] = group;
    return callee === null ? [] : [{ caller: doer, callee, excess: meanExcess(group) } satisfies Edge];
  });
  const byCaller = groupRows(edges, ({ caller }) => caller);
  const byCallee = groupRows(edges, ({ callee }) => callee);
  const beyond = (edge: Edge, others: readonly Edge[] = []) =>
    Math.max(0, edge.excess - mean(others.filter((other) => other !== edge).map(({ excess }) => excess)));
  const againstCaller = (edge: Edge) => beyond(edge, byCallee.get(edge.callee));
  const againstCallee = (edge: Edge) => beyond(edge, byCaller.get(edge.caller));
  return {
    ofCallers: new Map([...byCaller].map(([caller, own]) => [caller, mean(own.map(againstCaller))])),
    ofCallees: new Map([...byCallee].map(([callee, own]) => [callee, mean(own.map(againstCallee))])),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

function evidenceFor(doer: string, symptoms: readonly Symptom[]): Symptom[] {
  return symptoms
    .filter((symptom) => symptom.excess >= EXCESS_SHOWN_MIN && (symptom.doer === doer || symptom.callee === doer))
    .sort((left, right) => right.excess - left.excess);
}
