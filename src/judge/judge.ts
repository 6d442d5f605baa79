import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import type { Pool } from '../db/pool.js';
import { type RecordBatch, sealingBatch } from '../decision/record/record.js';
import type { DecisionRow } from '../decision/row.js';
import { readSealedAfter } from '../decision/sealed-after.js';
import { AppError, ERROR_CODES } from '../errors.js';
import type { Log } from '../log.js';
import type { JudgeSetting } from '../settings/settings.js';
import { dayOf } from '../time.js';
import { Asker } from './asker.js';
import { isChosen } from './choice.js';
import { Endpoint } from './endpoint.js';
import { findMaterial } from './material.js';
import { type Opinion, sightingOf } from './opinion.js';
import {
  beginCursors,
  type Cursor,
  claimCall,
  findCursorsBehind,
  markJudged,
  moveCursor,
  removeCursors,
} from './store.js';

export interface JudgeOptions {
  pool: Pool;
  /** Null: nobody is asked. */
  settings: JudgeSetting | null;
  submit: (batch: RecordBatch) => Promise<unknown>;
  /** What a variable of the environment holds. */
  secretOf: (variable: string) => string | undefined;
  clock: Clock;
  log: Log;
}

const LOOK_EVERY_MS = 2_000;
/** Decisions of one fleet that are looked at before the next fleet has its turn. */
const PAGE_SIZE = 200;
/** Calls at once, of all fleets. */
const IN_FLIGHT_MAX = 2;

/**
 * Follows what is sealed and asks a model whether answers are grounded, of the share that the settings give. It says what
 * it finds as an anomaly; the sealed decision stays as it is. What is being asked when it stops is asked again after the
 * next start, what was judged is not.
 */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #panel: Panel | null;
  readonly #stop = new AbortController();
  #hasBegun = false;
  #spentOn: string | null = null;
  #running: Promise<void> = Promise.resolve();

  /** Throws VALIDATION_FAILED when the variable that is to hold the key does not. */
  constructor(options: JudgeOptions) {
    const { settings, secretOf, clock, log } = options;
    this.#options = options;
    this.#panel = settings && {
      settings,
      asker: new Asker({
        endpoint: new Endpoint({ ...settings, key: readKey(settings, secretOf), clock }),
        claim: () => this.#claim(settings),
        log,
      }),
    };
  }

  start(): void {
    this.#running = this.#panel === null ? this.#forget() : this.#run();
  }

  /** Ends calls that are under way, and resolves when nothing is. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /**
   * One look at all fleets; the first only notes how far they have come, since what was sealed before is not judged.
   * Returns whether there is more to look at. Never rejects: what failed is tried again.
   */
  async look(): Promise<boolean> {
    const { pool, log } = this.#options;
    if (this.#panel === null) return false;
    try {
      if (!this.#hasBegun) await beginCursors(pool);
      this.#hasBegun = true;
      let hasMore = false;
      for (const cursor of await findCursorsBehind(pool)) {
        hasMore = (await this.#follow(this.#panel, cursor)) || hasMore;
      }
      return hasMore;
    } catch (error) {
      if (!this.#stop.signal.aborted) log.warn({ err: String(error) }, 'answers were not judged: trying again');
      return false;
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (!(await this.look())) await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What is sealed while nobody is to be asked is never sent, also if somebody is later. */
  async #forget(): Promise<void> {
    const { pool, log } = this.#options;
    try {
      await removeCursors(pool);
    } catch (error) {
      log.warn({ err: String(error) }, 'how far answers were judged was not forgotten');
    }
  }

  /** The next page of a fleet's decisions. Returns whether its ledger goes on. */
  async #follow(panel: Panel, { fleet, seq, judged }: Cursor): Promise<boolean> {
    const { pool } = this.#options;
    const page = await readSealedAfter({ pool, fleet, filter: {} }, { afterSeq: seq, limit: PAGE_SIZE });
    const chosen = page.rows.filter((row) => !judged.includes(row.seq) && isChosen(panel.settings, fleet, row));
    for (let start = 0; start < chosen.length; start += IN_FLIGHT_MAX) {
      const together = chosen.slice(start, start + IN_FLIGHT_MAX);
      // All have ended before one's failure is passed on: nothing goes on behind the cursor's back.
      const ended = await Promise.allSettled(together.map((row) => this.#judge(panel, fleet, row)));
      for (const each of ended) if (each.status === 'rejected') throw each.reason;
    }
    await moveCursor(pool, fleet, page.throughSeq);
    return page.hasMore;
  }

  async #judge({ settings, asker }: Panel, fleet: string, decision: DecisionRow): Promise<void> {
    const { pool } = this.#options;
    const { signal } = this.#stop;
    const question = await findMaterial(pool, fleet, decision);
    const opinion = question && (await asker.ask(question, { fleet, decision: decision.id }, signal));
    if (opinion !== null) await this.#tell(settings, fleet, decision, opinion);
    await markJudged(pool, fleet, decision.seq);
  }

  async #tell(settings: JudgeSetting, fleet: string, decision: DecisionRow, opinion: Opinion): Promise<void> {
    const { submit, clock, log } = this.#options;
    const { model, url } = settings;
    const sighting = sightingOf(decision, opinion, { model, url, nowMs: clock.now() });
    if (sighting === null) return;
    try {
      await submit(sealingBatch(fleet, { decisions: [], sightings: [sighting] }));
    } catch (error) {
      // Asking again would cost a call each time, and be refused again.
      if (!(error instanceof AppError) || ERROR_CODES[error.code].retryable) throw error;
      log.error({ fleet, decision: decision.id, err: String(error) }, 'what the judge found was refused');
    }
  }

  async #claim({ callsPerDayMax: callsMax }: JudgeSetting): Promise<boolean> {
    const { pool, clock, log } = this.#options;
    const day = dayOf(clock.now());
    const isClaimed = await claimCall(pool, { day, callsMax });
    if (!isClaimed && this.#spentOn !== day) {
      this.#spentOn = day;
      log.warn(
        { day, calls: callsMax },
        'the daily limit of the judge is reached: answers are not judged until 0:00 UTC',
      );
    }
    return isClaimed;
  }
}

/** Who is asked, and about what. */
interface Panel {
  settings: JudgeSetting;
  asker: Asker;
}

/** The key, of characters that a header may have; the message never says what the variable holds. */
function readKey({ keyVariable }: JudgeSetting, secretOf: JudgeOptions['secretOf']): string | null {
  if (keyVariable === null) return null;
  const key = secretOf(keyVariable)?.trim() ?? '';
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  const what = key === '' ? 'is not set' : 'does not hold a key: it has spaces or characters beyond ASCII';
  throw new AppError('VALIDATION_FAILED', `judge: ${keyVariable} ${what}`);
}
