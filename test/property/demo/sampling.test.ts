import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { prepareItem } from '../../../src/decision/record/prepared.js';
import { Sampler } from '../../../src/decision/sampling/sampler.js';
import { createLog } from '../../../src/log.js';
import { DEFAULT_SETTINGS } from '../../../src/settings/settings.js';
import { DecisionWatch } from '../../../src/watch/decision-watch.js';
import { type SeenRequest, seenTraffic } from '../../support/demo-traffic.js';
import { newMemory } from '../../support/watcher.js';

/** midwatch.yaml as it is handed out. */
const SHARES = { HIGH_RISK: 1, ROUTINE: 0.1, ADMIN: 1 };
const WARM_UP_REQUESTS = 1_000;
const REQUESTS = 4_000;
const SAVED_GOAL = 0.7;

const bytesOf = ({ decisions }: SeenRequest) =>
  decisions
    .map(({ assembled: { spanIds }, decision }) =>
      prepareItem(
        { decision, spanIds, journalIds: [], mode: 'seal', sampled: true, hasKin: false },
        { fleet: 'f', sealedOn: '2026-11-24' },
      ),
    )
    .reduce((sum, { figures }) => sum + figures.counts.bytes, 0);

describe('sampling the demo’s traffic', () => {
  it('saves seven of ten bytes and keeps every injected fault', () => {
    const sampler = new Sampler({ settings: { shares: SHARES, rules: [] }, recall: async () => [] });
    const watch = new DecisionWatch({
      memory: newMemory(),
      settings: () => DEFAULT_SETTINGS,
      clock: systemClock,
      log: createLog('silent'),
    });
    const traffic = seenTraffic({ seed: 7, decisionsPerS: 5, mood: 'faulty', startMs: 1_800_000_000_000 });
    const totals = { bytes: 0, kept: 0, faults: 0, lost: 0 };
    for (let request = 0; request < WARM_UP_REQUESTS + REQUESTS; request += 1) {
      const seen = traffic.next().value;
      const decisions = seen.decisions.map(({ decision }) => decision);
      const riskClasses = decisions.map(({ riskClass }) => riskClass);
      const unit = { fleet: 'f', fresh: decisions, amended: [], trace: decisions, isSettled: true };
      const isFound = watch.judge(unit).sightings.length > 0;
      const isKept = sampler.keeps({ fleet: 'f', key: seen.traceId, decisions, riskClasses, isFound });
      if (request < WARM_UP_REQUESTS) continue;
      const bytes = bytesOf(seen);
      totals.bytes += bytes;
      if (isKept) totals.kept += bytes;
      totals.faults += seen.faults.length;
      if (!isKept) totals.lost += seen.faults.length;
    }
    expect(totals.faults).toBeGreaterThan(150);
    expect(totals.lost).toBe(0);
    expect(1 - totals.kept / totals.bytes).toBeGreaterThanOrEqual(SAVED_GOAL);
  });
});
