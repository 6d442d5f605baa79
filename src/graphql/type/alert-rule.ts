import { nameLabel } from '../../alert/condition/label.js';
import type { RuleFields } from '../../alert/read-rule.js';
import { removeRule, saveRule } from '../../alerting/edit-rule.js';
import type { KnownRule } from '../../alerting/rule-book.js';
import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { builder } from '../builder.js';
import { NoDataEnum, RuleOriginEnum, SeverityEnum } from '../enums.js';
import { payloadUnion } from '../failure.js';
import { AlertRuleRef } from '../refs.js';

AlertRuleRef.implement({
  description: 'When somebody is to be told of what: docs/ALERTS.md has the language of conditions.',
  fields: (t) => ({
    name: t.string({ description: 'Unique in the fleet.', resolve: ({ rule }) => rule.name }),
    condition: t.string({ description: 'What is wrong.', resolve: ({ rule }) => rule.condition.text }),
    by: t.stringList({
      description: 'What alerts are told apart by; empty for one alert of the whole fleet.',
      resolve: ({ rule }) => rule.condition.by.map(nameLabel),
    }),
    severity: t.field({ type: SeverityEnum, description: 'How bad it is.', resolve: ({ rule }) => rule.severity }),
    windowMs: t.float({ description: 'Over how long figures are taken.', resolve: ({ rule }) => rule.windowMs }),
    forMs: t.float({
      description: 'How long the condition must be met before the alert fires.',
      resolve: ({ rule }) => rule.forMs,
    }),
    keepFiringForMs: t.float({
      description: 'How long it fires on after the condition was met last.',
      resolve: ({ rule }) => rule.keepFiringForMs,
    }),
    flapHoldMs: t.float({
      description: 'An alert that fires again so soon is the same incident.',
      resolve: ({ rule }) => rule.flapHoldMs,
    }),
    clear: t.float({
      nullable: true,
      description: 'While it fires, the threshold in place of the condition’s, in the same unit.',
      resolve: ({ rule }) => rule.clear,
    }),
    minimumSamples: t.int({
      description: 'With fewer values in the window there is no data.',
      resolve: ({ rule }) => rule.minimumSamples,
    }),
    noData: t.field({
      type: NoDataEnum,
      description: 'What a group without data is taken for.',
      resolve: ({ rule }) => rule.noData,
    }),
    labels: t.field({ type: 'JSON', description: 'Handed on with the alert.', resolve: ({ rule }) => rule.labels }),
    message: t.string({ description: 'The template of what the alert says.', resolve: ({ rule }) => rule.message }),
    origin: t.field({ type: RuleOriginEnum, description: 'Where it is from.', resolve: ({ rule }) => rule.origin }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last changed over the API; null for one of the file.',
    }),
    updatedBy: t.exposeString('updatedBy', { nullable: true, description: 'By whom.' }),
  }),
});

builder.queryField('alertRules', (t) =>
  t.field({
    type: [AlertRuleRef],
    description:
      'The rules in force in the fleet, those of midwatch.yaml first. Example: `alertRules { name condition }`.',
    operations: ['decisions.read'],
    resolve: (_root, _args, { fleet, services: { rules } }) => rules.rulesOf(fleet),
  }),
);

const RuleLabelInput = builder.inputType('RuleLabelInput', {
  description: 'A label that is handed on with the rule’s alerts.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'As in Prometheus: letters, digits and underscores.' }),
    value: t.string({ required: true, description: 'Its value.' }),
  }),
});

export const SaveAlertRuleInput = builder.inputType('SaveAlertRuleInput', {
  description: 'A rule, each value as it would stand in midwatch.yaml. What is left out has the default.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'A rule of the same name made before is changed.' }),
    condition: t.string({ required: true, description: '`decision_latency_p95{agent="fraud-*"} > 2s`.' }),
    severity: t.field({ type: SeverityEnum, description: 'WARNING, if left out.' }),
    window: t.string({ description: '`5m`, if left out.' }),
    for: t.string({ description: '`0s`, if left out.' }),
    keepFiringFor: t.string({ description: '`0s`, if left out.' }),
    flapHold: t.string({ description: '`10m`, if left out.' }),
    clear: t.string({ description: 'The condition’s own threshold, if left out.' }),
    minimumSamples: t.int({ description: '0, if left out.' }),
    noData: t.field({ type: NoDataEnum, description: 'OK, if left out.' }),
    labels: t.field({ type: [RuleLabelInput], description: 'None, if left out.' }),
    message: t.string({ description: 'May hold `{{value}}`, `{{agent}}` and the like.' }),
  }),
});

const SaveAlertRuleSuccess = builder.objectRef<KnownRule>('SaveAlertRuleSuccess').implement({
  description: 'The rule is in force, and sealed in the ledger.',
  fields: (t) => ({
    rule: t.field({ type: AlertRuleRef, description: 'As it is now.', resolve: (known) => known }),
  }),
});

const RemoveAlertRuleSuccess = builder.objectRef<{ name: string }>('RemoveAlertRuleSuccess').implement({
  description: 'The rule is gone; its alerts end within seconds.',
  fields: (t) => ({ name: t.exposeString('name', { description: 'Its name.' }) }),
});

const SaveAlertRulePayload = payloadUnion('SaveAlertRulePayload', {
  description: 'What came of `saveAlertRule`.',
  success: SaveAlertRuleSuccess,
  failures: ['VALIDATION_FAILED', 'CONFLICT', 'FORBIDDEN'],
});

const RemoveAlertRulePayload = payloadUnion('RemoveAlertRulePayload', {
  description: 'What came of `removeAlertRule`.',
  success: RemoveAlertRuleSuccess,
  failures: ['NOT_FOUND', 'CONFLICT', 'FORBIDDEN'],
});

const RemoveAlertRuleInput = builder.inputType('RemoveAlertRuleInput', {
  description: 'The rule to remove.',
  fields: (t) => ({ name: t.string({ required: true, description: 'Its name.' }) }),
});

builder.mutationFields((t) => ({
  saveAlertRule: t.field({
    type: SaveAlertRulePayload,
    description:
      'Makes an alert rule for the fleet, or changes it. ' +
      'Example: `saveAlertRule(input: { name: "slow", condition: "decision_latency_p95 > 2s", for: "1m" }) { … }`.',
    operations: ['alerts.manage'],
    refusals: ['VALIDATION_FAILED', 'CONFLICT', 'FORBIDDEN'],
    args: { input: t.arg({ type: SaveAlertRuleInput, required: true, description: 'The rule.' }) },
    resolve: (_root, { input }, { viewer, fleet, services: { pool, rules, clock } }) => {
      const edit = { pool, rules, fleet, name: input.name, actor: viewer.subject, nowMs: clock.now() };
      return saveRule(edit, fieldsOf(input));
    },
  }),
  removeAlertRule: t.field({
    type: RemoveAlertRulePayload,
    description:
      'Removes an alert rule that was made over the API. Example: `removeAlertRule(input: { name: "slow" }) { … }`.',
    operations: ['alerts.manage'],
    refusals: ['NOT_FOUND', 'CONFLICT', 'FORBIDDEN'],
    args: { input: t.arg({ type: RemoveAlertRuleInput, required: true, description: 'The rule to remove.' }) },
    resolve: async (_root, { input: { name } }, { viewer, fleet, services: { pool, rules, clock } }) => {
      if (!isStorableText(name)) throw new AppError('NOT_FOUND', 'there is no such alert rule');
      await removeRule({ pool, rules, fleet, name, actor: viewer.subject, nowMs: clock.now() });
      return { name };
    },
  }),
}));

type SaveInput = (typeof SaveAlertRuleInput)['$inferInput'];

/** As the texts of the file, but for the name: one reader reads both. */
export function fieldsOf({
  name: _name,
  severity,
  keepFiringFor,
  flapHold,
  minimumSamples,
  noData,
  labels,
  ...same
}: SaveInput): RuleFields {
  const written = {
    ...same,
    severity: severity?.toLowerCase(),
    keep_firing_for: keepFiringFor,
    flap_hold: flapHold,
    minimum_samples: minimumSamples?.toString(),
    no_data: noData?.toLowerCase(),
    labels: labels && Object.fromEntries(labels.map(({ name, value }) => [name, value])),
  };
  const given = Object.entries(written).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(given) as RuleFields;
}
