import { matchesPattern } from '../../settings/pattern.js';
import type { ClassificationRule } from '../../settings/settings.js';
import type { Decision, RiskClass } from '../decision.js';

/** Attribute values by key: every value that a span of the decision has for it. */
export type LabelValues = ReadonlyMap<string, ReadonlySet<string>>;

export const NO_LABEL_VALUES: LabelValues = new Map();

/** What rules ask about. */
export type Classifiable = Pick<Decision, 'agent' | 'requestType' | 'steps'>;

/** The class that the first rule which holds gives, for a decision that states none itself; ROUTINE when none does. */
export function classify(decision: Classifiable, labels: LabelValues, rules: readonly ClassificationRule[]): RiskClass {
  return rules.find((rule) => holds(rule, decision, labels))?.riskClass ?? 'ROUTINE';
}

/** The attributes whose values rules need, each once. */
export function labelKeysOf(rules: readonly ClassificationRule[]): string[] {
  return [...new Set(rules.flatMap(({ attributes }) => Object.keys(attributes ?? {})))];
}

function holds(rule: ClassificationRule, { agent, requestType, steps }: Classifiable, labels: LabelValues): boolean {
  if (rule.agents !== null && !matchesSome(rule.agents, [agent])) return false;
  if (rule.requestTypes !== null && !matchesSome(rule.requestTypes, requestType === null ? [] : [requestType])) {
    return false;
  }
  if (
    rule.tools !== null &&
    !matchesSome(
      rule.tools,
      steps.flatMap(({ toolName }) => toolName ?? []),
    )
  )
    return false;
  return Object.entries(rule.attributes ?? {}).every(([key, pattern]) => matchesSome([pattern], labels.get(key) ?? []));
}

function matchesSome(patterns: readonly string[], texts: Iterable<string>): boolean {
  for (const text of texts) if (patterns.some((pattern) => matchesPattern(pattern, text))) return true;
  return false;
}
