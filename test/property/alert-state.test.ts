import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Observation } from '../../src/alert/rule.js';
import { type AlertState, advance, type Phase, type StateRule } from '../../src/alert/state.js';

interface Seen {
  atMs: number;
  isMet: boolean;
  isMetWhileFiring: boolean;
}

const historyOf = (maxLength: number) =>
  fc
    .array(
      fc.record({
        gap: fc.constantFrom(1, 1, 1, 2, 5),
        level: fc.constantFrom('met', 'met', 'between', 'unmet', 'unmet'),
      }),
      { maxLength },
    )
    .map((steps): Seen[] => {
      let atMs = 0;
      return steps.map(({ gap, level }) => {
        atMs += gap;
        return { atMs, isMet: level === 'met', isMetWhileFiring: level !== 'unmet' };
      });
    });
const rule = fc.record<StateRule>({
  forMs: fc.nat(6),
  keepFiringForMs: fc.nat(6),
  flapHoldMs: fc.constant(0),
  noData: fc.constant('OK'),
});

function phasesOf(given: StateRule, seen: readonly Seen[]): AlertState[] {
  const states: AlertState[] = [];
  for (const { atMs, isMet, isMetWhileFiring } of seen) {
    const decided = { value: null, threshold: null, unit: { of: 'number', per: null } } as const;
    const observation: Observation = { isMet, isMetWhileFiring, decided };
    states.push(advance(given, states.at(-1) ?? null, observation, atMs).state);
  }
  return states;
}

/** The phase at one evaluation from all before it, each time from the start: slow, and as the definition reads. */
function phaseAt(given: StateRule, seen: readonly Seen[], index: number): Phase {
  const now = seen[index];
  if (now === undefined) return 'INACTIVE';
  const before = phaseAt(given, seen, index - 1);
  const runStart = (isPart: (each: Seen) => boolean) => {
    let start = index;
    while (start > 0 && isPart(seen[start - 1] as Seen)) start -= 1;
    return (seen[start] as Seen).atMs;
  };
  if (before === 'FIRING') {
    if (now.isMetWhileFiring) return 'FIRING';
    const unmetSince = runStart((each) => !each.isMetWhileFiring);
    return now.atMs - unmetSince < given.keepFiringForMs ? 'FIRING' : 'INACTIVE';
  }
  if (!now.isMet) return 'INACTIVE';
  // What was met while it fired does not count towards the next time.
  let active = now.atMs;
  for (let start = index - 1; start >= 0 && phaseAt(given, seen, start) === 'PENDING'; start -= 1) {
    active = (seen[start] as Seen).atMs;
  }
  return now.atMs - active >= given.forMs ? 'FIRING' : 'PENDING';
}

test('the phases are those of the definition', () => {
  fc.assert(
    fc.property(rule, historyOf(14), (given, seen) => {
      const phases = phasesOf(given, seen).map(({ phase }) => phase);
      expect(phases).toEqual(seen.map((_each, index) => phaseAt(given, seen, index)));
    }),
    { numRuns: 1_000 },
  );
});

test('a state is never at odds with itself, and two incidents lie apart', () => {
  const held = fc.record<StateRule>({
    forMs: fc.nat(3),
    keepFiringForMs: fc.nat(4),
    flapHoldMs: fc.nat(8),
    noData: fc.constant('OK'),
  });
  fc.assert(
    fc.property(held, historyOf(40), (given, seen) => {
      const states = phasesOf(given, seen);
      for (const [index, state] of states.entries()) {
        expect(state.activeAtMs === null).toBe(state.phase === 'INACTIVE');
        expect(state.keepFiringSinceMs === null || state.phase === 'FIRING').toBe(true);
        const previous = states[index - 1];
        if (previous === undefined || previous.openedAtMs === null || state.openedAtMs === previous.openedAtMs)
          continue;
        expect(previous.phase).not.toBe('FIRING');
        expect(given.flapHoldMs === 0 || state.evaluatedAtMs - (previous.resolvedAtMs ?? 0) > given.flapHoldMs).toBe(
          true,
        );
      }
    }),
    { numRuns: 1_000 },
  );
});
