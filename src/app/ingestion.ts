import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { PriceOf } from '../cost/rates.js';
import type { Pool } from '../db/pool.js';
import { priceDecision } from '../decision/assembly/price.js';
import { Assembler } from '../decision/gather/assembler.js';
import { findSealed } from '../decision/gather/sealed.js';
import { withRetold } from '../decision/gather/told.js';
import { isTracedTurn } from '../decision/gather/traced.js';
import type { RecordObservation } from '../decision/record/recorder.js';
import { RecorderThread } from '../decision/record/recorder-thread.js';
import { countUncounted } from '../decision/record/recount.js';
import { labelKeysOf } from '../decision/sampling/classify.js';
import type { Sampler } from '../decision/sampling/sampler.js';
import type { Watcher } from '../decision/watcher.js';
import { Journal } from '../ingest/journal.js';
import { MetricRecorder } from '../ingest/metric/recorder.js';
import { Receiver, reloadSpans } from '../ingest/receiver.js';
import { createSpanReader, type SpanReader } from '../ingest/request-spans.js';
import type { Log } from '../log.js';
import type { Meter } from '../meter.js';
import { SliceBook } from '../metric/write.js';
import type { Settings } from '../settings/settings.js';
import { DAY_MS, HOUR_MS } from '../time.js';
import type { Ground } from './ground.js';

/** Requests are kept this long after they were worked off, for spans that come late. */
const JOURNAL_KEPT_MS = HOUR_MS;
/** What holds something erased is not kept longer than this, worked off or not. */
const ERASED_PENDING_MS = DAY_MS;
const SWEEP_MS = 60_000;

/** From a request that comes in to its decisions in the record. */
export class Ingestion {
  readonly receiver: Receiver;
  readonly #recorder: RecorderThread;
  readonly #journal: Journal;
  readonly #assembler: Assembler;
  readonly #metrics: MetricRecorder;
  readonly #ground: Ground;
  #sweep: NodeJS.Timeout | null = null;

  constructor(
    ground: Ground,
    { recorder, priceOf, sampler, watcher }: Pick<Parts, 'recorder' | 'priceOf' | 'sampler' | 'watcher'>,
  ) {
    const { config, settings, database, clock, log } = ground;
    const { pool } = database;
    const journal = new Journal(pool);
    const readSpan = createSpanReader(labelKeysOf(settings.sampling.rules));
    this.#ground = ground;
    this.#recorder = recorder;
    this.#journal = journal;
    this.#assembler = createAssembler(config, {
      pool,
      recorder,
      journal,
      priceOf,
      sampler,
      watcher,
      readSpan,
      clock,
      log,
    });
    this.#metrics = new MetricRecorder({ pool, writer: new SliceBook(settings.cardinality), clock, log });
    this.receiver = new Receiver(journal, { assembler: this.#assembler, readSpan, metrics: this.#metrics });
    watch(ground.meter, { journal, assembler: this.#assembler });
  }

  /** Decisions of a version that knew no figures are counted before anything is sealed. */
  async prepare(): Promise<void> {
    const { database, settings, log } = this.#ground;
    await countEarlier(database.pool, settings, log);
  }

  /** Resolves with the reason when the journal cannot be read; never when all goes well. */
  start(): Promise<string> {
    const { clock, log } = this.#ground;
    this.#assembler.start();
    this.#sweep = setInterval(() => void sweepJournal(this.#journal, { clock, log }), SWEEP_MS);
    return replayJournal(this.receiver, log);
  }

  /** What has not been sealed is in the journal and comes back at the next start. */
  async stop(): Promise<void> {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    await this.#assembler.stop();
    await this.#metrics.stop();
    await this.#recorder.close();
  }
}

async function countEarlier(pool: Pool, settings: Settings, log: Log): Promise<void> {
  const decisions = await countUncounted(pool, new SliceBook(settings.cardinality));
  if (decisions > 0) log.info({ decisions }, 'counted what was sealed before there were figures');
}

interface Parts {
  pool: Pool;
  recorder: RecorderThread;
  journal: Journal;
  priceOf: PriceOf;
  sampler: Sampler;
  watcher: Watcher;
  readSpan: SpanReader;
  clock: Clock;
  log: Log;
}

export function createRecorder({ config, settings, database, streams, meter }: Ground, epoch: number): RecorderThread {
  const { bus, anomalyBus } = streams;
  return new RecorderThread({
    url: database.url,
    role: database.roles.recorder,
    epoch,
    logLevel: config.logLevel,
    cardinality: settings.cardinality,
    announce: (fleet, { headSeq, anomalySeq }) => {
      if (headSeq !== null) bus.announce(fleet, headSeq);
      if (anomalySeq !== null) anomalyBus.announce(fleet, anomalySeq);
    },
    observe: (observation) => observeRecord(meter, observation),
  });
}

function createAssembler(config: Config, parts: Parts): Assembler {
  const { pool, recorder, journal, priceOf, sampler, watcher, readSpan, clock, log } = parts;
  return new Assembler({
    submit: async (batch) => recorder.submit(await withRetold(pool, batch, clock.now())),
    price: (assembled) => priceDecision(assembled, priceOf),
    sampler,
    watcher,
    findSealed: (fleet, traceIds) => findSealed({ pool, fleet, nowMs: clock.now() }, traceIds),
    reload: (journalIds, traceId) => reloadSpans({ journal, readSpan }, journalIds, traceId),
    markDone: (journalIds) => journal.markDone(journalIds),
    isTracedTurn: (turn) => isTracedTurn(pool, turn, clock.now()),
    clock,
    log,
    settleMs: config.settleMs,
  });
}

function watch(meter: Meter, { journal, assembler }: { journal: Journal; assembler: Assembler }): void {
  meter.watch(
    'midwatch_journal_backlog_bytes',
    'Request bodies that wait for their commit.',
    () => journal.backlogBytes,
  );
  meter.watch('midwatch_open_spans', 'Spans that were journaled and are not sealed yet.', () => assembler.openSpans);
}

function observeRecord(meter: Meter, { sealed, duplicates, durationMs }: RecordObservation): void {
  meter.recordSeconds.observe(durationMs / 1_000);
  meter.decisions.inc({ result: 'sealed' }, sealed);
  meter.decisions.inc({ result: 'duplicate' }, duplicates);
}

/** Never resolves when all went well; resolves with the reason when the journal cannot be read. */
async function replayJournal(receiver: Receiver, log: Log): Promise<string> {
  try {
    const requests = await receiver.replay((journalId, error) =>
      log.error({ journalId, err: String(error) }, 'a journaled request cannot be read: it stays in the journal'),
    );
    if (requests > 0) log.info({ requests }, 'took up what was journaled and not sealed before');
    return await new Promise<string>(() => undefined);
  } catch (error) {
    log.error({ err: String(error) }, 'the journal cannot be replayed');
    return 'the journal cannot be replayed';
  }
}

async function sweepJournal(journal: Journal, { clock, log }: { clock: Clock; log: Log }): Promise<void> {
  try {
    const cutoff = new Date(clock.now() - JOURNAL_KEPT_MS);
    while ((await journal.removeDone(cutoff)) > 0);
    const emptied = await journal.emptyErased(new Date(clock.now() - ERASED_PENDING_MS));
    if (emptied > 0)
      log.warn({ requests: emptied }, 'requests that were never worked off held what was erased: they are empty now');
  } catch (error) {
    log.warn({ err: String(error) }, 'the journal was not swept: trying again later');
  }
}
