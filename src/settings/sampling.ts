import type { RiskClass } from '../decision/decision.js';
import type { Value } from './document.js';
import type { Problems } from './problem.js';
import { parseShare, SHARE_FORMS } from './quantity.js';
import { choice, list, pattern, patterns, type Reader, record, Section, single } from './reader.js';
import { type ClassificationRule, DEFAULT_SETTINGS, type SamplingSettings } from './settings.js';

/** The key of each class, here and under `retention`. */
export const CLASS_KEYS = {
  HIGH_RISK: 'high_risk_decisions',
  ROUTINE: 'routine_queries',
  ADMIN: 'admin_actions',
} as const satisfies Record<RiskClass, string>;

export const share: Reader<number> = single(SHARE_FORMS, parseShare);

const riskClass = choice<RiskClass>({ high_risk: 'HIGH_RISK', routine: 'ROUTINE', admin: 'ADMIN' });
const CONDITIONS = ['agents', 'request_types', 'tools', 'attributes'] as const;

/** Reads `sampling`. */
export function readSampling(value: Value, problems: Problems): SamplingSettings {
  const section = new Section(value, [...Object.values(CLASS_KEYS), 'rules'], problems);
  const { shares } = DEFAULT_SETTINGS.sampling;
  return {
    shares: {
      HIGH_RISK: section.read(CLASS_KEYS.HIGH_RISK, share, shares.HIGH_RISK),
      ROUTINE: section.read(CLASS_KEYS.ROUTINE, share, shares.ROUTINE),
      ADMIN: section.read(CLASS_KEYS.ADMIN, share, shares.ADMIN),
    },
    rules: section.read('rules', list(rule, '[{risk_class: high_risk, agents: [fraud-*]}]'), []),
  };
}

const rule: Reader<ClassificationRule> = (value, problems) => {
  const section = new Section(value, ['risk_class', ...CONDITIONS], problems);
  const given = section.require('risk_class', riskClass, 'write high_risk, routine or admin');
  if (given === undefined) return undefined;
  if (!CONDITIONS.some((key) => section.has(key))) {
    return problems.add(value, `the rule has no condition: give it ${CONDITIONS.join(', ')}; agents: ['*'] for all`);
  }
  return {
    riskClass: given,
    agents: section.read('agents', patterns, null),
    requestTypes: section.read('request_types', patterns, null),
    tools: section.read('tools', patterns, null),
    attributes: section.read('attributes', record(pattern, '{customer.tier: gold*}'), null),
  };
};
