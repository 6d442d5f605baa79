import { DIMENSIONS, type Dimension, OTHER, type Slice } from './slice.js';

export interface CardinalityLimits {
  valuesPerDimension: number;
  slicesPerDay: number;
}

/** A slice after its values beyond the bound were folded. */
export interface FoldedSlice extends Slice {
  /** Identifies the slice in its fleet. */
  key: string;
  folded: readonly Dimension[];
}

/** Agents are what a fleet is watched by: so many times as many are told apart. */
const AGENTS_FACTOR = 10;

/** Dimensions whose values are the program's own. */
const CLOSED: ReadonlySet<Dimension> = new Set(['RISK_CLASS', 'OUTCOME']);
const AGENT_DIMENSIONS: ReadonlySet<Dimension> = new Set(['AGENT', 'CALLER']);

/** The values one fleet has used on one day: what is new beyond the bound becomes `other`. */
export class DayCardinality {
  readonly #limits: CardinalityLimits;
  readonly #values = new Map<Dimension, Set<string>>();
  readonly #slices = new Set<string>();

  /** `known`: the slices the day has already. */
  constructor(limits: CardinalityLimits, known: Iterable<FoldedSlice>) {
    this.#limits = limits;
    for (const { key, labels, folded } of known) {
      this.#slices.add(key);
      for (const dimension of DIMENSIONS) {
        if (!folded.includes(dimension)) this.#valuesOf(dimension).add(labels[dimension]);
      }
    }
  }

  fold(slice: Slice): FoldedSlice {
    const crowded = DIMENSIONS.filter((dimension) => !this.#hasRoomFor(dimension, slice.labels[dimension]));
    const folded = foldSlice(slice, crowded);
    if (this.#slices.has(folded.key)) return folded;
    if (this.#slices.size < this.#limits.slicesPerDay) {
      this.#slices.add(folded.key);
      return folded;
    }
    // A combination too many: it is told apart by its agent only, and agents are bounded themselves.
    return foldSlice(
      slice,
      DIMENSIONS.filter((dimension) => crowded.includes(dimension) || (isOpen(dimension) && dimension !== 'AGENT')),
    );
  }

  #hasRoomFor(dimension: Dimension, value: string): boolean {
    if (!isOpen(dimension) || value === '') return true;
    const values = this.#valuesOf(dimension);
    if (values.has(value)) return true;
    if (values.size >= this.#limits.valuesPerDimension * (AGENT_DIMENSIONS.has(dimension) ? AGENTS_FACTOR : 1))
      return false;
    values.add(value);
    return true;
  }

  #valuesOf(dimension: Dimension): Set<string> {
    let values = this.#values.get(dimension);
    if (values === undefined) {
      values = new Set();
      this.#values.set(dimension, values);
    }
    return values;
  }
}

function isOpen(dimension: Dimension): boolean {
  return !CLOSED.has(dimension);
}

/** The slice with the values of these dimensions folded; a value that is not known stays so. */
function foldSlice({ source, labels }: Slice, dimensions: readonly Dimension[]): FoldedSlice {
  const folded = dimensions.filter((dimension) => labels[dimension] !== '');
  const changed: Record<Dimension, string> = { ...labels };
  for (const dimension of folded) changed[dimension] = OTHER;
  return keyedSlice({ source, labels: changed }, folded);
}

/** A value that happens to be called `other` is not the fold: what was folded is part of the key. */
export function keyedSlice({ source, labels }: Slice, folded: readonly Dimension[]): FoldedSlice {
  // No text that PostgreSQL holds has a NUL in it.
  let key: string = source;
  for (const dimension of DIMENSIONS) key += `\0${labels[dimension]}`;
  if (folded.length > 0) key += `\0${folded.join(',')}`;
  return { source, labels, folded, key };
}
