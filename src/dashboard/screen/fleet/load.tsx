import { useQuery } from '../../data/use-query.js';
import { Bars } from '../../element/bars.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { counted, formatDuration, formatShare } from '../../figure/format.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import { type CarriedFragment, FleetLoad, type FleetLoadQuery } from './fleet.graphql.js';
import type { ViewProps } from './fleet.js';

/** Who carries how much, where, and who takes which requests. */
export function LoadView({ window: { from, to }, atMs }: ViewProps) {
  const { data, failure, refresh } = useQuery(FleetLoad, { from, to }, { key: 'load', atMs });
  if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
  if (data === null) {
    return (
      <Panel title="Load">
        <Skeleton rows={8} />
      </Panel>
    );
  }
  const { load, routes } = data.fleet;
  return (
    <div class="halves">
      <Panel title="By agent" aside={load.skew === null ? undefined : `skew ${load.skew.toFixed(2)} of 1`}>
        <Carried carried={load.agents} of="agent" />
        {load.idle.length > 0 && (
          <p class="note">
            Had nothing to do: <AgentLine text={load.idle.join(', ')} />
          </p>
        )}
      </Panel>
      <div class="stacked">
        <Panel title="By region">
          <Carried carried={load.regions} of="region" />
        </Panel>
        <Panel title="Routes" aside="which agent takes which requests">
          <Routes routes={routes} />
        </Panel>
      </div>
    </div>
  );
}

function Carried({ carried, of }: { carried: readonly CarriedFragment[]; of: string }) {
  if (carried.length === 0) return <Empty title="Nothing was decided in this time" />;
  return (
    <Bars
      label={`Load by ${of}`}
      bars={carried.map(({ name, share, decisions, busyMs, isFolded }) => ({
        key: name,
        name: isFolded ? 'others' : <AgentLine text={name || 'not told'} />,
        share,
        value: `${formatShare(share)} · ${counted(decisions, 'decision')} · ${formatDuration(busyMs)}`,
      }))}
    />
  );
}

function Routes({ routes }: { routes: FleetLoadQuery['fleet']['routes'] }) {
  const types = [...new Set(routes.map(({ requestType }) => requestType))];
  if (types.length === 0) return <Empty title="Nothing was decided in this time" />;
  return (
    <div class="table-scroll">
      <table class="data-table">
        <TableHead texts={['Request type', 'Agents, by their share']} numbers={['Failed']} />
        <tbody>
          {types.map((type) => (
            <RouteRow key={type} type={type} taken={routes.filter(({ requestType }) => requestType === type)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const NAMED_MAX = 5;

function RouteRow({ type, taken }: { type: string; taken: FleetLoadQuery['fleet']['routes'] }) {
  const decisions = taken.reduce((sum, { stats }) => sum + stats.decisions, 0);
  const failed = taken.reduce((sum, { stats }) => sum + stats.decisions * stats.errorRate, 0);
  return (
    <tr>
      <th scope="row">
        <Link to="/decisions" slice={{ requestTypes: type === '' ? [] : [type] }}>
          <AgentLine text={type || 'not told'} />
        </Link>
      </th>
      <td class="wrapped">
        {taken.slice(0, NAMED_MAX).map(({ agent, share }) => (
          <span key={agent} class="taker">
            <AgentLine text={agent} /> <span class="quiet-text">{formatShare(share)}</span>
          </span>
        ))}
        {taken.length > NAMED_MAX && <span class="quiet-text">and {taken.length - NAMED_MAX} more</span>}
      </td>
      <td class="number">{formatShare(decisions === 0 ? null : failed / decisions)}</td>
    </tr>
  );
}
