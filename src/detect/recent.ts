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
  const oldest = calls.length - count;
  for (let index = 0; index < calls.length; index += 1) {
    const call = calls[index] as Call;
    if (index >= oldest && call.atMs > nowMs - spanMs) recent.push(call);
    else gone.push(call);
  }
  return { recent, gone };
}
