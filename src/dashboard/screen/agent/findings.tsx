import { SeverityMark } from '../../element/mark.js';
import { Panel } from '../../element/panel.js';
import { asTitle } from '../../figure/format.js';
import { Age } from '../../figure/moment.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import { shortenSummary } from '../alerts/summary.js';
import type { AgentScreenQuery } from './agent.graphql.js';
import '../../element/lines.css';

interface FindingsProps {
  alerts: AgentScreenQuery['alerts']['nodes'];
  anomalies: AgentScreenQuery['anomalies']['nodes'];
}

/** What fires for it and what was found in this time. */
export function Findings({ alerts, anomalies }: FindingsProps) {
  if (alerts.length + anomalies.length === 0) return null;
  return (
    <Panel title="What is wrong" aside={`${alerts.length} firing, ${anomalies.length} found`}>
      <ul class="lines">
        {alerts.map(({ id, severity, ruleName, condition, summary, startedAt }) => (
          <li key={id} data-row>
            <SeverityMark severity={severity} />
            <p class="what">
              <Link to="/alerts" own={{ alert: id.slice('Alert:'.length) }}>
                <AgentLine text={ruleName} />
              </Link>{' '}
              <AgentLine class="quiet-text" text={shortenSummary(summary, condition)} />
            </p>
            <p class="when">
              <Age at={startedAt} />
            </p>
          </li>
        ))}
        {anomalies.map(({ id, severity, kind, summary, detectedAt, decision }) => (
          <li key={id} data-row>
            <SeverityMark severity={severity} />
            <p class="what">
              {decision === null ? (
                <b>{asTitle(kind)}</b>
              ) : (
                <Link to={`/decisions/${encodeURIComponent(decision.id)}`}>{asTitle(kind)}</Link>
              )}{' '}
              <AgentLine class="quiet-text" text={summary} />
            </p>
            <p class="when">
              <Age at={detectedAt} />
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
