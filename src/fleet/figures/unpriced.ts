import { compareText } from '../../order.js';
import { checkOrder, type Window } from '../window.js';
import { type FigureRecords, readFigures } from './read.js';

/** A model some decisions of which used tokens and have no known cost. */
export interface UnpricedModel {
  /** '' where it is not known. */
  provider: string;
  /** The model that answered; '' where it is not known. */
  model: string;
  decisions: number;
  /** What those decisions used, input and output together. */
  tokens: number;
}

/** By the model that answered, those with the most tokens first. Throws VALIDATION_FAILED when the window is empty. */
export async function readUnpricedModels(
  records: FigureRecords,
  { fleet, fromMs, toMs }: Window & { fleet: string },
): Promise<UnpricedModel[]> {
  checkOrder({ fromMs, toMs });
  const groups = await readFigures(records, {
    fleet,
    source: 'DECISIONS',
    fromMs,
    toMs,
    stepMs: null,
    groupBy: ['PROVIDER', 'MODEL'],
    filter: {},
    measures: [],
    totals: ['unpriced', 'unpriced_tokens'],
  });
  return groups
    .map(({ labels: [provider = '', model = ''], figures: { counts } }) => ({
      provider,
      model,
      decisions: counts.unpriced,
      tokens: counts.unpriced_tokens,
    }))
    .filter(({ decisions }) => decisions > 0)
    .sort((left, right) => right.tokens - left.tokens || compareText(left.model, right.model));
}
