import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keysetOrder, toPage } from '../../../src/db/page.js';
import { readPageRequest } from '../../../src/graphql/connection.js';
import {
  AGENT_CURSOR,
  DECISION_CURSOR,
  decodeCursor,
  ENTRY_CURSOR,
  encodeCursor,
} from '../../../src/graphql/cursor.js';
import { formatGlobalId, parseGlobalId } from '../../../src/graphql/global-id.js';

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
const time = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

describe('cursors', () => {
  it('are read back as the key they were made of, whatever its text', () => {
    fc.assert(
      fc.property(text, time, text, (fleet, date, id) => {
        const key = { startedAtMs: date.getTime(), id };
        const cursor = encodeCursor(DECISION_CURSOR, fleet, key);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(DECISION_CURSOR, { fleet, cursor, argument: 'after' })).toEqual(key);
      }),
    );
  });

  it('of other lists, other fleets and garbage are refused, naming the argument', () => {
    fc.assert(
      fc.property(text, (name) => {
        const cursor = encodeCursor(AGENT_CURSOR, 'here', name);
        const read = [
          () => decodeCursor(ENTRY_CURSOR, { fleet: 'here', cursor, argument: 'before' }),
          () => decodeCursor(AGENT_CURSOR, { fleet: 'there', cursor, argument: 'before' }),
          () => decodeCursor(DECISION_CURSOR, { fleet: 'here', cursor: name, argument: 'before' }),
        ];
        for (const each of read) {
          expect(each).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED', path: ['before'] }));
        }
      }),
    );
  });
});

describe('a page', () => {
  /** What a store does, on a list in memory: the keys beyond, in the walk's order, one more than asked for. */
  function fetchPage(
    keys: readonly number[],
    page: { limit: number; direction: 'forward' | 'backward'; beyond: number | null },
  ) {
    const { ahead, behind, sort } = keysetOrder('ascending', page.direction);
    const isAhead = (key: number) => page.beyond === null || (ahead === '>' ? key > page.beyond : key < page.beyond);
    const isBehind = (key: number) =>
      page.beyond !== null && (behind === '<=' ? key <= page.beyond : key >= page.beyond);
    const walked = sort === 'ASC' ? keys : [...keys].reverse();
    const fetched = walked.filter(isAhead).slice(0, page.limit + 1);
    return toPage(sort === 'ASC' ? fetched : fetched.reverse(), page, keys.some(isBehind));
  }

  it('knows in both directions what lies before and after it', () => {
    const keys = fc.uniqueArray(fc.integer({ min: 0, max: 30 })).map((values) => values.sort((a, b) => a - b));
    const page = fc.record({
      limit: fc.integer({ min: 1, max: 8 }),
      direction: fc.constantFrom('forward' as const, 'backward' as const),
      beyond: fc.option(fc.integer({ min: -1, max: 31 })),
    });
    fc.assert(
      fc.property(keys, page, (list, request) => {
        const { rows, hasNextPage, hasPreviousPage } = fetchPage(list, request);
        const inOrder = list.filter((key) => rows.includes(key));
        expect(rows).toEqual(inOrder);
        expect(rows.length).toBeLessThanOrEqual(request.limit);
        const first = rows[0];
        const last = rows.at(-1);
        if (first === undefined || last === undefined) return;
        expect(hasPreviousPage).toBe(list.some((key) => key < first));
        expect(hasNextPage).toBe(list.some((key) => key > last));
      }),
    );
  });

  it('is asked for with a size of 1 to 100, never clamped', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('first', 'last'), (size, argument) => {
        const read = () => readPageRequest({ [argument]: size }, ENTRY_CURSOR, 'here');
        if (size >= 1 && size <= 100) expect(read().limit).toBe(size);
        else expect(read).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED', path: [argument] }));
      }),
    );
  });
});

describe('global ids', () => {
  it('lead back to their type and key, whatever the key', () => {
    fc.assert(
      fc.property(fc.constantFrom('Agent', 'LedgerEntry', 'Fleet', 'ApiKey'), text, (type, key) => {
        expect(parseGlobalId(formatGlobalId(type as 'Agent', key))).toEqual({ type, key });
      }),
    );
  });

  it.each(['order-1', 'agent:x', 'Agent', 'Decision:x', ''])('takes %j for a decision’s own id', (id) => {
    expect(parseGlobalId(id)).toEqual({ type: 'Decision', key: id });
  });
});
