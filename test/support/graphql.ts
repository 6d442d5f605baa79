import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { ContentReads } from '../../src/access/content-reads.js';
import type { Role } from '../../src/access/policy.js';
import type { Viewer } from '../../src/access/viewer.js';
import type { AlertRule } from '../../src/alert/rule.js';
import { RuleBook } from '../../src/alerting/rule-book.js';
import { type Clock, systemClock } from '../../src/clock.js';
import type { PriceOf } from '../../src/cost/rates.js';
import type { Pool } from '../../src/db/pool.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import { Recorder } from '../../src/decision/record/recorder.js';
import { recallDecisions } from '../../src/decision/sampling/recall.js';
import { Sampler } from '../../src/decision/sampling/sampler.js';
import type { Watcher } from '../../src/decision/watcher.js';
import { StatusBoard } from '../../src/fleet/status/board.js';
import type { GraphQLServices } from '../../src/graphql/context.js';
import { createGraphQL } from '../../src/graphql/server.js';
import type { Publisher } from '../../src/ledger/publish/publisher.js';
import { Bus } from '../../src/live/bus.js';
import { createLog, type Log } from '../../src/log.js';
import type { CardinalityLimits } from '../../src/metric/cardinality.js';
import { SliceBook } from '../../src/metric/write.js';
import {
  DEFAULT_SETTINGS,
  type ErasureApproval,
  type ProviderSetting,
  type SamplingSettings,
} from '../../src/settings/settings.js';
import { createDatabase, type TestDatabase } from './postgres.js';
import { createPublisher } from './publisher.js';
import { NO_WATCH } from './watcher.js';

// biome-ignore lint/suspicious/noExplicitAny: answers are read freely in tests
export type Answer = { data?: any; errors?: { message: string; path?: unknown[]; extensions: any }[] };

export interface Ask {
  role?: Role;
  fleet?: string;
  /** Who asks; one person for each role when left out. */
  subject?: string;
  signal?: AbortSignal;
}

export interface GraphQLFixture {
  database: TestDatabase;
  pool: Pool;
  bus: Bus;
  anomalyBus: Bus;
  alertBus: Bus;
  rules: RuleBook;
  recorder: Recorder;
  /** Publishes when it is told to, and when a query needs it. */
  publisher: Publisher;
  yoga: ReturnType<typeof createGraphQL>['yoga'];
  services: GraphQLServices;
  /** Runs a query in process and answers its JSON. */
  ask(query: string, variables?: Record<string, unknown>, ask?: Ask): Promise<Answer>;
  /** The statements that went to the database while `work` ran. */
  statements(work: () => Promise<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

export function viewerOf(role: Role): Viewer {
  return { subject: `a-${role.toLowerCase()}`, roles: new Set([role]), fleets: '*', expiresAtMs: null };
}

/** Of what is searched for in content, as a server has it in a file. */
export const SEARCH_KEY = randomBytes(32);

export interface FixtureOptions {
  clock?: Clock;
  log?: Log;
  priceOf?: PriceOf;
  fleets?: readonly string[];
  /** The test run's own when left out. */
  postgresUrl?: string;
  sampling?: SamplingSettings;
  providers?: readonly ProviderSetting[];
  watcher?: Watcher;
  cardinality?: CardinalityLimits;
  /** The rules of the file. */
  alerting?: () => readonly AlertRule[];
  erasureApproval?: ErasureApproval;
}

/** The API in process on a database of its own, with a real recorder behind it. */
export async function startGraphQL(options: FixtureOptions = {}): Promise<GraphQLFixture> {
  const { clock = systemClock, log = createLog('silent'), priceOf = () => null, fleets = [] } = options;
  const { sampling = DEFAULT_SETTINGS.sampling, providers = [], watcher = NO_WATCH } = options;
  const { cardinality = DEFAULT_SETTINGS.cardinality, alerting = () => [] } = options;
  const database = await createDatabase(options.postgresUrl);
  const { pool } = database;
  // Like the first fleet there is, they were there before their ledgers.
  await pool.query('INSERT INTO fleet (id) SELECT unnest($1::text[])', [fleets]);
  const bus = new Bus();
  const anomalyBus = new Bus();
  const alertBus = new Bus();
  const rules = new RuleBook({ pool, ofFile: alerting, log });
  const recorder = new Recorder({
    pool: database.recorderPool,
    writer: new SliceBook(cardinality),
    announce: (fleet, { headSeq, anomalySeq }) => {
      if (headSeq !== null) bus.announce(fleet, headSeq);
      if (anomalySeq !== null) anomalyBus.announce(fleet, anomalySeq);
    },
    observe: () => undefined,
    clock,
  });
  const calendar = new DecisionCalendar({ pool, clock });
  const statuses = new StatusBoard({ pool, calendar }, DEFAULT_SETTINGS.status);
  const sampler = new Sampler({
    settings: sampling,
    recall: (fleet) => recallDecisions(pool, fleet, clock.now()),
  });
  const publisher = createPublisher(pool, { clock, log });
  const services: GraphQLServices = {
    pool,
    calendar,
    recorder,
    bus,
    anomalyBus,
    alertBus,
    reportBus: new Bus(),
    wakeNotifications: () => undefined,
    readBudgets: async () => [],
    publish: (fleet) => publisher.publish(fleet),
    foundSound: (fleet, begunMs) => publisher.resume(fleet, begunMs),
    readWitnesses: async () => [],
    reloadSettings: async () => assert.fail('there is no file here'),
    rules,
    clock,
    priceOf,
    statuses,
    sampler,
    watcher,
    providers,
    erasures: { pool, calendar, forget: () => undefined, now: () => clock.now() },
    erasureApproval: options.erasureApproval ?? 'TWO_PEOPLE',
    reads: new ContentReads({ pool, searchKey: SEARCH_KEY, clock }),
  };
  const { yoga } = createGraphQL({ ...services, log });
  return {
    database,
    pool,
    bus,
    anomalyBus,
    alertBus,
    rules,
    recorder,
    publisher,
    yoga,
    services,
    ask: async (query, variables = {}, { role = 'ADMIN', fleet = 'default', subject, signal } = {}) => {
      const response = await yoga.fetch(
        'http://midwatch/graphql',
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify({ query, variables }),
          ...(signal === undefined ? {} : { signal }),
        },
        { viewer: { ...viewerOf(role), ...(subject === undefined ? {} : { subject }) }, fleet },
      );
      return (await response.json()) as Answer;
    },
    statements: async (work) => {
      const seen: string[] = [];
      const { query } = pool;
      pool.query = ((...args: [string, ...unknown[]]) => {
        seen.push(args[0]);
        return (query as (...all: unknown[]) => unknown).apply(pool, args);
      }) as typeof pool.query;
      try {
        await work();
      } finally {
        pool.query = query;
      }
      return seen;
    },
    close: async () => {
      await recorder.idle();
      await database.drop();
    },
  };
}

const RECORD = `mutation Record($input: RecordDecisionsInput!) {
  recordDecisions(input: $input) {
    __typename
    ... on RecordDecisionsSuccess { decisions { id } duplicates }
    ... on UserError { message path code }
  }
}`;

/** A decision of `recordDecisions`; `minute` after 2026-11-22T08:00Z is when it started. */
export function decisionInput(id: string, { minute = 0, ...rest }: Record<string, unknown> & { minute?: number } = {}) {
  const startedAtMs = Date.parse('2026-11-22T08:00:00.000Z') + minute * 60_000;
  return {
    id,
    agent: 'triage',
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: new Date(startedAtMs + 1_500).toISOString(),
    ...rest,
  };
}

/** Records decisions and fails when that was refused. */
export async function record(fixture: GraphQLFixture, decisions: unknown[], ask: Ask = {}): Promise<void> {
  const { data, errors } = await fixture.ask(RECORD, { input: { decisions } }, ask);
  const result = data?.recordDecisions;
  if (result?.__typename !== 'RecordDecisionsSuccess') throw new TypeError(JSON.stringify(errors ?? result));
}
