import { useState } from 'preact/hooks';
import { request } from '../../data/request.js';
import { hasRole } from '../../data/session.js';
import { useAct } from '../../data/use-act.js';
import { useFeed } from '../../data/use-feed.js';
import { FeedList } from '../../element/feed.js';
import { Mark } from '../../element/mark.js';
import { Either } from '../../element/narrow.js';
import { Empty } from '../../element/panel.js';
import { RefusalNotice } from '../../element/refusal.js';
import { nowMs } from '../../figure/clock.js';
import { formatDuration } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { useRowKeys } from '../../frame/rows.js';
import { place } from '../../route/location.js';
import { AgentLine } from '../../text/agent-text.js';
import { AlertTabs } from '../alerts/tabs.js';
import { SilenceDialog } from './silence-dialog.js';
import { EndSilence, type QuietFragment, Silences as SilencesOperation } from './silences.graphql.js';
import '../../element/narrow.css';
import '../../element/split.css';
import './silences.css';

const WHICH = [
  { value: 'now', word: 'In force or to come' },
  { value: 'all', word: 'Those that ended too' },
];

/** What nobody is told of, until when, and why. */
export function Silences() {
  const ended = place.value.search.get('which') === 'all';
  const read = async (after: string | null) => (await request(SilencesOperation, { after, ended })).data.silences;
  const feed = useFeed<QuietFragment>(String(ended), read);
  const [isMaking, setMaking] = useState(false);
  useRowKeys('silence');
  const mayManage = hasRole('OPERATOR', 'ADMIN');
  return (
    <div class="split-list">
      <AlertTabs />
      <div class="narrow">
        <h1 class="visually-hidden">Silences</h1>
        <Either parameter="which" name="Which" choices={WHICH} />
        {mayManage && (
          <button type="button" class="primary end" onClick={() => setMaking(true)}>
            Silence alerts …
          </button>
        )}
      </div>
      <FeedList
        feed={feed}
        label="Silences, newest first"
        row={(silence) => <Row silence={silence} mayEnd={mayManage} onEnded={(changed) => feed.take([changed])} />}
        empty={
          <Empty title="Nothing is silenced">
            Whoever is to be told of an alert, is told. Silence one from its page.
          </Empty>
        }
      />
      {isMaking && <SilenceDialog labels={[]} onClose={() => setMaking(false)} onDone={(made) => feed.take([made])} />}
    </div>
  );
}

interface RowProps {
  silence: QuietFragment;
  mayEnd: boolean;
  onEnded: (silence: QuietFragment) => void;
}

function Row({ silence, mayEnd, onEnded }: RowProps) {
  const { id, matchers, reason, createdBy, startsAt, endsAt } = silence;
  const { isBusy, refusal, act } = useAct();
  const leftMs = Date.parse(endsAt) - nowMs.value;
  const end = async () => {
    const done = await act(EndSilence, { id });
    if (done !== null) onEnded(done.silence);
  };
  return (
    <>
      <Standing startsAt={startsAt} leftMs={leftMs} />
      <div class="what">
        <p class="matchers">
          {matchers.map(({ label, pattern }) => (
            <code key={label}>
              {label}=<AgentLine text={pattern} />
            </code>
          ))}
        </p>
        <AgentLine class="gist" text={reason} />
        <p class="whom">
          <span>
            by <AgentLine text={createdBy} />
          </span>
          <span>
            <Moment at={startsAt} /> to <Moment at={endsAt} />
          </span>
        </p>
        <RefusalNotice refusal={refusal} />
      </div>
      <p class="when">
        {leftMs > 0 && `${formatDuration(leftMs)} left `}
        {leftMs > 0 && mayEnd && (
          <button type="button" disabled={isBusy} onClick={end}>
            End it now
          </button>
        )}
      </p>
    </>
  );
}

function Standing({ startsAt, leftMs }: { startsAt: string; leftMs: number }) {
  if (leftMs <= 0) return <Mark tone="info" word="Over" isQuiet />;
  if (Date.parse(startsAt) > nowMs.value) return <Mark tone="info" word="To come" />;
  return <Mark tone="silent" word="In force" />;
}
