import type { Role } from '../../src/access/policy.js';
import { createFleet } from '../../src/access/store.js';
import type { Viewer } from '../../src/access/viewer.js';
import { type Clock, systemClock } from '../../src/clock.js';
import type { PriceOf } from '../../src/cost/rates.js';
import type { Pool } from '../../src/db/pool.js';
import { Recorder } from '../../src/decision/record/recorder.js';
import { createGraphQL } from '../../src/graphql/server.js';
import { Bus } from '../../src/live/bus.js';
import { createLog, type Log } from '../../src/log.js';
import { createDatabase, type TestDatabase } from './postgres.js';

// biome-ignore lint/suspicious/noExplicitAny: answers are read freely in tests
export type Answer = { data?: any; errors?: { message: string; path?: unknown[]; extensions: any }[] };

export interface Ask {
  role?: Role;
  fleet?: string;
  signal?: AbortSignal;
}

export interface GraphQLFixture {
  database: TestDatabase;
  pool: Pool;
  bus: Bus;
  recorder: Recorder;
  yoga: ReturnType<typeof createGraphQL>['yoga'];
  /** Runs a query in process and answers its JSON. */
  ask(query: string, variables?: Record<string, unknown>, ask?: Ask): Promise<Answer>;
  /** The statements that went to the database while `work` ran. */
  statements(work: () => Promise<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

export function viewerOf(role: Role): Viewer {
  return { subject: `a-${role.toLowerCase()}`, roles: new Set([role]), fleets: '*', expiresAtMs: null };
}

export interface FixtureOptions {
  clock?: Clock;
  log?: Log;
  priceOf?: PriceOf;
  fleets?: readonly string[];
}

/** The API in process on a database of its own, with a real recorder behind it. */
export async function startGraphQL(options: FixtureOptions = {}): Promise<GraphQLFixture> {
  const { clock = systemClock, log = createLog('silent'), priceOf = () => null, fleets = [] } = options;
  const database = await createDatabase();
  const { pool } = database;
  for (const fleet of fleets) await createFleet(pool, fleet);
  const bus = new Bus();
  const recorder = new Recorder({
    pool,
    announce: (fleet, seq) => bus.announce(fleet, seq),
    observe: () => undefined,
    clock,
  });
  const { yoga } = createGraphQL({ pool, recorder, bus, clock, log, priceOf });
  return {
    database,
    pool,
    bus,
    recorder,
    yoga,
    ask: async (query, variables = {}, { role = 'ADMIN', fleet = 'default', signal } = {}) => {
      const response = await yoga.fetch(
        'http://midwatch/graphql',
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify({ query, variables }),
          ...(signal === undefined ? {} : { signal }),
        },
        { viewer: viewerOf(role), fleet },
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
