import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/decision/decision.js';
import type { DecisionRow } from '../../../src/decision/row.js';
import { findCascades } from '../../../src/fleet/cascade/cascade.js';
import type { FailedDecision } from '../../../src/fleet/cascade/failed-decision.js';
import { agentsOf } from '../../../src/fleet/cascade/pattern.js';
import { seenTraffic } from '../../support/demo-traffic.js';

const REQUESTS = 2_500;

function toFailed(decision: Decision): FailedDecision {
  const { id, agent, traceId, parentSpanId, startedAtMs, endedAtMs, costUsd, errorType } = decision;
  return {
    row: {
      id,
      agentName: agent,
      traceId,
      parentSpanId,
      startedAt: new Date(startedAtMs),
      endedAt: new Date(endedAtMs),
      latencyMs: endedAtMs - startedAtMs,
      costUsd,
      errorType,
    } as DecisionRow,
    spanId: decision.spanId,
    errorMessage: decision.errorMessage,
    steps: decision.steps.map(
      ({ kind, name, startedAtMs: startMs, durationMs, outcome, errorMessage, spanId }, index) => ({
        index,
        kind,
        name,
        startMs,
        endMs: startMs + durationMs,
        outcome,
        errorMessage,
        spanId,
      }),
    ),
  };
}

/** What erasing content leaves. */
const withoutMessages = (decision: FailedDecision): FailedDecision => ({
  ...decision,
  errorMessage: null,
  steps: decision.steps.map((step) => ({ ...step, errorMessage: null })),
});

interface SeenFailures {
  injected: string[];
  failed: FailedDecision[];
  parentIds: ReadonlyMap<string, string>;
}

function failuresOfDemo(): SeenFailures[] {
  const traffic = seenTraffic({ seed: 11, decisionsPerS: 5, mood: 'faulty', startMs: 1_800_000_000_000 });
  return Array.from({ length: REQUESTS }, () => {
    const { decisions, faults } = traffic.next().value;
    const failed = decisions.map(({ decision }) => decision).filter(({ outcome }) => outcome === 'ERROR');
    return {
      injected: faults.flatMap((fault) => (fault.kind === 'CASCADE_FAILURE' ? [fault.path.join(' → ')] : [])),
      failed: failed.map(toFailed),
      parentIds: new Map(failed.flatMap(({ id, parentId }) => (parentId === null ? [] : [[id, parentId] as const]))),
    };
  });
}

describe('the demo’s cascades', () => {
  const requests = failuresOfDemo();

  it.each([
    ['with error messages', (decision: FailedDecision) => decision, 0.9],
    ['after content was erased', withoutMessages, 0.7],
  ])('are all found with path, agent and step, and no others: %s', (_what, known, confidenceMin) => {
    expect(requests.flatMap(({ injected }) => injected).length).toBeGreaterThan(15);
    for (const { injected, failed, parentIds } of requests) {
      const found = findCascades(failed.map(known), parentIds);
      expect(found.map((cascade) => agentsOf(cascade).join(' → '))).toEqual(injected);
      for (const { origin, path, confidence } of found) {
        expect(origin.decision).toBe(path.at(-1));
        expect(origin.step?.kind).toBe('TOOL_CALL');
        expect(confidence).toBeGreaterThan(confidenceMin);
      }
    }
  });
});
