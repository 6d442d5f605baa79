import { useMemo, useState } from 'preact/hooks';
import { useFresh } from '../../data/use-fresh.js';
import { useLive } from '../../data/use-live.js';
import { useQuery } from '../../data/use-query.js';
import { FailureNotice, Skeleton } from '../../element/panel.js';
import { useRowKeys } from '../../frame/rows.js';
import { stepOf, type Window, windowBefore, windowOf } from '../../route/range.js';
import { agentFilter, type Facet, filter, slice } from '../../route/slice.js';
import { Agents } from './agents.js';
import { Attention } from './attention.js';
import { Courses } from './courses.js';
import { Figures } from './figures.js';
import { FirstRun } from './first-run.js';
import {
  type FoundFragment,
  OverviewAlerts,
  OverviewAnomalies,
  OverviewDecisions,
  Overview as OverviewOperation,
  type OverviewQuery,
} from './overview.graphql.js';
import './overview.css';

const ANOMALIES_KEPT = 60;

type Filter = Partial<Record<Facet, string[]>>;

/** How the fleet is, and what of it needs a person, first. */
export function Overview() {
  const { atMs, touch } = useFresh();
  const { range } = slice.value;
  const window = useMemo(() => windowOf(range, atMs), [range, atMs]);
  const variables = variablesOf(window, filter.value);
  const { data, failure, isAnswered, refresh } = useQuery(OverviewOperation, variables, {
    key: JSON.stringify([range, filter.value]),
    atMs,
  });
  const found = useFound(data, { isAnswered, filter: variables.anomalies, touch });
  useRowKeys('row');
  if (data === null) return failure === null ? <Loading /> : <FailureNotice failure={failure} onRetry={refresh} />;
  if (data.latest.nodes.length === 0) return <FirstRun after={data.resumeFrom.decisionRecorded} onFirst={refresh} />;
  return (
    <div class="overview">
      <h1 class="visually-hidden">Overview</h1>
      {failure !== null && <FailureNotice failure={failure} onRetry={refresh} />}
      <Attention alerts={data.alerts.nodes} anomalies={found} agents={data.agents.nodes} />
      <Figures data={data} />
      <Courses data={data} />
      <Agents data={data} />
    </div>
  );
}

function variablesOf(window: Window, chosen: Filter) {
  const { agents, customerSegments } = chosen;
  return {
    from: window.from,
    to: window.to,
    before: windowBefore(window).from,
    stepMs: stepOf(window),
    filter: chosen,
    agents: agentFilter.value,
    anomalies: { ...defined({ agents, customerSegments }), from: window.from, to: window.to },
    alerts: { ...defined({ agents, customerSegments }), states: ['FIRING' as const] },
  };
}

function defined<Given extends object>(given: Given): { [Key in keyof Given]?: NonNullable<Given[Key]> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

/** What was found, with what is found while one looks; what happens has the figures asked for anew. */
function useFound(
  data: OverviewQuery | null,
  {
    isAnswered,
    filter: { from, to, ...wanted },
    touch,
  }: { isAnswered: boolean; filter: ReturnType<typeof variablesOf>['anomalies']; touch: () => void },
): FoundFragment[] {
  const [since, setSince] = useState<FoundFragment[]>([]);
  const known = data?.anomalies.nodes ?? [];
  const isOpen = 'last' in slice.value.range;
  const begin = isAnswered ? data?.resumeFrom : undefined;
  useLive(OverviewAnomalies, {
    variables: { filter: wanted },
    after: isOpen ? begin?.anomalyDetected : undefined,
    placeOf: ({ anomalyDetected }) => anomalyDetected.id,
    onEvents: (events) => {
      const fresh = events.map(({ anomalyDetected }) => anomalyDetected).reverse();
      setSince((before) => [...fresh, ...before].slice(0, ANOMALIES_KEPT));
      touch();
    },
  });
  useLive(OverviewAlerts, {
    variables: {},
    after: begin?.alertChanged,
    placeOf: ({ alertChanged }) => alertChanged.changeId,
    onEvents: touch,
  });
  useLive(OverviewDecisions, {
    variables: { filter: filter.value },
    after: isOpen ? begin?.decisionRecorded : undefined,
    placeOf: ({ decisionRecorded }) => decisionRecorded.id,
    onEvents: touch,
  });
  return useMemo(() => {
    const byId = new Map([...known, ...since].map((anomaly) => [anomaly.id, anomaly]));
    return [...byId.values()]
      .filter(({ detectedAt }) => detectedAt >= from && (!isOpen ? detectedAt < to : true))
      .sort((one, other) => other.detectedAt.localeCompare(one.detectedAt));
  }, [known, since, from, to, isOpen]);
}

function Loading() {
  return (
    <div class="overview">
      <div class="panel">
        <Skeleton rows={4} />
      </div>
      <div class="panel">
        <Skeleton rows={2} height="2.5rem" />
      </div>
      <div class="panel">
        <Skeleton rows={5} height="2rem" />
      </div>
    </div>
  );
}
