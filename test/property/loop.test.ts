import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Step } from '../../src/decision/decision.js';
import { readArguments } from '../../src/detect/loop/arguments.js';
import { findLoop } from '../../src/detect/loop/find-loop.js';
import { hashText, hashWords } from '../../src/detect/loop/hash.js';
import { lookAtStep } from '../../src/detect/loop/observe.js';
import { newLoopState, TALLIES_MAX, TOOLS_MAX } from '../../src/detect/loop/state.js';
import { withoutVolatile } from '../../src/detect/loop/volatile.js';
import { makeStep } from '../support/decision.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.json({ maxDepth: 4 }),
  fc.constantFrom('', 'null', '{"id":1}', 'Error: no', '{"state":"running"}', "[{'id': 7}]", '12:30:00', '\\n'),
);
const content = fc.option(text);
const step: fc.Arbitrary<Step> = fc
  .record({
    kind: fc.constantFrom('TOOL_CALL', 'MODEL_CALL', 'RETRIEVAL', 'HANDOFF'),
    toolName: fc.option(fc.constantFrom('send_mail', 'get_order', 'sleep', '')),
    arguments: content,
    result: content,
    input: content,
    output: content,
    outcome: fc.constantFrom('SUCCESS', 'ERROR'),
    errorMessage: content,
    startedAtMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 2e12, noNaN: true })),
    durationMs: fc.nat(10_000),
  })
  .map((known) => makeStep(known));

/** The value with the keys of its objects in the opposite order. */
function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

it('reads arguments the same in any order of their keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const [left, right] = [
        readArguments(JSON.stringify(value), 0),
        readArguments(JSON.stringify(reversed(value)), 0),
      ];
      expect([left.exact, left.loose, left.fields, left.words]).toEqual([
        right.exact,
        right.loose,
        right.fields,
        right.words,
      ]);
    }),
  );
});

it('tells apart what differs in one telling value', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.string(), (left, right, name) => {
      const of = (page: number) => readArguments(JSON.stringify({ page, name }), 0).exact;
      expect(of(left) === of(right)).toBe(left === right);
    }),
  );
});

it('hashes any text to a whole number that JSON keeps', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (any) => {
      for (const hash of [hashText(any), hashWords(any, 100).hash]) {
        expect(Number.isSafeInteger(hash)).toBe(true);
        expect(hash).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

it('takes nothing out of an answer but pieces of it, and nothing more the second time', () => {
  fc.assert(
    fc.property(text, (any) => {
      const bare = withoutVolatile(any);
      let at = 0;
      for (const unit of bare) {
        at = any.indexOf(unit, at) + unit.length;
        expect(at).toBeGreaterThanOrEqual(unit.length);
      }
    }),
  );
});

it('judges any run, the same at once as from its state in JSON after each step, and leaves what was carried as it was', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.array(step, { maxLength: 10 }), (first, second) => {
      const live = newLoopState();
      let kept = JSON.stringify(newLoopState());
      for (const [index, each] of first.entries()) {
        const restored = JSON.parse(kept);
        expect(lookAtStep(restored, each, index)).toEqual(lookAtStep(live, each, index));
        kept = JSON.stringify(restored);
      }
      const { carried } = findLoop(first, null);
      const before = JSON.stringify(carried);
      expect(findLoop(second, carried)).toEqual(findLoop(second, JSON.parse(before)));
      expect(JSON.stringify(carried)).toBe(before);
    }),
  );
});

it('finds no loop in calls that all differ, however many, in a state that stays small', () => {
  const state = newLoopState();
  for (let index = 0; index < 2_000; index += 1) {
    const known = { toolName: `tool_${index % 100}`, arguments: `{"key":"k${index}"}`, result: `what ${index} is` };
    expect(lookAtStep(state, makeStep(known), index)).toBeNull();
  }
  expect(state.tallies.length).toBe(TALLIES_MAX);
  expect(state.tools.length).toBe(TOOLS_MAX);
  expect(JSON.stringify(state).length).toBeLessThan(60_000);
});

it('finds any call that is repeated often enough after any beginning', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.jsonValue(), (beginning, args) => {
      const known = {
        toolName: 'get_order',
        arguments: JSON.stringify({ args }),
        result: 'an answer that is always the same',
      };
      const repeated = Array.from({ length: 4 }, (_, index) =>
        makeStep({ ...known, startedAtMs: 3e12 + index * 1_000, durationMs: 10 }),
      );
      expect(findLoop([...beginning, ...repeated], null).finding).not.toBeNull();
    }),
  );
});
