import { describe, expect, it } from 'vitest';
import { linesOf, type Traced } from '../../../src/dashboard/screen/decision/waterfall.js';

const traced = (
  id: string,
  parent: string | null,
  startMs: number,
  outcome: 'SUCCESS' | 'ERROR' = 'SUCCESS',
): Traced => ({
  id,
  agent: { name: id },
  parent: parent === null ? null : { id: parent },
  startedAt: new Date(1_790_000_000_000 + startMs).toISOString(),
  latencyMs: 10,
  outcome,
  errorType: null,
  costUsd: null,
});
const shapeOf = (decisions: Traced[]) => linesOf(decisions).map(({ id, depth }) => `${'.'.repeat(depth)}${id}`);

describe('the lines of a trace', () => {
  it('stand under who invoked them, in order of start', () => {
    const decisions = [traced('a', null, 0), traced('b', 'a', 5), traced('c', 'a', 9), traced('b1', 'b', 6)];
    expect(shapeOf(decisions)).toEqual(['a', '.b', '..b1', '.c']);
    expect(linesOf(decisions).map(({ offsetMs }) => offsetMs)).toEqual([0, 5, 6, 9]);
  });

  it('begin anew where the parent is of another trace', () => {
    expect(shapeOf([traced('b', 'elsewhere', 0), traced('c', 'b', 1)])).toEqual(['b', '.c']);
  });

  it('say where a failure began', () => {
    const decisions = [traced('a', null, 0, 'ERROR'), traced('b', 'a', 1, 'ERROR'), traced('c', 'a', 2)];
    expect(
      linesOf(decisions)
        .filter(({ isOrigin }) => isOrigin)
        .map(({ id }) => id),
    ).toEqual(['b']);
  });

  it('take a chain as deep as agents like', () => {
    const chain = Array.from({ length: 10_000 }, (_, at) => traced(`d${at}`, at === 0 ? null : `d${at - 1}`, at));
    expect(linesOf(chain).at(-1)?.depth).toBe(9_999);
  });
});
