import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentFinding } from '../../../src/detect/incident.js';
import { type PaceMemory, type TimedCall, watchPace } from '../../../src/detect/slowdown.js';

const OPERATION = 'MODEL_CALL sonnet';

/** Durations around a middle, the same sequence every time: as far apart as those of real model calls. */
function* durations(middleMs: number): Generator<number, never> {
  for (let index = 0; ; index += 1) yield middleMs * Math.exp(1.6 * ((index * 0.618) % 1) - 0.8);
}

class Watch {
  memory: PaceMemory | null = null;
  readonly found: AgentFinding[] = [];
  #atMs = 0;

  call(count: number, source: Iterator<number, never>, agent: string | ((index: number) => string) = 'a'): this {
    for (let index = 0; index < count; index += 1) {
      this.#atMs += 1_000;
      const call: TimedCall = {
        agent: typeof agent === 'string' ? agent : agent(index),
        decisionId: `d${this.#atMs}`,
        atMs: this.#atMs,
        durationMs: source.next().value,
      };
      const { memory, found } = watchPace(OPERATION, this.memory, call);
      this.memory = JSON.parse(JSON.stringify(memory)) as PaceMemory;
      if (found !== null) this.found.push(found);
    }
    return this;
  }
}

const pair = (index: number) => (index % 2 === 0 ? 'a' : 'b');

describe('a model that answers more slowly', () => {
  it('is found once, within thirty calls, with how slow it is and for whom', () => {
    const { found } = new Watch().call(100, durations(500), pair).call(30, durations(1_700), pair);
    expect(found).toHaveLength(1);
    const { agent, finding } = found[0] as AgentFinding;
    expect(agent).toBeNull();
    expect(finding).toMatchObject({ kind: 'METRIC_ANOMALY', severity: 'WARNING', evidence: { model: 'sonnet' } });
    expect((finding.observed ?? 0) / (finding.expected ?? 1)).toBeGreaterThan(2.5);
    expect([...(finding.evidence.agents as string[])].sort()).toEqual(['a', 'b']);
  });

  it('is the agent’s where it is the only one that calls it', () => {
    const { found } = new Watch().call(100, durations(500)).call(30, durations(6_000));
    expect(found).toMatchObject([{ agent: 'a', finding: { severity: 'CRITICAL' } }]);
  });

  it('is found again only after it was as fast as before', () => {
    const watch = new Watch().call(100, durations(500)).call(200, durations(1_700));
    expect(watch.found).toHaveLength(1);
    watch.call(30, durations(500)).call(30, durations(1_700));
    expect(watch.found).toHaveLength(2);
  });

  it('is how it is now when it stays so', () => {
    const watch = new Watch().call(100, durations(500)).call(1_200, durations(1_700)).call(60, durations(5_800));
    expect(watch.found).toHaveLength(2);
  });
});

describe('nothing is said', () => {
  it('of agents that ask for longer answers than others', () => {
    expect(new Watch().call(100, durations(300), 'a').call(100, durations(3_000), 'b').found).toEqual([]);
  });

  it('of a few slow calls among many', () => {
    const watch = new Watch().call(100, durations(500));
    for (let round = 0; round < 20; round += 1) watch.call(2, durations(5_000)).call(20, durations(500));
    expect(watch.found).toEqual([]);
  });

  it('of one that became faster, and of too few calls to know', () => {
    expect(new Watch().call(100, durations(500)).call(60, durations(100)).found).toEqual([]);
    expect(new Watch().call(10, durations(500)).call(9, durations(5_000)).found).toEqual([]);
  });
});

it('takes whatever durations there are', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constant(0))), (all) => {
      const source = all[Symbol.iterator]() as Iterator<number, never>;
      const { memory, found } = new Watch().call(all.length, source);
      expect(memory?.recent.length ?? 0).toBeLessThanOrEqual(30);
      for (const { finding } of found) expect(Number.isFinite(finding.observed)).toBe(true);
    }),
  );
});
