import { useState } from 'preact/hooks';
import { type AgentStatus, SeverityMark, StatusMark } from '../../element/mark.js';
import { Empty, Panel } from '../../element/panel.js';
import { asTitle, counted } from '../../figure/format.js';
import { Age } from '../../figure/moment.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import { shortenSummary } from '../alerts/summary.js';
import type { FiringFragment, FoundFragment, OverviewQuery } from './overview.graphql.js';
import '../../element/lines.css';

const SHOWN_FIRST = 6;
/** As many as are read at first: where so many came there may be more. */
const READ_MAX = 20;
const WORST_STATUS_FIRST = ['FAILING', 'SILENT', 'DEGRADED'];
const WORST_FIRST = ['CRITICAL', 'WARNING', 'INFO'];

interface AttentionProps {
  alerts: readonly FiringFragment[];
  anomalies: readonly FoundFragment[];
  agents: OverviewQuery['agents']['nodes'];
}

/** What needs a person, the worst first; that nothing does is said too. */
export function Attention({ alerts, anomalies, agents }: AttentionProps) {
  const unwell = agents
    .filter(({ status }) => status !== 'HEALTHY')
    .sort((one, other) => WORST_STATUS_FIRST.indexOf(one.status) - WORST_STATUS_FIRST.indexOf(other.status));
  const [isWhole, setWhole] = useState(false);
  const firing = [...alerts].sort(bySeverity);
  const firingShown = isWhole ? firing : firing.slice(0, SHOWN_FIRST);
  const unwellShown = isWhole ? unwell : unwell.slice(0, Math.max(1, SHOWN_FIRST - firing.length));
  const hidden = firing.length + unwell.length - firingShown.length - unwellShown.length;
  return (
    <div class="attention">
      <Panel title="Needs a person" aside={<Counted agents={agents} />}>
        {firing.length + unwell.length === 0 ? (
          <Empty title="All quiet: nothing fires, and every agent is as ever." />
        ) : (
          <ul class="lines">
            {firingShown.map((alert) => (
              <AlertLine key={alert.id} alert={alert} />
            ))}
            {unwellShown.map((agent) => (
              <AgentLineOf key={agent.name} agent={agent} />
            ))}
          </ul>
        )}
        {hidden > 0 && (
          <button type="button" class="quiet more" onClick={() => setWhole(true)}>
            Show {hidden} more
          </button>
        )}
      </Panel>
      <Found anomalies={anomalies} />
    </div>
  );
}

function bySeverity(one: FiringFragment, other: FiringFragment): number {
  const order = WORST_FIRST.indexOf(one.severity) - WORST_FIRST.indexOf(other.severity);
  return order === 0 ? other.startedAt.localeCompare(one.startedAt) : order;
}

function Counted({ agents }: { agents: OverviewQuery['agents']['nodes'] }) {
  const healthy = agents.filter(({ status }) => status === 'HEALTHY').length;
  return (
    <Link to="/fleet">
      {healthy} of {counted(agents.length, 'agent')} healthy
    </Link>
  );
}

function AlertLine({ alert }: { alert: FiringFragment }) {
  const { severity, ruleName, summary, condition, agent, decisions, firedAt, startedAt, acknowledgedBy } = alert;
  return (
    <li data-row>
      <SeverityMark severity={severity} />
      <p class="what">
        <Subject agent={agent?.name ?? null} decision={decisions[0]?.id ?? null}>
          <AgentLine text={ruleName} />
        </Subject>{' '}
        <AgentLine class="quiet-text" text={shortenSummary(summary, condition)} />
      </p>
      <p class="when">
        {acknowledgedBy !== null && (
          <span class="taken">
            taken by <AgentLine text={acknowledgedBy} />
          </span>
        )}
        <Age at={firedAt ?? startedAt} />
      </p>
    </li>
  );
}

function AgentLineOf({ agent }: { agent: OverviewQuery['agents']['nodes'][number] }) {
  return (
    <li data-row>
      <StatusMark status={agent.status as AgentStatus} />
      <p class="what">
        <Subject agent={agent.name} decision={null}>
          <AgentLine text={agent.name} />
        </Subject>{' '}
        <AgentLine class="quiet-text" text={agent.statusReason} />
      </p>
      <p class="when">
        seen <Age at={agent.lastSeenAt} />
      </p>
    </li>
  );
}

/** What was found, the newest first. The list keeps still while somebody reads or points at it. */
function Found({ anomalies }: { anomalies: readonly FoundFragment[] }) {
  const [isWhole, setWhole] = useState(false);
  const [held, setHeld] = useState<readonly FoundFragment[] | null>(null);
  const listed = held ?? anomalies;
  const news = anomalies.length - listed.length;
  const shown = isWhole ? listed : listed.slice(0, SHOWN_FIRST);
  const hold = () => setHeld((before) => before ?? anomalies);
  const letGo = () => setHeld(null);
  return (
    <Panel
      title="Anomalies"
      aside={
        news > 0 ? (
          <button type="button" onClick={letGo}>
            {news} new
          </button>
        ) : anomalies.length < READ_MAX ? (
          `${anomalies.length} in this time`
        ) : (
          `the newest ${anomalies.length}`
        )
      }
    >
      {anomalies.length === 0 ? (
        <Empty title="Nothing unusual was found in this time." />
      ) : (
        <ul
          class="lines"
          aria-live="polite"
          aria-relevant="additions"
          onMouseEnter={hold}
          onMouseLeave={letGo}
          onFocusCapture={hold}
          onBlurCapture={letGo}
        >
          {shown.map((anomaly) => (
            <AnomalyLine key={anomaly.id} anomaly={anomaly} />
          ))}
        </ul>
      )}
      {!isWhole && listed.length > SHOWN_FIRST && (
        <button type="button" class="quiet more" onClick={() => setWhole(true)}>
          Show {listed.length - SHOWN_FIRST} more
        </button>
      )}
    </Panel>
  );
}

function AnomalyLine({ anomaly }: { anomaly: FoundFragment }) {
  const { severity, kind, summary, agent, decision, detectedAt } = anomaly;
  return (
    <li data-row>
      <SeverityMark severity={severity} />
      <p class="what">
        <Subject agent={agent?.name ?? null} decision={decision?.id ?? null}>
          {asTitle(kind)}
        </Subject>{' '}
        {agent !== null && !summary.includes(agent.name) && (
          <>
            <AgentLine text={agent.name} />{' '}
          </>
        )}
        <AgentLine class="quiet-text" text={summary} />
      </p>
      <p class="when">
        <Age at={detectedAt} />
      </p>
    </li>
  );
}

/** Leads to the decision it is about, else to the agent. */
function Subject({
  agent,
  decision,
  children,
}: {
  agent: string | null;
  decision: string | null;
  children: preact.ComponentChildren;
}) {
  if (decision !== null) return <Link to={`/decisions/${encodeURIComponent(decision)}`}>{children}</Link>;
  if (agent !== null) return <Link to={`/fleet/${encodeURIComponent(agent)}`}>{children}</Link>;
  return <Link to="/decisions">{children}</Link>;
}
