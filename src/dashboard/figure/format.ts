const NONE = '–';

/** `1,204`, `48.2k`, `3.1M`. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (Math.abs(value) < 10_000) return value.toLocaleString('en', { maximumFractionDigits: value % 1 === 0 ? 0 : 1 });
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value).replace('K', 'k');
}

/** `3 decisions`, `1 decision`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** Milliseconds as `840 ms`, `2.48 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NONE;
  if (ms < 1) return ms === 0 ? '0 ms' : '<1 ms';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${toThree(ms / 1_000)} s`;
  const units = [
    [86_400_000, 'd', 3_600_000, 'h'],
    [3_600_000, 'h', 60_000, 'min'],
    [60_000, 'min', 1_000, 's'],
  ] as const;
  for (const [bigMs, big, smallMs, small] of units) {
    if (ms < bigMs) continue;
    const rest = Math.floor((ms % bigMs) / smallMs);
    return rest === 0 ? `${Math.floor(ms / bigMs)} ${big}` : `${Math.floor(ms / bigMs)} ${big} ${rest} ${small}`;
  }
  return NONE;
}

function toThree(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** US dollars with as many digits as tell something: `$1,240`, `$12.40`, `$0.0183`. */
export function formatUsd(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return 'unpriced';
  const size = Math.abs(usd);
  if (size === 0) return '$0';
  const sign = usd < 0 ? '−' : '';
  if (size < 0.0001) return `${sign === '' ? '<' : '>'}${sign}$0.0001`;
  const digits = size >= 1_000 ? 0 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
  return `${sign}$${size.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** A share of 0 to 1 as `1.2 %`. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined) return NONE;
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  if (percent < 100 && percent > 99.9) return '>99.9 %';
  return `${percent.toFixed(percent === 0 || percent >= 99.95 ? 0 : 1)} %`;
}

/** How much more or less than before, as `+12 %`; null where there is nothing to compare. */
export function formatChange(now: number | null, before: number | null): string | null {
  if (now === null || before === null || before === 0) return null;
  const change = now / before - 1;
  if (change >= 9.995) return `×${(change + 1).toFixed(0)}`;
  const percent = Math.round(change * 100);
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} %`;
}

/** How long ago, in the largest unit: `now`, `12 s`, `4 min`, `3 h`, `2 d`. */
export function formatAge(ms: number): string {
  if (ms < 1_500) return 'now';
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 129_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** `just now`, `12 s ago`. */
export function agoOf(ms: number): string {
  const age = formatAge(ms);
  return age === 'now' ? 'just now' : `${age} ago`;
}

const SAME_DAY = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const OTHER_DAY = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** The time of day, with the day where it is not today. */
export function formatMoment(at: Date, now = new Date()): string {
  return (at.toDateString() === now.toDateString() ? SAME_DAY : OTHER_DAY).format(at);
}

export function formatWhole(at: Date): string {
  return WHOLE.format(at);
}

/** `METRIC_ANOMALY` as `metric anomaly`. */
export function inWords(name: string): string {
  return name.toLowerCase().replaceAll('_', ' ');
}

/** The same at the beginning of a line. */
export function asTitle(name: string): string {
  const words = inWords(name);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
