/** As metric series come. */
export interface Measured {
  labels: readonly { value: string; isFolded: boolean }[];
  value: number | null;
  points?: readonly { at: string; value: number | null }[];
}

/** The series of one label; the first where none is asked for. */
export function seriesOf(series: readonly Measured[], label?: string): Measured | undefined {
  return label === undefined ? series[0] : series.find(({ labels }) => labels[0]?.value === label);
}

/** The points’ values in order; as many nothings where there is no such series. */
export function valuesOf(series: Measured | undefined, length: number): (number | null)[] {
  return series?.points?.map(({ value }) => value) ?? Array.from({ length }, () => null);
}

/** Where steps begin: each series of a query has the same. */
export function timesOf(...lists: (readonly Measured[])[]): string[] {
  const points = lists.flat().find((series) => (series.points?.length ?? 0) > 0)?.points ?? [];
  return points.map(({ at }) => at);
}

/** Values by the first label, those beyond the bound on cardinality left out. */
export function byLabel(series: readonly Measured[]): Map<string, number | null> {
  return new Map(
    series.flatMap(({ labels: [label], value }) =>
      label === undefined || label.isFolded ? [] : [[label.value, value] as const],
    ),
  );
}

/** Sums, step by step; nothing where neither has anything. */
export function addUp(one: readonly (number | null)[], other: readonly (number | null)[]): (number | null)[] {
  return one.map((value, index) => {
    const added = other[index] ?? null;
    return value === null && added === null ? null : (value ?? 0) + (added ?? 0);
  });
}
