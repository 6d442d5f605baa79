export interface RecentLimits {
  /** So many calls at most. */
  count: number;
  /** Those of so many milliseconds before now. */
  spanMs: number;
}

/** Calls, the oldest first, told apart: those that still speak of now, and those that have become history. */
export function partRecent<Call extends { atMs: number }>(
  calls: readonly Call[],
  { count, spanMs }: RecentLimits,
  nowMs: number,
): { recent: readonly Call[]; gone: readonly Call[] } {
  const recent: Call[] = [];
  const gone: Call[] = [];
  calls.forEach((call, index) => {
    const isRecent = calls.length - index <= count && call.atMs > nowMs - spanMs;
    (isRecent ? recent : gone).push(call);
  });
  return { recent, gone };
}
