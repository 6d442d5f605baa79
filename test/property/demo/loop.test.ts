import { expect, it } from 'vitest';
import { findLoop } from '../../../src/detect/loop/find-loop.js';
import { seenTraffic } from '../../support/demo-traffic.js';

const REQUESTS = 400;
const START_MS = Date.parse('2026-03-02T09:00:00Z');

it.each(['ordinary', 'faulty'] as const)('finds the loops of the demo and no other: %s', (mood) => {
  let requests = 0;
  let loops = 0;
  for (const { decisions, faults } of seenTraffic({ seed: 11, decisionsPerS: 5, mood, startMs: START_MS })) {
    const findings = decisions.flatMap(({ decision }) => findLoop(decision.steps, null).finding ?? []);
    const isLoop = faults.some(({ kind }) => kind === 'LOOP');
    expect(findings.map(({ severity }) => severity)).toEqual(isLoop ? ['CRITICAL'] : []);
    loops += Number(isLoop);
    requests += 1;
    if (requests === REQUESTS) break;
  }
  expect(loops > 0).toBe(mood === 'faulty');
});
