import { decimalOf, type LedgerFact, momentOf, type Payload, textOf, textsOf } from './payload.js';

/** What a report is about. Every condition that is given must hold. */
export interface ReportScope {
  /** Decisions that started, and whatever else was sealed, from this on. Milliseconds since the epoch. */
  fromMs: number;
  /** Until before this. */
  toMs: number;
  agents: readonly string[] | null;
  riskClasses: readonly string[] | null;
  conversationId: string | null;
  /** Those of one person, or one alone. */
  decisionIds: readonly string[] | null;
}

/** Whether the scope names decisions one by one, so that nothing of other people belongs in the report. */
export function isAboutCases({ conversationId, decisionIds }: ReportScope): boolean {
  return conversationId !== null || decisionIds !== null;
}

/** Decides what of a ledger belongs in a report. */
export class ScopeFilter {
  readonly #scope: ReportScope;
  readonly #agents: ReadonlySet<string> | null;
  readonly #riskClasses: ReadonlySet<string> | null;
  readonly #decisionIds: ReadonlySet<string> | null;

  constructor(scope: ReportScope) {
    this.#scope = scope;
    this.#agents = scope.agents && new Set(scope.agents);
    this.#riskClasses = scope.riskClasses && new Set(scope.riskClasses);
    this.#decisionIds = scope.decisionIds && new Set(scope.decisionIds);
  }

  /** Of a decision, by what was last known of it. */
  hasDecision(id: string, payload: Payload): boolean {
    const { fromMs, toMs, conversationId } = this.#scope;
    const startedMs = momentOf(payload, 'startedAt');
    if (startedMs === null || startedMs < fromMs || startedMs >= toMs) return false;
    if (this.#decisionIds !== null && !this.#decisionIds.has(id)) return false;
    if (conversationId !== null && textOf(payload, 'conversationId') !== conversationId) return false;
    return has(this.#agents, textOf(payload, 'agent')) && has(this.#riskClasses, textOf(payload, 'riskClass'));
  }

  /** Of anything else: by when it was sealed and, where the report is about cases, whether it names one of them. */
  hasEvent({ recordedAt, subject, payload }: LedgerFact, isCase: (id: string) => boolean): boolean {
    const atMs = Date.parse(recordedAt);
    if (atMs < this.#scope.fromMs || atMs >= this.#scope.toMs) return false;
    if (!isAboutCases(this.#scope)) return true;
    return isCase(subject) || textsOf(payload, 'decisionIds').some(isCase);
  }
}

function has(wanted: ReadonlySet<string> | null, value: string | null): boolean {
  return wanted === null || (value !== null && wanted.has(value));
}

/** Of a decision: how long it took, in milliseconds; null where that is not told. */
export function latencyOf(payload: Payload): number | null {
  const ms = decimalOf(payload, 'latencyMs');
  return ms !== null && ms >= 0 ? ms : null;
}
