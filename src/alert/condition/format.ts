import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../time.js';
import { RATE_MS, type Unit } from './unit.js';

const DURATIONS: readonly (readonly [name: string, ms: number])[] = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['min', MINUTE_MS],
  ['s', 1_000],
];

/** A figure as a person reads it: `1.93 s`, `94.2 %`, `$6.20/h`, `5043`; `no data` for null. Three digits are enough. */
export function formatFigure(value: number | null, { of, per }: Unit): string {
  if (value === null) return 'no data';
  const amount = per === null ? value : value * RATE_MS[per];
  return `${formatAmount(amount, of)}${per === null ? '' : `/${per}`}`;
}

function formatAmount(amount: number, of: Unit['of']): string {
  if (amount < 0) return `-${formatAmount(-amount, of)}`;
  if (of === 'share') return `${round(amount * 100, digitsOfShare(amount))} %`;
  if (of === 'usd') return amount >= 1 || amount === 0 ? `$${amount.toFixed(2)}` : `$${round(amount, 3)}`;
  if (of === 'number') return round(amount, 3);
  const [name, ms] = DURATIONS.find(([, each]) => amount >= each) ?? ['ms', 1];
  return `${round(amount / ms, 3)} ${name}`;
}

/** 99.97 % is not 100 %: as many digits as it takes to tell it from all. */
function digitsOfShare(share: number): number {
  const rest = 1 - share;
  return rest > 0 && rest < 0.01 ? Math.min(15, 2 - Math.floor(Math.log10(rest))) : 3;
}

/** So many digits, and all that stand before the point. */
function round(amount: number, digits: number): string {
  if (amount >= 10 ** digits) return Math.round(amount).toString();
  return Number(amount.toPrecision(digits)).toString();
}
