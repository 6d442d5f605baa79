import { describe, expect, it } from 'vitest';
import type { ListedFragment } from '../../../src/dashboard/screen/decisions/decisions.graphql.js';
import { addEvents, addPage, KEPT_MAX, NOTHING, showWaiting } from '../../../src/dashboard/screen/decisions/listed.js';

const row = (at: number, id = `d${at}`): ListedFragment =>
  ({ id, startedAt: new Date(1_790_000_000_000 + at * 1000).toISOString(), outcome: 'SUCCESS' }) as ListedFragment;
const page = (ats: number[], endCursor: string | null = null) => ({
  nodes: ats.map((at) => row(at)),
  pageInfo: { hasNextPage: endCursor !== null, endCursor },
});
const idsOf = ({ rows }: { rows: readonly ListedFragment[] }) => rows.map(({ id }) => id);

describe('listed decisions', () => {
  it('grow at the end page by page, and know when there is no more', () => {
    const first = addPage(NOTHING, page([9, 8], 'c1'), 'Place:9');
    expect(first.next).toEqual({ cursor: 'c1' });
    const all = addPage(first, page([7]), 'Place:11');
    expect([idsOf(all), all.next]).toEqual([['d9', 'd8', 'd7'], null]);
    // What was recorded between the pages is on neither of them.
    expect(all.place).toBe('Place:9');
  });

  it('keep what comes aside until it is shown, each once and in order of start', () => {
    const listed = addEvents(addPage(NOTHING, page([5, 3]), 'Place:9'), [row(6), row(4), row(6)]);
    expect(idsOf(listed)).toEqual(['d5', 'd3']);
    expect(listed.waiting).toHaveLength(2);
    expect(idsOf(showWaiting(listed))).toEqual(['d6', 'd5', 'd4', 'd3']);
  });

  it('that come again replace what was shown', () => {
    const again = { ...row(5), outcome: 'ERROR' as const };
    const listed = showWaiting(addEvents(addPage(NOTHING, page([5]), 'Place:9'), [again]));
    expect(listed.rows).toEqual([again]);
  });

  it('do not grow for ever while one looks, and can be read on from where they were cut', () => {
    let listed = addPage(NOTHING, page([0]), 'Place:9');
    for (let batch = 0; batch < 10; batch++) {
      listed = addEvents(
        listed,
        Array.from({ length: 500 }, (_, at) => row(1 + batch * 500 + at)),
      );
      listed = showWaiting(listed);
    }
    expect(listed.rows).toHaveLength(KEPT_MAX);
    expect(listed.next).toEqual({ before: listed.rows.at(-1)?.startedAt });
    const hidden = addEvents(
      NOTHING,
      Array.from({ length: KEPT_MAX + 500 }, (_, at) => row(at)),
    );
    expect(hidden.waiting).toHaveLength(KEPT_MAX);
  });
});
