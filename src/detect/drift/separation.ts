/**
 * How far two groups of decisions lie apart: Hotelling's T² (Ann. Math. Stat. 2, 1931) of the difference of their means, taken
 * within request types and added up with the weights that make it most exact (Cochran, Biometrics 10, 1954), so that
 * another mix of the same requests is no difference.
 */

import { logBetaTail } from '../significance.js';
import type { Encoded, Group } from './group.js';

/** Sums of products of all pairs of coordinates: row by row, of each row the part up to the diagonal. */
export type Products = readonly number[];

/** The scatter within request types. */
export interface Scatter {
  /** The matrix row by row, of each the part up to the diagonal; squared hundredths of the usual deviation, summed. */
  rows: readonly (readonly number[])[];
  freedom: number;
}

export interface Separation {
  /** The natural logarithm of the chance of such a difference when there is none. */
  logChance: number;
  /** Of each coordinate, hundredths of the usual deviation: after less before, in the mean of the strata. */
  shift: readonly number[];
  /** Of each coordinate, what chance alone makes of the shift: its standard deviation. */
  standardErrors: readonly number[];
  /** The weight of each stratum that both groups have. */
  weights: readonly { slot: number; weight: number }[];
}

/** Figures that hardly vary would tell the least difference: added to each variance, in squared hundredths of the usual deviation. */
const RIDGE = 0.02 * 100 ** 2;

export function addProducts(products: Products, decisions: readonly Encoded[]): number[] {
  const sums = [...products];
  for (const { vector } of decisions) {
    let place = 0;
    for (let row = 0; row < vector.length; row += 1) {
      const value = vector[row] ?? 0;
      for (let column = 0; column <= row; column += 1) {
        sums[place] = (sums[place] ?? 0) + value * (vector[column] ?? 0);
        place += 1;
      }
    }
  }
  return sums;
}

export function sumProducts(left: Products, right: Products): number[] {
  return right.map((product, place) => product + (left[place] ?? 0));
}

/** The products of a group of which a part was faded: the scatter within it is what it was, for fewer decisions. */
export function fadeProducts(products: Products, all: Group, faded: Group): number[] {
  const share = faded.count / all.count;
  const betweens = [betweenStrata(all, products.length), betweenStrata(faded, products.length)] as const;
  return products.map((product, place) =>
    Math.round((product - (betweens[0][place] ?? 0)) * share + (betweens[1][place] ?? 0)),
  );
}

/** The part of the products that the means of the strata make. */
function betweenStrata({ strata }: Group, size: number): number[] {
  const products = new Array<number>(size).fill(0);
  for (const { count, sums } of strata) {
    let place = 0;
    for (let row = 0; row < sums.length; row += 1) {
      const perCount = (sums[row] ?? 0) / count;
      for (let column = 0; column <= row; column += 1) {
        products[place] = (products[place] ?? 0) + perCount * (sums[column] ?? 0);
        place += 1;
      }
    }
  }
  return products;
}

/** Of everything together, the scatter within strata. */
export function scatterWithin(all: Group, products: Products, dimension: number): Scatter {
  const between = betweenStrata(all, products.length);
  const rows: number[][] = [];
  let place = 0;
  for (let row = 0; row < dimension; row += 1) {
    const current: number[] = [];
    for (let column = 0; column <= row; column += 1) {
      const scatter = (products[place] ?? 0) - (between[place] ?? 0);
      current.push(row === column ? Math.max(0, scatter) + RIDGE * all.count : scatter);
      place += 1;
    }
    rows.push(current);
  }
  return { rows, freedom: Math.max(1, all.count - all.strata.length) };
}

/** In place of the matrix; what rounding would make negative on the diagonal is held at the ridge. */
function cholesky(matrix: number[][]): number[][] {
  for (const [row, values] of matrix.entries()) {
    for (let column = 0; column <= row; column += 1) {
      const other = matrix[column] ?? [];
      let sum = values[column] ?? 0;
      for (let each = 0; each < column; each += 1) sum -= (values[each] ?? 0) * (other[each] ?? 0);
      values[column] = row === column ? Math.sqrt(Math.max(sum, RIDGE)) : sum / (other[column] ?? 1);
    }
  }
  return matrix;
}

/**
 * Null when they have no request type in common. The scatter is that of both together; `wander` is by how much the means of
 * groups differ anyhow, as a variance of each coordinate, 0 where it is not given.
 */
export function separate(
  scatter: Scatter,
  { before, after }: { before: Group; after: Group },
  wander: readonly number[],
): Separation | null {
  const { difference, weights, total } = differenceOf(before, after, scatter.rows.length);
  if (total === 0) return null;
  const { freedom } = scatter;
  const rows = scatter.rows.map((values, row) =>
    values.with(row, (values[row] ?? 0) + (wander[row] ?? 0) * freedom * total),
  );
  const shift = difference.map((sum) => sum / total);
  const standardErrors = rows.map((values, row) => Math.sqrt((values[row] ?? 0) / freedom / total));
  const explained = squaredLength(solve(cholesky(rows), difference)) / total;
  return { logChance: logChanceOf(explained, rows.length, freedom), shift, standardErrors, weights };
}

/** The differences of the strata's means, each with the weight that its counts give it, added up. */
function differenceOf(before: Group, after: Group, dimension: number) {
  const difference = new Array<number>(dimension).fill(0);
  const weights: { slot: number; weight: number }[] = [];
  let total = 0;
  for (const { slot, count, sums } of after.strata) {
    const known = before.strata.find((stratum) => stratum.slot === slot);
    if (known === undefined) continue;
    const weight = (count * known.count) / (count + known.count);
    for (let index = 0; index < dimension; index += 1) {
      difference[index] =
        (difference[index] ?? 0) + weight * ((sums[index] ?? 0) / count - (known.sums[index] ?? 0) / known.count);
    }
    weights.push({ slot, weight });
    total += weight;
  }
  return { difference, weights, total };
}

/**
 * With the scatter taken over both groups, the part of it that their difference explains is distributed as
 * Beta(p / 2, (freedom - p) / 2) when there is no difference: T² in another guise, exact for small groups.
 */
function logChanceOf(explained: number, dimension: number, freedom: number): number {
  if (freedom <= dimension) return 0;
  return logBetaTail(Math.min(explained, 1), dimension / 2, (freedom - dimension) / 2);
}

function solve(rows: readonly (readonly number[])[], vector: readonly number[]): number[] {
  const solution: number[] = [];
  for (const [row, values] of rows.entries()) {
    let sum = vector[row] ?? 0;
    for (let column = 0; column < row; column += 1) sum -= (values[column] ?? 0) * (solution[column] ?? 0);
    solution.push(sum / (values[row] ?? 1));
  }
  return solution;
}

function squaredLength(vector: readonly number[]): number {
  return vector.reduce((sum, value) => sum + value * value, 0);
}
