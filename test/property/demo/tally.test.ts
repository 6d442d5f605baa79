import { describe, expect, it } from 'vitest';
import { listPriceUsd } from '../../../src/demo/list-price.js';
import { MODELS } from '../../../src/demo/model.js';
import { walkPlan } from '../../../src/demo/scenario/span-plan.js';
import { readUsage } from '../../../src/demo/scenario/usage.js';
import { Tally } from '../../../src/demo/tally.js';
import { generateTraffic, type Request } from '../../../src/demo/traffic/traffic.js';
import { seenTraffic } from '../../support/demo-traffic.js';

const START_MS = Date.parse('2026-11-23T23:50:00.000Z');
const OPTIONS = { seed: 11, decisionsPerS: 2, mood: 'faulty' } as const;
const REQUESTS = 3_000;

const requests: Request[] = [];
const tally = new Tally();
for (const request of generateTraffic(OPTIONS)) {
  if (requests.push(request) > REQUESTS) break;
  tally.add(request.plan, START_MS + request.elapsedS * 1_000);
}
requests.pop();

describe('what the demo counts', () => {
  it('is what the server sees of the same requests, down to the cent of each day, segment and model', () => {
    const seen = [];
    for (const request of seenTraffic({ ...OPTIONS, startMs: START_MS })) {
      if (seen.push(request) === REQUESTS) break;
    }
    const decisions = seen.flatMap((request) => request.decisions.map(({ decision }) => decision));
    const summary = tally.summary();
    expect(summary.decisions).toBe(decisions.length);
    expect(summary.decisionsByAgent).toEqual(countBy(decisions.map(({ agent }) => agent)));
    expect(summary.decisionsByRiskClass).toEqual(countBy(decisions.map(({ riskClass }) => riskClass)));

    expect(new Set(summary.costs.map(({ day }) => day))).toEqual(new Set(['2026-11-23', '2026-11-24']));
    for (const { day, segment, model, costUsd } of summary.costs) {
      const own = decisions.filter(
        (decision) =>
          decision.model === model &&
          decision.customerSegment === segment &&
          new Date(decision.startedAtMs).toISOString().startsWith(day),
      );
      const priced = own.filter((decision) => decision.costUsd !== null);
      if (costUsd === null) expect(priced).toEqual([]);
      else expect(priced.reduce((sum, decision) => sum + Number(decision.costUsd), 0)).toBeCloseTo(costUsd, 9);
    }
    const total = decisions.reduce((sum, decision) => sum + Number(decision.costUsd ?? 0), 0);
    expect(summary.costs.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)).toBeCloseTo(total, 9);
  });

  it('has the model of its own without a price, and no other', () => {
    const unpriced = tally.summary().costs.filter(({ costUsd }) => costUsd === null);
    expect(new Set(unpriced.map(({ model }) => model))).toEqual(new Set([MODELS.kycTune.responseModel]));
  });

  it('adds up to the same by role as over all calls', () => {
    const calls = requests
      .flatMap(({ plan }) => [...walkPlan(plan)])
      .filter(({ attributes }) => attributes['gen_ai.response.model'] !== undefined);
    const uses = tally.modelUses();
    const sumOf = (pick: (use: (typeof uses)[number]) => number) => uses.reduce((sum, use) => sum + pick(use), 0);
    const usages = calls.map(({ attributes }) => readUsage(attributes));
    expect(sumOf(({ requests }) => requests)).toBe(calls.length);
    for (const figure of ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const) {
      expect(sumOf((use) => use[figure])).toBe(usages.reduce((sum, usage) => sum + usage[figure], 0));
    }
  });
});

describe('the list price of a call', () => {
  const usage = { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 600, cacheWriteTokens: 0 };

  it('charges what came from a cache as such', () => {
    expect(listPriceUsd(MODELS.gpt41, usage, START_MS)).toBeCloseTo((400 * 2 + 600 * 0.5 + 100 * 8) / 1e6, 12);
  });

  it('is unknown for a model of one’s own', () => {
    expect(listPriceUsd(MODELS.kycTune, usage, START_MS)).toBeNull();
  });
});

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
