import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../../src/decision/decision.js';
import { judgeDecisions } from '../../../../src/decision/judge.js';
import { observe } from '../../../../src/decision/sampling/finding.js';
import { Sampler } from '../../../../src/decision/sampling/sampler.js';
import type { WatchedUnit } from '../../../../src/decision/watcher.js';
import { AppError } from '../../../../src/errors.js';
import { makeDecision } from '../../../support/decision.js';
import { makeSighting, NO_WATCH } from '../../../support/watcher.js';

const KNOWN = Array.from({ length: 50 }, () => observe(makeDecision()));
const NOTHING = { HIGH_RISK: 0, ROUTINE: 0, ADMIN: 0 };
const samplerOf = (shares = NOTHING, recall = async () => KNOWN) =>
  new Sampler({ settings: { shares, rules: [] }, recall });
const keeps = (sampler: Sampler, ...decisions: Partial<Decision>[]) =>
  judgeDecisions(
    { sampler, watcher: NO_WATCH },
    'f',
    decisions.map((known, index) => makeDecision({ id: `d${index}`, ...known })),
  ).then((judged) => judged.decisions.map((each) => each.sampled));

describe('sampling', () => {
  it('keeps everything by default, without asking the record', async () => {
    const sampler = samplerOf({ HIGH_RISK: 1, ROUTINE: 1, ADMIN: 1 }, () => {
      throw new AppError('UNAVAILABLE', 'nobody needs to ask');
    });
    expect(await keeps(sampler, {})).toEqual([true]);
  });

  it('keeps the whole trace for one finding in it', async () => {
    const failing = [{ traceId: 't' }, { traceId: 't', outcome: 'ERROR' as const }, { traceId: 'u' }];
    expect(await keeps(samplerOf(), ...failing)).toEqual([true, true, false]);
  });

  it('keeps the whole trace when something was found wrong in it', async () => {
    const watcher = {
      ...NO_WATCH,
      judge: ({ fresh }: WatchedUnit) => ({
        sightings: fresh[0]?.traceId === 't' ? [makeSighting()] : [],
        scores: new Map(),
      }),
    };
    const decisions = ['t', 't', 'u'].map((traceId, index) => makeDecision({ id: `d${index}`, traceId }));
    const judged = await judgeDecisions({ sampler: samplerOf(), watcher }, 'f', decisions);
    expect(judged.decisions.map(({ sampled }) => sampled)).toEqual([true, true, false]);
    expect(judged.sightings).toHaveLength(1);
  });

  it('keeps the whole trace by the highest share of its classes', async () => {
    const mixed = [
      { traceId: 't', riskClass: 'ROUTINE' as const },
      { traceId: 't', riskClass: 'ADMIN' as const },
      { traceId: 'u', riskClass: 'ROUTINE' as const },
    ];
    expect(await keeps(samplerOf({ ...NOTHING, ADMIN: 1 }), ...mixed)).toEqual([true, true, false]);
  });

  it('takes a conversation together where there is no trace, and decisions alone where there is neither', async () => {
    const failed = { outcome: 'ERROR' as const };
    expect(await keeps(samplerOf(), { conversationId: 'c' }, { conversationId: 'c', ...failed })).toEqual([true, true]);
    expect(await keeps(samplerOf(), {}, failed)).toEqual([false, true]);
  });

  it('keeps more without a history, and learns one', async () => {
    const sampler = samplerOf(NOTHING, async () => []);
    expect(await keeps(sampler, ...Array(30).fill({}))).toEqual(Array(30).fill(true));
    expect(await keeps(sampler, {})).toEqual([false]);
  });

  it('asks the record once for each fleet, and again after it was away', async () => {
    let asked = 0;
    const sampler = samplerOf(NOTHING, async () => {
      asked += 1;
      if (asked === 1) throw new AppError('UNAVAILABLE', 'the database is away');
      return KNOWN;
    });
    await expect(sampler.prepare('f')).rejects.toThrow('the database is away');
    await Promise.all([sampler.prepare('f'), sampler.prepare('f')]);
    await sampler.prepare('f');
    expect(asked).toBe(2);
  });
});
