import { canonicalize } from '../ledger/canonical.js';
import type { EntryDraft } from '../ledger/chain.js';
import type { AnomalyRow } from './anomaly.js';

/** An anomaly that is critical now and was not before, as the record has it. */
export type Incident = Omit<AnomalyRow, 'firstSeq' | 'incident' | 'evidence' | 'quotes'> & {
  /** How severe it was found to be at first; null when that was now. */
  foundAs: string | null;
};

/** What the ledger says of an incident. It quotes nothing: summaries name steps and figures, and no content. */
export function incidentDraft(incident: Incident): EntryDraft {
  const { seq, kind, severity, foundAs, agent, decisionId, metric, detectedAt, summary } = incident;
  const number = (figure: number | null) => (figure === null ? null : String(figure));
  const payload = {
    agent,
    anomaly: kind,
    change: foundAs === null ? 'FOUND' : 'RAISED',
    decisionIds: decisionId === null ? [] : [decisionId],
    detectedAt: detectedAt.toISOString(),
    expected: number(incident.expected),
    metric,
    observed: number(incident.observed),
    foundAs,
    score: number(incident.score),
    severity,
    summary,
  };
  return { kind: 'INCIDENT', subject: `Anomaly:${seq}`, payload: canonicalize(payload) };
}
