/** Figures of how well scores tell the made up from the grounded, as scorers of such sets define them. */

export interface Scored {
  /** 1: made up. */
  label: number;
  score: number;
}

/** Of all pairs of one made up and one grounded, the share in which the made up has the higher score; ties count half. */
export function areaUnderCurve(scored: readonly Scored[]): number {
  const sorted = scored.toSorted((left, right) => left.score - right.score);
  const positives = sorted.filter(({ label }) => label === 1).length;
  let ranks = 0;
  for (let first = 0; first < sorted.length; ) {
    let end = first;
    while (sorted[end]?.score === sorted[first]?.score && end < sorted.length) end += 1;
    const tied = sorted.slice(first, end).filter(({ label }) => label === 1).length;
    ranks += tied * ((first + 1 + end) / 2);
    first = end;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (sorted.length - positives));
}

export interface Curve {
  averagePrecision: number;
  bestF1: number;
  /** Share of the made up that is found while so many of 100 grounded answers are called made up. */
  recallAt5: number;
  recallAt10: number;
}

export function curveOf(scored: readonly Scored[]): Curve {
  const sorted = scored.toSorted((left, right) => right.score - left.score);
  const positives = sorted.filter(({ label }) => label === 1).length;
  const negatives = sorted.length - positives;
  const curve: Curve = { averagePrecision: 0, bestF1: 0, recallAt5: 0, recallAt10: 0 };
  let [found, alarms, recallBefore] = [0, 0, 0];
  for (let at = 0; at < sorted.length; ) {
    const { score } = sorted[at] ?? { score: 0 };
    for (; at < sorted.length && sorted[at]?.score === score; at += 1) {
      if (sorted[at]?.label === 1) found += 1;
      else alarms += 1;
    }
    const recall = positives === 0 ? 0 : found / positives;
    curve.averagePrecision += (recall - recallBefore) * (found / (found + alarms));
    recallBefore = recall;
    curve.bestF1 = Math.max(curve.bestF1, (2 * found) / (found + alarms + positives));
    if (alarms / negatives <= 0.05) curve.recallAt5 = recall;
    if (alarms / negatives <= 0.1) curve.recallAt10 = recall;
  }
  return curve;
}
