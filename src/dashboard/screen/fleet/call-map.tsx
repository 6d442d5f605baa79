import { useMemo, useState } from 'preact/hooks';
import { useQuery } from '../../data/use-query.js';
import type { AgentStatus } from '../../element/mark.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { counted, formatCount, formatDuration, formatShare, formatUsd } from '../../figure/format.js';
import { go } from '../../route/location.js';
import { hrefTo } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import { withNames } from '../../text/unseen.js';
import { FleetMap, type FleetMapQuery } from './fleet.graphql.js';
import type { ViewProps } from './fleet.js';
import { layOut } from './layout.js';

type Call = FleetMapQuery['fleet']['callGraph']['calls'][number];

const NODE = { width: 150, height: 34 };
const GAP = { x: 130, y: 14 };
const PAD = 12;
/** Calls of which more fail are drawn as failing. */
const FAILING_FROM = 0.05;

/** Who calls whom: the wider a line the more calls, and one that fails is red and dashed. */
export function CallMap({ window: { from, to }, atMs }: ViewProps) {
  const { data, failure, refresh } = useQuery(FleetMap, { from, to }, { key: 'map', atMs });
  if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
  if (data === null) {
    return (
      <Panel title="Who calls whom">
        <Skeleton rows={8} height="1.75rem" />
      </Panel>
    );
  }
  const { agents, calls } = data.fleet.callGraph;
  if (calls.length === 0) {
    return (
      <Panel title="Who calls whom">
        <Empty title="No agent called another in this time" />
      </Panel>
    );
  }
  const statuses = new Map(data.agents.nodes.map(({ name, status }) => [name, status]));
  return (
    <>
      <Panel title="Who calls whom" aside={`${counted(agents.length, 'agent')}, ${counted(calls.length, 'way')}`}>
        <Drawing agents={agents} calls={calls} statuses={statuses} />
      </Panel>
      <CallTable calls={calls} />
    </>
  );
}

interface DrawingProps {
  agents: readonly string[];
  calls: readonly Call[];
  statuses: ReadonlyMap<string, AgentStatus>;
}

function Drawing({ agents, calls, statuses }: DrawingProps) {
  const [pointed, setPointed] = useState<string | null>(null);
  const placed = useMemo(() => layOut(agents, calls), [agents, calls]);
  const layers = Math.max(...placed.map(({ layer }) => layer)) + 1;
  const sizes = Array.from({ length: layers }, (_, layer) => placed.filter((node) => node.layer === layer).length);
  const tallest = Math.max(...sizes);
  const width = layers * NODE.width + (layers - 1) * GAP.x + 2 * PAD;
  const height = tallest * (NODE.height + GAP.y) - GAP.y + 2 * PAD;
  const points = new Map(
    placed.map(({ name, layer, place }) => {
      const used = (sizes[layer] ?? 1) * (NODE.height + GAP.y) - GAP.y;
      const top = PAD + (height - 2 * PAD - used) / 2;
      return [name, { x: PAD + layer * (NODE.width + GAP.x), y: top + place * (NODE.height + GAP.y) }] as const;
    }),
  );
  const most = Math.max(...calls.map((call) => call.calls));
  const isNear = ({ caller, callee }: Call) => pointed === null || caller === pointed || callee === pointed;
  const nearby = new Set(calls.filter(isNear).flatMap(({ caller, callee }) => [caller, callee]));
  return (
    <section class="map-scroll" tabIndex={0} aria-label="Map of calls">
      <svg
        class="call-map"
        viewBox={`0 0 ${width} ${height}`}
        style={{ minWidth: `${width * 0.75}px`, maxWidth: `${width * 1.25}px` }}
        role="group"
      >
        <title>Who calls whom, callers on the left</title>
        {calls.map((call) => (
          <Edge
            key={`${call.caller} ${call.callee}`}
            call={call}
            from={points.get(call.caller)}
            to={points.get(call.callee)}
            share={call.calls / most}
            isFaint={!isNear(call)}
          />
        ))}
        {placed.map(({ name }) => (
          <Node
            key={name}
            name={name}
            status={statuses.get(name) ?? null}
            at={points.get(name) ?? { x: 0, y: 0 }}
            isFaint={pointed !== null && !nearby.has(name)}
            onPoint={setPointed}
          />
        ))}
      </svg>
    </section>
  );
}

interface Point {
  x: number;
  y: number;
}

interface EdgeProps {
  call: Call;
  from: Point | undefined;
  to: Point | undefined;
  share: number;
  isFaint: boolean;
}

function Edge({ call, from, to, share, isFaint }: EdgeProps) {
  if (from === undefined || to === undefined) return null;
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const bend = Math.max(40, Math.abs(x2 - x1) / 2);
  const isFailing = call.errorRate >= FAILING_FROM;
  return (
    <path
      class={`edge${isFailing ? ' failing' : ''}${isFaint ? ' faint' : ''}`}
      d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}
      stroke-width={1 + 3 * Math.sqrt(share)}
    >
      <title>
        {`${withNames(call.caller)} calls ${withNames(call.callee)}: ${counted(call.calls, 'time')}, ${formatShare(call.errorRate)} failed`}
      </title>
    </path>
  );
}

const SHAPES: Readonly<Record<AgentStatus, { mark: string; word: string }>> = {
  HEALTHY: { mark: '●', word: 'healthy' },
  DEGRADED: { mark: '▲', word: 'degraded' },
  FAILING: { mark: '◆', word: 'failing' },
  SILENT: { mark: '◯', word: 'silent' },
};

interface NodeProps {
  name: string;
  status: AgentStatus | null;
  at: Point;
  isFaint: boolean;
  onPoint: (name: string | null) => void;
}

function Node({ name, status, at, isFaint, onPoint }: NodeProps) {
  const href = hrefTo(`/fleet/${encodeURIComponent(name)}`);
  const shown = withNames(name);
  const { mark, word } = SHAPES[status ?? 'HEALTHY'];
  return (
    <a
      href={href}
      data-row
      class={`node ${status ?? 'HEALTHY'}${isFaint ? ' faint' : ''}`}
      aria-label={`${shown}, ${word}`}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(href);
      }}
      onMouseEnter={() => onPoint(name)}
      onMouseLeave={() => onPoint(null)}
      onFocus={() => onPoint(name)}
      onBlur={() => onPoint(null)}
    >
      <rect x={at.x} y={at.y} width={NODE.width} height={NODE.height} rx="6" />
      <text class="mark-text" x={at.x + 12} y={at.y + NODE.height / 2}>
        {mark}
      </text>
      <text x={at.x + 28} y={at.y + NODE.height / 2}>
        {shown.length > 17 ? `${shown.slice(0, 16)}…` : shown}
      </text>
    </a>
  );
}

/** The same as a table: for those who do not see it, and with the numbers. */
function CallTable({ calls }: { calls: readonly Call[] }) {
  return (
    <Panel title="Calls" aside="the busiest first">
      <div class="table-scroll" tabIndex={0}>
        <table class="data-table">
          <TableHead texts={['Caller', 'Called']} numbers={['Calls', 'Failed', '95th percentile', 'Cost']} />
          <tbody>
            {calls.map((call) => (
              <tr key={`${call.caller} ${call.callee}`}>
                <th scope="row">
                  <AgentLine text={call.caller} />
                </th>
                <td>
                  <AgentLine text={call.callee} />
                </td>
                <td class="number">{formatCount(call.calls)}</td>
                <td class={call.errorRate >= FAILING_FROM ? 'number failed-text' : 'number'}>
                  {formatShare(call.errorRate)}
                </td>
                <td class="number">{formatDuration(call.latencyMs.p95)}</td>
                <td class="number">{formatUsd(call.costUsd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
