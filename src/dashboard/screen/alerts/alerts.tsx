import { useCallback } from 'preact/hooks';
import { request } from '../../data/request.js';
import { useFeed } from '../../data/use-feed.js';
import { useLive } from '../../data/use-live.js';
import { FeedList } from '../../element/feed.js';
import { SeverityMark } from '../../element/mark.js';
import { chosenOf, Either, Toggles } from '../../element/narrow.js';
import { Empty } from '../../element/panel.js';
import { Split } from '../../element/split.js';
import { asTitle } from '../../figure/format.js';
import { Age } from '../../figure/moment.js';
import { useRowKeys } from '../../frame/rows.js';
import { Link } from '../../route/link.js';
import { place } from '../../route/location.js';
import { slice } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import { Alert } from './alert.js';
import { type AlertFilter, AlertsLive, Alerts as AlertsOperation, type ListedFragment } from './alerts.graphql.js';
import { StateMark } from './state-mark.js';
import { shortenSummary } from './summary.js';
import { AlertTabs } from './tabs.js';

const SEVERITIES = ['CRITICAL', 'WARNING', 'INFO'] as const;
const SEVERITY_CHOICES = SEVERITIES.map((value) => ({ value, word: asTitle(value) }));
const STATES = [
  { value: 'open', word: 'Open' },
  { value: 'waiting', word: 'Not taken on' },
  { value: 'resolved', word: 'Resolved' },
  { value: 'all', word: 'All' },
];

/** What fires and wants somebody, and what is done about it. */
export function Alerts() {
  const { search } = place.value;
  const open = search.get('alert');
  const which = search.get('state') ?? 'open';
  const followed = filterOfScreen();
  const asked = { ...followed, ...narrowingOf(which) };
  const read = async (after: string | null) => {
    const { data } = await request(AlertsOperation, { filter: asked, after });
    return { ...data.alerts, place: data.resumeFrom.alertChanged };
  };
  const feed = useFeed<ListedFragment>(JSON.stringify(asked), read, (alert) => isOf(which, alert));
  useLive(AlertsLive, {
    // Not by state: that one is over has to be heard of too.
    variables: { filter: followed },
    after: feed.place,
    placeOf: ({ alertChanged }) => alertChanged.changeId,
    onEvents: (events) => feed.take(events.map(({ alertChanged }) => alertChanged)),
  });
  useRowKeys('alert');
  const row = useCallback((alert: ListedFragment) => <Row alert={alert} />, []);
  const opened = feed.rows.find(({ id }) => id === `Alert:${open}`);
  return (
    <>
      <h1 class="visually-hidden">Alerts</h1>
      <Split
        parameter="alert"
        name="alert"
        open={open}
        list={
          <>
            <AlertTabs />
            <div class="narrow" role="search" aria-label="Alerts">
              <Either parameter="state" name="State" choices={STATES} />
              <Toggles parameter="severity" name="Severity" choices={SEVERITY_CHOICES} />
            </div>
            <FeedList
              feed={feed}
              label="Alerts, those that began last first"
              row={row}
              openId={open === null ? null : `Alert:${open}`}
              empty={<Nothing which={which} />}
            />
          </>
        }
      >
        {open !== null && (
          <Alert key={open} number={open} change={opened?.changeId ?? null} onChanged={(alert) => feed.take([alert])} />
        )}
      </Split>
    </>
  );
}

/** What of the slice alerts have. Their time is not narrowed: what fires, fires since whenever it began. */
function filterOfScreen(): AlertFilter {
  const { agents, customerSegments } = slice.value;
  const severities = chosenOf('severity', SEVERITIES);
  return {
    ...(agents.length > 0 ? { agents } : {}),
    ...(customerSegments.length > 0 ? { customerSegments } : {}),
    ...(severities.length > 0 ? { severities } : {}),
  };
}

function narrowingOf(which: string): AlertFilter {
  if (which === 'open') return { states: ['PENDING', 'FIRING'] };
  if (which === 'waiting') return { states: ['PENDING', 'FIRING'], isAcknowledged: false };
  return which === 'resolved' ? { states: ['RESOLVED'] } : { states: ['PENDING', 'FIRING', 'RESOLVED'] };
}

function isOf(which: string, { state, acknowledgedAt }: ListedFragment): boolean {
  const { states, isAcknowledged } = narrowingOf(which);
  return (states?.includes(state) ?? true) && (isAcknowledged === undefined || acknowledgedAt === null);
}

function Nothing({ which }: { which: string }) {
  if (which === 'resolved') return <Empty title="No alert was resolved yet" />;
  return (
    <Empty title={which === 'all' ? 'No rule has fired yet' : 'All quiet: no alert is open'}>
      What fires next shows up here at once. <Link to="/alerts/rules">Rules</Link> say when.
    </Empty>
  );
}

function Row({ alert }: { alert: ListedFragment }) {
  const { id, severity, ruleName, summary, agent, firedAt, startedAt, acknowledgedBy, customerSegment } = alert;
  return (
    <>
      <SeverityMark severity={severity} />
      <div class="what">
        <Link to="/alerts" own={ownParameters(id.slice('Alert:'.length))}>
          <AgentLine text={ruleName} />
        </Link>
        <AgentLine class="gist" text={shortenSummary(summary, alert.condition)} />
        <p class="whom">
          {agent !== null && !summary.includes(agent.name) && <AgentLine text={agent.name} />}
          {customerSegment !== null && !summary.includes(customerSegment) && <AgentLine text={customerSegment} />}
          {acknowledgedBy !== null && (
            <span>
              taken on by <AgentLine text={acknowledgedBy} />
            </span>
          )}
        </p>
      </div>
      <p class="when">
        <StateMark state={alert.state} isTaken={acknowledgedBy !== null} />
        <br />
        <Age at={firedAt ?? startedAt} />
      </p>
    </>
  );
}

/** Opening one leaves the list as it is narrowed. */
function ownParameters(alert: string): Record<string, string> {
  const { search } = place.value;
  const kept = ['severity', 'state'].flatMap((name) => {
    const value = search.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), alert };
}
