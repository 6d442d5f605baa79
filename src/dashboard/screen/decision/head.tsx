import { CopyButton } from '../../element/copyable.js';
import { OutcomeMark } from '../../element/mark.js';
import { formatDuration, formatUsd } from '../../figure/format.js';
import { Age, Moment } from '../../figure/moment.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import type { OneDecision } from './decision.js';

/** Which decision this is, in one line that can be read out on the phone. */
export function Head({ decision }: { decision: OneDecision }) {
  const { id, agent, agentVersion, requestType, outcome, errorType, startedAt, latencyMs, costUsd, ledgerEntry } =
    decision;
  return (
    <header class="decision-head">
      <p class="crumb">
        <Link to="/decisions">Decisions</Link> <span aria-hidden="true">›</span> <code>{id}</code>
        <CopyButton text={id} what="id" />
      </p>
      <h1>
        <Link to={`/fleet/${encodeURIComponent(agent.name)}`}>
          <AgentLine text={agent.name} />
        </Link>{' '}
        {agentVersion !== null && <AgentLine class="quiet-text" text={agentVersion} />}{' '}
        <span class="quiet-text">decided on</span> <AgentLine text={requestType ?? 'a request'} />
      </h1>
      <p class="gist">
        <OutcomeMark outcome={outcome} detail={errorType === null ? null : `Failed: ${errorType}`} />
        <span>
          <Moment at={startedAt} /> (<Age at={startedAt} />)
        </span>
        <span>{formatDuration(latencyMs)}</span>
        <span>{formatUsd(costUsd)}</span>
        <span>
          {ledgerEntry === null ? 'not sealed yet' : `sealed as entry ${ledgerEntry.seq.toLocaleString('en')}`}
        </span>
      </p>
    </header>
  );
}
