import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Feed } from '../data/use-feed.js';
import { FailureNotice, Skeleton } from './panel.js';
import './feed.css';

export interface FeedListProps<Row> {
  feed: Feed<Row>;
  label: string;
  row: (row: Row) => ComponentChildren;
  /** The one that is open beside the list. */
  openId?: string | null;
  /** What is said when there is nothing. */
  empty: ComponentChildren;
}

/**
 * A feed, the newest on top. It keeps still while somebody points at it or moves in it by keys: what comes meanwhile is
 * counted, and shown when they leave or ask for it.
 */
export function FeedList<Row extends { id: string }>({ feed, label, row, openId = null, empty }: FeedListProps<Row>) {
  const [held, setHeld] = useState<ReadonlySet<string> | null>(null);
  const { rows, isLoading, failure, hasMore } = feed;
  const shown = held === null ? rows : rows.filter(({ id }) => held.has(id));
  const news = held === null ? 0 : countNew(rows, held);
  const hold = () => setHeld((before) => before ?? new Set(rows.map(({ id }) => id)));
  const letGo = () => setHeld(null);
  const readOn = () => {
    letGo();
    feed.readOn();
  };
  return (
    <div class="panel feed" aria-busy={isLoading}>
      {news > 0 && (
        <button type="button" class="primary feed-news" onClick={letGo}>
          {news.toLocaleString('en')} new
        </button>
      )}
      {failure !== null && <FailureNotice failure={failure} onRetry={feed.retry} />}
      {rows.length === 0 && isLoading && <Skeleton rows={8} height="1.25rem" />}
      {rows.length === 0 && !isLoading && failure === null && empty}
      <ul aria-label={label} onMouseEnter={hold} onMouseLeave={letGo} onFocusCapture={hold} onBlurCapture={letGo}>
        {shown.map((each) => (
          <li key={each.id} data-row class={each.id === openId ? 'feed-row is-open' : 'feed-row'}>
            {row(each)}
          </li>
        ))}
      </ul>
      {hasMore && rows.length > 0 && (
        <button type="button" class="quiet feed-more" disabled={isLoading} onClick={readOn}>
          {isLoading ? 'Reading …' : 'Show older ones'}
        </button>
      )}
    </div>
  );
}

/** Those on top that nobody has been shown; what was read on below them is not new. */
function countNew(rows: readonly { id: string }[], held: ReadonlySet<string>): number {
  const first = rows.findIndex(({ id }) => held.has(id));
  return first === -1 ? rows.length : first;
}
