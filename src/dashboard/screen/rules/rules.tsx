import { hasRole } from '../../data/session.js';
import { useLive } from '../../data/use-live.js';
import { useQuery } from '../../data/use-query.js';
import { Mark, SeverityMark } from '../../element/mark.js';
import { Empty, FailureNotice, Skeleton } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { Moment } from '../../figure/moment.js';
import { useRowKeys } from '../../frame/rows.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import { AlertsLive } from '../alerts/alerts.graphql.js';
import { AlertTabs } from '../alerts/tabs.js';
import { writeTime } from './draft.js';
import { type RuleFragment, Rules as RulesOperation, type RulesQuery } from './rules.graphql.js';
import '../../element/data-table.css';
import '../../element/narrow.css';
import './rules.css';

/** When somebody is to be told of what. */
export function Rules() {
  const { data, failure, isAnswered, refresh } = useQuery(RulesOperation, {});
  useRowKeys('rule');
  useLive(AlertsLive, {
    variables: {},
    after: isAnswered ? data?.resumeFrom.alertChanged : undefined,
    placeOf: ({ alertChanged }) => alertChanged.changeId,
    onEvents: refresh,
  });
  return (
    <div class="rules">
      <AlertTabs />
      <div class="narrow">
        <h1 class="visually-hidden">Alert rules</h1>
        <p class="quiet-text">Looked at every five seconds, over the figures of their window.</p>
        {hasRole('OPERATOR', 'ADMIN') && (
          <Link class="button primary end" to="/alerts/rules/">
            New rule
          </Link>
        )}
      </div>
      {failure !== null && <FailureNotice failure={failure} onRetry={refresh} />}
      <div class="panel">
        {data === null ? failure === null && <Skeleton rows={6} height="1.5rem" /> : <Table data={data} />}
      </div>
    </div>
  );
}

function Table({ data: { alertRules, alerts } }: { data: RulesQuery }) {
  if (alertRules.length === 0) {
    return (
      <Empty title="No rule says when to tell somebody">
        Make one here, or write it under <code>alerting</code> in midwatch.yaml.
      </Empty>
    );
  }
  return (
    <div class="table-scroll">
      <table class="data-table rule-table">
        <caption class="visually-hidden">Alert rules</caption>
        <TableHead texts={['Rule', 'Now', 'Severity', 'Condition', 'Window', 'For', 'From']} />
        <tbody>
          {alertRules.map((rule) => (
            <Row
              key={rule.name}
              rule={rule}
              firing={alerts.nodes.filter(({ ruleName, state }) => ruleName === rule.name && state === 'FIRING').length}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ rule, firing }: { rule: RuleFragment; firing: number }) {
  const { name, condition, severity, windowMs, forMs, origin, updatedAt, updatedBy } = rule;
  return (
    <tr data-row>
      <th scope="row">
        <Link class="row-link" to={`/alerts/rules/${encodeURIComponent(name)}`}>
          <AgentLine text={name} />
        </Link>
      </th>
      <td>
        {firing > 0 ? <Mark tone="critical" word={`${firing} firing`} /> : <Mark tone="ok" word="Quiet" isQuiet />}
      </td>
      <td>
        <SeverityMark severity={severity} />
      </td>
      <td class="condition">
        <code>
          <AgentLine text={condition} />
        </code>
      </td>
      <td>{writeTime(windowMs)}</td>
      <td>{writeTime(forMs)}</td>
      <td class="quiet-text">
        {origin === 'FILE' ? (
          'midwatch.yaml'
        ) : (
          <>
            {updatedBy !== null && <AgentLine text={updatedBy} />}
            {updatedAt !== null && (
              <>
                , <Moment at={updatedAt} />
              </>
            )}
          </>
        )}
      </td>
    </tr>
  );
}
