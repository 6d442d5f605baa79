import { useCallback } from 'preact/hooks';
import { request } from '../../data/request.js';
import { useFeed } from '../../data/use-feed.js';
import { useLive } from '../../data/use-live.js';
import { FeedList } from '../../element/feed.js';
import { SeverityMark } from '../../element/mark.js';
import { chosenOf, Select, Toggles } from '../../element/narrow.js';
import { Empty } from '../../element/panel.js';
import { Split } from '../../element/split.js';
import { asTitle } from '../../figure/format.js';
import { Age } from '../../figure/moment.js';
import { useRowKeys } from '../../frame/rows.js';
import { Link } from '../../route/link.js';
import { place } from '../../route/location.js';
import { windowOf } from '../../route/range.js';
import { slice } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import {
  AnomaliesLive,
  Anomalies as AnomaliesOperation,
  type AnomalyFilter,
  type FoundFragment,
} from './anomalies.graphql.js';
import { Anomaly } from './anomaly.js';
import { KINDS } from './kinds.js';
import './anomalies.css';

const SEVERITIES = ['CRITICAL', 'WARNING', 'INFO'] as const;
const SEVERITY_CHOICES = SEVERITIES.map((value) => ({ value, word: asTitle(value) }));
const KIND_CHOICES = KINDS.map((value) => ({ value, word: asTitle(value) }));

/** What detectors find, as they find it. */
export function Anomalies() {
  const { search } = place.value;
  const open = search.get('anomaly');
  const filter = filterOfScreen();
  const { range } = slice.value;
  const read = async (after: string | null) => {
    const { from, to } = windowOf(range, Date.now());
    const { data } = await request(AnomaliesOperation, { filter: { ...filter, from, to }, after });
    return { ...data.anomalies, place: data.resumeFrom.anomalyDetected };
  };
  const feed = useFeed<FoundFragment>(JSON.stringify([range, filter]), read);
  useLive(AnomaliesLive, {
    variables: { filter },
    after: 'last' in range ? feed.place : undefined,
    placeOf: ({ anomalyDetected }) => anomalyDetected.id,
    onEvents: (events) => feed.take(events.map(({ anomalyDetected }) => anomalyDetected)),
  });
  useRowKeys('anomaly');
  const row = useCallback((anomaly: FoundFragment) => <Row anomaly={anomaly} />, []);
  return (
    <>
      <h1 class="visually-hidden">Anomalies</h1>
      <Split
        parameter="anomaly"
        name="anomaly"
        open={open}
        list={
          <>
            <div class="narrow" role="search" aria-label="Anomalies">
              <Toggles parameter="severity" name="Severity" choices={SEVERITY_CHOICES} />
              <Select parameter="kind" name="Every kind" choices={KIND_CHOICES} />
            </div>
            <FeedList
              feed={feed}
              label="Anomalies, newest first"
              row={row}
              openId={open === null ? null : `Anomaly:${open}`}
              empty={
                <Empty title="Nothing unusual was found in this time">
                  {'last' in range ? 'What is found next shows up here within a second. ' : null}
                  <Link to="/anomalies" slice={{ range: { last: '7d' } }}>
                    Look at the last 7 days
                  </Link>
                </Empty>
              }
            />
          </>
        }
      >
        {open !== null && <Anomaly key={open} number={open} />}
      </Split>
    </>
  );
}

/** What of the slice anomalies have, and what the screen narrows it to. */
function filterOfScreen(): AnomalyFilter {
  const { agents, customerSegments } = slice.value;
  const severities = chosenOf('severity', SEVERITIES);
  const kinds = chosenOf('kind', KINDS);
  return {
    ...(agents.length > 0 ? { agents } : {}),
    ...(customerSegments.length > 0 ? { customerSegments } : {}),
    ...(severities.length > 0 ? { severities } : {}),
    ...(kinds.length > 0 ? { kinds } : {}),
  };
}

function Row({ anomaly }: { anomaly: FoundFragment }) {
  const { id, severity, kind, summary, agent, customerSegment, detectedAt } = anomaly;
  const own = ownParameters(id.slice('Anomaly:'.length));
  return (
    <>
      <SeverityMark severity={severity} />
      <div class="what">
        <Link to="/anomalies" own={own}>
          {asTitle(kind)}
        </Link>
        <AgentLine class="gist" text={summary} />
        <p class="whom">
          {agent !== null && <AgentLine text={agent.name} />}
          {customerSegment !== null && <AgentLine text={customerSegment} />}
        </p>
      </div>
      <p class="when">
        <Age at={detectedAt} />
      </p>
    </>
  );
}

/** Opening one leaves the list as it is narrowed. */
function ownParameters(anomaly: string): Record<string, string> {
  const { search } = place.value;
  const kept = ['severity', 'kind'].flatMap((name) => {
    const value = search.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), anomaly };
}
