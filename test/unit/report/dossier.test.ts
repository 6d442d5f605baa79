import { describe, expect, it } from 'vitest';
import { canonicalStep, commitDecision } from '../../../src/decision/record/payload.js';
import { stepPath } from '../../../src/ledger/bundle/long-chain.js';
import type { Block } from '../../../src/report/document/block.js';
import type { ReportData } from '../../../src/report/document/data.js';
import { dossierSection } from '../../../src/report/document/dossier.js';
import type { Dossier } from '../../../src/report/facts/dossier.js';
import { makeDecision, makeStep } from '../../support/decision.js';

const decision = makeDecision({
  steps: Array.from({ length: 700 }, (_, index) => makeStep({ toolName: `tool-${index}`, result: `found ${index}` })),
});

function chainOf({ sampled = true, disclosed = true }) {
  const { payload, steps } = commitDecision(decision, { spanIds: [], sampled });
  const openings = steps.map(({ salt }, index) => ({
    path: stepPath(payload, index),
    salt: salt.toString('hex'),
    content: JSON.parse(canonicalStep(decision.steps[index] ?? makeStep(), index)),
  }));
  const dossier: Dossier = { id: 'd1', entries: [], payload, openings: disclosed ? openings : [], mentions: [] };
  const ledger = {
    facts: { dossiers: [dossier] },
    input: { fleet: 'prod' },
    verdict: { manifest: { content: disclosed ? 'disclosed' : 'withheld' }, entries: { firstSeq: null } },
  };
  const calendar = { exactMoment: (ms: number) => new Date(ms).toISOString() };
  const data = { input: { request: { preset: 'AUDITOR' } }, ledgers: [ledger], calendar, numberOf: () => 1 };
  const { blocks } = dossierSection(data as unknown as ReportData);
  const chain = blocks.find((block): block is Extract<Block, { kind: 'chain' }> => block.kind === 'chain');
  return { payload, digests: steps.map(({ digest }) => digest), shown: chain?.steps ?? [] };
}

describe('the dossier of a decision with more steps than its entry has digests for', () => {
  it('shows the first of them, each with the digest that the one of all is made of', () => {
    const { payload, digests, shown } = chainOf({});
    const steps = shown.filter(({ kind }) => kind === 'Tool call');
    expect(steps.map(({ digest }) => digest)).toEqual(digests.slice(0, steps.length));
    expect(steps.map(({ title }) => title)).toContain('tool-59');
    expect(shown).toContainEqual(
      expect.objectContaining({
        title: `${700 - steps.length} more steps`,
        facts: 'in the attached bundle; all 700 are sealed by one digest',
        digest: String(payload.chain),
      }),
    );
  });

  it('says that they are withheld', () => {
    const { payload, shown } = chainOf({ disclosed: false });
    expect(shown).toContainEqual(
      expect.objectContaining({
        title: '700 steps',
        digest: String(payload.chain),
        withheld: expect.stringMatching(/^Withheld/),
      }),
    );
  });

  it('says that they were not kept', () => {
    const { payload, shown } = chainOf({ sampled: false, disclosed: false });
    expect(shown).toContainEqual(
      expect.objectContaining({ title: '700 steps, not kept', digest: String(payload.chain) }),
    );
  });
});
