import { Heartbeat } from './heartbeat.js';
import { Notifier, type NotifierOptions } from './notifier.js';
import { createReceivers, type ReceiverOptions } from './receivers.js';

export interface Notifications {
  start(): void;
  /** To be called after the commit by whoever changed an alert or a silence; waits for nothing. */
  wake(): void;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

export type NotificationOptions = Omit<NotifierOptions, 'receivers'> & Pick<ReceiverOptions, 'secretOf'>;

/**
 * All that tells people of alerts, as the settings say. Throws VALIDATION_FAILED with a line for each receiver whose
 * variable of the environment is not set or is wrong.
 */
export function createNotifications({ secretOf, ...options }: NotificationOptions): Notifications {
  const { settings, clock, log } = options;
  const notifier = new Notifier({ ...options, receivers: createReceivers(settings.receivers, { secretOf }) });
  const { heartbeat: setting } = settings;
  const isAlive = () => options.isAlive() && notifier.isLooking;
  const heartbeat = setting && new Heartbeat({ setting, isAlive, clock, log });
  return {
    start: () => {
      notifier.start();
      heartbeat?.start();
    },
    wake: () => notifier.wake(),
    stop: async () => {
      await Promise.all([notifier.stop(), heartbeat?.stop()]);
    },
  };
}
