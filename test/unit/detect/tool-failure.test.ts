import { describe, expect, it } from 'vitest';
import type { IncidentChanges } from '../../../src/detect/incident.js';
import { errorClassOf, type ToolMemory, watchTool } from '../../../src/detect/tool-failure.js';

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
