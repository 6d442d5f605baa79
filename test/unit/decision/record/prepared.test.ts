import { expect, it } from 'vitest';
import { prepareItem } from '../../../../src/decision/record/prepared.js';
import { makeDecision, makeStep } from '../../../support/decision.js';

it('tells of an agent as many models as a row or an entry should hold', () => {
  const steps = Array.from({ length: 200 }, (_, index) => makeStep({ kind: 'MODEL_CALL', model: `model-${index}` }));
  const item = { spanIds: [], journalIds: [], mode: 'seal', sampled: true, hasKin: false } as const;
  const place = { fleet: 'prod', sealedOn: '2026-11-29' };
  const modelsOf = (count: number) =>
    prepareItem({ ...item, decision: makeDecision({ steps: steps.slice(0, count) }) }, place).agent.models;
  expect(modelsOf(3)).toEqual(['model-0', 'model-1', 'model-2']);
  expect(modelsOf(200)).toHaveLength(50);
});
