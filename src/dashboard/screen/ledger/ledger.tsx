import { useEffect, useState } from 'preact/hooks';
import { request } from '../../data/request.js';
import { useFeed } from '../../data/use-feed.js';
import { useFresh } from '../../data/use-fresh.js';
import { useLive } from '../../data/use-live.js';
import { useQuery } from '../../data/use-query.js';
import { FeedList } from '../../element/feed.js';
import { Mark } from '../../element/mark.js';
import { Select } from '../../element/narrow.js';
import { Empty, FailureNotice, Skeleton } from '../../element/panel.js';
import { Split } from '../../element/split.js';
import { asTitle } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { useRowKeys } from '../../frame/rows.js';
import { Link } from '../../route/link.js';
import { place, setParameters } from '../../route/location.js';
import { AgentLine } from '../../text/agent-text.js';
import { FleetDecisions } from '../fleet/fleet.graphql.js';
import { Entry } from './entry.js';
import { ENTRY_KINDS } from './kinds.js';
import {
  LedgerEntries,
  type LedgerEntriesQuery,
  type LedgerEntryKind,
  type LedgerFilter,
  LedgerState,
} from './ledger.graphql.js';
import { LevelMark } from './level-mark.js';
import { Standing } from './standing.js';
import '../../element/narrow.css';
import './ledger.css';

type Row = LedgerEntriesQuery['ledger']['entries']['nodes'][number];

const PAGE = 50;
const KINDS = Object.keys(ENTRY_KINDS) as LedgerEntryKind[];
const CHOICES = KINDS.map((value) => ({ value, word: ENTRY_KINDS[value] }));

/** The record that cannot be changed unseen: where it stands, what is in it, and the proof of each entry. */
export function Ledger() {
  const { atMs, touch } = useFresh();
  const state = useQuery(LedgerState, {}, { atMs });
  const { search } = place.value;
  const open = search.get('seq');
  const filter = filterOfScreen();
  const read = async (before: string | null) => {
    const { data } = await request(LedgerEntries, { filter, last: PAGE, before });
    const { nodes, pageInfo } = data.ledger.entries;
    return { nodes, pageInfo: { hasNextPage: pageInfo.hasPreviousPage, endCursor: pageInfo.startCursor } };
  };
  const feed = useFeed<Row>(JSON.stringify(filter), read);
  useLive(FleetDecisions, {
    variables: {},
    after: state.isAnswered ? state.data?.resumeFrom.decisionRecorded : undefined,
    placeOf: ({ decisionRecorded }) => decisionRecorded.id,
    onEvents: touch,
  });
  useRowKeys('entry');
  const size = state.data?.ledger.size ?? 0;
  const newer = size - 1 - (feed.rows[0]?.seq ?? size - 1);
  const isNarrowed = Object.keys(filter).length > 0;
  return (
    <div class="ledger">
      <h1 class="visually-hidden">Ledger</h1>
      {state.failure !== null && <FailureNotice failure={state.failure} onRetry={state.refresh} />}
      {state.data === null ? (
        state.failure === null && <Skeleton rows={4} height="1.5rem" />
      ) : (
        <Standing ledger={state.data.ledger} />
      )}
      <Split
        parameter="seq"
        name="entry"
        open={open}
        list={
          <>
            <div class="narrow" role="search" aria-label="Entries">
              <h2>Entries</h2>
              <Select parameter="kind" name="Every kind" choices={CHOICES} />
              <Subject />
              {newer > 0 && !isNarrowed && (
                <button type="button" class="primary end" onClick={feed.refresh}>
                  {newer.toLocaleString('en')} new
                </button>
              )}
            </div>
            <FeedList
              feed={feed}
              label="Entries, newest first"
              row={(entry) => <EntryRow entry={entry} />}
              openId={open === null ? null : `LedgerEntry:${open}`}
              empty={
                <Empty title={isNarrowed ? 'No entry is like that' : 'Nothing is sealed yet'}>
                  Each decision becomes an entry when it is complete.
                </Empty>
              }
            />
          </>
        }
      >
        {open !== null && <Entry key={open} seq={Number(open)} />}
      </Split>
    </div>
  );
}

function filterOfScreen(): LedgerFilter {
  const { search } = place.value;
  const kind = KINDS.find((value) => value === search.get('kind'));
  const subject = search.get('subject')?.trim() ?? '';
  return { ...(kind === undefined ? {} : { kinds: [kind] }), ...(subject === '' ? {} : { subject }) };
}

const TYPED_MS = 400;

/** By what it is about, exactly. */
function Subject() {
  const subject = place.value.search.get('subject') ?? '';
  const [typed, setTyped] = useState(subject);
  useEffect(() => setTyped(subject), [subject]);
  useEffect(() => {
    if (typed === subject) return undefined;
    const timer = setTimeout(
      () => setParameters({ subject: typed === '' ? null : typed }, { isStep: false }),
      TYPED_MS,
    );
    return () => clearTimeout(timer);
  }, [typed, subject]);
  return (
    <input
      type="search"
      aria-label="About a decision’s id"
      placeholder="About: a decision’s id"
      value={typed}
      onInput={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

function EntryRow({ entry: { seq, kind, recordedAt, subject, hash, level } }: { entry: Row }) {
  return (
    <>
      <Mark tone="info" word={asTitle(kind)} isQuiet />
      <div class="what">
        <Link to="/ledger" own={ownParameters(String(seq))}>
          {seq.toLocaleString('en')} <AgentLine class="quiet-text" text={subject} />
        </Link>
        <p class="whom">
          <code title={hash}>{hash.slice(0, 16)}…</code>
          <LevelMark level={level} />
        </p>
      </div>
      <p class="when">
        <Moment at={recordedAt} />
      </p>
    </>
  );
}

/** Opening one leaves the list as it is narrowed. */
function ownParameters(seq: string): Record<string, string> {
  const kept = ['kind', 'subject'].flatMap((name) => {
    const value = place.value.search.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), seq };
}
