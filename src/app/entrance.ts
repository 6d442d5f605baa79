import type { Server } from 'node:http';
import type { Pool } from '../db/pool.js';
import { exportBundle } from '../export/export-bundle.js';
import { sealExport } from '../export/export-entry.js';
import { planExport, settleExtent } from '../export/plan.js';
import { summarizeAgents } from '../fleet/summary.js';
import type { GraphQLServices } from '../graphql/context.js';
import { createExecutor } from '../graphql/executor.js';
import { createGraphQL } from '../graphql/server.js';
import { BodyReader } from '../http/body.js';
import { Dashboard } from '../http/dashboard.js';
import { executeWith, type GraphQLOptions, handleGraphQL } from '../http/graphql.js';
import { createHttpServer, type HttpOptions } from '../http/server.js';
import { Streams } from '../http/streams.js';
import { readResource } from '../ledger/publish/resource.js';
import { Delivery } from '../live/delivery.js';
import type { ReportFiles } from '../report/job/files.js';
import { readTimestampResource } from '../timestamp/resource.js';
import { GENERATOR } from '../version.js';

/** What callers reach over HTTP, and the streams that they keep open. */
export function createEntrance(
  services: GraphQLServices,
  {
    access,
    receiver,
    meter,
    log,
    isAlerting,
    ledgers,
    timestampHealth,
    isLoopback,
    files,
    policyText,
  }: Pick<
    HttpOptions,
    'access' | 'receiver' | 'meter' | 'log' | 'isAlerting' | 'ledgers' | 'timestampHealth' | 'isLoopback'
  > & {
    files: ReportFiles;
    /** The witness policy as it stands in bundles; null where none is set. */
    policyText: string | null;
  },
): { server: Server; sockets: Streams } {
  const { pool, clock } = services;
  const { yoga } = createGraphQL({ ...services, log });
  const delivery = new Delivery({ executor: createExecutor({ yoga, services, log }), log });
  const sockets = new Streams({ access, delivery, clock, meter });
  const kindOf: GraphQLOptions['kindOf'] = (operation, caller) => delivery.kindOf(operation, caller);
  const bodies = new BodyReader();
  const graphql = { access, bodies, execute: executeWith(yoga), streams: sockets, kindOf };
  const server = createHttpServer({
    access,
    receiver,
    bodies,
    meter,
    log,
    isReady: () => isAnswering(pool),
    isAlerting,
    ledgers,
    timestampHealth,
    isLoopback,
    readAgents: (fleet) => summarizeAgents(services, fleet, clock.now()),
    readLedger: (fleet, path) => readResource(pool, fleet, path),
    readTimestamp: (path) => readTimestampResource(pool, path),
    openBundle: async (fleet, scope) => {
      const extent = await settleExtent(pool, { fleet, hasWitnesses: policyText !== null, nowMs: clock.now() });
      const plan = await planExport(services, { fleet, scope, content: 'withheld', extent });
      return async (actor) => {
        const sealed = await sealExport(pool, { plan, scope }, { actor, nowMs: clock.now() });
        const bundle = exportBundle({
          pool,
          plan,
          generator: GENERATOR,
          policy: policyText,
          progressed: () => undefined,
        });
        return { ...sealed, portions: bundle };
      };
    },
    reports: { access, pool, files, reads: services.reads },
    dashboard: new Dashboard(),
    graphql: (request, response) => handleGraphQL(request, response, graphql),
  });
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  return { server, sockets };
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
