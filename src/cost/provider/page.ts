import { z } from 'zod';
import { AppError } from '../../errors.js';
import { dayOf, startOfDay } from '../../time.js';
import { readAmount } from './amount.js';
import { getReport, type ProviderApi, type RequestOptions } from './request.js';
import type { DayRange } from './usage.js';

/** A count off the wire, whose numbers are text. */
export const count = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);

/** The name of a model or the id of a key; a report that was not grouped by it has null, and so has use without one. */
export const name = z
  .string()
  .max(200)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character is what is refused
  .regex(/^[^\u0000-\u001f*]*$/, 'must be a name')
  .nullish()
  .transform((text) => text ?? '');

/** An amount off the wire, a number or a string, in picodollars. */
export function amountIn(unit: 'dollar' | 'cent') {
  return z.string().transform((text, context) => {
    const amount = readAmount(text, unit);
    if (amount !== null) return amount;
    context.addIssue('must be an amount');
    return z.NEVER;
  });
}

/** Refuses every currency but the dollar: nothing here converts. */
export const dollars = z.string().regex(/^usd$/i, 'must be usd: other currencies are not understood');

/** More pages than a year of days in the smallest pages has. */
const PAGES_MAX = 100;

const frame = z.object({ has_more: z.boolean(), next_page: z.string().min(1).max(4_096).nullish() });

export interface Report<Bucket> {
  path: string;
  query: URLSearchParams;
  /** Reads the `data` of a page. */
  buckets: z.ZodType<readonly Bucket[]>;
}

/** Every bucket of a report, page by page to the end. Throws UNAVAILABLE where a page is not as documented. */
export async function readReport<Bucket>(
  api: ProviderApi,
  { path, query, buckets }: Report<Bucket>,
  options: RequestOptions,
): Promise<Bucket[]> {
  const all: Bucket[] = [];
  const seen = new Set<string>();
  const page = z.intersection(frame, z.object({ data: buckets }));
  while (seen.size < PAGES_MAX) {
    const parsed = page.safeParse(await getReport(api, { path, query }, options));
    if (!parsed.success) throw notAsDocumented(path, parsed.error);
    all.push(...parsed.data.data);
    if (!parsed.data.has_more) return all;
    const next = parsed.data.next_page;
    if (!next || seen.has(next)) throw new AppError('UNAVAILABLE', `${path}: has_more without a new next_page`);
    seen.add(next);
    query.set('page', next);
  }
  throw new AppError('UNAVAILABLE', `${path}: no end after ${PAGES_MAX} pages`);
}

function notAsDocumented(path: string, { issues: [issue] }: z.ZodError): AppError {
  return new AppError(
    'UNAVAILABLE',
    `${path}: the answer is not as documented: ${issue?.path.join('.')}: ${issue?.message}`,
  );
}

/** The day of a bucket that begins at the moment. Throws UNAVAILABLE where it is no whole day of those asked for. */
export function dayOfBucket(startMs: number, { path, range }: { path: string; range: DayRange }): string {
  const day = Number.isFinite(startMs) && Math.abs(startMs) < 1e14 ? dayOf(startMs) : '';
  if (day >= range.from && day < range.until && startOfDay(day) === startMs) return day;
  throw new AppError('UNAVAILABLE', `${path}: a bucket is not one of the days that were asked for`);
}
