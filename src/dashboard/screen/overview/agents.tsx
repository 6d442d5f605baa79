import { type AgentStatus, StatusMark } from '../../element/mark.js';
import { Panel } from '../../element/panel.js';
import { type Column, Headers, useOrder } from '../../element/sortable.js';
import { formatCount, formatDuration, formatShare, formatUsd } from '../../figure/format.js';
import { byLabel } from '../../figure/series.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import type { OverviewQuery } from './overview.graphql.js';

interface Row {
  name: string;
  status: AgentStatus;
  decisions: number;
  errorRate: number | null;
  p95Ms: number | null;
  costUsd: number | null;
}

const TROUBLE: readonly AgentStatus[] = ['FAILING', 'DEGRADED', 'SILENT', 'HEALTHY'];
const SHOWN_MAX = 12;

const COLUMNS: readonly Column<Row>[] = [
  { name: 'name', title: 'Agent', value: ({ name }) => name },
  { name: 'status', title: 'Status', value: ({ status }) => TROUBLE.indexOf(status) },
  { name: 'decisions', title: 'Decisions', isNumber: true, value: ({ decisions }) => decisions },
  { name: 'failed', title: 'Failed', isNumber: true, value: ({ errorRate }) => errorRate },
  { name: 'p95', title: '95th percentile', isNumber: true, value: ({ p95Ms }) => p95Ms },
  { name: 'cost', title: 'Cost', isNumber: true, value: ({ costUsd }) => costUsd },
];

/** The agents with the most of whatever the reader asks about. */
export function Agents({ data }: { data: OverviewQuery }) {
  const { sorted, order, setOrder } = useOrder(rowsOf(data), COLUMNS, { by: 'decisions', isDown: true });
  return (
    <Panel title="Agents" aside={<Link to="/fleet">The whole fleet</Link>}>
      <div class="table-scroll">
        <table class="data-table">
          <Headers columns={COLUMNS} order={order} onOrder={setOrder} />
          <tbody>
            {sorted.slice(0, SHOWN_MAX).map((row) => (
              <tr key={row.name} data-row>
                <th scope="row">
                  <Link class="row-link" to={`/fleet/${encodeURIComponent(row.name)}`}>
                    <AgentLine text={row.name} />
                  </Link>
                </th>
                <td>
                  <StatusMark status={row.status} />
                </td>
                <td class="number">{formatCount(row.decisions)}</td>
                <td class="number">{formatShare(row.errorRate)}</td>
                <td class="number">{formatDuration(row.p95Ms)}</td>
                <td class="number">{row.decisions === 0 ? '–' : formatUsd(row.costUsd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function rowsOf(data: OverviewQuery): Row[] {
  const [decisions, errors, p95, cost] = [data.agentDecisions, data.agentErrors, data.agentP95, data.agentCost].map(
    byLabel,
  );
  return data.agents.nodes.map(({ name, status }) => ({
    name,
    status,
    decisions: decisions?.get(name) ?? 0,
    errorRate: errors?.get(name) ?? null,
    p95Ms: p95?.get(name) ?? null,
    costUsd: cost?.get(name) ?? null,
  }));
}
