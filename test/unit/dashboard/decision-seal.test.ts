import { beforeAll, describe, expect, it } from 'vitest';
import { checkSeal } from '../../../src/dashboard/screen/decision/seal.js';
import { commitDecision } from '../../../src/decision/record/payload.js';
import { canonicalize } from '../../../src/ledger/canonical.js';
import { EMPTY_HEAD, type Entry, extendChain } from '../../../src/ledger/chain.js';
import { makeDecision, makeStep } from '../../support/decision.js';

const STEPS = 'It commits to every step shown here';

function sealedWith(stepCount: number, sampled = true): { entry: Entry; digests: string[] } {
  const steps = Array.from({ length: stepCount }, (_, index) => makeStep({ result: `found ${index}` }));
  const committed = commitDecision(makeDecision({ steps }), { spanIds: [], sampled });
  const draft = { kind: 'DECISION' as const, subject: 'd1', payload: canonicalize(committed.payload) };
  const [entry] = extendChain('prod', EMPTY_HEAD, { drafts: [draft], recordedAt: '2026-11-22T08:00:00.000Z' });
  return { entry: entry as Entry, digests: committed.steps.map(({ digest }) => digest) };
}

async function refuted(entry: Entry, digests: readonly string[]): Promise<string[]> {
  const checks = await checkSeal(entry, { id: 'd1', digests });
  return checks.filter(({ isTrue }) => !isTrue).map(({ claim }) => claim);
}

describe.each([2, 512, 513, 1_000])('what a browser is shown of a decision of %d steps', (stepCount) => {
  let sealed: ReturnType<typeof sealedWith>;
  beforeAll(() => {
    sealed = sealedWith(stepCount);
  });

  it('is what was sealed', async () => {
    expect(await refuted(sealed.entry, sealed.digests)).toEqual([]);
  });

  it('is not with another step', async () => {
    const { entry, digests } = sealed;
    expect(await refuted(entry, digests.with(1, sealedWith(1).digests[0] as string))).toEqual([STEPS]);
    expect(await refuted(entry, [...digests, sealedWith(1).digests[0] as string])).toEqual([STEPS]);
  });
});

describe('what a browser is shown of a decision whose steps are', () => {
  it('not kept, is what was sealed', async () => {
    expect(await refuted(sealedWith(3, false).entry, [])).toEqual([]);
  });

  it('under one digest, is not what was sealed where digests are cut elsewhere', async () => {
    const { entry, digests } = sealedWith(600);
    const [first, second, ...others] = digests as [string, string, ...string[]];
    expect(await refuted(entry, [first.slice(0, 62), first.slice(62) + second, ...others])).toEqual([STEPS]);
    expect(await refuted(entry, [first.toUpperCase(), second, ...others])).toEqual([STEPS]);
  });

  it('under one digest, is not what was sealed where one is left out or two changed places', async () => {
    const { entry, digests } = sealedWith(600);
    const [first, second, ...others] = digests as [string, string, ...string[]];
    expect(await refuted(entry, [second, first, ...others])).toEqual([STEPS]);
    expect(await refuted(entry, digests.slice(0, -1))).toEqual([STEPS]);
  });
});
