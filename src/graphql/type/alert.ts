import type { AlertChangeRow, AlertRow } from '../../alerting/alert.js';
import { listAlerts } from '../../alerting/store.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import type { GraphQLContext } from '../context.js';
import { ALERT_CURSOR } from '../cursor.js';
import { AlertChangeEnum, AlertStateEnum, AnomalyKindEnum, SeverityEnum } from '../enums.js';
import { formatGlobalId, numberOfKey } from '../global-id.js';
import { AgentRef, AlertRef, AlertRuleRef, DecisionRef, NodeRef } from '../refs.js';
import { findStandingDecisions } from '../standing-decision.js';
import { AlertFilterInput, readAlertFilter } from './alert-filter.js';

const AlertChangeRef = builder.objectRef<AlertChangeRow>('AlertChange').implement({
  description: 'Something that happened to an alert.',
  fields: (t) => ({
    id: t.id({
      description: '`AlertChange:<number>`, in the order they happened: what `alertChanged` resumes after.',
      resolve: ({ seq }) => formatGlobalId('AlertChange', seq),
    }),
    change: t.expose('change', { type: AlertChangeEnum, description: 'What happened.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    actor: t.exposeString('actor', { nullable: true, description: 'Who did it; null: the evaluation.' }),
    comment: t.exposeString('comment', { nullable: true, description: 'What was said about it.' }),
  }),
});

export const AlertLabelRef = builder.objectRef<{ name: string; value: string }>('AlertLabel').implement({
  description: 'A label of an alert: the rule’s own, or what its group is told apart by.',
  fields: (t) => ({
    name: t.exposeString('name', { description: '`agent`, `team` …' }),
    value: t.exposeString('value', { description: 'Its value; empty where it is not known.' }),
  }),
});

AlertRef.implement({
  description: 'One incident of a rule for one group: from when its condition was first met until it was over.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({
      description: '`Alert:<number>`, in the order they began.',
      resolve: ({ seq }) => formatGlobalId('Alert', seq),
    }),
    changeId: t.id({
      description: 'Its last change, `AlertChange:<number>`: what `alertChanged` resumes after.',
      resolve: ({ changedSeq }) => formatGlobalId('AlertChange', changedSeq),
    }),
    ruleName: t.exposeString('rule', { description: 'The rule’s name.' }),
    condition: t.exposeString('condition', { description: 'What was wrong, as the rule says it.' }),
    severity: t.expose('severity', { type: SeverityEnum, description: 'How bad it is.' }),
    state: t.expose('state', { type: AlertStateEnum, description: 'Where it stands.' }),
    labels: t.field({
      type: [AlertLabelRef],
      description: 'What routes and silences go by.',
      resolve: ({ labels }) => Object.entries(labels).map(([name, value]) => ({ name, value })),
    }),
    customerSegment: t.exposeString('customerSegment', { nullable: true, description: 'Whom it concerns.' }),
    kind: t.expose('anomalyKind', {
      type: AnomalyKindEnum,
      nullable: true,
      description: 'The kind of anomaly that the rule counts, where it is one.',
    }),
    summary: t.exposeString('summary', { description: 'One sentence for whoever is on call.' }),
    value: t.exposeFloat('value', { nullable: true, description: 'What was seen, in the unit of the threshold.' }),
    threshold: t.exposeFloat('threshold', {
      nullable: true,
      description: 'What it was compared with: milliseconds, dollars, 0 to 1, or a number; rates per millisecond.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When its condition was first met.' }),
    firedAt: t.expose('firedAt', { type: 'DateTime', nullable: true, description: 'When it fired; null: not yet.' }),
    resolvedAt: t.expose('resolvedAt', { type: 'DateTime', nullable: true, description: 'When it was over.' }),
    reopened: t.exposeInt('reopened', { description: 'How many times it fired again within the same incident.' }),
    acknowledgedAt: t.expose('acknowledgedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When somebody took it on.',
    }),
    acknowledgedBy: t.exposeString('acknowledgedBy', { nullable: true, description: 'Who did.' }),
    victims: t.exposeStringList('victims', { description: 'Agents that a cascade pulls down.' }),
  }),
});

builder.objectFields(AlertRef, (t) => ({
  agent: t.field({
    type: AgentRef,
    nullable: true,
    description: 'Whose it is; null when the rule does not tell agents apart.',
    operations: ['decisions.read'],
    resolve: ({ agent }, _args, { loaders }) => (agent === null ? null : loaders.agent.load(agent)),
  }),
  decisions: t.field({
    type: [DecisionRef],
    description: 'Decisions that caused it, the worst first, at most ten.',
    operations: ['decisions.read'],
    resolve: ({ decisionIds }, _args, { loaders }) => findStandingDecisions(loaders, decisionIds),
  }),
  changes: t.field({
    type: [AlertChangeRef],
    description: 'What happened to it, in order.',
    operations: ['decisions.read'],
    resolve: ({ seq }, _args, { loaders }) => loaders.changesOfAlert.load(seq),
  }),
  rule: t.field({
    type: AlertRuleRef,
    nullable: true,
    description: 'The rule as it is now; null when it was removed.',
    operations: ['decisions.read'],
    resolve: ({ rule }, _args, { loaders }) => loaders.rule.load(rule),
  }),
}));

const AlertConnection = connectionType(AlertRef);
const ALERT_LIST = { kind: ALERT_CURSOR, keyOf: ({ seq }: AlertRow) => seq };

builder.queryField('alerts', (t) =>
  t.field({
    type: AlertConnection,
    description:
      'Alerts, those that began last first. Example: `alerts(filter: { states: [FIRING] }, first: 10) { nodes { ruleName summary agent { name } } }`.',
    operations: ['decisions.read'],
    complexity: pageComplexity,
    args: { filter: t.arg({ type: AlertFilterInput, description: 'Which of them.' }), ...pageArguments },
    resolve: async (_root, args, { fleet, services: { pool } }) => {
      const page = readPageRequest(args, ALERT_CURSOR, fleet);
      const found = await listAlerts({ pool, fleet, filter: readAlertFilter(args.filter), page });
      return toConnection(found, fleet, ALERT_LIST);
    },
  }),
);

/** Null when the fleet has no alert of this number. */
export async function findAlert({ loaders }: GraphQLContext, key: string): Promise<AlertRow | null> {
  const seq = numberOfKey(key);
  return seq === null ? null : loaders.alert.load(seq);
}
