import { describe, expect, it } from 'vitest';
import type { DecisionRow } from '../../../src/decision/row.js';
import { findCascades } from '../../../src/fleet/cascade/cascade.js';
import type { FailedDecision, JudgedStep } from '../../../src/fleet/cascade/failed-decision.js';
import { groupCascades } from '../../../src/fleet/cascade/pattern.js';

const row = (id: string, agentName: string, startMs: number, endMs: number, errorType: string | null): DecisionRow =>
  ({
    id,
    agentName,
    traceId: 't',
    parentSpanId: null,
    startedAt: new Date(startMs),
    endedAt: new Date(endMs),
    latencyMs: endMs - startMs,
    costUsd: '0.01',
    errorType,
  }) as DecisionRow;

interface Known {
  from: number;
  to: number;
  error?: string | null;
  type?: string | null;
  steps?: JudgedStep[];
}

const failed = (agent: string, { from, to, error = null, type = null, steps = [] }: Known): FailedDecision => ({
  row: row(agent, agent, from, to, type),
  spanId: null,
  errorMessage: error,
  steps: steps.map((step, index) => ({ ...step, index })),
});

const step = (kind: JudgedStep['kind'], name: string, startMs: number, endMs: number, error?: string): JudgedStep => ({
  index: 0,
  kind,
  name,
  startMs,
  endMs,
  outcome: error === undefined ? 'SUCCESS' : 'ERROR',
  errorMessage: error ?? null,
  spanId: null,
});

const calls = (...pairs: [child: string, parent: string][]) => new Map(pairs);
const TIMEOUT = 'look_up_order did not answer in time';

const C = failed('C', {
  from: 200,
  to: 500,
  error: TIMEOUT,
  type: 'timeout',
  steps: [step('MODEL_CALL', 'chat', 210, 300), step('TOOL_CALL', 'look_up_order', 300, 490, TIMEOUT)],
});
const B = failed('B', {
  from: 100,
  to: 600,
  error: `C failed: ${TIMEOUT}`,
  type: 'agent_error',
  steps: [step('MODEL_CALL', 'chat', 110, 190), step('HANDOFF', 'C', 195, 505, TIMEOUT)],
});
const A = failed('A', {
  from: 0,
  to: 700,
  error: `B failed: C failed: ${TIMEOUT}`,
  type: 'agent_error',
  steps: [step('MODEL_CALL', 'chat', 10, 90), step('HANDOFF', 'B', 95, 605, 'agent_error')],
});

describe('a failure that travels from C through B to A', () => {
  const [cascade, ...others] = findCascades([A, B, C], calls(['C', 'B'], ['B', 'A']));

  it('is one cascade that broke on C’s tool', () => {
    expect(others).toEqual([]);
    expect(cascade?.path.map(({ row: { agentName } }) => agentName)).toEqual(['A', 'B', 'C']);
    expect(cascade?.origin.decision).toBe(C);
    expect(cascade?.origin.step?.name).toBe('look_up_order');
    expect(cascade).toMatchObject({ costUsd: '0.03', latencyMs: 700, brokeAtMs: 490 });
    expect(cascade?.confidence).toBeGreaterThan(0.9);
  });

  it('says why, from where it broke upwards, and quotes nothing', () => {
    expect(cascade?.evidence).toEqual([
      'C broke on its tool call look_up_order, whose error is the decision’s, 10 ms before it ended.',
      'B’s step that called C failed too.',
      'B’s error quotes that of C.',
      'B ended 95 ms after C had failed, and did nothing in between.',
      'A’s step that called B failed too.',
      'A’s error quotes that of B.',
      'A ended 95 ms after B had failed, and did nothing in between.',
    ]);
    expect(cascade?.evidence.join()).not.toContain(TIMEOUT);
  });
});

describe('a caller that fails for another reason', () => {
  it('is no part of it when it coped and broke on a step of its own', () => {
    const coped = failed('B', {
      from: 100,
      to: 1_500,
      error: 'card declined by the bank',
      steps: [
        step('HANDOFF', 'C', 195, 505, TIMEOUT),
        step('MODEL_CALL', 'chat', 510, 900),
        step('TOOL_CALL', 'charge', 900, 1_400, 'card declined by the bank'),
      ],
    });
    expect(findCascades([coped, C], calls(['C', 'B']))).toEqual([]);
  });

  it('is no part of it when it had failed before', () => {
    const gaveUp = failed('B', {
      from: 100,
      to: 300,
      error: 'gave up',
      steps: [step('MODEL_CALL', 'chat', 110, 290, 'gave up')],
    });
    expect(findCascades([gaveUp, C], calls(['C', 'B']))).toEqual([]);
  });

  it('is the origin for its own callers', () => {
    const own = failed('B', {
      from: 100,
      to: 1_500,
      error: 'card declined by the bank',
      steps: [
        step('HANDOFF', 'C', 195, 505, TIMEOUT),
        step('MODEL_CALL', 'chat', 510, 900),
        step('TOOL_CALL', 'charge', 900, 1_400, 'card declined by the bank'),
      ],
    });
    const above = failed('A', {
      from: 0,
      to: 1_600,
      error: 'B said: card declined by the bank',
      steps: [step('HANDOFF', 'B', 95, 1_505, 'failed')],
    });
    const cascades = findCascades([above, own, C], calls(['C', 'B'], ['B', 'A']));
    expect(cascades.map(({ path, origin }) => [path.length, origin.decision.row.agentName, origin.step?.name])).toEqual(
      [[2, 'B', 'charge']],
    );
  });
});

describe('of two that failed below a caller', () => {
  it('the one its error quotes is the way down, and both are counted when it did nothing in between', () => {
    const left = failed('L', { from: 100, to: 200, error: 'the left one is out of stock' });
    const right = failed('R', { from: 100, to: 210, error: 'the right one is closed today' });
    const top = failed('A', {
      from: 0,
      to: 250,
      error: 'sorry: the left one is out of stock',
      steps: [step('HANDOFF', 'L', 95, 201, 'x'), step('HANDOFF', 'R', 95, 211, 'x')],
    });
    const [cascade] = findCascades([top, left, right], calls(['L', 'A'], ['R', 'A']));
    expect(cascade?.path.map(({ row: { agentName } }) => agentName)).toEqual(['A', 'L']);
    expect(cascade?.decisions).toHaveLength(3);
  });
});

describe('decisions without steps', () => {
  it('travelled when the caller ended soon after, with less confidence', () => {
    const caller = failed('A', { from: 0, to: 520 });
    const [cascade] = findCascades([caller, failed('C', { from: 200, to: 500 })], calls(['C', 'A']));
    expect(cascade?.origin.step).toBeNull();
    expect(cascade?.confidence).toBe(0.5);
    expect(findCascades([failed('A', { from: 0, to: 60_000 }), C], calls(['C', 'A']))).toEqual([]);
  });
});

describe('patterns', () => {
  it('count cascades of one path and place together', () => {
    const cascades = findCascades([A, B, C], calls(['C', 'B'], ['B', 'A']));
    const later = cascades.map((cascade) => ({ ...cascade, brokeAtMs: 5_000 }));
    const short = findCascades([B, C], calls(['C', 'B']));
    expect(groupCascades([...cascades, ...short, ...later])).toMatchObject([
      {
        path: ['A', 'B', 'C'],
        originAgent: 'C',
        stepKind: 'TOOL_CALL',
        stepName: 'look_up_order',
        count: 2,
        failedDecisions: 6,
        costUsd: '0.06',
        firstAtMs: 490,
        lastAtMs: 5_000,
      },
      { path: ['B', 'C'], count: 1 },
    ]);
  });
});
