import { type Alert, type AlertChange, type Alerts, evaluateRule, groupKey } from '../alert/evaluate-rule.js';
import { type AlertRule, subjectOf } from '../alert/rule.js';
import type { Clock } from '../clock.js';
import { isOutage, isTooSlow } from '../db/outage.js';
import { type Client, inTransaction } from '../db/pool.js';
import type { FigureRecords } from '../fleet/figures/read.js';
import { lockFleet } from '../ledger/append.js';
import type { Log } from '../log.js';
import type { AlertRow } from './alert.js';
import { type Culprits, findCulprits } from './culprits.js';
import { endOf, eventOf } from './event.js';
import { readGroups } from './figures.js';
import { type AlertEvent, recordAlertEvents } from './record.js';
import type { RuleBook } from './rule-book.js';
import { changedStandings, loadStandings, type RuleStanding, type Standings, saveStandings } from './standing.js';
import { findAlerts } from './store.js';

export interface EvaluatorOptions {
  records: FigureRecords;
  rules: RuleBook;
  /** Called after a commit with the place that the fleet's stream of alerts has reached. */
  announce: (fleet: string, alertSeq: number) => void;
  clock: Clock;
  log: Log;
}

/** A change of a group's state under a rule. */
interface GroupChange {
  change: AlertChange;
  /** What made it fire; null for other changes. */
  culprits: Culprits | null;
}

/** One rule after an evaluation. */
interface Outcome {
  rule: AlertRule;
  alerts: Alerts;
  changes: readonly GroupChange[];
  /** False when its figures could not be read: then it stands as before. */
  isEvaluated: boolean;
}

/** What happens to the alert of a group's incident. */
interface GroupEvent {
  rule: string;
  key: string;
  event: AlertEvent;
}

/** Evaluates a fleet's rules and records what came of it: states, alerts and ledger entries in one transaction. */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #standings = new Map<string, Standings>();

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /**
   * Returns whether every rule could be evaluated: one that fails, or takes too long, stands as before and holds up no other.
   * Rejects when the database is away; then the next evaluation begins with what is in the record.
   */
  async evaluate(fleet: string): Promise<boolean> {
    const { records, rules, clock } = this.#options;
    const before = this.#standings.get(fleet) ?? (await loadStandings(records.pool, fleet));
    // A commit that was not heard of may have come about: after a failure the record says where everything stands.
    this.#standings.delete(fleet);
    const known = (await rules.rulesOf(fleet)).map(({ rule }) => rule);
    const place = { fleet, atMs: clock.now() };
    const outcomes: Outcome[] = [];
    for (const rule of known) outcomes.push(await this.#evaluateRule(place, rule, before));
    this.#standings.set(fleet, await this.#record(place, outcomes, before));
    return outcomes.every(({ isEvaluated }) => isEvaluated);
  }

  async #evaluateRule(place: Place, rule: AlertRule, before: Standings): Promise<Outcome> {
    const standing = groupsUnder(rule, before);
    const alerts = new Map([...standing].map(([key, { alert }]): [string, Alert] => [key, alert]));
    const groups = await this.#unlessRefused(place, rule, () =>
      readGroups({ records: this.#options.records, ...place }, rule),
    );
    if (groups === null) return { rule, alerts, changes: [], isEvaluated: false };
    const evaluated = evaluateRule(rule, alerts, { atMs: place.atMs, groups });
    const changes: GroupChange[] = [];
    for (const change of evaluated.changes) {
      changes.push({ change, culprits: change.change === 'FIRING' ? await this.#blame(place, rule, change) : null });
    }
    return { rule, alerts: evaluated.alerts, changes, isEvaluated: true };
  }

  /** An alert that cannot say what caused it fires all the same. */
  async #blame({ fleet, atMs }: Place, rule: AlertRule, { labels }: AlertChange): Promise<Culprits> {
    const { pool } = this.#options.records;
    const found = await this.#unlessRefused({ fleet, atMs }, rule, () =>
      findCulprits({ pool, fleet, atMs }, rule, labels),
    );
    return found ?? { decisionIds: [], victims: [] };
  }

  /** Null when the database refuses the rule's question; rejects when it is away. */
  async #unlessRefused<Answer>(
    { fleet }: Place,
    { name }: AlertRule,
    ask: () => Promise<Answer>,
  ): Promise<Answer | null> {
    try {
      return await ask();
    } catch (error) {
      if (isOutage(error) && !isTooSlow(error)) throw error;
      this.#options.log.warn({ fleet, rule: name, err: String(error) }, 'an alert rule could not be evaluated');
      return null;
    }
  }

  async #record({ fleet, atMs }: Place, outcomes: readonly Outcome[], before: Standings): Promise<Standings> {
    const unnamed = standingsAfter(outcomes, before, []);
    const isChanged = outcomes.some(({ changes }) => changes.length > 0) || endedGroups(outcomes, before).length > 0;
    if (!isChanged && changedStandings(before, unnamed).length === 0) return unnamed;
    const { after, reached } = await inTransaction(this.#options.records.pool, async (client) => {
      await lockFleet(client, fleet);
      const events = await planEvents(client, { fleet, atMs }, outcomes, before);
      const alerts = await recordAlertEvents(client, fleet, { events: events.map(({ event }) => event), nowMs: atMs });
      const named = events.map(({ rule, key }, index) => ({ rule, key, seq: (alerts[index] as AlertRow).seq }));
      const standings = standingsAfter(outcomes, before, named);
      await saveStandings(client, fleet, changedStandings(before, standings));
      return { after: standings, reached: alerts.at(-1)?.changedSeq ?? null };
    });
    if (reached !== null) this.#options.announce(fleet, reached);
    return after;
  }
}

/** In the transaction that has locked the fleet: what people do to alerts meanwhile is not undone. */
async function planEvents(
  client: Client,
  { fleet, atMs }: Place,
  outcomes: readonly Outcome[],
  before: Standings,
): Promise<GroupEvent[]> {
  const ended = endedGroups(outcomes, before);
  const changed = outcomes.flatMap(({ rule, changes }) => {
    const standing = groupsUnder(rule, before);
    return changes.map(({ change, culprits }) => {
      const key = groupKey(change.labels);
      return { rule, key, change, culprits, alertSeq: standing.get(key)?.alertSeq ?? null };
    });
  });
  const known = await findAlerts(
    client,
    fleet,
    [...changed, ...ended].flatMap(({ alertSeq }) => alertSeq ?? []),
  );
  const ends = ended.map(({ rule, key, alertSeq }) => ({ rule, key, event: endOf(known.get(alertSeq), atMs) }));
  const changes = changed.map(({ rule, key, change, culprits, alertSeq }) => {
    const alert = (alertSeq !== null && known.get(alertSeq)) || null;
    return { rule: rule.name, key, event: eventOf(rule, change, { known: alert, culprits }) };
  });
  return [...ends, ...changes].flatMap(({ event, ...group }) => (event === null ? [] : [{ ...group, event }]));
}

interface Place {
  fleet: string;
  atMs: number;
}

/** What the rule had; none when it was about something else then. */
function groupsUnder(rule: AlertRule, before: Standings): RuleStanding['groups'] {
  const standing = before.get(rule.name);
  return standing?.subject === subjectOf(rule) ? standing.groups : new Map();
}

/** Groups with an alert under rules that are gone, or are about something else now. */
function endedGroups(
  outcomes: readonly Outcome[],
  before: Standings,
): { rule: string; key: string; alertSeq: number }[] {
  const subjects = new Map(outcomes.map(({ rule }) => [rule.name, subjectOf(rule)]));
  return [...before].flatMap(([rule, { subject, groups }]) =>
    subjects.get(rule) === subject
      ? []
      : [...groups].flatMap(([key, { alertSeq }]) => (alertSeq === null ? [] : [{ rule, key, alertSeq }])),
  );
}

/** `named`: the alerts that groups have got by now. */
function standingsAfter(
  outcomes: readonly Outcome[],
  before: Standings,
  named: readonly { rule: string; key: string; seq: number }[],
): Standings {
  const seqs = new Map(named.map(({ rule, key, seq }) => [JSON.stringify([rule, key]), seq]));
  return new Map(
    outcomes.map(({ rule, alerts }) => {
      const standing = groupsUnder(rule, before);
      const groups = [...alerts].map(([key, alert]) => {
        const alertSeq = seqs.get(JSON.stringify([rule.name, key])) ?? standing.get(key)?.alertSeq ?? null;
        return [key, { alert, alertSeq }] as const;
      });
      return [rule.name, { subject: subjectOf(rule), groups: new Map(groups) }];
    }),
  );
}
