const INT_MAX = 2_147_483_647;

/**
 * A count, or the difference of two, as GraphQL's Int can hold it (specification, section 3.5.1): the largest one in place of
 * what is larger, which would be an error that takes the whole list with it.
 */
export function clampInt(count: number): number {
  return Math.min(Math.max(count, -INT_MAX), INT_MAX);
}
