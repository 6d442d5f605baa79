import { mayDo } from '../../access/viewer.js';
import type { AnomalyRow } from '../../anomaly/anomaly.js';
import { listAnomalies } from '../../anomaly/store.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import type { GraphQLContext } from '../context.js';
import { ANOMALY_CURSOR } from '../cursor.js';
import { AnomalyKindEnum, MetricNameEnum, SeverityEnum } from '../enums.js';
import { formatGlobalId, numberOfKey } from '../global-id.js';
import { AgentRef, AnomalyRef, DecisionRef, NodeRef } from '../refs.js';
import { findStandingDecisions } from '../standing-decision.js';
import { AnomalyFilterInput, readAnomalyFilter } from './anomaly-filter.js';

AnomalyRef.implement({
  description: 'Something a detector found out: each incident once.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({
      description: '`Anomaly:<number>`, in the order they were found.',
      resolve: ({ firstSeq }) => formatGlobalId('Anomaly', firstSeq),
    }),
    kind: t.expose('kind', { type: AnomalyKindEnum, description: 'What is wrong.' }),
    severity: t.expose('severity', { type: SeverityEnum, description: 'How bad it is, at its worst so far.' }),
    metric: t.expose('metric', { type: MetricNameEnum, nullable: true, description: 'The metric it is about.' }),
    customerSegment: t.exposeString('customerSegment', { nullable: true, description: 'Whom it concerns.' }),
    observed: t.exposeFloat('observed', { nullable: true, description: 'What was seen, in the unit of the evidence.' }),
    expected: t.exposeFloat('expected', { nullable: true, description: 'What is usual, in the same unit.' }),
    score: t.exposeFloat('score', { description: 'From 0, ordinary, to 1, certainly wrong.' }),
    detectedAt: t.expose('detectedAt', { type: 'DateTime', description: 'When it was found.' }),
    summary: t.exposeString('summary', { description: 'One sentence for whoever is on call.' }),
  }),
});

builder.objectFields(AnomalyRef, (t) => ({
  agent: t.field({
    type: AgentRef,
    nullable: true,
    description: 'Whose it is; null when it is nobody’s alone, or its agent has not finished a decision yet.',
    operations: ['decisions.read'],
    resolve: ({ agent }, _args, { loaders }) => (agent === null ? null : loaders.agent.load(agent)),
  }),
  decision: t.field({
    type: DecisionRef,
    nullable: true,
    description: 'The decision it was found in; null when it is about more than one, or that one is not sealed yet.',
    operations: ['decisions.read'],
    resolve: ({ decisionId }, _args, { loaders }) => (decisionId === null ? null : loaders.decision.load(decisionId)),
  }),
  decisions: t.field({
    type: [DecisionRef],
    description:
      'The decisions it was found by, at most ten; none when figures alone show it, or none of them is sealed.',
    operations: ['decisions.read'],
    resolve: (anomaly, _args, { loaders }) => findStandingDecisions(loaders, decisionsBehind(anomaly)),
  }),
  evidence: t.field({
    type: 'JSON',
    description: 'What it was found by. `quotes`, passages of content, are there for roles that read content.',
    operations: ['decisions.read'],
    extensions: { quotesContent: true },
    resolve: async (anomaly, _args, { viewer, loaders }) => {
      const { evidence, quotes } = anomaly;
      if (quotes === null || !mayDo(viewer, 'content.read')) return evidence;
      return { ...evidence, quotes: await loaders.quotes.load(anomaly) };
    },
  }),
}));

const DECISIONS_SHOWN_MAX = 10;

/** Its own first, then those that its evidence names. */
function decisionsBehind({ decisionId, evidence: { decisions } }: AnomalyRow): string[] {
  const named = Array.isArray(decisions) ? decisions.filter((id) => typeof id === 'string') : [];
  return [...new Set([...(decisionId === null ? [] : [decisionId]), ...named])].slice(0, DECISIONS_SHOWN_MAX);
}

const AnomalyConnection = connectionType(AnomalyRef);
const ANOMALY_LIST = { kind: ANOMALY_CURSOR, keyOf: ({ firstSeq }: AnomalyRow) => firstSeq };

builder.queryField('anomalies', (t) =>
  t.field({
    type: AnomalyConnection,
    description:
      'What detectors found, the newest first. Example: `anomalies(filter: { severities: [CRITICAL] }, first: 10) { nodes { kind summary agent { name } } }`.',
    operations: ['decisions.read'],
    complexity: pageComplexity,
    args: { filter: t.arg({ type: AnomalyFilterInput, description: 'Which of them.' }), ...pageArguments },
    resolve: async (_root, args, { fleet, services: { pool } }) => {
      const page = readPageRequest(args, ANOMALY_CURSOR, fleet);
      const found = await listAnomalies({ pool, fleet, filter: readAnomalyFilter(args.filter), page });
      return toConnection(found, fleet, ANOMALY_LIST);
    },
  }),
);

builder.objectField(DecisionRef, 'anomalies', (t) =>
  t.field({
    type: [AnomalyRef],
    description: 'What was found wrong with it, in the order it was found.',
    operations: ['decisions.read'],
    resolve: ({ id }, _args, { loaders }) => loaders.anomaliesOfDecision.load(id),
  }),
);

/** Null when the fleet has no anomaly of this number. */
export async function findAnomaly({ loaders }: GraphQLContext, key: string): Promise<AnomalyRow | null> {
  const seq = numberOfKey(key);
  return seq === null ? null : loaders.anomaly.load(seq);
}
