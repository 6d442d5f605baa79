import { Moment } from '../../figure/moment.js';
import { AgentLine, AgentText } from '../../text/agent-text.js';
import type { AlertChangeKind, WholeFragment } from './alerts.graphql.js';

const HAPPENED: Readonly<Record<AlertChangeKind, string>> = {
  PENDING: 'The condition was met',
  FIRING: 'It fired',
  RESOLVED: 'It was over',
  WITHDRAWN: 'It was withdrawn before it fired',
  ACKNOWLEDGED: 'Taken on',
  COMMENTED: 'Comment',
};

/** What happened to an alert, the last first. */
export function History({ changes }: { changes: WholeFragment['changes'] }) {
  return (
    <section aria-label="What happened">
      <h3>What happened</h3>
      <ol class="history">
        {[...changes].reverse().map(({ id, change, at, actor, comment }) => (
          <li key={id} class={change.toLowerCase()}>
            <p>
              <b>{HAPPENED[change]}</b>
              {actor !== null && (
                <>
                  {' '}
                  by <AgentLine text={actor} />
                </>
              )}{' '}
              <span class="quiet-text">
                <Moment at={at} />
              </span>
            </p>
            {comment !== null && <AgentText text={comment} />}
          </li>
        ))}
      </ol>
    </section>
  );
}
