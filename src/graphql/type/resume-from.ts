import { builder } from '../builder.js';
import type { Reached } from '../context.js';
import { formatPlace } from '../place.js';

const ResumeFromRef = builder.objectRef<Reached>('ResumeFrom').implement({
  description: 'A place in each of the fleet’s streams, to be given to its subscription as `after`.',
  fields: (t) => ({
    decisionRecorded: t.id({
      description: 'For `decisionRecorded`.',
      resolve: ({ decisions }) => formatPlace(decisions),
    }),
    anomalyDetected: t.id({
      description: 'For `anomalyDetected`.',
      resolve: ({ anomalies }) => formatPlace(anomalies),
    }),
    alertChanged: t.id({ description: 'For `alertChanged`.', resolve: ({ alerts }) => formatPlace(alerts) }),
  }),
});

builder.queryField('resumeFrom', (t) =>
  t.field({
    type: ResumeFromRef,
    description:
      'Where to begin following so that nothing is missed, whatever the first read found. Select it beside that: what ' +
      'the same request reads has everything up to these places, and a subscription gives what came after them, ' +
      'perhaps some of it once more. ' +
      'Example: `{ resumeFrom { anomalyDetected } anomalies(first: 20) { nodes { id summary } } }`.',
    operations: ['decisions.read'],
    resolve: (_root, _args, { reached }) => reached,
  }),
);
