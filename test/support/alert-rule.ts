import { type RuleFields, readRule } from '../../src/alert/read-rule.js';
import type { AlertRule } from '../../src/alert/rule.js';

/** The rule that the fields say; throws what is wrong with them. */
export function ruleOf(fields: RuleFields): AlertRule {
  const { rule, problems } = readRule(fields);
  if (rule === null) throw new TypeError(problems.map(({ message }) => message).join('\n'));
  return rule;
}
