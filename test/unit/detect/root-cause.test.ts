import { describe, expect, it } from 'vitest';
import { rankSuspects } from '../../../src/detect/root-cause/blame.js';
import { excessOver } from '../../../src/detect/root-cause/excess.js';
import { rankCauses } from '../../../src/detect/root-cause/rank-causes.js';
import type { Symptom } from '../../../src/detect/root-cause/symptom.js';
import type { Work } from '../../../src/detect/root-cause/work.js';
import { WorkFigures } from '../../../src/detect/root-cause/work-figures.js';
import { binomialTail, fisherTail } from '../../../src/detect/significance.js';

interface Shape {
  ownMs?: number;
  gapMs?: number;
  isBroken?: boolean;
}

/** A calls B and C; each works 10 ms by itself, and 2 ms lie between a call and its callee's work. */
function request(shapes: Partial<Record<'B' | 'C', Shape>> = {}): Work {
  const call = (callee: 'B' | 'C', startMs: number): Work => {
    const { ownMs = 10, gapMs = 2, isBroken = false } = shapes[callee] ?? {};
    const inner: Work = { doer: callee, operation: 'work', startMs, durationMs: ownMs, isFailed: isBroken, parts: [] };
    const served: Work = { ...inner, operation: 'serve', isFailed: isBroken, parts: [inner] };
    return { doer: 'A', operation: 'call', startMs, durationMs: ownMs + gapMs, isFailed: isBroken, parts: [served] };
  };
  const first = call('B', 10);
  const second = call('C', 10 + first.durationMs);
  const durationMs = 10 + first.durationMs + second.durationMs;
  return { doer: 'A', operation: 'serve', startMs: 0, durationMs, isFailed: false, parts: [first, second] };
}

function usual(): WorkFigures {
  const figures = new WorkFigures();
  for (let count = 0; count < 30; count += 1) figures.add(request({ B: { ownMs: 9 + (count % 3) } }));
  return figures;
}

const blamed = (...works: Work[]) => rankCauses(works, usual())[0];

describe('causes', () => {
  it('are where own time grew, and not in the caller that waited', () => {
    expect(blamed(request({ C: { ownMs: 300 } }))).toMatchObject({
      doer: 'C',
      symptoms: [{ kind: 'OWN_TIME', now: 300 }],
    });
  });

  it('are below the edge whose gap grew', () => {
    expect(blamed(request({ B: { gapMs: 500 } }))).toMatchObject({ doer: 'B', symptoms: [{ kind: 'GAP', doer: 'A' }] });
  });

  it('are in the caller when the gaps to all its callees grew', () => {
    expect(blamed(request({ B: { gapMs: 90 }, C: { gapMs: 90 } }))?.doer).toBe('A');
  });

  it('are the deepest work that failed', () => {
    expect(blamed(request({ C: { isBroken: true } }))).toMatchObject({
      doer: 'C',
      symptoms: [{ kind: 'ERROR', operation: 'work', usual: 0, now: 1 }],
    });
  });

  it('weigh nothing when everything is as usual', () => {
    expect(blamed(request())?.score).toBeLessThan(0.1);
  });
});

it('figures survive a restart', () => {
  const restored = WorkFigures.restore(JSON.parse(JSON.stringify(usual())));
  const slow = [request({ C: { ownMs: 300 } })];
  expect(rankCauses(slow, restored)).toEqual(rankCauses(slow, usual()));
});

it('one clear symptom outweighs several faint ones', () => {
  const symptom = (doer: string, operation: string, excess: number): Symptom => ({
    kind: 'RESOURCE',
    doer,
    callee: null,
    operation,
    excess,
    observations: 4,
    usual: 1,
    now: 2,
  });
  const ranked = rankSuspects([symptom('A', 'cpu', 0.4), symptom('A', 'memory', 0.4), symptom('B', 'cpu', 0.7)]);
  expect(ranked.map(({ doer }) => doer)).toEqual(['B', 'A']);
});

it('twice as much throughout is an excess of ln 2, and less is none', () => {
  expect(excessOver([1, 2, 3, 4], [2, 4, 6, 8], 0.1)).toBeCloseTo(Math.log(2));
  expect(excessOver([2, 4, 6, 8], [1, 2, 3, 4], 0.1)).toBe(0);
});

it('chances are those of the distributions', () => {
  expect(binomialTail(2, 3, 0.5)).toBeCloseTo(0.5);
  expect(binomialTail(3, 3, 0.01)).toBeCloseTo(1e-6);
  expect(fisherTail({ hits: 3, total: 3 }, { hits: 0, total: 3 })).toBeCloseTo(1 / 20);
});
