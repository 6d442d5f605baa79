import type { AlertRow } from '../alerting/alert.js';
import { Evaluator } from '../alerting/evaluator.js';
import { AlertLoop } from '../alerting/loop.js';
import { RuleBook } from '../alerting/rule-book.js';
import { findCurrentAlerts } from '../alerting/store.js';
import { readSecret } from '../config.js';
import type { FigureRecords } from '../fleet/figures/read.js';
import type { NotifiableAlert } from '../notify/alert.js';
import { createNotifications, type Notifications } from '../notify/notifications.js';
import type { NotificationSettings } from '../settings/notification/settings.js';
import { HOUR_MS } from '../time.js';
import type { Ground } from './ground.js';

/** What resolved longer ago was told long since. */
const RESOLVED_SINCE_MS = 6 * HOUR_MS;

/** The rules, their evaluation, and who is told of what came of it. */
export class Alerting {
  readonly rules: RuleBook;
  readonly #ground: Ground;
  readonly #loop: AlertLoop;
  #notifications: Notifications;
  /** The stop of what reloaded settings replaced. */
  #replaced: Promise<void> = Promise.resolve();

  /** Throws VALIDATION_FAILED when a receiver's variable of the environment is missing. */
  constructor(ground: Ground, records: FigureRecords) {
    const { live, streams, database, clock, log } = ground;
    const { pool } = database;
    const { alertBus } = streams;
    this.#ground = ground;
    this.rules = new RuleBook({ pool, ofFile: () => live.current.alerting, log });
    const announce = (fleet: string, alertSeq: number) => alertBus.announce(fleet, alertSeq);
    const evaluator = new Evaluator({ records, rules: this.rules, announce, clock, log });
    this.#loop = new AlertLoop({ pool, evaluator, onRound: () => this.wake(), clock, log });
    this.#notifications = this.#createNotifications(live.current.notifications);
    live.onReload(({ notifications }) => this.#replaceNotifications(notifications));
  }

  start(): void {
    this.#loop.start();
    this.#notifications.start();
  }

  /** Whether rules are evaluated, as they should be every few seconds. */
  get isAlive(): boolean {
    return this.#loop.isAlive;
  }

  /** Has people told of what somebody changed just now. */
  wake(): void {
    this.#notifications.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#replaced;
    await this.#notifications.stop();
  }

  #createNotifications(settings: NotificationSettings): Notifications {
    const { database, clock, log } = this.#ground;
    const { pool } = database;
    const source = {
      current: async () => (await findCurrentAlerts(pool, new Date(clock.now() - RESOLVED_SINCE_MS))).map(notifiable),
    };
    const isAlive = () => this.#loop.isAlive;
    return createNotifications({ pool, settings, source, isAlive, secretOf: readSecret, clock, log });
  }

  /** What was planned is in the database: whoever comes next takes it up. */
  #replaceNotifications(settings: NotificationSettings): void {
    const next = this.#createNotifications(settings);
    const former = this.#notifications;
    this.#notifications = next;
    this.#replaced = this.#replaced.then(() => former.stop()).then(() => next.start());
  }
}

function notifiable({ fleet, seq, labels, ...alert }: AlertRow & { fleet: string }): NotifiableAlert {
  const { rule, condition, severity, summary, value, threshold, decisionIds, victims } = alert;
  return {
    id: `Alert:${seq}`,
    fleet,
    rule,
    condition,
    severity,
    state: alert.state === 'FIRING' ? 'FIRING' : 'RESOLVED',
    labels,
    summary,
    value,
    threshold,
    firedAtMs: (alert.firedAt ?? alert.startedAt).getTime(),
    resolvedAtMs: alert.resolvedAt?.getTime() ?? null,
    acknowledgedAtMs: alert.acknowledgedAt?.getTime() ?? null,
    decisionIds,
    victims,
  };
}
