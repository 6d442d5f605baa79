import { useMemo } from 'preact/hooks';
import { useQuery } from '../../data/use-query.js';
import { FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { VirtualList } from '../../element/virtual-list.js';
import { counted, formatDuration, formatUsd } from '../../figure/format.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import { DecisionTrace } from './decision.graphql.js';
import type { OneDecision } from './decision.js';
import { type Line, linesOf } from './waterfall.js';

const ROW_PX = 32;
/** Shorter ones are simply there, as tall as they are. */
const VIRTUAL_FROM = 60;

/** What it was part of: every decision of its trace on one axis of time, and where a failure began. */
export function Trace({ decision }: { decision: OneDecision }) {
  const { traceId } = decision;
  const { data, failure, refresh } = useQuery(
    DecisionTrace,
    { traceId: traceId ?? '' },
    { isPaused: traceId === null },
  );
  const lines = useMemo(() => (data?.trace == null ? [] : linesOf(data.trace.decisions)), [data]);
  if (traceId === null) return null;
  if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
  if (data === null) {
    return (
      <Panel title="The trace it is part of">
        <Skeleton rows={3} height="1.5rem" />
      </Panel>
    );
  }
  const { trace } = data;
  if (trace === null || lines.length < 2) return null;
  const wholeMs = Math.max(1, trace.latencyMs);
  const row = (line: Line) => <Row key={line.id} line={line} wholeMs={wholeMs} isThis={line.id === decision.id} />;
  return (
    <Panel
      title="The trace it is part of"
      aside={`${counted(lines.length, 'decision')} · ${formatDuration(trace.latencyMs)} · ${formatUsd(trace.costUsd)}`}
    >
      <div class="waterfall">
        {lines.length < VIRTUAL_FROM ? (
          <ol aria-label="Decisions of the trace">
            {lines.map((line) => (
              <li key={line.id}>{row(line)}</li>
            ))}
          </ol>
        ) : (
          <VirtualList
            count={lines.length}
            rowPx={ROW_PX}
            label="Decisions of the trace"
            row={(index) => (lines[index] === undefined ? null : row(lines[index]))}
          />
        )}
      </div>
    </Panel>
  );
}

function Row({ line, wholeMs, isThis }: { line: Line; wholeMs: number; isThis: boolean }) {
  const { id, agent, depth, offsetMs, latencyMs, isFailed, isOrigin, errorType } = line;
  const left = Math.min(99.5, (offsetMs / wholeMs) * 100);
  const width = Math.max(0.5, Math.min(100 - left, (latencyMs / wholeMs) * 100));
  return (
    <Link
      to={`/decisions/${encodeURIComponent(id)}`}
      class={`trace-row${isThis ? ' this' : ''}${isFailed ? ' failed' : ''}`}
      aria-current={isThis ? 'page' : undefined}
    >
      <span class="who" style={{ paddingInlineStart: `${Math.min(depth, 12) * 0.9}rem` }}>
        {depth > 0 && <span aria-hidden="true">└ </span>}
        <AgentLine text={agent} />
      </span>
      <span class="track">
        <span class="bar" style={{ marginInlineStart: `${left}%`, width: `${width}%` }} />
      </span>
      <span class="error">
        {isOrigin && <b>broke: </b>}
        {isFailed && <AgentLine text={errorType ?? 'failed'} />}
      </span>
      <span class="number">{formatDuration(latencyMs)}</span>
    </Link>
  );
}
