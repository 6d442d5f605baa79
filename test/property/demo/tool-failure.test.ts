import { describe, expect, it } from 'vitest';
import { type ToolCallSeen, type ToolMemory, watchTool } from '../../../src/detect/tool-failure.js';
import { seenTraffic } from '../../support/demo-traffic.js';

const START_MS = 1_800_000_000_000;

function* callsOfDemo(mood: 'faulty' | 'ordinary', seconds: number): Generator<ToolCallSeen & { elapsedS: number }> {
  for (const { decisions, elapsedS } of seenTraffic({ seed: 3, decisionsPerS: 5, mood, startMs: START_MS })) {
    if (elapsedS > seconds) return;
    for (const { decision } of decisions) {
      for (const step of decision.steps.filter(({ kind }) => kind === 'TOOL_CALL')) {
        yield {
          agent: decision.agent,
          tool: step.toolName ?? step.name,
          decisionId: decision.id,
          atMs: step.startedAtMs + step.durationMs,
          isFailed: step.outcome === 'ERROR',
          errorMessage: step.errorMessage,
          elapsedS,
        };
      }
    }
  }
}

function watchDemo(mood: 'faulty' | 'ordinary', seconds: number) {
  const memories = new Map<string, ToolMemory>();
  const found: { tool: string; agent: string | null; elapsedS: number }[] = [];
  for (const call of callsOfDemo(mood, seconds)) {
    const { memory, changes } = watchTool(memories.get(call.tool), call);
    memories.set(call.tool, memory);
    for (const { agent } of changes.found) found.push({ tool: call.tool, agent, elapsedS: call.elapsedS });
  }
  return found;
}

describe('the demo’s tools', () => {
  it('are each found out of order in the outage, once', () => {
    const found = watchDemo('faulty', 900);
    expect(found.map(({ tool }) => tool)).toEqual(['get_invoice', 'get_invoice', 'get_invoice']);
    for (const [outage, { agent, elapsedS }] of found.entries()) {
      expect(agent).toMatch(/^billing-/);
      expect(elapsedS - 300 * outage).toBeGreaterThan(30);
      expect(elapsedS - 300 * outage).toBeLessThan(75);
    }
  });

  it('raise nothing in ordinary traffic', () => {
    expect(watchDemo('ordinary', 900)).toEqual([]);
  });
});
