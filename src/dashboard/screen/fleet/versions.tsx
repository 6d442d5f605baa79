import { useQuery } from '../../data/use-query.js';
import { ChangeTable } from '../../element/change-table.js';
import { Mark } from '../../element/mark.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { formatCount, formatDuration, formatShare, inWords } from '../../figure/format.js';
import { Age, Moment } from '../../figure/moment.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import { withNames } from '../../text/unseen.js';
import { FleetVersions, type FleetVersionsQuery } from './fleet.graphql.js';
import type { ViewProps } from './fleet.js';

type Ran = FleetVersionsQuery['fleet']['versions'];

/** What runs where, who lags behind, and what each change did. */
export function Versions({ window: { from, to }, atMs }: ViewProps) {
  const { data, failure, refresh } = useQuery(FleetVersions, { from, to }, { key: 'versions', atMs });
  if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
  if (data === null) {
    return (
      <Panel title="Versions">
        <Skeleton rows={8} />
      </Panel>
    );
  }
  const { agents, changes, laggards } = data.fleet.versions;
  return (
    <>
      {laggards.length > 0 && <Laggards laggards={laggards} />}
      <Panel title="Changes" aside={`${changes.length} in this time`}>
        {changes.length === 0 ? (
          <Empty title="No agent changed in this time" />
        ) : (
          changes.map((change) => <Change key={`${change.agent} ${change.at}`} change={change} />)
        )}
      </Panel>
      <Running agents={agents} />
    </>
  );
}

function Laggards({ laggards }: { laggards: Ran['laggards'] }) {
  return (
    <Panel title="Behind their peers">
      <ul class="plain">
        {laggards.map(({ agent, version, role, roleVersion, behindSince, peersAhead }) => (
          <li key={agent}>
            <Mark tone="warning" word="Behind" />{' '}
            <Link to={`/fleet/${encodeURIComponent(agent)}`}>
              <AgentLine text={agent} />
            </Link>{' '}
            runs <AgentLine text={version} />, {peersAhead.length} of its peers in <AgentLine text={role} /> run{' '}
            <AgentLine text={roleVersion} /> since <Age at={behindSince} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Change({ change }: { change: Ran['changes'][number] }) {
  return (
    <details class="change-of">
      <summary>
        <AgentLine text={change.agent} />: {inWords(change.kind)} <AgentLine text={change.from} /> →{' '}
        <AgentLine text={change.to} /> <Moment at={change.at} />
      </summary>
      <ChangeTable before={change.before} after={change.after} label={`${withNames(change.agent)} before and after`} />
    </details>
  );
}

function Running({ agents }: { agents: Ran['agents'] }) {
  return (
    <Panel title="What runs">
      <div class="table-scroll">
        <table class="data-table">
          <TableHead
            texts={['Agent', 'Version', 'Since', 'Models']}
            numbers={['Share', 'Decisions', 'Failed', '95th percentile']}
          />
          <tbody>
            {agents.map(({ agent, version, isCurrent, share, firstSeenAt, models, figures }) => (
              <tr key={`${agent} ${version} ${firstSeenAt}`} data-row>
                <th scope="row">
                  <Link class="row-link" to={`/fleet/${encodeURIComponent(agent)}`}>
                    <AgentLine text={agent} />
                  </Link>
                </th>
                <td>
                  <AgentLine text={version ?? 'not told'} />
                  {isCurrent && <span class="quiet-text"> current</span>}
                </td>
                <td>
                  <Moment at={firstSeenAt} />
                </td>
                <td class="clipped">
                  <AgentLine text={models.join(', ')} />
                </td>
                <td class="number">{formatShare(share)}</td>
                <td class="number">{formatCount(figures.decisions)}</td>
                <td class="number">{formatShare(figures.errorRate)}</td>
                <td class="number">{formatDuration(figures.latencyP95Ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
