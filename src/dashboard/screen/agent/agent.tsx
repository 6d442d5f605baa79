import { useMemo } from 'preact/hooks';
import { useFresh } from '../../data/use-fresh.js';
import { useLive } from '../../data/use-live.js';
import { useQuery } from '../../data/use-query.js';
import { StatusMark } from '../../element/mark.js';
import { Empty, FailureNotice, Skeleton } from '../../element/panel.js';
import { Age, Moment } from '../../figure/moment.js';
import { useRowKeys } from '../../frame/rows.js';
import { Link } from '../../route/link.js';
import { stepOf, windowBefore, windowOf } from '../../route/range.js';
import type { ScreenProps } from '../../route/screens.js';
import { filter, slice } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import { AgentDecisions, AgentHistory, AgentScreen, type AgentScreenQuery } from './agent.graphql.js';
import { Courses } from './courses.js';
import { Findings } from './findings.js';
import { History } from './history.js';
import { Peers } from './peers.js';
import { RecentDecisions } from './recent.js';
import { Tools } from './tools.js';
import './agent.css';

/** One agent: how it is, how it was, what changed it, what it uses, and what it decided. */
export function Agent({ name }: ScreenProps) {
  const { atMs, touch } = useFresh();
  const { range } = slice.value;
  const window = useMemo(() => windowOf(range, atMs), [range, atMs]);
  const { from, to } = window;
  const own = { ...filter.value, agents: [name] };
  const key = JSON.stringify([name, range, own]);
  const { data, failure, isAnswered, refresh } = useQuery(
    AgentScreen,
    {
      name,
      from,
      to,
      before: windowBefore(window).from,
      stepMs: stepOf(window),
      filter: { ...own, from, to },
      anomalies: { agents: [name], from, to },
      alerts: { agents: [name], states: ['FIRING'] },
    },
    { key, atMs },
  );
  const history = useQuery(AgentHistory, { from, to }, { key: `${key} history`, atMs: Math.floor(atMs / 60_000) });
  const agent = data?.agent ?? null;
  useRowKeys('row');
  useLive(AgentDecisions, {
    variables: { filter: own },
    after: isAnswered && 'last' in range ? data?.resumeFrom.decisionRecorded : undefined,
    placeOf: ({ decisionRecorded }) => decisionRecorded.id,
    onEvents: touch,
  });
  if (data === null) {
    return failure === null ? (
      <Skeleton rows={8} height="2rem" />
    ) : (
      <FailureNotice failure={failure} onRetry={refresh} />
    );
  }
  if (agent === null) return <Unknown name={name} />;
  return (
    <div class="agent">
      <AgentHead agent={agent} />
      {failure !== null && <FailureNotice failure={failure} onRetry={refresh} />}
      <Findings alerts={data.alerts.nodes} anomalies={data.anomalies.nodes} />
      <Courses
        data={data}
        changes={history.data?.fleet.versions.changes.filter((change) => change.agent === name) ?? []}
      />
      <div class="agent-parts">
        <RecentDecisions name={name} decisions={agent.decisions.nodes} />
        <div class="stacked">
          <Tools decisions={agent.decisions.nodes} />
          <Peers name={name} calls={history.data?.fleet.callGraph.calls ?? null} />
        </div>
      </div>
      <History name={name} versions={history.data?.fleet.versions ?? null} />
    </div>
  );
}

function AgentHead({ agent }: { agent: NonNullable<AgentScreenQuery['agent']> }) {
  const { name, status, statusReason, version, region, environment, models, firstSeenAt, lastSeenAt } = agent;
  return (
    <header class="agent-head">
      <p class="crumb">
        <Link to="/fleet">Fleet</Link>
      </p>
      <h1>
        <AgentLine text={name} /> <StatusMark status={status} />
      </h1>
      <p>
        <AgentLine text={statusReason} />
      </p>
      <p class="gist">
        {version !== null && (
          <span>
            version <AgentLine text={version} />
          </span>
        )}
        {[region, environment, models.join(', ')].map((text) =>
          text === null || text === '' ? null : <AgentLine key={text} text={text} />,
        )}
        <span>
          first seen <Moment at={firstSeenAt} />
        </span>
        <span>
          last seen <Age at={lastSeenAt} />
        </span>
      </p>
    </header>
  );
}

function Unknown({ name }: { name: string }) {
  return (
    <Empty isPage title="There is no such agent in this fleet">
      <p>
        <AgentLine text={name} /> has not finished a decision here.
      </p>
      <p>
        <Link to="/fleet">The whole fleet</Link>
      </p>
    </Empty>
  );
}
