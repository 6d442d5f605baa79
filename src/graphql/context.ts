import type { Viewer } from '../access/viewer.js';
import type { Clock } from '../clock.js';
import type { PriceOf } from '../cost/rates.js';
import type { Pool } from '../db/pool.js';
import type { Recorder } from '../decision/record/recorder.js';
import type { Bus } from '../live/bus.js';
import { createLoaders, type Loaders } from './loaders.js';

/** What resolvers work with, the same for every request. */
export interface GraphQLServices {
  pool: Pool;
  recorder: Pick<Recorder, 'record'>;
  bus: Bus;
  clock: Clock;
  priceOf: PriceOf;
}

/** Who asks and of which fleet, proven before GraphQL begins. */
export interface Caller {
  viewer: Viewer;
  fleet: string;
}

export interface GraphQLContext extends Caller {
  services: GraphQLServices;
  loaders: Loaders;
  /** Aborted when the caller is gone. */
  signal: AbortSignal;
}

export function createContext(services: GraphQLServices, caller: Caller, signal: AbortSignal): GraphQLContext {
  const { viewer, fleet } = caller;
  return { viewer, fleet, services, loaders: createLoaders({ ...services, fleet }), signal };
}
