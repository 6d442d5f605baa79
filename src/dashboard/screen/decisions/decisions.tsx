import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { OutcomeMark } from '../../element/mark.js';
import { Empty, FailureNotice, Skeleton } from '../../element/panel.js';
import { VirtualList } from '../../element/virtual-list.js';
import { formatCount, formatDuration, formatUsd } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { useRowKeys } from '../../frame/rows.js';
import { Link } from '../../route/link.js';
import { place } from '../../route/location.js';
import { filter } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import { withNames } from '../../text/unseen.js';
import { textScale } from '../../theme/scale.js';
import type { ListedFragment } from './decisions.graphql.js';
import { Narrowing, narrowingOf } from './narrowing.js';
import { useListed } from './use-listed.js';
import './decisions.css';

const ROW_PX = 36;
const PHONE_ROW_PX = 62;
const phone = window.matchMedia('(max-width: 640px)');

/** Decisions of the slice, the newest first and new ones on top. */
export function Decisions() {
  const chosen = useMemo(
    () => ({ ...filter.value, ...narrowingOf(place.value.search) }),
    [filter.value, place.value.search],
  );
  const { listed, isLoading, failure, readOn, show, retry } = useListed(chosen);
  const [isAtTop, setAtTop] = useState(true);
  const list = useRef<HTMLDivElement>(null);
  const rowPx = (usePhone() ? PHONE_ROW_PX : ROW_PX) * textScale();
  useRowKeys('decision');
  // Whoever has scrolled down reads: what comes waits until they are back on top.
  useEffect(() => {
    if (isAtTop) show();
  }, [isAtTop, listed.waiting.length, show]);
  const onTop = useCallback((isTop: boolean) => setAtTop(isTop), []);
  const { rows, waiting } = listed;
  return (
    <div class="decisions" ref={list}>
      <h1 class="visually-hidden">Decisions</h1>
      <Narrowing />
      {failure !== null && <FailureNotice failure={failure} onRetry={retry} />}
      <div class="panel list">
        <div class="list-head" aria-hidden="true">
          <span>Outcome</span>
          <span>Started</span>
          <span>Agent</span>
          <span>Request type</span>
          <span>Model</span>
          <span>Segment</span>
          <span class="number">Tools</span>
          <span class="number">Tokens</span>
          <span class="number">Cost</span>
          <span class="number">Latency</span>
        </div>
        {!isAtTop && waiting.length > 0 && (
          <button
            type="button"
            class="primary news"
            onClick={() => list.current?.querySelector('.virtual-list')?.scrollTo({ top: 0 })}
          >
            {waiting.length.toLocaleString('en')} new
          </button>
        )}
        {rows.length > 0 ? (
          <VirtualList
            count={rows.length}
            rowPx={rowPx}
            label="Decisions, newest first"
            row={(index) => (rows[index] === undefined ? null : <Row decision={rows[index]} />)}
            onEnd={readOn}
            onTop={onTop}
          />
        ) : isLoading ? (
          <Skeleton rows={10} height="1.25rem" />
        ) : (
          failure === null && (
            <Empty title="No decision is like that in this time">
              Choose a longer time, or take a filter away. New ones show up here as they are sealed.
            </Empty>
          )
        )}
      </div>
    </div>
  );
}

function usePhone(): boolean {
  const [isPhone, setPhone] = useState(phone.matches);
  useEffect(() => {
    const look = () => setPhone(phone.matches);
    phone.addEventListener('change', look);
    return () => phone.removeEventListener('change', look);
  }, []);
  return isPhone;
}

function Row({ decision }: { decision: ListedFragment }) {
  const { id, outcome, errorType, startedAt, agent, requestType, model, customerSegment } = decision;
  return (
    <div class="decision-row" data-row>
      <Link to={`/decisions/${encodeURIComponent(id)}`} class="row-link">
        <OutcomeMark outcome={outcome} detail={errorType} />
        <span class="visually-hidden"> decision of {withNames(agent.name)}</span>
      </Link>
      <Moment at={startedAt} />
      <AgentLine class="agent" text={agent.name} />
      <AgentLine class="type" text={requestType ?? '–'} />
      <AgentLine class="rest" text={model ?? '–'} />
      <AgentLine class="rest" text={customerSegment ?? '–'} />
      <span class="rest number">
        {decision.toolCalls}
        {decision.failedToolCalls > 0 && <span class="failed-text"> ({decision.failedToolCalls} failed)</span>}
      </span>
      <span class="rest number">{formatCount(decision.tokens.total)}</span>
      <span class="cost number">{formatUsd(decision.costUsd)}</span>
      <span class="latency number">{formatDuration(decision.latencyMs)}</span>
    </div>
  );
}
