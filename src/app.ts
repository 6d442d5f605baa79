import { Access } from './access/access.js';
import { type Clock, systemClock } from './clock.js';
import type { Config } from './config.js';
import { createPriceBook } from './cost/prices.js';
import type { PriceOf } from './cost/rates.js';
import { type Database, openDatabase } from './db/database.js';
import { endsWithin } from './db/ends-within.js';
import { acquireLease, type Lease } from './db/lease.js';
import type { Pool } from './db/pool.js';
import { priceDecision } from './decision/assembly/price.js';
import { Assembler } from './decision/gather/assembler.js';
import { findSealed } from './decision/gather/sealed.js';
import type { RecordObservation } from './decision/record/recorder.js';
import { RecorderThread } from './decision/record/recorder-thread.js';
import { summarizeAgents } from './fleet/summary.js';
import { createExecutor } from './graphql/executor.js';
import { createGraphQL } from './graphql/server.js';
import { BodyReader } from './http/body.js';
import { executeWith, type GraphQLOptions, handleGraphQL } from './http/graphql.js';
import { closeServer, createHttpServer, listen } from './http/server.js';
import { Streams } from './http/streams.js';
import { Journal } from './ingest/journal.js';
import { Receiver, reloadSpans } from './ingest/receiver.js';
import { Bus } from './live/bus.js';
import { Delivery } from './live/delivery.js';
import type { Log } from './log.js';
import { Meter } from './meter.js';

export interface App {
  port: number;
  /** What a person who started it wants to know first. */
  banner: string;
  /** Resolves with the reason when the app can no longer do its work. */
  failed: Promise<string>;
  close(): Promise<void>;
}

/** Trace requests are kept this long after they were worked off, for spans that come late. */
const JOURNAL_KEPT_MS = 3_600_000;
const SWEEP_MS = 60_000;
/** How long a stop waits for what is being written. */
const WORK_END_MS = 3_000;

/**
 * The only place where things are constructed and handed to each other. Whatever it waits for, it rejects at once when
 * `stopped` is aborted.
 */
export async function createApp(config: Config, log: Log, stopped: AbortSignal): Promise<App> {
  const database = await openDatabase(config, log, stopped);
  const lease = await acquireLease(database.url, log, stopped).catch((error: unknown) => closeAfter(database, error));
  try {
    return await start(config, { database, lease, log, clock: systemClock });
  } catch (error) {
    await lease.release();
    return closeAfter(database, error);
  }
}

async function closeAfter(database: Database, error: unknown): Promise<never> {
  await database.close();
  throw error;
}

async function start(
  config: Config,
  { database, lease, log, clock }: { database: Database; lease: Lease; log: Log; clock: Clock },
): Promise<App> {
  const { pool } = database;
  const meter = new Meter();
  const bus = new Bus();
  const priceOf = createPriceBook();
  const recorder = new RecorderThread({
    url: database.url,
    role: database.role,
    logLevel: config.logLevel,
    announce: (fleet, seq) => bus.announce(fleet, seq),
    observe: (observation) => observeRecord(meter, observation),
  });
  const journal = new Journal(pool);
  const assembler = createAssembler(config, { pool, recorder, journal, priceOf, clock, log });
  const receiver = new Receiver(journal, assembler);
  const access = new Access({ pool, config, clock });
  watch(meter, { journal, assembler });

  const bodies = new BodyReader();
  const services = { pool, recorder, bus, clock, priceOf };
  const { yoga } = createGraphQL({ ...services, log });
  const delivery = new Delivery({ executor: createExecutor({ yoga, services, log }), log });
  const streams = new Streams({ access, delivery, clock, meter });
  const kindOf: GraphQLOptions['kindOf'] = (operation, caller) => delivery.kindOf(operation, caller);
  const graphql = { access, bodies, execute: executeWith(yoga), streams, kindOf };

  const server = createHttpServer({
    access,
    receiver,
    bodies,
    meter,
    log,
    isReady: () => isAnswering(pool),
    isLoopback: isLoopback(config.host),
    readAgents: (fleet) => summarizeAgents(pool, fleet, clock.now()),
    graphql: (request, response) => handleGraphQL(request, response, graphql),
  });
  server.on('upgrade', (request, socket, head) => streams.upgrade(request, socket, head));
  const port = await listen(server, config);
  assembler.start();
  const replay = replayJournal(receiver, log);
  const sweep = setInterval(() => void sweepJournal(journal, { clock, log }), SWEEP_MS);

  return {
    port,
    banner: bannerOf(config, port),
    failed: Promise.race([lease.lost, recorder.failed, replay]),
    close: async () => {
      clearInterval(sweep);
      await streams.close();
      await closeServer(server, log);
      const work = async () => {
        await assembler.stop();
        await recorder.close();
        await lease.release();
      };
      if (!(await endsWithin(work(), WORK_END_MS)))
        log.warn('the database is away: the journal has what is not sealed');
      await database.close();
    },
  };
}

interface Parts {
  pool: Pool;
  recorder: RecorderThread;
  journal: Journal;
  priceOf: PriceOf;
  clock: Clock;
  log: Log;
}

function createAssembler(config: Config, { pool, recorder, journal, priceOf, clock, log }: Parts): Assembler {
  return new Assembler({
    submit: (batch) => recorder.submit(batch),
    price: (assembled) => priceDecision(assembled, priceOf),
    findSealed: (fleet, traceIds) => findSealed(pool, fleet, traceIds),
    reload: (journalIds, traceId) => reloadSpans(journal, journalIds, traceId),
    markDone: (journalIds) => journal.markDone(journalIds),
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
  } catch (error) {
    log.warn({ err: String(error) }, 'the journal was not swept: trying again later');
  }
}

/** Whoever asks whether the server is ready does not wait as long as its work may. */
const PROBE: { text: string; query_timeout: number } = { text: 'SELECT 1', query_timeout: 2_000 };

async function isAnswering(pool: Pool): Promise<boolean> {
  try {
    await pool.query(PROBE);
    return true;
  } catch {
    return false;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function bannerOf({ host }: Config, port: number): string {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `
  Midwatch is standing watch on ${url}

    OpenTelemetry   ${url}/v1/traces   (OTLP/HTTP, protobuf or JSON)
    GraphQL         ${url}/graphql
    Health          ${url}/healthz

  A token for yourself:    npx midwatch token
  A key for an agent:      npx midwatch key create --role INGEST --fleet default
  A fleet to look at:      npm run demo

`;
}
