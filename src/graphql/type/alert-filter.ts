import type { AlertFilter } from '../../alerting/filter.js';
import { isStorableText } from '../../decision/filter.js';
import { AppError } from '../../errors.js';
import { builder } from '../builder.js';
import { AlertStateEnum, AnomalyKindEnum, SeverityEnum } from '../enums.js';

export const AlertFilterInput = builder.inputType('AlertFilter', {
  description: 'Which alerts: every condition that is given must hold; a list holds when one of its values does.',
  fields: (t) => ({
    rules: t.stringList({ description: 'Of a rule of one of these names.' }),
    states: t.field({ type: [AlertStateEnum], description: 'In one of these states.' }),
    severities: t.field({ type: [SeverityEnum], description: 'Of one of these severities.' }),
    agents: t.stringList({ description: 'Of an agent of one of these names.' }),
    kinds: t.field({ type: [AnomalyKindEnum], description: 'Of a rule that counts anomalies of one of these kinds.' }),
    customerSegments: t.stringList({ description: 'Of one of these customer segments.' }),
    isAcknowledged: t.boolean({ description: 'Taken on by somebody, or not.' }),
    from: t.field({ type: 'DateTime', description: 'Begun at this time or after.' }),
    to: t.field({ type: 'DateTime', description: 'Begun before this time.' }),
  }),
});

/** Throws VALIDATION_FAILED for text that is not valid. */
export function readAlertFilter(filter: AlertFilter | null | undefined): AlertFilter {
  if (filter === null || filter === undefined) return {};
  const texts = { rules: filter.rules, agents: filter.agents, customerSegments: filter.customerSegments };
  const broken = Object.entries(texts).find(([, values]) => values?.some((text) => !isStorableText(text)));
  if (broken === undefined) return filter;
  throw new AppError('VALIDATION_FAILED', `filter.${broken[0]} holds text that is not valid`, {
    path: ['filter', broken[0]],
  });
}
