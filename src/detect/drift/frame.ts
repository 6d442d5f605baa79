/** What is usual of an agent, learned from its first decisions: in what terms all that follow are written down. */

import { compareText } from '../../order.js';
import { FIGURE_NAMES, type FigureName, type Observed } from './behaviour.js';

/** Usual value and deviation of a figure's logarithm, or of a share. */
export interface Scale {
  centre: number;
  deviation: number;
}

export interface Frame {
  /** In the order of `FIGURE_NAMES`; null where too few decisions tell the figure. */
  figures: readonly (Scale | null)[];
  /** The tools called most: the share of each in a decision's calls is a coordinate, what is left one more. */
  tools: readonly string[];
}

const TOOLS_MAX = 6;
/** Of logarithms: to within a tenth, figures are the same. */
const DEVIATION_MIN = 0.1;
/** In hundredths of the deviation. What is further off counts as that far: one runaway is no drift. */
const CUT = 300;
/** Shares are never cut: 1 is three deviations. */
export const SHARE_SCALE: Scale = { centre: 0, deviation: 1 / 3 };
const SHARES: ReadonlySet<FigureName> = new Set(['errors', 'refusals']);
/** Of a normal distribution: from the mean absolute deviation to the standard deviation. */
const PER_MEAN_DEVIATION = Math.sqrt(Math.PI / 2);
const KNOWN_SHARE_MIN = 0.5;

export function isShare(figure: FigureName): boolean {
  return SHARES.has(figure);
}

export function learnFrame(sample: readonly Observed[]): Frame {
  const figures = FIGURE_NAMES.map((name) => {
    const known = sample.map((behaviour) => behaviour.figures[name]).filter((value) => value !== null);
    if (known.length < sample.length * KNOWN_SHARE_MIN) return null;
    return isShare(name) ? SHARE_SCALE : scaleOf(known.map(Math.log1p));
  });
  return { figures, tools: usualTools(sample) };
}

export function dimensionOf({ figures, tools }: Frame): number {
  return figures.length + tools.length + 1;
}

/** Figures that are not known count as usual. */
export function encode(frame: Frame, behaviour: Observed): number[] {
  const figures = FIGURE_NAMES.map((name, index) => {
    const scale = frame.figures[index] ?? null;
    const value = behaviour.figures[name];
    if (scale === null || value === null) return 0;
    return place(isShare(name) ? value : Math.log1p(value), scale);
  });
  return [...figures, ...toolShares(behaviour, frame.tools).map((share) => place(share, SHARE_SCALE))];
}

/** The figure that a mean of encoded values stands for, in its own unit: a share, or the geometric mean. */
export function decode(name: FigureName, mean: number, scale: Scale): number {
  const value = decodeShare(mean, scale);
  return isShare(name) ? value : Math.max(0, Math.expm1(value));
}

export function decodeShare(mean: number, { centre, deviation }: Scale): number {
  return centre + (mean / 100) * deviation;
}

function place(value: number, { centre, deviation }: Scale): number {
  const hundredths = Math.round((100 * (value - centre)) / deviation);
  return Math.min(Math.max(hundredths, -CUT), CUT);
}

/** The parts of the decision's calls that went to these tools and, last, to others; all 0 without calls. */
function toolShares({ tools }: Observed, named: readonly string[]): number[] {
  const counts = new Array<number>(named.length + 1).fill(0);
  let total = 0;
  for (const [tool, calls] of tools) {
    const index = named.indexOf(tool);
    const slot = index < 0 ? named.length : index;
    counts[slot] = (counts[slot] ?? 0) + calls;
    total += calls;
  }
  return total === 0 ? counts : counts.map((calls) => calls / total);
}

function usualTools(sample: readonly Observed[]): string[] {
  const uses = new Map<string, number>();
  for (const { tools } of sample) {
    for (const [tool] of tools) uses.set(tool, (uses.get(tool) ?? 0) + 1);
  }
  const ranked = [...uses].sort(([left, more], [right, less]) => less - more || compareText(left, right));
  return ranked.slice(0, TOOLS_MAX).map(([tool]) => tool);
}

function scaleOf(values: readonly number[]): Scale {
  const sorted = [...values].sort((left, right) => left - right);
  const centre = sorted[sorted.length >> 1] ?? 0;
  const meanDeviation = sorted.reduce((sum, value) => sum + Math.abs(value - centre), 0) / sorted.length;
  return { centre: round(centre), deviation: round(Math.max(meanDeviation * PER_MEAN_DEVIATION, DEVIATION_MIN)) };
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
