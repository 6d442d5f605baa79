import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decision, Step } from '../../../../src/decision/decision.js';
import {
  canonicalInput,
  canonicalOutput,
  canonicalStep,
  commitDecision,
  revisionHashOf,
} from '../../../../src/decision/record/payload.js';
import { canonicalize } from '../../../../src/ledger/canonical.js';

const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\u0000'));
const maybeText = fc.option(text);
const time = fc.integer({ min: 0, max: 4e12 });
const tokens = fc.record({
  input: fc.nat(),
  output: fc.nat(),
  cacheRead: fc.nat(),
  cacheWrite: fc.nat(),
  reasoning: fc.nat(),
});

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('MODEL_CALL', 'TOOL_CALL', 'HANDOFF'),
  name: text,
  startedAtMs: time,
  durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  provider: maybeText,
  model: maybeText,
  tokens: fc.option(tokens),
  costUsd: fc.option(fc.constant('0.0123')),
  toolName: maybeText,
  arguments: maybeText,
  result: maybeText,
  input: maybeText,
  output: maybeText,
  outcome: fc.constantFrom('SUCCESS', 'ERROR'),
  errorMessage: maybeText,
  spanId: maybeText,
});

function decisionOf(overrides: Partial<Decision> = {}): Decision {
  return {
    id: 'd1',
    traceId: null,
    spanId: null,
    parentSpanId: null,
    parentId: null,
    agent: 'billing',
    agentVersion: null,
    fingerprint: null,
    costSource: null,
    calls: [],
    requestType: null,
    riskClass: 'ROUTINE',
    customerSegment: null,
    conversationId: null,
    userId: 'user-7',
    provider: null,
    model: null,
    region: null,
    environment: null,
    startedAtMs: 1_000,
    endedAtMs: 2_500.25,
    queueMs: null,
    timeToFirstTokenMs: null,
    tokens: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
    costUsd: '0.5',
    outcome: 'SUCCESS',
    errorType: null,
    errorMessage: null,
    hallucinationScore: 0.1,
    groundingScore: null,
    toolCalls: 0,
    failedToolCalls: 0,
    complete: true,
    input: 'May I?',
    output: 'You may.',
    steps: [],
    ...overrides,
  };
}

test('the written-out form of a step is the canonical form of what it shows', () => {
  fc.assert(
    fc.property(step, fc.nat(100), (value, index) => {
      const canonical = canonicalStep(value, index);
      expect(canonicalize(JSON.parse(canonical))).toBe(canonical);
      const shown = JSON.parse(canonical);
      for (const key of [
        'name',
        'arguments',
        'result',
        'input',
        'output',
        'errorMessage',
        'toolName',
        'model',
      ] as const) {
        expect(shown[key]).toBe(value[key]);
      }
    }),
  );
});

test('the written-out forms of input and output are canonical', () => {
  fc.assert(
    fc.property(text, maybeText, (input, output) => {
      const written = [canonicalInput(input), canonicalOutput(decisionOf({ output, errorMessage: output }))];
      for (const canonical of written) expect(canonicalize(JSON.parse(canonical))).toBe(canonical);
    }),
  );
});

test('digests open with the salt, by the formula of the contract, and with nothing else', () => {
  const { salt, payload } = commitDecision(decisionOf(), { spanIds: [], sampled: true });
  const digest = (from: number, content: object) =>
    createHash('sha256')
      .update('midwatch/content/v1\u0000')
      .update(salt.subarray(from, from + 32))
      .update(canonicalize(content as never))
      .digest('hex');
  expect(payload.input).toBe(digest(0, { input: 'May I?' }));
  expect(payload.output).toBe(digest(32, { errorMessage: null, output: 'You may.', userId: 'user-7' }));
  expect(payload.input).not.toBe(commitDecision(decisionOf(), { spanIds: [], sampled: true }).payload.input);
});

test('no content and no user is in the payload', () => {
  const payload = canonicalize(
    commitDecision(decisionOf({ errorMessage: 'card 4111 declined', outcome: 'ERROR' }), { spanIds: [], sampled: true })
      .payload,
  );
  for (const secret of ['May I?', 'You may.', 'user-7', '4111']) expect(payload).not.toContain(secret);
});

test('the revision changes with the spans and the facts, not with the price or the parent', () => {
  const hash = (decision: Decision, spans: string[]) => revisionHashOf(decision, spans).toString('hex');
  const base = hash(decisionOf(), ['a']);
  expect(hash(decisionOf({ costUsd: '9' }), ['a'])).toBe(base);
  expect(hash(decisionOf({ parentId: 'p' }), ['a'])).toBe(base);
  expect(hash(decisionOf(), ['a', 'b'])).not.toBe(base);
  expect(hash(decisionOf({ agent: 'other' }), ['a'])).not.toBe(base);
});
