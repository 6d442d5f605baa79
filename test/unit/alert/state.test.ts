import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/alert/rule.js';
import {
  type AlertState,
  advance,
  type Change,
  isForgettable,
  isHolding,
  type StateRule,
} from '../../../src/alert/state.js';

const S = 1_000;
const RULE: StateRule = { forMs: 0, keepFiringForMs: 0, flapHoldMs: 0, noData: 'OK' };

/** `#` met, `.` not met, `~` met only for what fires, `?` no data, `x` no longer there, a space no evaluation; 10 s apart. */
function observationOf(sign: string): Observation | null {
  if (sign === 'x') return null;
  const decided = { value: sign === '?' ? null : 7, threshold: 5, unit: { of: 'number', per: null } } as const;
  if (sign === '?') return { isMet: null, isMetWhileFiring: null, decided };
  return { isMet: sign === '#', isMetWhileFiring: sign === '#' || sign === '~', decided };
}

function run(signs: string, rule: Partial<StateRule> = {}, from: AlertState | null = null) {
  const changes: [atS: number, change: Change][] = [];
  let state = from;
  const startMs = state === null ? 0 : state.evaluatedAtMs + 10 * S;
  for (const [index, sign] of [...signs].entries()) {
    if (sign === ' ') continue;
    const step = advance({ ...RULE, ...rule }, state, observationOf(sign), startMs + index * 10 * S);
    // What a restart in between would leave.
    state = JSON.parse(JSON.stringify(step.state));
    if (step.change !== null) changes.push([(startMs + index * 10 * S) / S, step.change]);
  }
  return { changes, state: state as AlertState };
}

const changesOf = (signs: string, rule?: Partial<StateRule>) =>
  run(signs, rule)
    .changes.map(([atS, change]) => `${atS} ${change.toLowerCase()}`)
    .join(', ');

describe('an alert', () => {
  it.each<[string, Partial<StateRule>, string]>([
    ['....', {}, ''],
    ['.#.', {}, '10 firing, 20 resolved'],
    ['.###.', {}, '10 firing, 40 resolved'],
    // for
    ['.##.', { forMs: 20 * S }, '10 pending, 30 withdrawn'],
    ['.###.', { forMs: 20 * S }, '10 pending, 30 firing, 40 resolved'],
    ['.####.', { forMs: 25 * S }, '10 pending, 40 firing, 50 resolved'],
    [
      '#.#.#.#',
      { forMs: 10 * S },
      '0 pending, 10 withdrawn, 20 pending, 30 withdrawn, 40 pending, 50 withdrawn, 60 pending',
    ],
    // keep_firing_for
    ['#.#..#...', { keepFiringForMs: 20 * S }, '0 firing, 80 resolved'],
    ['#...#', { keepFiringForMs: 20 * S }, '0 firing, 30 resolved, 40 firing'],
    ['##...', { forMs: 10 * S, keepFiringForMs: 10 * S }, '0 pending, 10 firing, 30 resolved'],
    // hysteresis: raised by the one threshold, cleared by the other
    ['~#~~.~', {}, '10 firing, 40 resolved'],
    ['#~~', { forMs: 10 * S }, '0 pending, 10 withdrawn'],
    ['#.~..', { keepFiringForMs: 20 * S }, '0 firing'],
    // no data
    ['#?#', {}, '0 firing, 10 resolved, 20 firing'],
    ['#?#', { forMs: 10 * S }, '0 pending, 10 withdrawn, 20 pending'],
    ['#??.', { noData: 'KEEP' }, '0 firing, 30 resolved'],
    ['#?#', { noData: 'KEEP', forMs: 20 * S }, '0 pending, 20 firing'],
    ['#???', { noData: 'KEEP', forMs: 20 * S }, '0 pending'],
    ['.??.', { noData: 'KEEP' }, ''],
    ['.???.', { noData: 'FIRE', forMs: 20 * S }, '10 pending, 30 firing, 40 resolved'],
    ['#?.', { noData: 'FIRE' }, '0 firing, 20 resolved'],
    // no longer there
    ['#x', { keepFiringForMs: 60 * S, noData: 'FIRE' }, '0 firing, 10 resolved'],
    ['#x', { forMs: 20 * S }, '0 pending, 10 withdrawn'],
    ['.x', {}, ''],
    // evaluations that were left out
    ['#  #', { forMs: 20 * S }, '0 pending, 30 firing'],
    ['#.   .', { keepFiringForMs: 30 * S }, '0 firing, 50 resolved'],
  ])('under %j with %j', (signs, rule, expected) => {
    expect(changesOf(signs, rule)).toBe(expected);
  });

  it('keeps its timers over a restart, and takes those of a rule that was edited', () => {
    const pending = run('.#', { forMs: 60 * S }).state;
    expect(pending).toMatchObject({ phase: 'PENDING', activeAtMs: 10 * S, firedAtMs: null });
    expect(run('######', { forMs: 60 * S }, pending).changes).toEqual([[70, 'FIRING']]);
    expect(run('#', { forMs: 10 * S }, pending).changes).toEqual([[20, 'FIRING']]);
    const firing = run('#', {}).state;
    expect(run('.', { keepFiringForMs: 30 * S }, firing).changes).toEqual([]);
  });

  it('says since when it is what it is, and by which figures', () => {
    const { state } = run('##.', { forMs: 10 * S, keepFiringForMs: 60 * S });
    expect(state).toEqual({
      phase: 'FIRING',
      evaluatedAtMs: 20 * S,
      activeAtMs: 0,
      firedAtMs: 10 * S,
      resolvedAtMs: null,
      keepFiringSinceMs: 20 * S,
      openedAtMs: 10 * S,
      reopened: 0,
      decided: { value: 7, threshold: 5, unit: { of: 'number', per: null } },
    });
    expect(isHolding(state)).toBe(true);
    expect(isHolding(run('#', { keepFiringForMs: 60 * S }, state).state)).toBe(false);
  });

  it('is not changed by an evaluation that comes late or twice', () => {
    const { state } = run('.#');
    for (const atMs of [10 * S, 5 * S]) {
      expect(advance(RULE, state, observationOf('.'), atMs)).toEqual({ state, change: null });
    }
  });

  it('is forgotten when nothing follows from it any more', () => {
    const rule = { ...RULE, flapHoldMs: 20 * S };
    expect(isForgettable(rule, run('.').state)).toBe(true);
    expect(isForgettable(rule, run('#').state)).toBe(false);
    expect(isForgettable(rule, run('#...', rule).state)).toBe(false);
    expect(isForgettable(rule, run('#....', rule).state)).toBe(true);
  });
});

describe('an alert that flaps', () => {
  it('is one incident, told of once more and then held until it rests', () => {
    const { changes, state } = run(`${'#.'.repeat(20)}...............`, { flapHoldMs: 60 * S });
    expect(changes).toEqual([
      [0, 'FIRING'],
      [10, 'RESOLVED'],
      [20, 'FIRING'],
      [450, 'RESOLVED'],
    ]);
    expect(state).toMatchObject({ openedAtMs: 0, firedAtMs: 20 * S, reopened: 1 });
  });

  it('is a new incident after a rest that is long enough', () => {
    const { changes, state } = run('#.......#', { flapHoldMs: 60 * S });
    expect(changes).toHaveLength(3);
    expect(state).toMatchObject({ openedAtMs: 80 * S, reopened: 0 });
  });

  it('is as Prometheus has it where nothing is held', () => {
    expect(run('#.#.#.').changes).toHaveLength(6);
    expect(run('#.#.#.').state).toMatchObject({ openedAtMs: 40 * S, reopened: 0 });
  });
});
