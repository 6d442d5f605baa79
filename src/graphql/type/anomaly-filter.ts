import type { AnomalyFilter } from '../../anomaly/filter.js';
import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { builder } from '../builder.js';
import { AnomalyKindEnum, MetricNameEnum, SeverityEnum } from '../enums.js';

export const AnomalyFilterInput = builder.inputType('AnomalyFilter', {
  description: 'Which anomalies: every condition that is given must hold; a list holds when one of its values does.',
  fields: (t) => ({
    agents: t.stringList({ description: 'Of an agent of one of these names.' }),
    kinds: t.field({ type: [AnomalyKindEnum], description: 'Of one of these kinds.' }),
    severities: t.field({ type: [SeverityEnum], description: 'Of one of these severities.' }),
    customerSegments: t.stringList({ description: 'That concern one of these customer segments.' }),
    metrics: t.field({ type: [MetricNameEnum], description: 'About one of these metrics.' }),
    decisionId: t.string({ description: 'Found in this decision.' }),
    from: t.field({ type: 'DateTime', description: 'Found at this time or after.' }),
    to: t.field({ type: 'DateTime', description: 'Found before this time.' }),
  }),
});

/** Throws VALIDATION_FAILED for text that is not valid. */
export function readAnomalyFilter(filter: AnomalyFilter | null | undefined): AnomalyFilter {
  if (filter === null || filter === undefined) return {};
  const texts = { agents: filter.agents, customerSegments: filter.customerSegments, decisionId: [filter.decisionId] };
  const broken = Object.entries(texts).find(([, values]) => values?.some((text) => text && !isStorableText(text)));
  if (broken === undefined) return filter;
  throw new AppError('VALIDATION_FAILED', `filter.${broken[0]} holds text that is not valid`, {
    path: ['filter', broken[0]],
  });
}
