import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { type DecisionInput, readDecisions } from '../../../src/ingest/record-decisions.js';
import { canonicalize } from '../../../src/ledger/canonical.js';

const options = { priceOf: () => null, isReserved: () => false, classify: () => 'ROUTINE' as const };

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const anyText = optional(fc.string({ unit: 'binary' }));
const anyNumber = optional(fc.oneof(fc.double(), fc.integer({ min: -5, max: 50 })));
const time = fc.date({ noInvalidDate: true, min: new Date('2026-01-01'), max: new Date('2026-01-02') });
const step = fc.record({
  kind: fc.constantFrom('TOOL_CALL' as const, 'OTHER' as const),
  name: fc.string(),
  startedAt: time,
  durationMs: fc.double(),
  arguments: anyText,
  tokens: optional(fc.record({ input: anyNumber, output: anyNumber })),
});
const decision: fc.Arbitrary<DecisionInput> = fc.record({
  id: fc.string(),
  agent: fc.string(),
  startedAt: time,
  endedAt: time,
  queueMs: anyNumber,
  costUsd: anyNumber,
  hallucinationScore: anyNumber,
  traceId: anyText,
  output: anyText,
  tokens: optional(fc.record({ input: anyNumber, cacheRead: anyNumber })),
  steps: optional(fc.array(step, { maxLength: 3 })),
});

describe('reading decisions', () => {
  it('either gives what the ledger can hold or names the first place that is not valid', () => {
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 4 }), (inputs) => {
        let decisions: ReturnType<typeof readDecisions>;
        try {
          decisions = readDecisions(inputs, options);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          const { path = [], code } = error as AppError;
          expect(code).toBe('VALIDATION_FAILED');
          expect(path[0]).toBe('decisions');
          expect(inputs[Number(path[1])]).toBeDefined();
          // All before it are valid on their own.
          expect(readDecisions(inputs.slice(0, Number(path[1])), options)).toHaveLength(Number(path[1]));
          return;
        }
        expect(decisions.map(({ id }) => id)).toEqual(inputs.map(({ id }) => id));
        for (const { id, output, latency } of decisions.map((each) => ({
          ...each,
          latency: each.endedAtMs - each.startedAtMs,
        }))) {
          expect(latency).toBeGreaterThanOrEqual(0);
          expect(() => canonicalize({ id, output })).not.toThrow();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('counts tools and adds up the tokens of steps when the whole has none', () => {
    const tokens = { input: 3, output: 2 };
    const base = { startedAt: new Date(0), durationMs: 1, name: 'x', tokens };
    const [read] = readDecisions(
      [
        {
          id: 'a',
          agent: 'b',
          startedAt: new Date(0),
          endedAt: new Date(5),
          steps: [
            { ...base, kind: 'TOOL_CALL' },
            { ...base, kind: 'TOOL_CALL', outcome: 'ERROR' },
            { ...base, kind: 'MODEL_CALL' },
          ],
        },
      ],
      options,
    );
    expect(read).toMatchObject({ toolCalls: 2, failedToolCalls: 1, tokens: { input: 9, output: 6, cacheRead: 0 } });
  });
});
