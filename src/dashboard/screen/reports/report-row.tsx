import { useLive } from '../../data/use-live.js';
import { Mark } from '../../element/mark.js';
import { counted, formatCount, formatShare } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { Link } from '../../route/link.js';
import { fleet } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import { type AskedFragment, ReportLive } from './reports.graphql.js';

const STATES = {
  QUEUED: { tone: 'info', word: 'Waits' },
  RUNNING: { tone: 'info', word: 'Is made' },
  DONE: { tone: 'ok', word: 'Done' },
  FAILED: { tone: 'critical', word: 'Failed' },
  EXPIRED: { tone: 'silent', word: 'Expired' },
} as const;

const FOR_WHOM = { AUTHORITY: 'For an authority', AUDITOR: 'For an auditor', INDIVIDUAL: 'For one person' } as const;

export interface ReportRowProps {
  report: AskedFragment;
  onProgress: (report: AskedFragment) => void;
}

/** One report: what it is of, how far it is, and its files. */
export function ReportRow({ report, onProgress }: ReportRowProps) {
  const { state, preset, from, to, progress, requestedBy, requestedAt, error } = report;
  const isOpen = state === 'QUEUED' || state === 'RUNNING';
  return (
    <>
      <Mark {...STATES[state]} isQuiet={state === 'DONE'} />
      <div class="what">
        <b>{FOR_WHOM[preset]}</b>{' '}
        <span class="quiet-text">
          {from.slice(0, 10)} to {to.slice(0, 10)}
        </span>
        <About report={report} />
        {isOpen && <Following report={report} onProgress={onProgress} />}
        {isOpen && (
          <p class="progress">
            <progress value={progress} max={1} aria-label="How far it is" />
            {formatShare(progress)}
          </p>
        )}
        {error !== null && <AgentLine class="failed-text" text={error} />}
        <Files report={report} />
      </div>
      <p class="when">
        <Moment at={requestedAt} />
        <br />
        <AgentLine text={requestedBy} />
      </p>
    </>
  );
}

/** Follows it while it is made. */
function Following({ report: { id }, onProgress }: ReportRowProps) {
  useLive(ReportLive, {
    variables: { id },
    after: null,
    placeOf: ({ reportProgressed }) => reportProgressed.id,
    onEvents: (events) => {
      const last = events.at(-1);
      if (last !== undefined) onProgress(last.reportProgressed);
    },
  });
  return null;
}

function About({
  report: { fleets, agents, decisionId, conversationId, subject, decisions, pages, schedule },
}: {
  report: AskedFragment;
}) {
  const parts = [
    fleets.length > 1 ? `fleets ${fleets.join(', ')}` : null,
    agents === null ? null : `agents ${agents.join(', ')}`,
    decisionId === null ? null : `decision ${decisionId}`,
    conversationId === null ? null : `conversation ${conversationId}`,
    subject === null ? null : `person ${subject}`,
    schedule === null ? null : `schedule ${schedule}`,
    decisions === null ? null : counted(decisions, 'decision'),
    pages === null ? null : counted(pages, 'page'),
  ].filter((part) => part !== null);
  return (
    <p class="whom">
      {parts.map((part) => (
        <AgentLine key={part} text={part} />
      ))}
    </p>
  );
}

function Files({ report: { pdfUrl, bundleUrl, sizeBytes, sha256, ledgerEntry } }: { report: AskedFragment }) {
  if (pdfUrl === null) return null;
  const query = fleet.value === null ? '' : `?fleet=${encodeURIComponent(fleet.value)}`;
  return (
    <>
      <p class="files">
        <a class="button" href={`${pdfUrl}${query}`} download>
          PDF{sizeBytes !== null && `, ${formatCount(Math.ceil(sizeBytes / 1_000))} kB`}
        </a>
        {bundleUrl !== null && (
          <a class="button" href={`${bundleUrl}${query}`} download>
            Ledger bundle
          </a>
        )}
        {ledgerEntry !== null && (
          <Link class="button" to="/ledger" own={{ seq: String(ledgerEntry.seq) }}>
            Its seal, entry {ledgerEntry.seq.toLocaleString('en')}
          </Link>
        )}
      </p>
      {sha256 !== null && (
        <p class="quiet-text hash-line">
          SHA-256 <code>{sha256}</code>
        </p>
      )}
    </>
  );
}
