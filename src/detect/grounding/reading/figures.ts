/** Figures as they are compared: amounts, dates and times of day by what they mean, not by how they are written. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAME =
  /^(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)$/;
const NUMBER_WORDS = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];
const NUMBER_OF_WORD: ReadonlyMap<string, number> = new Map(NUMBER_WORDS.map((word, value) => [word, value]));
const MULTIPLIERS: ReadonlyMap<string, number> = new Map([
  ['k', 1e3],
  ['thousand', 1e3],
  ['m', 1e6],
  ['mn', 1e6],
  ['million', 1e6],
  ['b', 1e9],
  ['bn', 1e9],
  ['billion', 1e9],
]);

/** 1 to 12; 0 when it is no month. */
export function monthOf(plain: string): number {
  return MONTH_NAME.test(plain) ? MONTHS.indexOf(plain.slice(0, 3)) + 1 : 0;
}

export function numberOfWord(plain: string): number | undefined {
  return NUMBER_OF_WORD.get(plain);
}

export function multiplierOf(plain: string): number | undefined {
  return MULTIPLIERS.get(plain);
}

export type Reading =
  | { kind: 'NUMBER'; values: readonly number[]; suffix: string }
  | { kind: 'DATE'; year: number; days: readonly string[] }
  | { kind: 'CLOCK'; minutes: number }
  | { kind: 'IDENTIFIER' };

const ISO_DATE = /^(\d{4})-(\d\d?)-(\d\d?)(?:t.*)?$/;
const SLASH_DATE = /^(\d\d?)\/(\d\d?)\/(\d{4})$/;
const CLOCK = /^(\d\d?):(\d\d)(?::\d\d(?:[.,]\d+)?)?(am|pm|z)?$/;
const NUMBER = /^(\d+(?:[.,]\d+)*)(e[+-]?\d+)?(\p{L}{0,5})$/u;
/** At most 15 digits. */
const PLAIN_NUMBER = /^\d{1,9}(?:\.\d{1,5})?$/;
const MINUTES_OF_HALF_DAY = 720;
/** More digits than a number holds exactly: compared as text. */
const EXACT_DIGITS = 15;

export function dayKey(month: number, day: number): string {
  return `${month}/${day}`;
}

export function readFigure(plain: string): Reading {
  // Most figures are this plain, and reading them by the general pattern takes several times as long.
  if (PLAIN_NUMBER.test(plain)) return { kind: 'NUMBER', values: [Number(plain)], suffix: '' };
  const iso = ISO_DATE.exec(plain);
  if (iso !== null) return { kind: 'DATE', year: Number(iso[1]), days: [dayKey(Number(iso[2]), Number(iso[3]))] };
  const slash = SLASH_DATE.exec(plain);
  if (slash !== null) {
    const [first, second] = [Number(slash[1]), Number(slash[2])];
    return { kind: 'DATE', year: Number(slash[3]), days: [dayKey(first, second), dayKey(second, first)] };
  }
  const clock = CLOCK.exec(plain);
  if (clock !== null) return { kind: 'CLOCK', minutes: minutesOf(Number(clock[1]), Number(clock[2]), clock[3]) };
  const number = NUMBER.exec(plain);
  const [, digits = '', exponent = '', suffix = ''] = number ?? [];
  if (number === null || digits.length > EXACT_DIGITS) return { kind: 'IDENTIFIER' };
  if (suffix === 'am' || suffix === 'pm') return { kind: 'CLOCK', minutes: minutesOf(Number(digits), 0, suffix) };
  const values = valuesOf(digits, exponent);
  return values.length === 0 ? { kind: 'IDENTIFIER' } : { kind: 'NUMBER', values, suffix };
}

export function minutesOf(hour: number, minute: number, half: string | undefined): number {
  if (half === 'pm' && hour < 12) return hour * 60 + minute + MINUTES_OF_HALF_DAY;
  if (half === 'am' && hour === 12) return minute;
  return hour * 60 + minute;
}

/** What the digits may mean: 1,234.5 in English, 1.234,5 on the continent. */
function valuesOf(digits: string, exponent: string): number[] {
  const english = digits.replaceAll(',', '');
  if (!digits.includes(',') && english.split('.').length <= 2) return [Number(english + exponent)];
  const continental = digits.replaceAll('.', '').replaceAll(',', '.');
  return [english, continental].filter((text) => text.split('.').length <= 2).map((text) => Number(text + exponent));
}

/** From here on a number without its fraction still is that number; a small one would be any. */
const ROUNDED_TO_WHOLE_FROM = 100;

/** How an answer may say a fraction found in a source: rounded, or in percent. */
export function restatements(value: number): number[] {
  if (Number.isInteger(value)) return [];
  const percent = value * 100;
  if (Math.abs(value) < 1)
    return [tenths(value), hundredths(value), Math.round(percent), tenths(percent), hundredths(percent)];
  const rounded = [tenths(value), hundredths(value)];
  return Math.abs(value) < ROUNDED_TO_WHOLE_FROM ? rounded : [Math.round(value), ...rounded];
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Between a month and its days: 10th of June, June 10 to 20. */
const JOINING_WORDS: ReadonlySet<string> = new Set(['of', 'to', 'and', 'the', 'am', 'pm']);

/** Whether a word is a figure itself, or says what the figure beside it means. */
export function bearsOnFigures(plain: string): boolean {
  return JOINING_WORDS.has(plain) || NUMBER_OF_WORD.has(plain) || MULTIPLIERS.has(plain) || MONTH_NAME.test(plain);
}
