import { describe, expect, it } from 'vitest';
import { classify, labelKeysOf, NO_LABEL_VALUES } from '../../../../src/decision/sampling/classify.js';
import type { ClassificationRule } from '../../../../src/settings/settings.js';
import { makeDecision, makeStep } from '../../../support/decision.js';

const rule = (known: Partial<ClassificationRule>): ClassificationRule => ({
  riskClass: 'HIGH_RISK',
  agents: null,
  requestTypes: null,
  tools: null,
  attributes: null,
  ...known,
});
const refund = makeDecision({
  agent: 'refunds-eu',
  requestType: 'refund',
  steps: [makeStep({ toolName: 'get_order' }), makeStep({ toolName: 'create_refund' })],
});
const labels = new Map([['tenant', new Set(['bank', 'shop'])]]);

describe('the class of a decision', () => {
  it.each([
    ['an agent', { agents: ['kyc-*', 'refunds-*'] }, 'HIGH_RISK'],
    ['another agent', { agents: ['kyc-*'] }, 'ROUTINE'],
    ['a request type', { requestTypes: ['refund'] }, 'HIGH_RISK'],
    ['a part of a request type', { requestTypes: ['ref'] }, 'ROUTINE'],
    ['a tool that was called', { tools: ['create_*'] }, 'HIGH_RISK'],
    ['a tool that was not', { tools: ['delete_*'] }, 'ROUTINE'],
    ['one of an attribute’s values', { attributes: { tenant: 'b*' } }, 'HIGH_RISK'],
    ['an attribute nothing has', { attributes: { region: '*' } }, 'ROUTINE'],
    [
      'all of its conditions',
      { agents: ['refunds-*'], tools: ['create_refund'], attributes: { tenant: 'shop' } },
      'HIGH_RISK',
    ],
    ['all but one', { agents: ['refunds-*'], tools: ['delete_*'] }, 'ROUTINE'],
    ['no condition', {}, 'HIGH_RISK'],
  ] as [string, Partial<ClassificationRule>, string][])('by %s', (_what, known, riskClass) => {
    expect(classify(refund, labels, [rule(known)])).toBe(riskClass);
  });

  it('is that of the first rule that holds', () => {
    const rules = [rule({ agents: ['ops-*'] }), rule({ riskClass: 'ADMIN', requestTypes: ['*'] }), rule({})];
    expect(classify(refund, labels, rules)).toBe('ADMIN');
    expect(classify(makeDecision({ requestType: null }), NO_LABEL_VALUES, rules)).toBe('HIGH_RISK');
  });

  it('needs the attributes that rules name', () => {
    const rules = [
      rule({ attributes: { tenant: '*', region: 'eu' } }),
      rule({}),
      rule({ attributes: { tenant: 'a' } }),
    ];
    expect(labelKeysOf(rules)).toEqual(['tenant', 'region']);
  });
});
