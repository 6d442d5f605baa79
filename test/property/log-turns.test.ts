import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleTrace } from '../../src/decision/assembly/assemble.js';
import type { Span } from '../../src/decision/assembly/span.js';
import { makeSpan } from '../support/span-tree.js';

const part = fc.record({
  kind: fc.constantFrom(
    'agent' as const,
    'model' as const,
    'tool' as const,
    'request' as const,
    'content' as const,
    'evaluation' as const,
  ),
  isLog: fc.boolean(),
  parent: fc.option(fc.integer({ min: 0, max: 20 })),
  startMs: fc.nat(20),
  durationMs: fc.nat(10),
  sequence: fc.nat(3),
  isPart: fc.boolean(),
  responseId: fc.option(fc.constantFrom('r1', 'r2')),
  toolCallId: fc.option(fc.constantFrom('c1', 'c2')),
  input: fc.option(fc.constantFrom('[1]', '[2]')),
  tokens: fc.option(fc.integer({ min: 1, max: 9 })),
});

const trace = fc.array(part, { minLength: 1, maxLength: 20 }).map((parts) =>
  parts.map(({ isLog, parent, durationMs, sequence, isPart, tokens, ...known }, index): Span => {
    const ofLog = isLog || known.kind === 'request' || known.kind === 'content';
    const isPrompt = ofLog && known.kind === 'agent';
    return makeSpan({
      ...known,
      spanId: `s${String(index).padStart(2, '0')}`,
      parentSpanId: parent === null || isPrompt ? null : `s${String(parent).padStart(2, '0')}`,
      endMs: known.startMs + (isPrompt ? 0 : durationMs),
      ended: !isPrompt,
      log: ofLog ? { traceId: null, sequence, isPart } : null,
      usage: tokens === null ? null : { input: tokens, output: 0, cacheRead: null, cacheWrite: null, reasoning: null },
    });
  }),
);

describe('what log records tell', () => {
  it('is the same in whatever order they came', () => {
    const shuffled = trace.chain((spans) =>
      fc.record({ spans: fc.constant(spans), mixed: fc.shuffledSubarray(spans, { minLength: spans.length }) }),
    );
    fc.assert(
      fc.property(shuffled, ({ spans, mixed }) => {
        const before = structuredClone(spans);
        expect(assembleTrace(mixed)).toEqual(assembleTrace(spans));
        expect(spans).toEqual(before);
      }),
      { numRuns: 1_000 },
    );
  });

  it('of spans whose calls report adds no tokens to them', () => {
    fc.assert(
      fc.property(trace, (spans) => {
        const contents = new Set(spans.flatMap(({ kind, spanId }) => (kind === 'content' ? [spanId] : [])));
        const reporting = spans
          .filter(({ kind, log }) => kind === 'content' || (log === null && kind !== 'evaluation'))
          .map((span) => (span.kind === 'content' ? span : { ...span, usage: span.usage ?? NONE }))
          .map((span) => (contents.has(span.parentSpanId ?? '') ? { ...span, parentSpanId: null } : span));
        const without = reporting.filter(({ kind }) => kind !== 'content');
        expect(inputOf(reporting)).toBe(inputOf(without));
      }),
      { numRuns: 500 },
    );
  });
});

const NONE = { input: 0, output: 0, cacheRead: null, cacheWrite: null, reasoning: null };

function inputOf(spans: readonly Span[]): number {
  return assembleTrace(spans).reduce((sum, { decision }) => sum + decision.tokens.input, 0);
}
