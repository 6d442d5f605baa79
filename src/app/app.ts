import { Access } from '../access/access.js';
import { ContentReads } from '../access/content-reads.js';
import { loadSearchKey } from '../access/search-key.js';
import { systemClock } from '../clock.js';
import { type Config, readSecret } from '../config.js';
import { createPriceBook } from '../cost/prices.js';
import { ProviderSchedule } from '../cost/provider/schedule.js';
import { type Database, openDatabase } from '../db/database.js';
import { endsWithin } from '../db/ends-within.js';
import { acquireLease, type Lease } from '../db/lease.js';
import { type Pool, workUnderLease } from '../db/pool.js';
import { DecisionCalendar } from '../decision/calendar.js';
import { recallDecisions } from '../decision/sampling/recall.js';
import { Sampler } from '../decision/sampling/sampler.js';
import { type ErasureTools, resumeErasures } from '../erasure/carry-out.js';
import { StatusBoard } from '../fleet/status/board.js';
import { closeServer, listen } from '../http/server.js';
import { Bus } from '../live/bus.js';
import { readHeights } from '../live/store.js';
import type { Log } from '../log.js';
import { Meter } from '../meter.js';
import { openSigner } from '../report/signature/open-signer.js';
import type { ReportSigner } from '../report/signature/sign-report.js';
import { LiveSettings, type Reload } from '../settings/live-settings.js';
import { Upkeep } from '../volume/upkeep.js';
import { Alerting } from './alerting.js';
import { type Cosigning, createPublication } from './cosigning.js';
import { createEntrance } from './entrance.js';
import type { EventStreams, Ground } from './ground.js';
import { createRecorder, Ingestion } from './ingestion.js';
import type { Publishing } from './publishing.js';
import { reloadSettings } from './reload.js';
import { Reporting } from './reporting.js';
import { Timestamping } from './timestamping.js';
import { Watching } from './watching.js';

export interface App {
  port: number;
  /** What a person who started it wants to know first. */
  banner: string;
  /** Resolves with the reason when the app can no longer do its work. */
  failed: Promise<string>;
  /** Has the settings read anew. Rejects with VALIDATION_FAILED for a file that is wrong; then nothing changes. */
  reload(actor: string): Promise<Reload>;
  close(): Promise<void>;
}

/** How long a stop waits for what is being written. */
const WORK_END_MS = 3_000;

/**
 * Where things are constructed and handed to each other, with the other files of this folder. Whatever it waits for, it
 * rejects at once when `stopped` is aborted.
 */
export async function createApp(
  { config, settings, policy, log }: Pick<Ground, 'config' | 'settings' | 'policy' | 'log'>,
  stopped: AbortSignal,
): Promise<App> {
  // Whether it can sign is known before anything is waited for.
  const signer = await openSigner(settings, { clock: systemClock, stopped });
  const database = await openDatabase(config, log, stopped);
  const lease = await acquireLease(database, log, stopped).catch((error: unknown) => closeAfter(database, error));
  workUnderLease(database.pool, lease.epoch);
  const streams = { bus: new Bus(), anomalyBus: new Bus(), alertBus: new Bus() };
  try {
    const live = new LiveSettings(settings, config.configFile);
    return await start(
      { config, settings, policy, live, database, streams, meter: new Meter(), clock: systemClock, log },
      { lease, signer },
    );
  } catch (error) {
    await lease.release();
    return closeAfter(database, error);
  }
}

async function closeAfter(database: Database, error: unknown): Promise<never> {
  await database.close();
  throw error;
}

/** What takes decisions in, seals them, watches them and keeps them. */
async function createRooms(ground: Ground, lease: Lease) {
  const { settings, database, clock, log } = ground;
  const { pool } = database;
  const calendar = new DecisionCalendar({ pool, clock });
  const records = { pool, calendar };
  const statuses = new StatusBoard(records, settings.status);
  const priceOf = createPriceBook(settings.prices);
  const recall = (fleet: string) => recallDecisions(pool, fleet, clock.now());
  const sampler = new Sampler({ settings: settings.sampling, recall });
  const recorder = createRecorder(ground, lease.epoch);
  const watching = new Watching(ground, { recorder, records, statuses });
  const ingestion = new Ingestion(ground, { recorder, priceOf, sampler, watcher: watching.watcher });
  const alerting = new Alerting(ground, records);
  const upkeep = new Upkeep({ pool, retention: settings.retention, clock, log });
  const timestamping = await Timestamping.open(ground);
  const pulls = new ProviderSchedule({ providers: settings.providers, pool, clock, secretOf: readSecret, log });
  return { calendar, statuses, priceOf, sampler, recorder, watching, ingestion, alerting, upkeep, timestamping, pulls };
}

async function start(ground: Ground, { lease, signer }: { lease: Lease; signer: ReportSigner | null }): Promise<App> {
  const { config, settings, database, streams, meter, clock, log } = ground;
  const { pool } = database;
  const rooms = await createRooms(ground, lease);
  const { calendar, recorder, watching, ingestion, alerting, upkeep, timestamping, pulls } = rooms;
  const { publishing, cosigning } = await createPublication(ground, recorder);
  const erasures: ErasureTools = {
    pool,
    calendar,
    forget: (fleet, conversations) => watching.forget(fleet, conversations),
    now: () => clock.now(),
  };
  const reload = (actor: string) => reloadSettings(ground, actor);
  const publish = (fleet: string) => publishing.publish(fleet);
  const reportBus = new Bus();
  const reporting = new Reporting(ground, { calendar, publish, reportBus, signer });
  const services = {
    pool,
    calendar,
    recorder,
    ...streams,
    clock,
    priceOf: rooms.priceOf,
    statuses: rooms.statuses,
    sampler: rooms.sampler,
    watcher: watching.watcher,
    providers: settings.providers,
    rules: alerting.rules,
    erasures,
    erasureApproval: settings.erasure.approval,
    reads: new ContentReads({ pool, searchKey: await loadSearchKey(config.dataDir), clock }),
    wakeNotifications: () => alerting.wake(),
    publish,
    foundSound: (fleet: string, begunMs: number) => publishing.foundSound(fleet, begunMs),
    reportBus,
    readWitnesses: (fleet: string) => cosigning.standings(fleet),
    readBudgets: (fleet: string) => watching.readBudgets(fleet),
    reloadSettings: reload,
  };
  const access = new Access({ pool, config, clock });
  const { server, sockets } = createEntrance(services, {
    access,
    receiver: ingestion.receiver,
    meter,
    log,
    isAlerting: () => alerting.isAlive,
    ledgers: cosigning,
    timestampHealth: () => timestamping.health,
    isLoopback: isLoopback(config.host),
    files: reporting.files,
    policyText: ground.policy?.text ?? null,
  });
  await announceHeights(pool, streams);
  await upkeep.prepare();
  await ingestion.prepare();
  await cosigning.start();
  await resumeErasing(erasures, log);
  const port = await listen(server, config);
  const replay = ingestion.start();
  for (const part of [upkeep, watching, alerting, pulls, publishing, timestamping, reporting]) part.start();

  return {
    port,
    banner: bannerOf(config, port, access),
    failed: Promise.race([lease.lost, recorder.failed, replay]),
    reload,
    close: () => close(ground, { ...rooms, server, sockets, publishing, cosigning, reporting, lease }),
  };
}

interface Running extends Awaited<ReturnType<typeof createRooms>>, ReturnType<typeof createEntrance> {
  publishing: Publishing;
  cosigning: Cosigning;
  reporting: Reporting;
  lease: Lease;
}

/** Nothing comes in any more, then what is under way is recorded, then what was learned is saved. */
async function close({ database, log }: Ground, running: Running): Promise<void> {
  const { server, sockets, pulls, watching, alerting, ingestion, upkeep, publishing, cosigning, reporting, lease } =
    running;
  await sockets.close();
  await closeServer(server, log);
  const work = async () => {
    await Promise.all([pulls.stop(), running.timestamping.stop(), watching.stop(), alerting.stop()]);
    await ingestion.stop();
    await watching.save();
    await reporting.stop();
    await Promise.all([upkeep.stop(), publishing.stop()]);
    await cosigning.stop();
    await lease.release();
  };
  if (!(await endsWithin(work(), WORK_END_MS))) log.warn('the database is away: the journal has what is not sealed');
  await database.close();
}

/** What is recorded already was announced by nobody of this process. */
async function announceHeights(pool: Pool, { bus, anomalyBus, alertBus }: EventStreams): Promise<void> {
  for (const { fleet, decisions, anomalies, alerts } of await readHeights(pool)) {
    bus.announce(fleet, decisions);
    anomalyBus.announce(fleet, anomalies);
    alertBus.announce(fleet, alerts);
  }
}

/** One that is refused stays as it is, for somebody to look at: a hold may have come between. */
async function resumeErasing(erasures: ErasureTools, log: Log): Promise<void> {
  try {
    const resumed = await resumeErasures(erasures);
    if (resumed > 0) log.info({ erasures: resumed }, 'went on with what was being erased');
  } catch (error) {
    log.error({ err: String(error) }, 'what was being erased is not all erased: approve of it again');
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function bannerOf({ host, dataDir }: Config, port: number, { signInCodes }: Access): string {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  // Elsewhere what is printed goes to logs that others read. After the `#`, the code is sent to nobody.
  const link = isLoopback(host) ? `${url}/sign-in#code=${signInCodes.issue()}   (once, within 15 minutes)` : `${url}/`;
  return `
  Midwatch is standing watch on ${url}

    Dashboard       ${link}
    OpenTelemetry   ${url}/v1/traces   (OTLP/HTTP, protobuf or JSON)
    GraphQL         ${url}/graphql
    Health          ${url}/healthz

  A token for yourself:    npx midwatch token
  A key for an agent:      npx midwatch key create --role INGEST --fleet default
  A fleet to look at:      npm run demo

  each with the PORT and DATABASE_URL of this server, and MIDWATCH_DATA_DIR=${dataDir}

`;
}
