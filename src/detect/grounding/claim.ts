import type { Answer, AnswerToken } from './answer.js';
import type { Comparison } from './comparison.js';
import { dayKey, minutesOf, monthOf, multiplierOf, readFigure } from './reading/figures.js';

export type ClaimKind = 'NUMBER' | 'DATE' | 'TIME' | 'IDENTIFIER' | 'ADDRESS' | 'NAME' | 'SENTENCE';

export interface Claim {
  kind: ClaimKind;
  /** Places in the answer. */
  start: number;
  end: number;
  isSupported: boolean;
  /** Small whole numbers are often counts that nobody wrote down, and stand in any source by chance. */
  isWeak: boolean;
  /** Of a number, to find sums among. */
  value: number | null;
}

const SMALL = 12;

/** The values the answer states (figures, dates, identifiers, addresses, names), each held against the sources. */
export function findClaims(answer: Answer, support: Comparison, question: string): Claim[] {
  const claims: Claim[] = [];
  const { tokens } = answer;
  for (const [index, token] of tokens.entries()) {
    const claim = claimOf(token, tokens[index - 1], tokens[index + 1], support);
    if (claim !== null) claims.push(claim);
  }
  allowSums(claims, support, `${answer.text} ${question}`);
  return claims;
}

type Neighbour = AnswerToken | undefined;

function claimOf(token: AnswerToken, before: Neighbour, after: Neighbour, support: Comparison): Claim | null {
  const { start, end, plain } = token;
  const base = { start, end, isWeak: false, value: null };
  const isWritten = (support.counts[token.id] ?? 0) > 0;
  if (token.kind === 'ADDRESS') {
    return { ...base, kind: 'ADDRESS', isSupported: support.figures.hasAddress(plain) };
  }
  if (token.kind === 'FIGURE') return figureClaim(token, before, after, support);
  if (/\d/.test(plain)) return { ...base, kind: 'IDENTIFIER', isSupported: isWritten };
  return token.isName ? { ...base, kind: 'NAME', isSupported: isWritten } : null;
}

function figureClaim(token: AnswerToken, before: Neighbour, after: Neighbour, support: Comparison): Claim {
  const { start, end, plain } = token;
  const { figures } = support;
  const reading = readFigure(plain);
  const base = { start, end, isWeak: false, value: null };
  const isWritten = figures.hasText(plain);
  if (reading.kind === 'IDENTIFIER') {
    return { ...base, kind: 'IDENTIFIER', isSupported: isWritten || (support.counts[token.id] ?? 0) > 0 };
  }
  if (reading.kind === 'DATE') {
    const isKnown = () => reading.days.some((day) => figures.hasDay(day)) && figures.hasNumber(reading.year);
    return { ...base, kind: 'DATE', isSupported: isWritten || isKnown() };
  }
  if (reading.kind === 'CLOCK')
    return { ...base, kind: 'TIME', isSupported: isKnownTime(reading.minutes, after, support) };
  const [value = 0] = reading.values;
  if (after?.plain === 'am' || after?.plain === 'pm') {
    const minutes = minutesOf(value, 0, after.plain);
    return { ...base, kind: 'TIME', isSupported: figures.hasMinute(minutes) };
  }
  const month = monthBeside(value, before, after);
  if (month > 0) return { ...base, kind: 'DATE', isSupported: figures.hasDay(dayKey(month, value)) };
  const times = multiplierOf(reading.suffix) ?? multiplierOf(after?.plain ?? '');
  const isKnown = () =>
    reading.values.some(
      (meant) => figures.hasNumber(meant) || (times !== undefined && figures.hasNumber(meant * times)),
    );
  const isCount = /^\d+$/.test(plain) && value <= SMALL;
  if (isCount && isContradicted(value, after, support)) {
    return { start, end, kind: 'NUMBER', isSupported: false, isWeak: false, value };
  }
  const isWeak = isCount || isOrdinal(reading.suffix) || (figures.hasTimes && isDuration(after));
  return { start, end, kind: 'NUMBER', isSupported: isWritten || isKnown(), isWeak, value };
}

/** More values of one label are a list, of which the answer may count a part. */
const LABELLED_MAX = 2;

/** `5 parcels` where the sources say `"parcels": 6`. */
function isContradicted(value: number, after: Neighbour, { labelled, figures }: Comparison): boolean {
  const known = labelled.get(after?.kind === 'WORD' ? after.id : 0);
  return known !== undefined && known.size <= LABELLED_MAX && !figures.hasNumber(value);
}

function isOrdinal(suffix: string): boolean {
  return suffix === 'st' || suffix === 'nd' || suffix === 'rd' || suffix === 'th';
}

/** How long something takes may be worked out from when it begins and ends. */
function isDuration(after: Neighbour): boolean {
  return after !== undefined && /^(?:minute|min|hour|hr|day|week|month)s?$/.test(after.plain);
}

const MINUTES_OF_HALF_DAY = 720;

function isKnownTime(minutes: number, after: Neighbour, { figures }: Comparison): boolean {
  if (after?.plain === 'pm' || after?.plain === 'am') {
    return figures.hasMinute(minutesOf(Math.floor(minutes / 60), minutes % 60, after.plain));
  }
  return figures.hasMinute(minutes) || figures.hasMinute((minutes + MINUTES_OF_HALF_DAY) % (2 * MINUTES_OF_HALF_DAY));
}

function monthBeside(day: number, before: Neighbour, after: Neighbour): number {
  if (day < 1 || day > 31 || !Number.isInteger(day)) return 0;
  return monthOf(before?.plain ?? '') || monthOf(after?.plain ?? '');
}

/** An answer with more numbers of its own is no calculation, and one with more from its sources a table. */
const OPEN_MAX = 100;
const STATED_MAX = 200;
/** Numbers that are tried as parts of a sum: their pairs are counted, and many would make any number by chance. */
const TERMS_MAX = 40;

/** A total, a difference, a product or a percentage of figures that are in the sources is no invention. */
function allowSums(claims: Claim[], { figures }: Comparison, text: string): void {
  const open = claims
    .filter(({ isSupported, isWeak, value }) => !isSupported && !isWeak && value !== null)
    .slice(0, OPEN_MAX);
  if (open.length === 0) return;
  const amounts = [...figures.numbers].filter((value) => value > SMALL);
  const percents = [...text.matchAll(PERCENT)].map(([, digits]) => Number(digits));
  const counts = claims.flatMap(({ isWeak, value }) => (isWeak && value !== null ? [value] : []));
  const stated = claims
    .flatMap(({ isSupported, isWeak, value }) => (isSupported && !isWeak && value !== null ? [value] : []))
    .slice(0, STATED_MAX);
  for (const claim of open) {
    const value = claim.value ?? 0;
    claim.isWeak =
      isMadeOf(value, [...new Set(stated)], counts) ||
      isRunningTotal(value, stated) ||
      (value >= AMOUNT_MIN && isSum(value, amounts)) ||
      isPercentage(value, [...stated.slice(0, TERMS_MAX), ...amounts.slice(0, TERMS_MAX)], percents);
    if (claim.isWeak) stated.push(value);
  }
}

const PERCENT = /(\d+(?:\.\d+)?) ?(?:%|percent)/g;

/** So many percent of an amount, or an amount with them added or taken off. */
function isPercentage(value: number, amounts: readonly number[], percents: readonly number[]): boolean {
  return percents.slice(0, PERCENTS_MAX).some((percent) =>
    amounts.slice(0, TERMS_MAX).some((amount) => {
      const part = (amount * percent) / 100;
      return [part, amount + part, amount - part].some((made) => isSame(made, value)) || isSame(percent / 100, value);
    }),
  );
}

const PERCENTS_MAX = 5;

/** Smaller numbers would be the sum of some two numbers of a source by chance. */
const AMOUNT_MIN = 100;

function isSum(value: number, terms: readonly number[]): boolean {
  if (terms.length > TERMS_MAX) return false;
  return terms.some((left, index) => terms.slice(index).some((right) => isSame(left + right, value)));
}

/** A sum or difference of amounts, or so many times an amount, of those the answer itself states. */
function isMadeOf(value: number, amounts: readonly number[], counts: readonly number[]): boolean {
  if (amounts.length > TERMS_MAX) return false;
  return (
    isSum(value, amounts) ||
    amounts.some((left) => amounts.some((right) => isSame(left - right, value) || isSame(left * right, value))) ||
    amounts.some((amount) => counts.some((times) => isSame(amount * times, value)))
  );
}

function isRunningTotal(value: number, stated: readonly number[]): boolean {
  let sum = 0;
  return stated.toReversed().some((term) => {
    sum += term;
    return isSame(sum, value);
  });
}

function isSame(left: number, right: number): boolean {
  return Math.abs(left - right) < 0.005;
}
