import type { Value } from '../settings/document.js';
import { type Problem, Problems, quote } from '../settings/problem.js';
import { DURATION_FORMS, parseDuration } from '../settings/quantity.js';
import { choice, type Reader, record, Section, single, word } from '../settings/reader.js';
import type { Severity } from '../settings/settings.js';
import { placeIn } from '../settings/text-place.js';
import { DAY_MS } from '../time.js';
import { isConditionError, parseCondition } from './condition/condition.js';
import { meetsThreshold } from './condition/evaluate.js';
import type { ComparisonExpression, Condition } from './condition/expression.js';
import { parseLiteral } from './condition/literal.js';
import { CONDITION_FORM } from './condition/syntax.js';
import { formsOf, typeOf, unify } from './condition/unit.js';
import { checkMessage } from './message.js';
import { type AlertRule, DEFAULT_RULE, type NoData } from './rule.js';

const KEYS = [
  'condition',
  'name',
  'severity',
  'window',
  'for',
  'keep_firing_for',
  'flap_hold',
  'clear',
  'minimum_samples',
  'no_data',
  'labels',
  'message',
] as const;
export type RuleKey = (typeof KEYS)[number];
/** A rule as it is written: each value the text that would stand in the file. */
export type RuleFields = Readonly<Partial<Record<RuleKey, string | Readonly<Record<string, string>> | null>>>;
type RuleSection = Section<RuleKey>;

const NAME_MAX = 200;
const MESSAGE_MAX = 2_000;
const WINDOW_MIN_MS = 1_000;
const TIME_MAX_MS = 31 * DAY_MS;
const SAMPLES_MAX = 1_000_000;

/** Reads one of `alerting`. */
export const alertRule: Reader<AlertRule> = (value, problems) => readSection(value, 'FILE', problems);

/** Reads a rule that does not come from the file, with the same problems; their `key` is that of the field. */
export function readRule(fields: RuleFields): { rule: AlertRule | null; problems: readonly Problem[] } {
  const problems = new Problems();
  const rule = readSection(fieldValue(fields, ''), 'API', problems);
  const found = problems.list();
  return { rule: rule === undefined || found.length > 0 ? null : rule, problems: found };
}

function fieldValue(field: RuleFields | string | null | undefined, key: string): Value {
  const place = { line: 1, column: 1, key };
  if (field === null || field === undefined) return { kind: 'nothing', ...place };
  if (typeof field === 'string') return { kind: 'text', text: field, source: field, ...place };
  const entries = Object.entries(field).map(([name, each]): [string, { place: typeof place; value: Value }] => {
    const value = fieldValue(each as string | RuleFields | null, key === '' ? name : `${key}.${name}`);
    return [name, { place: value, value }];
  });
  return { kind: 'mapping', entries: new Map(entries), ...place };
}

function readSection(value: Value, origin: AlertRule['origin'], problems: Problems): AlertRule | undefined {
  const section = new Section(value, KEYS, problems);
  const read = section.require('condition', condition, 'write what is wrong, such as error_rate > 5%');
  const others = {
    severity: section.read('severity', severity, DEFAULT_RULE.severity),
    windowMs: section.read('window', windowTime, DEFAULT_RULE.windowMs),
    forMs: section.read('for', time, DEFAULT_RULE.forMs),
    keepFiringForMs: section.read('keep_firing_for', time, DEFAULT_RULE.keepFiringForMs),
    flapHoldMs: section.read('flap_hold', time, DEFAULT_RULE.flapHoldMs),
    minimumSamples: section.read('minimum_samples', samples, DEFAULT_RULE.minimumSamples),
    noData: section.read('no_data', noData, DEFAULT_RULE.noData),
    labels: section.read('labels', labels, DEFAULT_RULE.labels),
    origin,
  };
  const written = section.read('name', word('a name'), null);
  if (read === undefined) return undefined;
  return {
    name: written ?? nameOf(read, section, problems),
    condition: read,
    ...others,
    clear: section.read('clear', clearOf(read), DEFAULT_RULE.clear),
    message: section.read('message', messageOf({ condition: read, labels: others.labels }), DEFAULT_RULE.message),
  };
}

const condition: Reader<Condition> = (value, problems) => {
  if (value.kind !== 'text') return problems.add(value, `must be ${CONDITION_FORM}`);
  const parsed = parseCondition(value.text);
  return isConditionError(parsed) ? problems.add(placeIn(value, parsed.offset), parsed.message) : parsed;
};

const severity = choice<Severity>({ info: 'INFO', warning: 'WARNING', critical: 'CRITICAL' });
const noData = choice<NoData>({ ok: 'OK', keep: 'KEEP', fire: 'FIRE' });

const time = single(`${DURATION_FORMS}, up to 31d`, (text) => {
  const ms = parseDuration(text);
  return ms !== undefined && ms <= TIME_MAX_MS ? ms : undefined;
});

const windowTime = single(`${DURATION_FORMS}, from 1s to 31d`, (text) => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= WINDOW_MIN_MS && ms <= TIME_MAX_MS ? ms : undefined;
});

const samples = single(`a whole number up to ${SAMPLES_MAX}`, (text) =>
  /^\d{1,7}$/.test(text) && Number(text) <= SAMPLES_MAX ? Number(text) : undefined,
);

/** Label names as Prometheus has them, so that they can be handed on. */
const labels: Reader<Readonly<Record<string, string>>> = (value, problems) => {
  const read = record(word('a value'), '{team: payments}')(value, problems);
  for (const [name, { place }] of value.kind === 'mapping' ? value.entries : []) {
    if (!/^[A-Za-z_]\w{0,62}$/.test(name)) {
      problems.add(place, `${quote(name)} is no name of a label: up to 63 letters, digits and _, and no digit first`);
    }
  }
  return read;
};

/** The condition itself, with the spaces it was written with made one each. */
function nameOf({ text }: Condition, section: RuleSection, problems: Problems): string {
  const name = text.trim().replaceAll(/\s+/g, ' ');
  if (name.length > NAME_MAX) {
    problems.add(section.value('name'), `is missing: the condition is too long to name the rule by, so give it a name`);
  }
  return name;
}

/** A threshold on the mild side of the condition's own. */
function clearOf({ expression }: Condition): Reader<number> {
  return (value, problems) => {
    const threshold = expression.kind === 'comparison' ? thresholdOf(expression) : null;
    if (expression.kind !== 'comparison' || threshold === null) {
      return problems.add(value, 'goes with one comparison by >, >=, < or <= with a value, such as error_rate > 5%');
    }
    const type = typeOf(expression.unit);
    const literal = value.kind === 'text' ? parseLiteral(value.text.trim()) : undefined;
    const isAlike = literal !== undefined && unify(type, literal.type) !== null;
    if (!isAlike || (expression.unit.of === 'share' && literal.value > 1)) {
      return problems.add(value, `must be what the condition compares with: write ${formsOf(type)}`);
    }
    if (literal.value !== threshold && meetsThreshold(expression, literal.value, threshold)) {
      return problems.add(value, `is beyond the condition's own threshold: an alert that fires could not stay`);
    }
    return literal.value;
  };
}

/** What an ordering comparison compares with, where that is a value; null elsewhere. */
function thresholdOf({ operator, left, right }: ComparisonExpression): number | null {
  const constant = [left, right].find(({ kind }) => kind === 'constant');
  return constant?.kind === 'constant' && operator !== '==' && operator !== '!=' ? constant.value : null;
}

function messageOf(rule: Pick<AlertRule, 'condition' | 'labels'>): Reader<string> {
  return (value, problems) => {
    if (value.kind !== 'text') return problems.add(value, 'must be a text, such as "{{agent}} is at {{value}}"');
    if (value.text.length > MESSAGE_MAX) return problems.add(value, `is longer than ${MESSAGE_MAX} characters`);
    const mistake = checkMessage(value.text, rule);
    return mistake === null ? value.text : problems.add(placeIn(value, mistake.offset), mistake.message);
  };
}
