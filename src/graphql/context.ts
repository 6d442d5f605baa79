import type { ReadAccount } from '../access/content-reads.js';
import type { Viewer } from '../access/viewer.js';
import type { RuleBook } from '../alerting/rule-book.js';
import type { Clock } from '../clock.js';
import type { WitnessStanding } from '../cosign/store.js';
import type { PriceOf } from '../cost/rates.js';
import type { Pool } from '../db/pool.js';
import type { DecisionCalendar } from '../decision/calendar.js';
import type { Recorder } from '../decision/record/recorder.js';
import type { Sampler } from '../decision/sampling/sampler.js';
import type { Watcher } from '../decision/watcher.js';
import type { BudgetStatus } from '../detect/budget/status.js';
import type { ErasureTools } from '../erasure/carry-out.js';
import type { StatusBoard } from '../fleet/status/board.js';
import type { Bus } from '../live/bus.js';
import type { Reload } from '../settings/live-settings.js';
import type { ErasureApproval, ProviderSetting } from '../settings/settings.js';
import { createLoaders, type Loaders } from './loaders.js';

/** What resolvers work with, the same for every request. */
export interface GraphQLServices {
  pool: Pool;
  calendar: DecisionCalendar;
  recorder: Pick<Recorder, 'record'>;
  /** How far the ledgers have come, and the streams of anomalies and alerts. */
  bus: Bus;
  anomalyBus: Bus;
  alertBus: Bus;
  /** How far reports are. */
  reportBus: Bus;
  /** The witnesses of the policy, and how far each is with a fleet's ledger. */
  readWitnesses: (fleet: string) => Promise<WitnessStanding[]>;
  /** Publishes a fleet's ledger as far as it is committed now. */
  publish: (fleet: string) => Promise<void>;
  /** To be called when all of a ledger was found as it was sealed, with when the walk over it began. */
  foundSound: (fleet: string, begunMs: number) => void;
  rules: RuleBook;
  /** To be called after an alert or a silence was changed by somebody. */
  wakeNotifications: () => void;
  readBudgets: (fleet: string) => Promise<readonly BudgetStatus[]>;
  /** In the name of who asks for it. */
  reloadSettings: (actor: string) => Promise<Reload>;
  clock: Clock;
  priceOf: PriceOf;
  statuses: StatusBoard;
  sampler: Sampler;
  watcher: Watcher;
  providers: readonly ProviderSetting[];
  erasures: ErasureTools;
  erasureApproval: ErasureApproval;
  /** Who is given content is told of there first. */
  reads: ReadAccount;
}

/** Who asks and of which fleet, proven before GraphQL begins. */
export interface Caller {
  viewer: Viewer;
  fleet: string;
}

/** How far the streams of a fleet had come: the last place of each, −1 for none. */
export interface Reached {
  decisions: number;
  anomalies: number;
  alerts: number;
}

export interface GraphQLContext extends Caller {
  services: GraphQLServices;
  /** Taken before anything of the request is read: whatever it reads has everything up to there. */
  reached: Reached;
  loaders: Loaders;
  /** Aborted when the caller is gone. */
  signal: AbortSignal;
}

export function createContext(services: GraphQLServices, caller: Caller, signal: AbortSignal): GraphQLContext {
  const { viewer, fleet } = caller;
  const { bus, anomalyBus, alertBus } = services;
  const reached = {
    decisions: bus.reached(fleet),
    anomalies: anomalyBus.reached(fleet),
    alerts: alertBus.reached(fleet),
  };
  return { viewer, fleet, services, reached, loaders: createLoaders({ ...services, fleet, viewer }), signal };
}
