import { describe, expect, it } from 'vitest';
import type { IncidentChanges } from '../../../src/detect/incident.js';
import { errorClassOf, type ToolCallSeen, type ToolMemory, watchTool } from '../../../src/detect/tool-failure.js';
import { seenTraffic } from '../../support/demo-traffic.js';

const START_MS = 1_800_000_000_000;

/** Calls of one tool, a second apart: `.` succeeds, `x` fails. */
function watch(text: string, agentOf = (_index: number) => 'billing-eu') {
  let memory: ToolMemory | undefined;
  const found: IncidentChanges['found'] = [];
  const ended: IncidentChanges['ended'] = [];
  for (const [index, sign] of [...text].entries()) {
    const isFailed = sign === 'x';
    const result = watchTool(memory, {
      agent: agentOf(index),
      tool: 'get_invoice',
      decisionId: `d${index}`,
      atMs: START_MS + index * 1_000,
      isFailed,
      errorMessage: isFailed ? 'get_invoice: service unavailable' : null,
    });
    // What is remembered is plain data.
    memory = JSON.parse(JSON.stringify(result.memory));
    found.push(...result.changes.found);
    ended.push(...result.changes.ended);
  }
  return { found, ended };
}

describe('a tool', () => {
  it('that breaks is found at once, once, and its recovery ends the incident', () => {
    const { found, ended } = watch(`${'.'.repeat(80)}xxxxxxx.....`);
    expect(found).toMatchObject([
      {
        agent: 'billing-eu',
        finding: {
          kind: 'TOOL_FAILURE',
          observed: 1,
          expected: 0,
          evidence: { errorClass: 'service unavailable', failures: 4, calls: 4 },
        },
      },
    ]);
    expect(ended).toEqual([
      { agent: 'billing-eu', incident: found[0]?.finding.incident, endedAtMs: START_MS + 91_000 },
    ]);
  });

  it('that breaks again is another incident', () => {
    const { found, ended } = watch(`${'.'.repeat(80)}xxxxx.......xxxxx`);
    expect(found).toHaveLength(2);
    expect(new Set(found.map(({ finding }) => finding.incident)).size).toBe(2);
    expect(ended).toHaveLength(1);
  });

  it('that works again for all who call it has recovered, however seldom each of them does', () => {
    const agentOf = (index: number) => (index < 80 ? 'a' : `agent-${index % 5}`);
    expect(watch(`${'.'.repeat(80)}xxxxx.....xxxxx`, agentOf).found).toHaveLength(2);
    // One of those it failed for has not called it since.
    expect(watch(`${'.'.repeat(80)}xxxxx....`, agentOf).ended).toEqual([]);
  });

  it('that breaks for many agents, once each, is found too', () => {
    const { found } = watch(`${'.'.repeat(80)}xxxx`, (index) => `billing-${index % 4}`);
    expect(found[0]?.finding.evidence).toMatchObject({ agents: ['billing-0', 'billing-1', 'billing-2', 'billing-3'] });
  });

  it('that now and then fails is left alone, and so is one that always failed that often', () => {
    expect(watch(`${'.'.repeat(40)}x${'.'.repeat(60)}x`.repeat(4)).found).toEqual([]);
    const unreliable = '.x..x.x...'.repeat(40);
    expect(watch(unreliable).found.length).toBeLessThanOrEqual(1);
    expect(watch(unreliable).ended).toEqual([]);
  });
});

it('errors are of a class, whatever they quote', () => {
  expect(errorClassOf('get_invoice did not answer in time')).toBe('timeout');
  expect(errorClassOf('HTTP 429')).toBe('rate limit');
  expect(errorClassOf('the account of Jane Doe is locked')).toBe('');
  expect(errorClassOf(null)).toBe('');
});

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
