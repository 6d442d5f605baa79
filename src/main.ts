import { readConfig } from './config.js';
import { readWitnessPolicy } from './cosign/witness-policy.js';
import { AppError } from './errors.js';
import { createLog } from './log.js';
import { loadSettings } from './settings/read.js';

const USAGE_EXIT_CODE = 2;

/** Starts, prints where it serves, and ends cleanly on SIGINT or SIGTERM. */
async function run(): Promise<void> {
  const config = readConfig();
  const settings = loadSettings(config.configFile);
  const policy = config.ledgerPolicyFile === null ? null : readWitnessPolicy(config.ledgerPolicyFile);
  const log = createLog(config.logLevel);
  const stop = new AbortController();
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  void stopped.then(() => stop.abort());
  // Loaded last, since it takes a second: what is set wrong is said at once, and a stop meanwhile is heard.
  const { createApp } = await import('./app/app.js');
  const app = await createApp({ config, settings, policy, log }, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
    log.info('stopped before it stood watch');
    process.exit(0);
  });
  process.stdout.write(app.banner);
  process.on('SIGHUP', () => {
    app.reload('SIGHUP').catch((error: unknown) => {
      log.error({ err: (error as Error).message }, 'the settings were not read anew: what held before holds on');
    });
  });
  const reason = await Promise.race([stopped, app.failed]);
  log.info({ reason }, 'stopping');
  await app.close();
  log.info('stopped');
  // A connection to a database that froze would keep the process for ever.
  process.exit(reason === 'SIGINT' || reason === 'SIGTERM' ? 0 : 1);
}

run().catch((error: unknown) => {
  const isRefusal = error instanceof AppError;
  process.stderr.write(`midwatch: ${isRefusal ? error.message : (error as Error).stack}\n`);
  process.exit(isRefusal && error.code === 'VALIDATION_FAILED' ? USAGE_EXIT_CODE : 1);
});
