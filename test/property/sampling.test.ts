import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decision, RISK_CLASSES } from '../../src/decision/decision.js';
import { judgeDecisions } from '../../src/decision/judge.js';
import { observe } from '../../src/decision/sampling/finding.js';
import { Sampler } from '../../src/decision/sampling/sampler.js';
import { makeDecision } from '../support/decision.js';
import { NO_WATCH } from '../support/watcher.js';

const ordinary = makeDecision();
const KNOWN = Array.from({ length: 100 }, () => observe(ordinary));
const samplerOf = (shares: { HIGH_RISK: number; ROUTINE: number; ADMIN: number }) =>
  new Sampler({ settings: { shares, rules: [] }, recall: async () => KNOWN });
const share = fc.double({ min: 0, max: 0.99, noNaN: true });
async function sampled(sampler: Sampler, decisions: readonly Decision[]) {
  return (await judgeDecisions({ sampler, watcher: NO_WATCH }, 'f', decisions)).decisions;
}
const riskClass = fc.constantFrom(...RISK_CLASSES);

describe('what is kept of ordinary decisions', () => {
  it('is the same for every server, and for all decisions of a trace', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ HIGH_RISK: share, ROUTINE: share, ADMIN: share }),
        fc.array(fc.record({ trace: fc.integer({ min: 0, max: 9 }), riskClass }), { minLength: 1, maxLength: 40 }),
        async (shares, drawn) => {
          const decisions = drawn.map(({ trace, ...rest }, index) =>
            makeDecision({ ...rest, id: `d${index}`, traceId: `t${trace}` }),
          );
          const kept = await sampled(samplerOf(shares), decisions);
          expect(await sampled(samplerOf(shares), decisions)).toEqual(kept);
          expect(kept.map(({ decision }) => decision)).toEqual(decisions);
          for (const { decision, sampled: isKept } of kept) {
            const first = kept.find((other) => other.decision.traceId === decision.traceId);
            expect(isKept).toBe(first?.sampled);
          }
        },
      ),
    );
  });

  it('is never less for a higher share', async () => {
    await fc.assert(
      fc.asyncProperty(share, share, fc.string(), async (one, other, traceId) => {
        const decisions = [makeDecision({ traceId })];
        const [low = 0, high = 0] = [one, other].sort((left, right) => left - right);
        const [atLow] = await sampled(samplerOf({ HIGH_RISK: 1, ROUTINE: low, ADMIN: 1 }), decisions);
        const [atHigh] = await sampled(samplerOf({ HIGH_RISK: 1, ROUTINE: high, ADMIN: 1 }), decisions);
        expect(Number(atHigh?.sampled)).toBeGreaterThanOrEqual(Number(atLow?.sampled));
      }),
    );
  });

  it.each([0.01, 0.1, 0.5, 0.9])('is the share %f, within four standard deviations', async (routine) => {
    const traces = 10_000;
    const decisions = Array.from({ length: traces }, (_, index) => makeDecision({ traceId: `trace ${index}` }));
    const sampler = samplerOf({ HIGH_RISK: 1, ROUTINE: routine, ADMIN: 1 });
    const kept = (await sampled(sampler, decisions)).filter((each) => each.sampled).length;
    expect(Math.abs(kept - traces * routine)).toBeLessThan(4 * Math.sqrt(traces * routine * (1 - routine)));
  });
});
