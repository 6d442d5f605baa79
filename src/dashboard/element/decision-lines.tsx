import { formatDuration, formatUsd } from '../figure/format.js';
import { Moment } from '../figure/moment.js';
import { Link } from '../route/link.js';
import { AgentLine } from '../text/agent-text.js';
import { OutcomeMark } from './mark.js';
import './decision-lines.css';

export interface DecisionLine {
  id: string;
  agent: { name: string };
  requestType: string | null;
  outcome: 'SUCCESS' | 'ERROR';
  errorType: string | null;
  startedAt: string;
  latencyMs: number;
  costUsd: number | null;
}

/** A few decisions that are behind something. */
export function DecisionLines({ decisions, label }: { decisions: readonly DecisionLine[]; label: string }) {
  return (
    <ul class="decision-lines" aria-label={label}>
      {decisions.map(({ id, agent, requestType, outcome, errorType, startedAt, latencyMs, costUsd }) => (
        <li key={id} data-row>
          <Link to={`/decisions/${encodeURIComponent(id)}`}>
            <AgentLine text={agent.name} />
            {requestType !== null && (
              <>
                {' '}
                <AgentLine class="quiet-text" text={requestType} />
              </>
            )}
          </Link>
          <OutcomeMark outcome={outcome} detail={errorType} />
          <span class="quiet-text">
            <Moment at={startedAt} />
          </span>
          <span class="number">{formatUsd(costUsd)}</span>
          <span class="number">{formatDuration(latencyMs)}</span>
        </li>
      ))}
    </ul>
  );
}
