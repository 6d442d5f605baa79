import { useMemo } from 'preact/hooks';
import { useQuery } from '../../data/use-query.js';
import { Mark } from '../../element/mark.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { formatShare, formatUsd } from '../../figure/format.js';
import { Age } from '../../figure/moment.js';
import type { Window } from '../../route/range.js';
import { AgentLine } from '../../text/agent-text.js';
import { Reconciliation as ReconciliationOperation, type ReconciliationQuery } from './cost.graphql.js';
import '../../element/data-table.css';

type Compared = ReconciliationQuery['costReconciliation'];

const DAY_MS = 86_400_000;
const DAYS_MAX = 92;
const SHOWN_MAX = 60;

/** Ours beside what providers billed: what nobody watches shows up as the difference. */
export function Reconciliation({ window }: { window: Window }) {
  const days = useMemo(() => wholeDays(window), [window.fromMs, window.toMs]);
  const { data, failure, refresh } = useQuery(ReconciliationOperation, days);
  return (
    <Panel title="Against the providers’ bills" aside="whole days, UTC">
      {failure !== null && <FailureNotice failure={failure} onRetry={refresh} />}
      {data === null && failure === null && <Skeleton rows={3} />}
      {data !== null && <Comparison compared={data.costReconciliation} />}
    </Panel>
  );
}

function wholeDays({ fromMs, toMs }: Window): { from: string; to: string } {
  const toDay = Math.ceil(toMs / DAY_MS) * DAY_MS;
  const fromDay = Math.max(Math.floor(fromMs / DAY_MS) * DAY_MS, toDay - DAYS_MAX * DAY_MS);
  return { from: new Date(fromDay).toISOString(), to: new Date(toDay).toISOString() };
}

function Comparison({ compared: { rows, sources, seen, billed, unmonitoredUsd } }: { compared: Compared }) {
  const stated = rows.filter((row) => row.billed.costUsd !== null || row.billed.inputTokens !== null);
  if (sources.length === 0 && stated.length === 0) {
    return (
      <Empty title="No provider’s own figures are known">
        Name where they come from under <code>providers</code> in midwatch.yaml, or import a CSV with{' '}
        <code>importProviderUsage</code>: what bypasses monitoring then shows up here.
      </Empty>
    );
  }
  return (
    <div class="reconciliation">
      <p class="gap">
        {unmonitoredUsd > 0 ? (
          <Mark tone="warning" word={`${formatUsd(unmonitoredUsd)} billed and not seen`} />
        ) : (
          <Mark tone="ok" word="All that was billed was seen" isQuiet />
        )}
        <span class="quiet-text">
          seen {formatUsd(seen.costUsd)}, billed {formatUsd(billed.costUsd)}
        </span>
      </p>
      {sources.map(({ name, pulledAt, error }) => (
        <p key={name} class="quiet-text">
          <AgentLine text={name} />:{' '}
          {pulledAt === null ? (
            'not read yet'
          ) : (
            <>
              read <Age at={pulledAt} />
            </>
          )}
          {error !== null && (
            <>
              . <AgentLine class="failed-text" text={error} />
            </>
          )}
        </p>
      ))}
      <section class="table-scroll" aria-label="Ours against the bills" tabIndex={0}>
        <table class="data-table">
          <TableHead
            texts={['Day', 'Provider', 'Model', 'Agents']}
            numbers={['Seen', 'Billed', 'Difference', 'Tokens seen']}
          />
          <tbody>
            {stated.slice(0, SHOWN_MAX).map((row) => (
              <Row key={`${row.day} ${row.provider} ${row.model} ${row.agents?.join()}`} row={row} />
            ))}
          </tbody>
        </table>
      </section>
      {stated.length > SHOWN_MAX && (
        <p class="quiet-text">and {stated.length - SHOWN_MAX} more rows: choose a shorter time</p>
      )}
    </div>
  );
}

function Row({ row }: { row: Compared['rows'][number] }) {
  const { day, provider, model, agents, monitored, seen, billed, difference, tokenRatio } = row;
  return (
    <tr>
      <th scope="row">{day.slice(0, 10)}</th>
      <td>
        <AgentLine text={provider} />
      </td>
      <td>{model === null ? <span class="quiet-text">all</span> : <AgentLine text={model} />}</td>
      <td>
        {monitored === false ? (
          <Mark tone="warning" word="no known agent" />
        ) : (
          <AgentLine text={agents?.join(', ') ?? '–'} />
        )}
      </td>
      <td class="number">{formatUsd(seen.costUsd)}</td>
      <td class="number">{billed.costUsd === null ? '–' : formatUsd(billed.costUsd)}</td>
      <td class="number">{difference.costUsd === null ? '–' : formatUsd(difference.costUsd)}</td>
      <td class="number">{formatShare(tokenRatio)}</td>
    </tr>
  );
}
