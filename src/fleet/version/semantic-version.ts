import { compareText } from '../../order.js';

/** A version by semver.org 2.0.0, with or without a leading `v`; missing parts count as 0, build metadata not at all. */
export interface SemanticVersion {
  numbers: readonly [major: number, minor: number, patch: number];
  /** Empty for a release. */
  preRelease: readonly string[];
}

const PATTERN = /^v?(\d{1,9})(?:\.(\d{1,9})(?:\.(\d{1,9}))?(?:-([0-9a-z.-]+))?)?(?:\+[0-9a-z.-]+)?$/i;

/** Null for what is no such version. */
export function parseSemanticVersion(text: string): SemanticVersion | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, major = '0', minor = '0', patch = '0', preRelease] = match;
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    preRelease: preRelease === undefined ? [] : preRelease.split('.'),
  };
}

/** Negative when `left` is the older one (section 11). */
export function compareSemanticVersions(left: SemanticVersion, right: SemanticVersion): number {
  for (const [index, number] of left.numbers.entries()) {
    const difference = number - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.preRelease.length === 0 || right.preRelease.length === 0) {
    return right.preRelease.length - left.preRelease.length;
  }
  return comparePreReleases(left.preRelease, right.preRelease);
}

function comparePreReleases(left: readonly string[], right: readonly string[]): number {
  for (const [index, identifier] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = compareIdentifiers(identifier, other);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Numbers by value, before words; words by their letters. */
function compareIdentifiers(left: string, right: string): number {
  const isNumber = (identifier: string) => /^\d+$/.test(identifier);
  if (isNumber(left) && isNumber(right)) return Number(left) - Number(right);
  if (isNumber(left) !== isNumber(right)) return isNumber(left) ? -1 : 1;
  return compareText(left, right);
}
