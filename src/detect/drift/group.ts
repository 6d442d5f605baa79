/** Sums over decisions of one agent, kept apart by request type, so that groups can be compared type by type. */

/** A decision as the frame encodes it. */
export interface Encoded {
  atMs: number;
  /** Of the request type. */
  slot: number;
  /** Hundredths of the usual deviation from the usual value, cut; integers, so that sums are exact and short. */
  vector: readonly number[];
}

/** The decisions of one request type within a group. */
export interface Stratum {
  slot: number;
  count: number;
  sums: readonly number[];
}

export interface Group {
  count: number;
  /** When its first decision started; milliseconds since the epoch. */
  sinceMs: number;
  /** By slot, ascending; no empty ones. */
  strata: readonly Stratum[];
}

export const EMPTY_GROUP: Group = { count: 0, sinceMs: 0, strata: [] };

export function groupOf(decisions: readonly Encoded[]): Group {
  return decisions.reduce(
    (group: Group, { atMs, slot, vector }) =>
      mergeGroups(group, { count: 1, sinceMs: atMs, strata: [{ slot, count: 1, sums: vector }] }),
    EMPTY_GROUP,
  );
}

/** Both together; `later` began later. */
export function mergeGroups(earlier: Group, later: Group): Group {
  if (earlier.count === 0) return later;
  const strata = [...earlier.strata];
  for (const stratum of later.strata) {
    const place = strata.findIndex(({ slot }) => slot >= stratum.slot);
    const known = strata[place];
    if (known?.slot === stratum.slot) strata[place] = mergeStrata(known, stratum);
    else strata.splice(known === undefined ? strata.length : place, 0, stratum);
  }
  return { count: earlier.count + later.count, sinceMs: earlier.sinceMs, strata };
}

function mergeStrata(left: Stratum, right: Stratum): Stratum {
  return {
    slot: left.slot,
    count: left.count + right.count,
    sums: left.sums.map((sum, index) => sum + (right.sums[index] ?? 0)),
  };
}

/** The group at a share of its weight. */
export function fadeGroup({ count, sinceMs, strata }: Group, share: number): Group {
  return {
    count: count * share,
    sinceMs,
    strata: strata.map((stratum) => ({
      slot: stratum.slot,
      count: stratum.count * share,
      sums: stratum.sums.map((sum) => Math.round(sum * share)),
    })),
  };
}
