import type { AlertRule, Decided, Observation } from './rule.js';

export type Phase = 'INACTIVE' | 'PENDING' | 'FIRING';
/** What an evaluation changed: `WITHDRAWN` is the end of what was pending, `RESOLVED` that of what fired. */
export type Change = 'PENDING' | 'WITHDRAWN' | 'FIRING' | 'RESOLVED';

/**
 * Where one group stands under one rule: plain data, which survives a restart as JSON. Moments are those of evaluations, in
 * milliseconds since the epoch.
 */
export interface AlertState {
  readonly phase: Phase;
  /** The last evaluation that counted. */
  readonly evaluatedAtMs: number;
  /** The first evaluation of those, without a gap, at which the condition was met; null while inactive. */
  readonly activeAtMs: number | null;
  /** When it last began to fire; null: never. */
  readonly firedAtMs: number | null;
  /** When it last resolved; null: never. */
  readonly resolvedAtMs: number | null;
  /** The first evaluation of those at which it fires on though the condition is not met; null while it is. */
  readonly keepFiringSinceMs: number | null;
  /** When its incident began to fire: before `firedAtMs` where the alert flaps. */
  readonly openedAtMs: number | null;
  /** How many times it fired again within its incident. */
  readonly reopened: number;
  /** As of the last evaluation with data. */
  readonly decided: Decided | null;
}

/** What of a rule the states depend on. */
export type StateRule = Pick<AlertRule, 'forMs' | 'keepFiringForMs' | 'flapHoldMs' | 'noData'>;

export interface Step {
  readonly state: AlertState;
  readonly change: Change | null;
}

/**
 * The state after one evaluation. Null for a state: the group is new; null for an observation: it is no longer there, and
 * what fires resolves at once. An evaluation that is not later than the last one changes nothing.
 *
 * States are those of Prometheus (rules/alerting.go): the alert is pending from the first evaluation at which the condition is
 * met, fires at the first that is `forMs` after it with none between at which it is not, and resolves at the first
 * at which it is not, or `keepFiringForMs` after the first of those, without one between at which it is met. Beyond
 * Prometheus: an alert that fires again within `flapHoldMs` after it resolved is the same incident, and from then on it keeps
 * firing at least `flapHoldMs`.
 */
export function advance(
  rule: StateRule,
  previous: AlertState | null,
  observation: Observation | null,
  atMs: number,
): Step {
  if (previous !== null && atMs <= previous.evaluatedAtMs) return { state: previous, change: null };
  const state = note(rule, previous, observation, atMs);
  if (observation === null) return end(state, atMs);
  const known = state.phase === 'FIRING' ? observation.isMetWhileFiring : observation.isMet;
  if (known === null && rule.noData === 'KEEP') return { state, change: null };
  if (known ?? rule.noData === 'FIRE') return meet(rule, state, atMs);
  return isKept(rule, state, atMs)
    ? { state: { ...state, keepFiringSinceMs: state.keepFiringSinceMs ?? atMs }, change: null }
    : end(state, atMs);
}

/** Whether an alert fires on only because it is kept, not because its condition is met. */
export function isHolding({ phase, keepFiringSinceMs }: AlertState): boolean {
  return phase === 'FIRING' && keepFiringSinceMs !== null;
}

/** Whether a state says nothing that a group without one would not come to. */
export function isForgettable({ flapHoldMs }: StateRule, { phase, resolvedAtMs, evaluatedAtMs }: AlertState): boolean {
  return phase === 'INACTIVE' && (resolvedAtMs === null || evaluatedAtMs - resolvedAtMs > flapHoldMs);
}

const NEW: Omit<AlertState, 'evaluatedAtMs'> = {
  phase: 'INACTIVE',
  activeAtMs: null,
  firedAtMs: null,
  resolvedAtMs: null,
  keepFiringSinceMs: null,
  openedAtMs: null,
  reopened: 0,
  decided: null,
};

/** What an evaluation saw, before what follows from it. */
function note(rule: StateRule, previous: AlertState | null, observation: Observation | null, atMs: number): AlertState {
  const state = previous ?? NEW;
  const isTold = observation !== null && (observation.isMet !== null || rule.noData === 'FIRE');
  return { ...state, evaluatedAtMs: atMs, decided: isTold ? observation.decided : state.decided };
}

function meet(rule: StateRule, met: AlertState, atMs: number): Step {
  const state = { ...met, keepFiringSinceMs: null };
  if (state.phase === 'FIRING') return { state, change: null };
  const activeAtMs = state.activeAtMs ?? atMs;
  if (atMs - activeAtMs >= rule.forMs) return { state: fire(rule, { ...state, activeAtMs }, atMs), change: 'FIRING' };
  return { state: { ...state, phase: 'PENDING', activeAtMs }, change: state.phase === 'PENDING' ? null : 'PENDING' };
}

function fire({ flapHoldMs }: StateRule, state: AlertState, atMs: number): AlertState {
  const { resolvedAtMs } = state;
  const isSame = flapHoldMs > 0 && resolvedAtMs !== null && atMs - resolvedAtMs <= flapHoldMs;
  const incident = isSame ? { reopened: state.reopened + 1 } : { openedAtMs: atMs, reopened: 0 };
  return { ...state, ...incident, phase: 'FIRING', firedAtMs: atMs };
}

function isKept({ keepFiringForMs, flapHoldMs }: StateRule, state: AlertState, atMs: number): boolean {
  const keepMs = state.reopened > 0 ? Math.max(keepFiringForMs, flapHoldMs) : keepFiringForMs;
  return state.phase === 'FIRING' && atMs - (state.keepFiringSinceMs ?? atMs) < keepMs;
}

function end(state: AlertState, atMs: number): Step {
  const ended = { ...state, phase: 'INACTIVE', activeAtMs: null, keepFiringSinceMs: null } as const;
  if (state.phase === 'FIRING') return { state: { ...ended, resolvedAtMs: atMs }, change: 'RESOLVED' };
  return { state: ended, change: state.phase === 'PENDING' ? 'WITHDRAWN' : null };
}
