const BUSIEST_HOUR_UTC = 14;
const SWING = 0.35;

/** How busy the fleet is at a time of day: 1 on average, the same every day. */
export function rhythmAt(ms: number): number {
  const hour = (ms / 3_600_000) % 24;
  return 1 + SWING * Math.cos(((hour - BUSIEST_HOUR_UTC) / 24) * 2 * Math.PI);
}
