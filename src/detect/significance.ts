/** How likely counts are by chance. */

/** The logarithm of the gamma function (Lanczos, SIAM J. Numer. Anal. B 1, 1964; g = 7), for arguments from 0.5 on. */
function logGamma(value: number): number {
  const shifted = value - 1;
  let sum = 0.99999999999980993;
  for (const [index, coefficient] of LANCZOS.entries()) sum += coefficient / (shifted + index + 1);
  const base = shifted + LANCZOS.length - 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function logChoose(total: number, chosen: number): number {
  return logGamma(total + 1) - logGamma(chosen + 1) - logGamma(total - chosen + 1);
}

/** The chance of at least `hits` among `total` when each hits with `rate`, 0 to 1. */
export function binomialTail(hits: number, total: number, rate: number): number {
  if (hits <= 0) return 1;
  if (hits > total || rate <= 0) return 0;
  if (rate >= 1) return 1;
  let chance = 0;
  for (let count = hits; count <= total; count += 1) {
    chance += Math.exp(logChoose(total, count) + count * Math.log(rate) + (total - count) * Math.log1p(-rate));
  }
  return Math.min(1, chance);
}

/** The chance that a count whose mean is `mean` comes out as far on its side of the mean as this one, or further. */
export function poissonTail(count: number, mean: number): number {
  if (mean <= 0) return count > 0 ? 0 : 1;
  const step = count > mean ? 1 : -1;
  let term = Math.exp(count * Math.log(mean) - mean - logGamma(count + 1));
  let chance = 0;
  for (let each = count; each >= 0 && term > chance * TERM_SHARE_MIN; each += step) {
    chance += term;
    term *= step === 1 ? mean / (each + 1) : each / mean;
  }
  return Math.min(1, chance);
}

/** Terms of less than this share of their sum add nothing to it. */
const TERM_SHARE_MIN = 1e-12;

export interface Tally {
  hits: number;
  total: number;
}

/** The chance that `now` has so many of all the hits when nothing distinguishes it from `before` (Fisher's exact test, one-sided). */
export function fisherTail(now: Tally, before: Tally): number {
  const hits = now.hits + before.hits;
  const all = logChoose(now.total + before.total, hits);
  let chance = 0;
  for (let count = now.hits; count <= Math.min(hits, now.total); count += 1) {
    if (hits - count > before.total) continue;
    chance += Math.exp(logChoose(now.total, count) + logChoose(before.total, hits - count) - all);
  }
  return Math.min(1, chance);
}

/**
 * The natural logarithm of the chance that a share distributed as Beta(left, right) is at least `share`; both parameters
 * are at least 0.5. By the continued fraction of the incomplete beta function (NIST DLMF 8.17.22).
 */
export function logBetaTail(share: number, left: number, right: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return Number.NEGATIVE_INFINITY;
  // The fraction converges fast on the thin side of the distribution.
  if (share > (left + 1) / (left + right + 2)) return logIncompleteBeta(1 - share, right, left);
  return Math.log1p(-Math.min(1, Math.exp(logIncompleteBeta(share, left, right))));
}

function logIncompleteBeta(share: number, left: number, right: number): number {
  const front =
    left * Math.log(share) + right * Math.log1p(-share) + logGamma(left + right) - logGamma(left) - logGamma(right);
  const fraction = continuedFraction(1, (index) => {
    const half = Math.floor(index / 2);
    if (index % 2 === 0) return [(half * (right - half) * share) / ((left + 2 * half - 1) * (left + 2 * half)), 1];
    return [(-(left + half) * (left + right + half) * share) / ((left + 2 * half) * (left + 2 * half + 1)), 1];
  });
  return front - Math.log(left * fraction);
}

/**
 * The natural logarithm of the chance that a chi-squared variable of `freedom` degrees is at least `value` (NIST DLMF 8.11.4
 * and 8.9.2).
 */
export function logChiSquaredTail(value: number, freedom: number): number {
  if (value <= 0) return 0;
  const [shape, half] = [freedom / 2, value / 2];
  const front = shape * Math.log(half) - half - logGamma(shape);
  if (half < shape + 1) {
    let [term, sum] = [1 / shape, 1 / shape];
    for (let index = 1; term > sum * PRECISION; index += 1) {
      term *= half / (shape + index);
      sum += term;
    }
    return Math.log1p(-Math.min(1, Math.exp(front) * sum));
  }
  const fraction = continuedFraction(half + 1 - shape, (index) => [
    -index * (index - shape),
    half + 2 * index + 1 - shape,
  ]);
  return front - Math.log(fraction);
}

const PRECISION = 1e-12;
const TERMS_MAX = 300;
const TINY = 1e-300;

/** first + a1 / (b1 + a2 / (b2 + …)) by Lentz's method (Applied Optics 15, 1976). */
function continuedFraction(first: number, termsOf: (index: number) => readonly [number, number]): number {
  let value = first || TINY;
  let [upper, lower] = [value, 0];
  for (let index = 1; index <= TERMS_MAX; index += 1) {
    const [numerator, denominator] = termsOf(index);
    lower = 1 / (denominator + numerator * lower || TINY);
    upper = denominator + numerator / upper || TINY;
    value *= upper * lower;
    if (Math.abs(upper * lower - 1) < PRECISION) break;
  }
  return value;
}
