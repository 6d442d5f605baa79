import type { Calendar } from '../document/wording.js';
import { type Dossier, DossierCollector, type Opening } from './dossier.js';
import { EVENT_GROUPS, type EventGroup, eventOf, groupOf, type LedgerEvent } from './event.js';
import { Counters, DecisionCounter, type DecisionFigures, isFailed, Tally } from './figures.js';
import { OversightCounter, type OversightFigures } from './oversight.js';
import { type LedgerFact, momentOf, textOf } from './payload.js';
import { type ReaderFacts, ReaderTracker } from './readers.js';
import { type ReportScope, ScopeFilter } from './scope.js';
import { type SetupFacts, SetupTracker } from './versions.js';

/** What a bundle's entries add up to for a report. All of it can be made again from the bundle and the request. */
export interface Figures {
  total: DecisionFigures;
  byAgent: readonly (DecisionFigures & { name: string })[];
  byModel: readonly (DecisionFigures & { name: string })[];
  byRiskClass: readonly (DecisionFigures & { name: string })[];
  byDay: readonly { day: string; decisions: number; failed: number }[];
  /** Failed decisions by type of error. */
  errors: Readonly<Record<string, number>>;
  /** Entries of the period by kind: decisions as often as they were sealed, amended ones not again. */
  kinds: Readonly<Record<string, number>>;
  amended: number;
  superseded: number;
  oversight: OversightFigures;
}

export interface Facts {
  figures: Figures;
  setups: readonly SetupFacts[];
  untoldSetups: number;
  readers: readonly ReaderFacts[];
  /** Readings of others than those. */
  otherReadings: number;
  /** The latest of each group. */
  events: Readonly<Record<EventGroup, readonly LedgerEvent[]>>;
  /** How many there are of each. */
  eventCounts: Readonly<Record<EventGroup, number>>;
  dossiers: readonly Dossier[];
}

export interface GatherOptions {
  scope: ReportScope;
  calendar: Calendar;
  /** Decisions of which everything is told. */
  dossierIds: readonly string[];
  /** What was amended in these entries. */
  amendments: Amendments;
  /** Called with each decision that counts, as it was sealed last. */
  onDecision: (fact: LedgerFact) => void;
}

/** Of every decision that was amended: the seq of the last amendment, or that it turned out to be part of another. */
export type Amendments = ReadonlyMap<string, { lastSeq: number; isSuperseded: boolean }>;

/** The first of two walks: what was amended, and so does not count as it was sealed first. */
export class AmendmentFinder {
  readonly #found = new Map<string, { lastSeq: number; isSuperseded: boolean }>();

  take({ kind, seq, subject, payload }: LedgerFact): void {
    if (kind === 'AMENDMENT') this.#found.set(subject, { lastSeq: seq, isSuperseded: 'supersededBy' in payload });
  }

  get amendments(): Amendments {
    return this.#found;
  }
}

/** As many events of a group as a report prints. */
const EVENTS_MAX = 60;

/** The second walk: takes entries in their order and adds up what belongs in the report. */
export class Gatherer {
  readonly #options: GatherOptions;
  readonly #filter: ScopeFilter;
  readonly #total = new DecisionCounter();
  readonly #agents = new Counters();
  readonly #models = new Counters();
  readonly #riskClasses = new Counters();
  readonly #days = new Map<string, { decisions: number; failed: number }>();
  readonly #errors = new Tally();
  readonly #kinds = new Tally();
  readonly #oversight = new OversightCounter();
  readonly #setups = new SetupTracker();
  readonly #readers = new ReaderTracker();
  readonly #dossiers: DossierCollector;
  readonly #events = new Map<EventGroup, LedgerEvent[]>(EVENT_GROUPS.map((group) => [group, []]));
  readonly #eventCounts = new Map<EventGroup, number>();
  /** Decisions of the report: kept where it is about cases, of which there are few. */
  readonly #cases = new Set<string>();
  #amended = 0;
  #superseded = 0;

  constructor(options: GatherOptions) {
    this.#options = options;
    this.#filter = new ScopeFilter(options.scope);
    this.#dossiers = new DossierCollector(options.dossierIds);
  }

  take(fact: LedgerFact, hash: string, openings: readonly Opening[]): void {
    this.#dossiers.take(fact, hash, openings);
    if (fact.kind === 'DECISION' || fact.kind === 'AMENDMENT') this.#takeDecision(fact);
    else if (this.#filter.hasEvent(fact, (id) => this.#cases.has(id))) this.#takeEvent(fact);
  }

  facts(): Facts {
    return {
      figures: {
        total: this.#total.figures(),
        byAgent: this.#agents.figures(),
        byModel: this.#models.figures(),
        byRiskClass: this.#riskClasses.figures(),
        byDay: [...this.#days].map(([day, counts]) => ({ day, ...counts })).sort((a, b) => (a.day < b.day ? -1 : 1)),
        errors: this.#errors.counts(),
        kinds: this.#kinds.counts(),
        amended: this.#amended,
        superseded: this.#superseded,
        oversight: this.#oversight.figures(),
      },
      setups: this.#setups.setups(),
      untoldSetups: this.#setups.untold,
      readers: this.#readers.readers(),
      otherReadings: this.#readers.others,
      events: Object.fromEntries(this.#events) as Record<EventGroup, LedgerEvent[]>,
      eventCounts: Object.fromEntries(
        EVENT_GROUPS.map((group) => [group, this.#eventCounts.get(group) ?? 0]),
      ) as Record<EventGroup, number>,
      dossiers: this.#dossiers.dossiers(),
    };
  }

  #takeDecision(fact: LedgerFact): void {
    const { seq, kind, subject, payload } = fact;
    const amendment = this.#options.amendments.get(subject);
    const isLast = amendment === undefined || (amendment.lastSeq === seq && !amendment.isSuperseded);
    if ('supersededBy' in payload) {
      if (this.#cases.has(subject)) this.#superseded += 1;
      return;
    }
    if (!this.#filter.hasDecision(subject, payload)) return;
    if (amendment?.isSuperseded === true || this.#options.scope.decisionIds !== null) this.#cases.add(subject);
    if (this.#options.scope.conversationId !== null) this.#cases.add(subject);
    this.#kinds.add(kind);
    if (!isLast) return;
    if (kind === 'AMENDMENT') this.#amended += 1;
    this.#count(fact);
  }

  #count(fact: LedgerFact): void {
    const { payload } = fact;
    this.#options.onDecision(fact);
    this.#total.add(payload);
    this.#agents.add(textOf(payload, 'agent') ?? 'not told', payload);
    this.#models.add(textOf(payload, 'model') ?? 'not told', payload);
    this.#riskClasses.add(textOf(payload, 'riskClass') ?? 'not told', payload);
    this.#setups.add(fact);
    const day = this.#options.calendar.day(momentOf(payload, 'startedAt') ?? 0);
    const counts = this.#days.get(day) ?? { decisions: 0, failed: 0 };
    counts.decisions += 1;
    if (isFailed(payload)) {
      counts.failed += 1;
      this.#errors.add(textOf(payload, 'errorType') ?? 'not told');
    }
    this.#days.set(day, counts);
  }

  #takeEvent(fact: LedgerFact): void {
    this.#kinds.add(fact.kind);
    this.#oversight.add(fact);
    this.#readers.add(fact);
    const group = groupOf(fact);
    this.#eventCounts.set(group, (this.#eventCounts.get(group) ?? 0) + 1);
    const events = this.#events.get(group) ?? [];
    events.push(eventOf(fact));
    if (events.length > EVENTS_MAX) events.shift();
  }
}
