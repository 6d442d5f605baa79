import { useEffect, useRef } from 'preact/hooks';
import { hasRole } from '../../data/session.js';
import { useQuery } from '../../data/use-query.js';
import { DecisionLines } from '../../element/decision-lines.js';
import { Mark, SeverityMark } from '../../element/mark.js';
import { Empty, FailureNotice, Skeleton } from '../../element/panel.js';
import { formatDuration } from '../../figure/format.js';
import { Age, Moment } from '../../figure/moment.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import { AlertWhole, type ListedFragment, type WholeFragment } from './alerts.graphql.js';
import { DELIVERIES } from './delivery-states.js';
import { History } from './history.js';
import { Response } from './response.js';
import { StateMark } from './state-mark.js';
import '../../element/whole.css';
import './alert.css';

export interface AlertProps {
  number: string;
  /** The last change that is known of: with a newer one it is read again. */
  change: string | null;
  onChanged: (alert: ListedFragment) => void;
}

/** One alert: what fires and since when, who caused it, what happened to it, and what one can do about it. */
export function Alert({ number, change, onChanged }: AlertProps) {
  const { data, failure, refresh } = useQuery(AlertWhole, { id: `Alert:${number}` });
  const known = useRef(change);
  useEffect(() => {
    if (change !== null && change !== known.current) refresh();
    known.current = change;
  }, [change, refresh]);
  if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
  if (data === null) return <Skeleton rows={8} height="1.25rem" />;
  const alert = data.node as WholeFragment | null;
  if (alert === null || !('ruleName' in alert)) return <Empty title="There is no such alert in this fleet" />;
  return (
    <article class="whole">
      <header>
        <p class="marks">
          <SeverityMark severity={alert.severity} />
          <StateMark state={alert.state} />
          <Since alert={alert} />
        </p>
        <h2>
          <AgentLine text={alert.ruleName} />
        </h2>
        <p class="lead">
          <AgentLine text={alert.summary} />
        </p>
        <Rule alert={alert} />
      </header>
      {hasRole('OPERATOR', 'ADMIN') && (
        <Response
          alert={alert}
          onChanged={(changed) => {
            refresh();
            onChanged(changed);
          }}
        />
      )}
      <Labels alert={alert} />
      {alert.victims.length > 0 && (
        <p class="note">It pulls down {alert.victims.join(', ')}: alerts of these are not sent while it fires.</p>
      )}
      {alert.decisions.length > 0 && (
        <section aria-label="Decisions that caused it">
          <h3>Decisions that caused it, the worst first</h3>
          <DecisionLines decisions={alert.decisions} label="Decisions that caused it" />
        </section>
      )}
      <History changes={alert.changes} />
      <Notifications alert={alert} />
    </article>
  );
}

function Since({ alert: { firedAt, startedAt, resolvedAt, reopened } }: { alert: WholeFragment }) {
  const from = firedAt ?? startedAt;
  return (
    <span class="quiet-text">
      {resolvedAt === null ? (
        <>
          since <Moment at={from} />, <Age at={from} />
        </>
      ) : (
        <>
          <Moment at={from} />, for {formatDuration(Date.parse(resolvedAt) - Date.parse(from))}
        </>
      )}
      {reopened > 0 && `, fired again ${reopened === 1 ? 'once' : `${reopened} times`}`}
    </span>
  );
}

function Rule({ alert: { condition, rule } }: { alert: WholeFragment }) {
  return (
    <p class="quiet-text">
      <code>{condition}</code>
      {rule !== null && (
        <>
          {' '}
          over {formatDuration(rule.windowMs)}
          {rule.forMs > 0 && `, for ${formatDuration(rule.forMs)}`}.{' '}
          <Link to={`/alerts/rules/${encodeURIComponent(rule.name)}`}>The rule</Link>
        </>
      )}
      {rule === null && '. The rule was removed.'}
    </p>
  );
}

function Labels({ alert: { labels, agent } }: { alert: WholeFragment }) {
  if (labels.length === 0) return null;
  return (
    <dl class="labels" aria-label="Labels">
      {labels.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {name === 'agent' && agent !== null ? (
              <Link to={`/fleet/${encodeURIComponent(agent.name)}`}>
                <AgentLine text={value} />
              </Link>
            ) : (
              <AgentLine text={value === '' ? 'unknown' : value} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Notifications({ alert: { notifications } }: { alert: WholeFragment }) {
  return (
    <section aria-label="Who was told">
      <h3>Who was told</h3>
      {notifications.length === 0 && <p class="note">Nobody yet: no route leads to a receiver, or it is waited for.</p>}
      <ul class="told">
        {notifications.map(({ id, receiver, state, createdAt, sentAt, attempts, lastError }) => (
          <li key={id}>
            <Mark {...DELIVERIES[state]} isQuiet={state === 'SENT'} />
            <AgentLine text={receiver} />
            <span class="quiet-text">
              <Moment at={sentAt ?? createdAt} />
              {attempts > 1 && `, ${attempts} attempts`}
            </span>
            {lastError !== null && state !== 'SENT' && <AgentLine class="error" text={lastError} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
