import { ChangeTable } from '../../element/change-table.js';
import { Panel, Skeleton } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { formatCount, formatDuration, formatShare, inWords } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { AgentLine } from '../../text/agent-text.js';
import { withNames } from '../../text/unseen.js';
import type { AgentHistoryQuery } from './agent.graphql.js';

type Versions = AgentHistoryQuery['fleet']['versions'];

/** The versions it ran in this time, and what each change did. */
export function History({ name, versions }: { name: string; versions: Versions | null }) {
  if (versions === null) {
    return (
      <Panel title="Versions">
        <Skeleton rows={2} />
      </Panel>
    );
  }
  const ran = versions.agents.filter(({ agent }) => agent === name);
  const changes = versions.changes.filter(({ agent }) => agent === name);
  return (
    <Panel title="Versions" aside={changes.length === 0 ? 'it did not change in this time' : undefined}>
      <div class="table-scroll" tabIndex={0}>
        <table class="data-table">
          <TableHead
            texts={['Version', 'Since', 'Models']}
            numbers={['Share', 'Decisions', 'Failed', '95th percentile']}
          />
          <tbody>
            {ran.map(({ version, isCurrent, firstSeenAt, models, share, figures }) => (
              <tr key={`${version} ${firstSeenAt}`}>
                <th scope="row">
                  <AgentLine text={version ?? 'not told'} />
                  {isCurrent && <span class="quiet-text"> current</span>}
                </th>
                <td>
                  <Moment at={firstSeenAt} />
                </td>
                <td>
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
      {changes.map((change) => (
        <section key={change.at} class="change">
          <h3>
            {inWords(change.kind)} <AgentLine text={change.from} /> → <AgentLine text={change.to} />,{' '}
            <Moment at={change.at} />
          </h3>
          <ChangeTable before={change.before} after={change.after} label={`Before and after ${withNames(change.to)}`} />
        </section>
      ))}
    </Panel>
  );
}
