import { Empty, Panel, Skeleton } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { formatCount, formatDuration, formatShare } from '../../figure/format.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import type { AgentHistoryQuery } from './agent.graphql.js';

type Calls = AgentHistoryQuery['fleet']['callGraph']['calls'];

/** Who calls it and whom it calls. */
export function Peers({ name, calls }: { name: string; calls: Calls | null }) {
  const above = calls?.filter(({ callee }) => callee === name) ?? [];
  const below = calls?.filter(({ caller }) => caller === name) ?? [];
  return (
    <Panel
      title="Whom it works with"
      aside={
        <Link to="/fleet" own={{ view: 'map' }}>
          Map
        </Link>
      }
    >
      {calls === null ? (
        <Skeleton />
      ) : above.length + below.length === 0 ? (
        <Empty title="It calls nobody, and nobody calls it" />
      ) : (
        <div class="table-scroll" tabIndex={0}>
          <table class="data-table">
            <TableHead texts={['Agent']} numbers={['Calls', 'Failed', '95th percentile']} />
            <tbody>
              {above.map((call) => (
                <PeerRow key={`by ${call.caller}`} way="called by" peer={call.caller} call={call} />
              ))}
              {below.map((call) => (
                <PeerRow key={`to ${call.callee}`} way="calls" peer={call.callee} call={call} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function PeerRow({ way, peer, call }: { way: string; peer: string; call: Calls[number] }) {
  return (
    <tr data-row>
      <th scope="row">
        <span class="quiet-text">{way}</span>{' '}
        <Link class="row-link" to={`/fleet/${encodeURIComponent(peer)}`}>
          <AgentLine text={peer} />
        </Link>
      </th>
      <td class="number">{formatCount(call.calls)}</td>
      <td class={call.errorRate > 0 ? 'number failed-text' : 'number'}>{formatShare(call.errorRate)}</td>
      <td class="number">{formatDuration(call.latencyMs.p95)}</td>
    </tr>
  );
}
