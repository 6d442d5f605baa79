import { formatDuration } from '../settings/quantity.js';
import { suggest } from '../settings/reader.js';
import type { ConditionError } from './condition/condition.js';
import { formatFigure } from './condition/format.js';
import { type AlertDimension, nameLabel } from './condition/label.js';
import type { AlertRule, Decided } from './rule.js';

const RULE_NAMES = ['value', 'threshold', 'group', 'rule', 'severity', 'condition', 'window'] as const;
type RuleName = (typeof RULE_NAMES)[number];
const LABEL_PREFIX = 'labels.';
const BRACES = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is wrong with the template of a message; null when it is right. */
export function checkMessage(template: string, rule: Pick<AlertRule, 'condition' | 'labels'>): ConditionError | null {
  const names = namesOf(rule);
  for (const { index, 1: name = '' } of template.matchAll(BRACES)) {
    if (names.includes(name)) continue;
    const hint = suggest(name, names) || `: write one of ${names.join(', ')}`;
    return { offset: index, message: `{{${name}}} is nothing that is known here${hint}` };
  }
  const stray = template.replaceAll(BRACES, (braces) => ' '.repeat(braces.length)).search(/\{\{|\}\}/);
  return stray === -1 ? null : { offset: stray, message: 'these braces have no counterpart: write {{value}}, say' };
}

/** What an alert says. `group` has the value of each of the condition's dimensions, '' where it is not known. */
export function renderMessage(rule: AlertRule, group: readonly string[], decided: Decided): string {
  return rule.message.replaceAll(BRACES, (braces, name: string) => {
    if (name.startsWith(LABEL_PREFIX)) return rule.labels[name.slice(LABEL_PREFIX.length)] ?? braces;
    const dimension = rule.condition.by.findIndex((each) => nameLabel(each) === name);
    return dimension === -1 ? sayOfRule(name as RuleName, rule, group, decided) : nameValue(group[dimension]);
  });
}

/** `billing-eu, gpt-5`; `the fleet` where alerts are not told apart. */
export function nameGroup(group: readonly string[]): string {
  return group.map(nameValue).join(', ') || 'the fleet';
}

function nameValue(value: string | undefined): string {
  return value || 'unknown';
}

function sayOfRule(name: RuleName, rule: AlertRule, group: readonly string[], decided: Decided): string {
  const said: Readonly<Record<RuleName, () => string>> = {
    value: () => formatFigure(decided.value, decided.unit),
    threshold: () => formatFigure(decided.threshold, decided.unit),
    group: () => nameGroup(group),
    rule: () => rule.name,
    severity: () => rule.severity.toLowerCase(),
    condition: () => rule.condition.text,
    window: () => formatDuration(rule.windowMs),
  };
  return said[name]();
}

function namesOf({ condition, labels }: Pick<AlertRule, 'condition' | 'labels'>): readonly string[] {
  const dimensions = condition.by.map((dimension: AlertDimension) => nameLabel(dimension));
  return [...RULE_NAMES, ...dimensions, ...Object.keys(labels).map((name) => `${LABEL_PREFIX}${name}`)];
}
