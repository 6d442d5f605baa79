/** How long back, or from when to when. */
export type Range = { last: Last } | { from: string; to: string };

export const LASTS = ['15m', '1h', '6h', '24h', '7d', '30d'] as const;
export type Last = (typeof LASTS)[number];

const MINUTE_MS = 60_000;
const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: 3_600_000, d: 86_400_000 };
const WORDS: Readonly<Record<Last, string>> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};
/** Steps of charts, in minutes: whole minutes from a whole minute are answered from rollups. */
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440];

export function isLast(text: string): text is Last {
  return (LASTS as readonly string[]).includes(text);
}

export function lengthOf(last: Last): number {
  return Number(last.slice(0, -1)) * (UNIT_MS[last.slice(-1)] ?? MINUTE_MS);
}

export interface Window {
  from: string;
  to: string;
  fromMs: number;
  toMs: number;
}

/** The range in whole minutes; one that is counted back from now ends with the minute that runs. */
export function windowOf(range: Range, nowMs: number): Window {
  if ('last' in range) {
    const toMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
    return toWindow(toMs - lengthOf(range.last), toMs);
  }
  return toWindow(Date.parse(range.from), Date.parse(range.to));
}

function toWindow(fromMs: number, toMs: number): Window {
  return { fromMs, toMs, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** The same length, ended where it begins: what is usual to compare with. */
export function windowBefore({ fromMs, toMs }: Window): Window {
  return toWindow(fromMs - (toMs - fromMs), fromMs);
}

/** The step that draws the window with about so many points, in milliseconds. */
export function stepOf({ fromMs, toMs }: Window, points = 60): number {
  const wantedMin = (toMs - fromMs) / MINUTE_MS / points;
  const stepMin = STEPS_MIN.find((step) => step >= wantedMin) ?? (STEPS_MIN.at(-1) as number);
  return stepMin * MINUTE_MS;
}

export function describeRange(range: Range): string {
  if ('last' in range) return WORDS[range.last];
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return `${format.format(new Date(range.from))} to ${format.format(new Date(range.to))}`;
}
