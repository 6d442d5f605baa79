import { useCallback, useEffect, useState } from 'preact/hooks';
import { type Failure, toFailure } from '../../data/failure.js';
import { request } from '../../data/request.js';
import { hasRole } from '../../data/session.js';
import { Empty, FailureNotice, Skeleton } from '../../element/panel.js';
import { useRowKeys } from '../../frame/rows.js';
import { fleet } from '../../route/slice.js';
import { Ask } from './ask.js';
import { ReportRow } from './report-row.js';
import { type AskedFragment, Reports as ReportsOperation } from './reports.graphql.js';
import '../../element/feed.css';
import './reports.css';

/** Reports for those who ask: made from the record, sealed in it, and to be downloaded. */
export function Reports() {
  const [reports, setReports] = useState<readonly AskedFragment[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useRowKeys('report');
  const read = useCallback(async (after: string | null) => {
    setFailure(null);
    try {
      const { nodes, pageInfo } = (await request(ReportsOperation, { after })).data.reports;
      setReports((before) => (after === null ? nodes : [...(before ?? []), ...nodes]));
      setNext(pageInfo.hasNextPage ? pageInfo.endCursor : null);
    } catch (error) {
      setFailure(toFailure(error));
    }
  }, []);
  const of = fleet.value;
  // Another fleet has other reports
  useEffect(() => void read(null), [of, read]);
  const take = useCallback((report: AskedFragment) => setReports((before) => withReport(before ?? [], report)), []);
  if (!hasRole('AUDITOR', 'ADMIN')) {
    return <Empty title="Not for this role">Auditors and administrators ask for reports and read them.</Empty>;
  }
  return (
    <div class="reports">
      <h1>Reports</h1>
      <Ask onAsked={take} />
      {failure !== null && <FailureNotice failure={failure} onRetry={() => read(null)} />}
      <div class="panel feed">
        {reports === null && failure === null && <Skeleton rows={4} height="1.5rem" />}
        {reports?.length === 0 && (
          <Empty title="No report was asked for yet">Choose for whom it is and of what time, above.</Empty>
        )}
        <ul aria-label="Reports, newest first">
          {reports?.map((report) => (
            <li key={report.id} class="feed-row" data-row>
              <ReportRow report={report} onProgress={take} />
            </li>
          ))}
        </ul>
        {next !== null && (
          <button type="button" class="quiet feed-more" onClick={() => read(next)}>
            Show older ones
          </button>
        )}
      </div>
    </div>
  );
}

/** The report in its place, as it came last; a new one on top. */
function withReport(reports: readonly AskedFragment[], report: AskedFragment): readonly AskedFragment[] {
  if (reports.every(({ id }) => id !== report.id)) return [report, ...reports];
  return reports.map((each) => (each.id === report.id ? report : each));
}
