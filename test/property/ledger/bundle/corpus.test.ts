import { describe, expect, it } from 'vitest';
import { parsePinnedKey } from '../../../../src/ledger/bundle/pin.js';
import { parsePolicy } from '../../../../src/ledger/note/policy.js';
import { check } from '../../../support/bundle.js';
import { bundleCorpus } from '../../../support/bundle-corpus.js';

const corpus = await bundleCorpus();

describe('the verifier', () => {
  it.each(corpus.map((one) => [one.outcome, one.name, one] as const))('calls %s: %s', async (_outcome, _name, one) => {
    const key = one.key === null ? null : parsePinnedKey(one.key);
    const policy = one.policy === null ? null : parsePolicy(one.policy);
    const { outcome, fault, reasons, installation } = await check(one.text, { key, policy, held: one.held });
    expect({ outcome, what: [fault?.problem, ...reasons].join() }).toEqual({
      outcome: one.outcome,
      what: expect.stringContaining(one.problem),
    });
    if (one.seq !== undefined) expect(fault?.seq).toBe(one.seq);
    if (one.installation === null) expect(installation).toBeNull();
    else if (one.installation !== undefined) expect(installation).toMatchObject(one.installation);
  });
});
