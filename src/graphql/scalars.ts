import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { builder } from './builder.js';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** What RFC 3339 has four digits for; an offset can lead out of it. */
const FIRST_MOMENT = new Date('0001-01-01T00:00:00.000Z');
const LAST_MOMENT = new Date('9999-12-31T23:59:59.999Z');

/**
 * An RFC 3339 date-time (section 5.6), cut to milliseconds; null when it is none, a day the calendar does not have, or
 * outside of the years 1 to 9999 in UTC.
 */
export function parseDateTime(text: string): Date | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [, year = '', month = '', day = ''] = match;
  const calendarDay = new Date(`${year}-${month}-01T00:00:00Z`);
  calendarDay.setUTCDate(Number(day));
  // Day 31 of a month of 30 would run over into the next one.
  if (year === '0000' || Number.isNaN(calendarDay.getTime())) return null;
  if (calendarDay.toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return null;
  const date = new Date(text.toUpperCase());
  return date >= FIRST_MOMENT && date <= LAST_MOMENT ? date : null;
}

function readDateTime(value: unknown): Date {
  const date = typeof value === 'string' ? parseDateTime(value) : null;
  if (date !== null) return date;
  throw new GraphQLError('a DateTime is an RFC 3339 time with its offset, such as "2026-11-22T08:30:00.000Z"');
}

builder.scalarType('DateTime', {
  description:
    'A point in time, RFC 3339, in UTC with milliseconds: `2026-11-22T08:30:00.000Z`. Input may have any offset.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time',
  serialize: (value) => value.toISOString(),
  parseValue: readDateTime,
  parseLiteral: (node: ValueNode) => readDateTime(node.kind === Kind.STRING ? node.value : null),
});

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  serialize: (value) => value,
  parseValue: () => {
    throw new GraphQLError('JSON is only ever answered, never taken');
  },
});
