import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankSuspects } from '../../src/detect/root-cause/blame.js';
import { excessOver } from '../../src/detect/root-cause/excess.js';
import type { Symptom } from '../../src/detect/root-cause/symptom.js';
import { factsOf, type Work } from '../../src/detect/root-cause/work.js';

const doers = fc.constantFrom('A', 'B', 'C', 'D');

const symptoms = fc
  .array(
    fc.record({
      kind: fc.constantFrom('OWN_TIME', 'GAP', 'RESOURCE', 'ERROR'),
      doer: doers,
      callee: doers,
      operation: fc.constantFrom('x', 'y'),
      excess: fc.double({ min: 0, max: 10, noNaN: true }),
      observations: fc.integer({ min: 1, max: 100 }),
    }),
    { maxLength: 20 },
  )
  .map((all) =>
    all.map(
      ({ kind, callee, ...about }): Symptom => ({
        ...about,
        kind,
        callee: kind === 'GAP' ? callee : null,
        usual: 1,
        now: 2,
      }),
    ),
  );

const ofWork = (parts: fc.Arbitrary<Work[]>): fc.Arbitrary<Work> =>
  fc.record({
    doer: doers,
    operation: fc.constantFrom('x', 'y'),
    startMs: fc.integer({ min: 0, max: 100 }),
    durationMs: fc.integer({ min: 0, max: 100 }),
    isFailed: fc.boolean(),
    parts,
  });

const leaf = ofWork(fc.constant([]));
const branch = ofWork(fc.array(leaf, { maxLength: 3 }));
const work = ofWork(fc.array(fc.oneof(leaf, branch, ofWork(fc.array(branch, { maxLength: 2 }))), { maxLength: 3 }));

test('ranks do not depend on the order of symptoms, and scores are finite and descend', () => {
  fc.assert(
    fc.property(symptoms, (all) => {
      const ranked = rankSuspects(all);
      const scores = ranked.map(({ score }) => score);
      expect(scores.every((score) => Number.isFinite(score) && score >= 0)).toBe(true);
      expect(scores).toEqual([...scores].sort((left, right) => right - left));
      const turned = new Map(rankSuspects(all.toReversed()).map(({ doer, score }) => [doer, score]));
      for (const { doer, score } of ranked) expect(turned.get(doer)).toBeCloseTo(score, 9);
    }),
  );
});

test('a tree that fails anywhere has a deepest failure, and no failure lies below one', () => {
  fc.assert(
    fc.property(work, (root) => {
      const facts = factsOf(root);
      const hasFailed = facts.some((fact) => fact.work.isFailed);
      const own = facts.filter(({ isOwnFailure }) => isOwnFailure);
      expect(own.length > 0).toBe(hasFailed);
      for (const { work: failed } of own) {
        expect(factsOf(failed).filter(({ work: below }) => below.isFailed)).toHaveLength(1);
      }
      expect(facts.every(({ restMs, work: { durationMs } }) => restMs <= durationMs)).toBe(true);
    }),
  );
});

test('a sample has no excess over itself, and more the more it grows', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(values, fc.double({ min: 1, max: 100, noNaN: true }), (sample, factor) => {
      expect(excessOver(sample, sample, 1)).toBe(0);
      const grown = sample.map((value) => value * factor);
      const more = grown.map((value) => value * 2);
      expect(excessOver(sample, more, 1)).toBeGreaterThanOrEqual(excessOver(sample, grown, 1));
    }),
  );
});
