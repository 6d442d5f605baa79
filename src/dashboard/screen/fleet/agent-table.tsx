import { useQuery } from '../../data/use-query.js';
import { StatusMark } from '../../element/mark.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { type Column, Headers, useOrder } from '../../element/sortable.js';
import { formatCount, formatDuration, formatShare, formatUsd } from '../../figure/format.js';
import { Age } from '../../figure/moment.js';
import { byLabel } from '../../figure/series.js';
import { Link } from '../../route/link.js';
import { agentFilter, filter } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import { withNames } from '../../text/unseen.js';
import { FleetFigures } from './fleet.graphql.js';
import type { ViewProps } from './fleet.js';
import { type FleetAgent, useAgents } from './use-agents.js';

interface Row extends FleetAgent {
  decisions: number;
  errorRate: number | null;
  p95Ms: number | null;
  costUsd: number | null;
}

const TROUBLE = ['FAILING', 'SILENT', 'DEGRADED', 'HEALTHY'];

const COLUMNS: readonly Column<Row>[] = [
  { name: 'name', title: 'Agent', value: ({ name }) => name },
  { name: 'status', title: 'Status', value: ({ status, name }) => `${TROUBLE.indexOf(status)} ${name}` },
  { name: 'version', title: 'Version', value: ({ version }) => version },
  { name: 'region', title: 'Region', value: ({ region }) => region },
  { name: 'models', title: 'Models', value: ({ models }) => models.join() },
  { name: 'decisions', title: 'Decisions', isNumber: true, value: ({ decisions }) => decisions },
  { name: 'failed', title: 'Failed', isNumber: true, value: ({ errorRate }) => errorRate },
  { name: 'p95', title: '95th percentile', isNumber: true, value: ({ p95Ms }) => p95Ms },
  { name: 'cost', title: 'Cost', isNumber: true, value: ({ costUsd }) => costUsd },
  { name: 'seen', title: 'Last seen', isNumber: true, value: ({ lastSeenAt }) => lastSeenAt },
];

/** Every agent with how it is and what it did, those in trouble first. */
export function AgentTable({ window: { from, to }, atMs }: ViewProps) {
  const { agents, failure } = useAgents(agentFilter.value, atMs);
  const { data } = useQuery(
    FleetFigures,
    { from, to, filter: filter.value },
    { key: JSON.stringify(filter.value), atMs },
  );
  const [decisions, errors, p95, cost] = [data?.decisions, data?.errors, data?.p95, data?.cost].map((series) =>
    byLabel(series ?? []),
  );
  const rows = (agents ?? []).map((agent) => ({
    ...agent,
    decisions: decisions?.get(agent.name) ?? 0,
    errorRate: errors?.get(agent.name) ?? null,
    p95Ms: p95?.get(agent.name) ?? null,
    costUsd: cost?.get(agent.name) ?? null,
  }));
  const { sorted, order, setOrder } = useOrder(rows, COLUMNS, { by: 'status', isDown: false });
  if (failure !== null) return <FailureNotice failure={failure} />;
  return (
    <Panel title="Agents" aside={agents === null ? undefined : <Census agents={agents} />}>
      {agents === null ? (
        <Skeleton rows={10} height="1.25rem" />
      ) : rows.length === 0 ? (
        <Empty title="No agent is like that">Take a filter away to see more.</Empty>
      ) : (
        <div class="table-scroll">
          <table class="data-table agents">
            <Headers columns={COLUMNS} order={order} onOrder={setOrder} />
            <tbody>
              {sorted.map((row) => (
                <AgentRow key={row.name} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Census({ agents }: { agents: readonly FleetAgent[] }) {
  return (
    <span class="census">
      {(['FAILING', 'SILENT', 'DEGRADED', 'HEALTHY'] as const).map((status) => {
        const count = agents.filter((agent) => agent.status === status).length;
        return count === 0 ? null : (
          <span key={status}>
            {count} <StatusMark status={status} />
          </span>
        );
      })}
    </span>
  );
}

function AgentRow({ row }: { row: Row }) {
  return (
    <tr data-row>
      <th scope="row">
        <Link class="row-link" to={`/fleet/${encodeURIComponent(row.name)}`}>
          <AgentLine text={row.name} />
        </Link>
      </th>
      <td title={withNames(row.statusReason)}>
        <StatusMark status={row.status} />
      </td>
      <td>
        <AgentLine text={row.version ?? '–'} />
      </td>
      <td>
        <AgentLine text={row.region ?? '–'} />
      </td>
      <td class="clipped">
        <AgentLine text={row.models.join(', ')} />
      </td>
      <td class="number">{formatCount(row.decisions)}</td>
      <td class="number">{formatShare(row.errorRate)}</td>
      <td class="number">{formatDuration(row.p95Ms)}</td>
      <td class="number">{row.decisions === 0 ? '–' : formatUsd(row.costUsd)}</td>
      <td class="number">
        <Age at={row.lastSeenAt} />
      </td>
    </tr>
  );
}
