/** Times of runs that take turns, and how they are told. */

/** Milliseconds of each run in each round, in turn; the first round warms up. */
export async function alternate<Name extends string>(
  runs: Record<Name, () => Promise<unknown>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(runs) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const startMs = performance.now();
      await runs[name]();
      if (round > 0) times[name].push(performance.now() - startMs);
    }
  }
  return times;
}

export function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The median of the ratios of each round, with the smallest and the largest. */
export function spread(above: readonly number[], below: readonly number[]): string {
  const ratios = above.map((each, index) => each / (below[index] as number)).sort((left, right) => left - right);
  return `${median(ratios).toFixed(2)} [${ratios.at(0)?.toFixed(2)}-${ratios.at(-1)?.toFixed(2)}]`;
}
