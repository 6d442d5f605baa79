import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { WitnessPolicy } from '../cosign/witness-policy.js';
import type { Database } from '../db/database.js';
import type { Bus } from '../live/bus.js';
import type { Log } from '../log.js';
import type { Meter } from '../meter.js';
import type { LiveSettings } from '../settings/live-settings.js';
import type { Settings } from '../settings/settings.js';

/** What everything stands on. */
export interface Ground {
  config: Config;
  /** As they were at the start. */
  settings: Settings;
  /** The ledgers' witnesses; null when there are none. */
  policy: WitnessPolicy | null;
  /** Those that are followed while the server runs. */
  live: LiveSettings;
  database: Database;
  streams: EventStreams;
  meter: Meter;
  clock: Clock;
  log: Log;
}

/** How far the ledgers have come, and the streams of anomalies and alerts. */
export interface EventStreams {
  bus: Bus;
  anomalyBus: Bus;
  alertBus: Bus;
}
