import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenUsage } from '../../src/cost/token-usage.js';
import { type AssembledDecision, assembleTrace } from '../../src/decision/assembly/assemble.js';
import type { Span, SpanKind, SpanUsage } from '../../src/decision/assembly/span.js';
import { makeSpan } from '../support/span-tree.js';

const KINDS: SpanKind[] = [
  'agent',
  'agent',
  'model',
  'model',
  'embedding',
  'tool',
  'retrieval',
  'step',
  'workflow',
  'other',
];

const TOKEN_KINDS = ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const;

const count = fc.option(fc.nat(1000), { freq: 5 });
const usage: fc.Arbitrary<SpanUsage> = fc.record({
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
  reasoning: count,
});

/** Counts that calls have in common, so that some look like one call seen twice. */
const COMMON_USAGE: SpanUsage = { input: 10, output: 1, cacheRead: null, cacheWrite: null, reasoning: null };

const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 2 });

const part = fc.record({
  kind: fc.constantFrom(...KINDS),
  /** Mostly a span before it; sometimes one that is missing, or one after it, so that circles occur. */
  parent: fc.oneof({ weight: 8, arbitrary: fc.nat(6) }, { weight: 1, arbitrary: fc.integer({ min: -3, max: -1 }) }),
  side: fc.constantFrom('client' as const, 'server' as const, 'internal' as const),
  service: fc.constantFrom('a', 'b'),
  agentName: orNull(fc.constantFrom('X', 'Y')),
  toolName: orNull(fc.constantFrom('t', 'u')),
  responseId: fc.option(fc.constantFrom('r1', 'r2', 'r3'), { freq: 1 }),
  usage: orNull(fc.oneof(usage, fc.constant(COMMON_USAGE))),
  scope: fc.constantFrom('framework', 'client'),
  callerName: fc.option(fc.constantFrom('X', 'Y'), { freq: 1 }),
  promptDigest: orNull(fc.constantFrom('p1', 'p2')),
  toolsDigest: orNull(fc.constantFrom('t1', 't2')),
  failure: fc.option(fc.record({ type: fc.constant(null), message: fc.constantFrom('m1', 'm2') }), { freq: 1 }),
  startMs: fc.nat(50),
  durationMs: fc.nat(50),
  ended: fc.boolean(),
});

const trace: fc.Arbitrary<Span[]> = fc.array(part, { minLength: 1, maxLength: 25 }).map((parts) =>
  parts.map(({ parent, durationMs, ...known }, index) =>
    makeSpan({
      ...known,
      spanId: `s${String(index).padStart(2, '0')}`,
      parentSpanId: parentOf(index, parent),
      endMs: known.ended ? known.startMs + durationMs : known.startMs,
    }),
  ),
);

function parentOf(index: number, parent: number): string | null {
  if (index === 0 && parent >= 0) return null;
  if (parent === -1) return 'missing';
  const above = parent < 0 ? index - parent : Math.max(0, index - 1 - parent);
  return `s${String(above).padStart(2, '0')}`;
}

const shuffledTrace = trace.chain((spans) =>
  fc.record({ spans: fc.constant(spans), shuffled: fc.shuffledSubarray(spans, { minLength: spans.length }) }),
);

function usedTokens(assembled: readonly AssembledDecision[]): TokenUsage {
  return sumTokens(assembled.map(({ decision }) => decision.tokens));
}

function reportedTokens(spans: readonly Span[]): TokenUsage {
  return sumTokens(spans.flatMap((span) => span.usage ?? []));
}

function sumTokens(usages: readonly SpanUsage[]): TokenUsage {
  const total: TokenUsage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
  for (const each of usages) for (const kind of TOKEN_KINDS) total[kind] += each[kind] ?? 0;
  return total;
}

const isModel = (span: Span) => span.kind === 'model' || span.kind === 'embedding';

describe('the decisions of any trace', () => {
  it('are the same in whatever order the spans came', () => {
    fc.assert(
      fc.property(shuffledTrace, ({ spans, shuffled }) => {
        expect(assembleTrace(shuffled)).toEqual(assembleTrace(spans));
      }),
      { numRuns: 500 },
    );
  });

  it('are the same whatever part of the spans was assembled before', () => {
    fc.assert(
      fc.property(trace, fc.infiniteStream(fc.boolean()), (spans, isEarly) => {
        const expected = assembleTrace(structuredClone(spans));
        assembleTrace(spans.filter(() => isEarly.next().value));
        expect(assembleTrace(spans)).toEqual(expected);
      }),
    );
  });

  it('own a span once at most, and every model call, tool and retrieval that repeats no other', () => {
    fc.assert(
      fc.property(trace, (spans) => {
        const unrepeated = spans.map((span) => ({ ...span, responseId: null, scope: 'client' }));
        const owned = assembleTrace(unrepeated).flatMap(({ spanIds }) => spanIds);
        expect(new Set(owned).size).toBe(owned.length);
        const work = spans.filter((span) => isModel(span) || span.kind === 'tool' || span.kind === 'retrieval');
        expect(owned).toEqual(expect.arrayContaining(work.map((span) => span.spanId)));
      }),
    );
  });

  it('use no more tokens than the model calls report', () => {
    fc.assert(
      fc.property(trace, (spans) => {
        const reporting = spans.map((span) => (isModel(span) ? span : { ...span, usage: null }));
        const [used, reported] = [usedTokens(assembleTrace(reporting)), reportedTokens(reporting)];
        for (const kind of TOKEN_KINDS) expect(used[kind]).toBeLessThanOrEqual(reported[kind]);
      }),
    );
  });

  it('use all tokens of model calls that repeat no other', () => {
    fc.assert(
      fc.property(trace, (spans) => {
        const parents = new Set(spans.map((span) => span.parentSpanId));
        const leaves = spans.map((span) => {
          const isCall = isModel(span) && !parents.has(span.spanId);
          return {
            ...span,
            responseId: null,
            scope: 'client',
            kind: isCall || !isModel(span) ? span.kind : ('tool' as const),
          };
        });
        const reporting = leaves.map((span) => (isModel(span) ? span : { ...span, usage: null }));
        expect(usedTokens(assembleTrace(reporting))).toEqual(reportedTokens(reporting));
      }),
    );
  });

  it('never call each other in a circle', () => {
    fc.assert(
      fc.property(trace, (spans) => {
        const parentOf = new Map(assembleTrace(spans).map(({ decision }) => [decision.id, decision.parentId]));
        for (const start of parentOf.keys()) {
          let levels = 0;
          for (let id = parentOf.get(start); id != null; id = parentOf.get(id)) levels += 1;
          expect(levels).toBeLessThan(parentOf.size);
        }
      }),
    );
  });

  it('have the cost of each step beside it', () => {
    fc.assert(
      fc.property(trace, (spans) => {
        for (const { decision, stepCosts } of assembleTrace(spans)) {
          expect(stepCosts).toHaveLength(decision.steps.length);
          expect(decision.steps).toEqual([...decision.steps].sort((a, b) => a.startedAtMs - b.startedAtMs));
        }
      }),
    );
  });
});
