import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Behaviour, FIGURE_NAMES, type FigureName } from '../../src/detect/drift/behaviour.js';
import { newDriftState, observeBehaviour } from '../../src/detect/drift/observe.js';
import { logBetaTail, logChiSquaredTail } from '../../src/detect/significance.js';
import { behave, findingsIn, ORDINARY } from '../support/behaviour.js';

const STATE_CHARACTERS_MAX = 40_000;

const label = fc.constantFrom('', '1', '2', '3');
const name = fc.oneof(fc.constantFrom('search', 'read', '__proto__'), fc.string({ maxLength: 60 }));
const count = fc.oneof(fc.nat(3), fc.double({ min: 0, max: 1e300, noNaN: true }));
const figures = fc.record(
  Object.fromEntries(
    FIGURE_NAMES.map((figure) => [figure, fc.option(figure === 'errors' || figure === 'refusals' ? fc.nat(1) : count)]),
  ),
) as fc.Arbitrary<Record<FigureName, number | null>>;
const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  atMs: fc.integer({ min: 0, max: 4e12 }),
  requestType: fc.option(name),
  setup: fc.record({ agentVersion: label, fingerprint: label, model: label }),
  figures,
  tools: fc.uniqueArray(fc.tuple(name, fc.integer({ min: 1, max: 50 })), { selector: ([tool]) => tool, maxLength: 20 }),
});

describe('whatever decisions come', () => {
  it('findings are sound, the state is bounded, and the same after a restart at any point', () => {
    fc.assert(
      fc.property(
        fc.array(behaviour, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        (some, cut) => {
          let whole = newDriftState();
          let restarted = newDriftState();
          for (let index = 0; index < 400; index += 1) {
            // A change of what comes, half way, so that there is something to find.
            const offset = index < 200 ? 0 : some.length >> 1;
            const each = some[(index + offset) % (index < 200 ? Math.max(1, some.length >> 1) : some.length)];
            if (each === undefined) continue;
            if (index % cut === 0) restarted = JSON.parse(JSON.stringify(restarted));
            const next = observeBehaviour(whole, each);
            const again = observeBehaviour(restarted, each);
            expect(again.findings).toEqual(next.findings);
            [whole, restarted] = [next.state, again.state];
            for (const { score, observed, expected } of next.findings) {
              expect(score >= 0 && score <= 1).toBe(true);
              expect(Number.isFinite(observed) && Number.isFinite(expected)).toBe(true);
            }
          }
          expect(JSON.stringify(whole).length).toBeLessThan(STATE_CHARACTERS_MAX);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('the state given is left as it was', () => {
    let state = newDriftState();
    for (const each of behave(ORDINARY, 200, 1)) {
      const before = JSON.stringify(state);
      const { state: next } = observeBehaviour(state, each);
      expect(JSON.stringify(state)).toBe(before);
      state = next;
    }
  });

  it('an agent that stays as it is drifts hardly ever', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => findingsIn(behave(ORDINARY, 600, seed)).found.length === 0),
      { numRuns: 20, seed: 1 },
    );
  });
});

describe('chances', () => {
  const shape = fc.integer({ min: 1, max: 200 }).map((half) => half / 2);

  it('of a beta distribution add up and fall', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), shape, shape, (share, left, right) => {
        const tail = Math.exp(logBetaTail(share, left, right));
        const rest = Math.exp(logBetaTail(1 - share, right, left));
        expect(tail + rest).toBeCloseTo(1, 8);
        expect(logBetaTail(share * 0.9, left, right)).toBeGreaterThanOrEqual(logBetaTail(share, left, right) - 1e-9);
      }),
    );
  });

  it('of chi-squared are exponential for two degrees of freedom, and fall', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2_000, noNaN: true }), (value) => {
        expect(logChiSquaredTail(value, 2)).toBeCloseTo(-value / 2, 6);
        expect(logChiSquaredTail(value, 7)).toBeGreaterThan(logChiSquaredTail(value + 1, 7));
      }),
    );
  });
});
