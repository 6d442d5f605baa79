import { RISK_CLASSES, type RiskClass } from '../decision/decision.js';
import type { Counter } from '../metric/figures.js';
import { type FigureRecords, readFigures } from './figures/read.js';
import { checkOrder, type Window } from './window.js';

const SAMPLING_COUNTERS = [
  'decisions',
  'kept_decisions',
  'steps',
  'kept_steps',
  'bytes',
  'kept_bytes',
] as const satisfies readonly Counter[];

/** What was kept of some decisions and what was not. */
export type SampledCounts = Readonly<Record<(typeof SAMPLING_COUNTERS)[number], number>>;

export interface ClassReport extends SampledCounts {
  riskClass: RiskClass;
  /** 0 to 1, as configured now; what has a finding is kept beyond it. */
  share: number;
}

export interface SamplingReport {
  /** One for each class, in the contract's order. */
  classes: ClassReport[];
  total: SampledCounts;
}

/** What sampling kept of the decisions that started in the window. Throws VALIDATION_FAILED when it is empty. */
export async function readSamplingReport(
  records: FigureRecords,
  { fleet, fromMs, toMs }: Window & { fleet: string },
  shares: Readonly<Record<RiskClass, number>>,
): Promise<SamplingReport> {
  checkOrder({ fromMs, toMs });
  const groups = await readFigures(records, {
    fleet,
    source: 'DECISIONS',
    fromMs,
    toMs,
    stepMs: null,
    groupBy: ['RISK_CLASS'],
    filter: {},
    measures: [],
  });
  const classes = RISK_CLASSES.map((riskClass) => ({
    riskClass,
    share: shares[riskClass],
    ...sumCounts(groups.filter(({ labels }) => labels[0] === riskClass).map(({ figures }) => figures.counts)),
  }));
  return { classes, total: sumCounts(classes) };
}

function sumCounts(parts: readonly SampledCounts[]): SampledCounts {
  const sum = { decisions: 0, kept_decisions: 0, steps: 0, kept_steps: 0, bytes: 0, kept_bytes: 0 };
  for (const part of parts) for (const counter of SAMPLING_COUNTERS) sum[counter] += part[counter];
  return sum;
}
