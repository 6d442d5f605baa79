import { Summary } from '../../metric/summary.js';
import { type LedgerFact, momentOf, textOf } from './payload.js';

/** What people did about alerts. Milliseconds are decimal text, within 1 %. */
export interface OversightFigures {
  fired: number;
  resolved: number;
  acknowledged: number;
  commented: number;
  silencesBegun: number;
  /** From when an alert fired until somebody acknowledged it. */
  acknowledgedAfterP50Ms: string | null;
  acknowledgedAfterMaxMs: string | null;
  /** Alerts that fired in the period and that nobody acknowledged in it. */
  unacknowledged: number;
  bySeverity: Readonly<Record<'CRITICAL' | 'WARNING' | 'INFO', number>>;
}

/** Alerts whose acknowledgement is waited for at once; beyond it the oldest are forgotten. */
const WAITING_MAX = 100_000;

/** Follows alerts from their firing to what people did about it. */
export class OversightCounter {
  #fired = 0;
  #resolved = 0;
  #acknowledged = 0;
  #commented = 0;
  #silences = 0;
  readonly #severities = { CRITICAL: 0, WARNING: 0, INFO: 0 };
  readonly #waiting = new Map<string, number>();
  readonly #after = new Summary();

  add(fact: LedgerFact): void {
    const { kind, payload } = fact;
    const change = textOf(payload, 'change');
    if (kind === 'SILENCE' && change === 'BEGUN') this.#silences += 1;
    if (kind !== 'ALERT') return;
    if (change === 'FIRING') this.#addFired(fact);
    if (change === 'RESOLVED') this.#resolved += 1;
    if (change === 'ACKNOWLEDGED') this.#addAcknowledged(fact);
    if (change === 'COMMENTED') this.#commented += 1;
  }

  figures(): OversightFigures {
    const after = this.#after;
    return {
      fired: this.#fired,
      resolved: this.#resolved,
      acknowledged: this.#acknowledged,
      commented: this.#commented,
      silencesBegun: this.#silences,
      acknowledgedAfterP50Ms: after.quantile(0.5)?.toFixed(0) ?? null,
      acknowledgedAfterMaxMs: after.max?.toFixed(0) ?? null,
      unacknowledged: this.#waiting.size,
      bySeverity: { ...this.#severities },
    };
  }

  #addFired(fact: LedgerFact): void {
    this.#fired += 1;
    const severity = textOf(fact.payload, 'severity');
    if (severity === 'CRITICAL' || severity === 'WARNING' || severity === 'INFO') this.#severities[severity] += 1;
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size >= WAITING_MAX && oldest !== undefined) this.#waiting.delete(oldest);
    this.#waiting.set(fact.subject, atOf(fact));
  }

  #addAcknowledged(fact: LedgerFact): void {
    this.#acknowledged += 1;
    const firedMs = this.#waiting.get(fact.subject);
    if (firedMs === undefined) return;
    this.#waiting.delete(fact.subject);
    this.#after.add(Math.max(0, atOf(fact) - firedMs));
  }
}

function atOf({ payload, recordedAt }: LedgerFact): number {
  return momentOf(payload, 'at') ?? Date.parse(recordedAt);
}
