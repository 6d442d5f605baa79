import { loadInstallationKey } from '../access/keys.js';
import { signToken } from '../access/token.js';
import { systemClock } from '../clock.js';
import { type Config, readConfig } from '../config.js';
import { AppError } from '../errors.js';
import { createDelivery, type Destination } from './delivery.js';
import { type DemoOptions, ownUrl, readOptions, USAGE } from './options.js';
import { createRandom } from './random.js';
import { type Demo, progressOf, sendPast, sendPresent } from './run.js';
import { describeDemo, statusLine } from './screen.js';
import { createSender } from './sender.js';
import { probe, type StartedServer, startServer } from './server.js';
import { openTruthLog } from './truth.js';

const STATUS_EVERY_MS = 5_000;
const TOKEN_TTL_MS = 7 * 86_400_000;

/** Exit codes: 0 sent, 1 the server is out of reach or took nothing, 2 bad usage. */
async function main(args: string[]): Promise<number> {
  const config = readConfig();
  const options = readOptions(args, { config, nowMs: systemClock.now() });
  if (options === 'help') {
    print(USAGE);
    return 0;
  }
  const interruption = new AbortController();
  // Listening on: npm and the terminal may each pass on the same Ctrl-C, and the end is bounded in time anyway.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interruption.abort());
  print(describeDemo(options));
  const destination = await describeDestination(options, config);
  const server = await reachServer(destination, { options, config, signal: interruption.signal });
  let hasServerEnded = false;
  server?.ended.then(() => {
    hasServerEnded = true;
    interruption.abort();
  });
  try {
    const exitCode = await send(options, { destination, signal: interruption.signal });
    if (hasServerEnded) throw new AppError('UNAVAILABLE', 'the server has stopped, so the demo does');
    return exitCode;
  } finally {
    await server?.stop();
  }
}

async function describeDestination({ url, fleet, key }: DemoOptions, { dataDir }: Config): Promise<Destination> {
  const credential = key ?? (await signOwnToken(fleet, dataDir));
  return { url, headers: { authorization: `Bearer ${credential}`, 'x-fleet-id': fleet } };
}

async function signOwnToken(fleet: string, dataDir: string): Promise<string> {
  const grant = { roles: ['INGEST'], fleets: [fleet], ttlMs: TOKEN_TTL_MS, subject: 'demo' } as const;
  return signToken(await loadInstallationKey(dataDir), grant, systemClock);
}

/** The server that was started, null when one was running. */
async function reachServer(
  destination: Destination,
  { options, config, signal }: { options: DemoOptions; config: Config; signal: AbortSignal },
): Promise<StartedServer | null> {
  if ((await probe(destination)) === 'ready') return null;
  if (options.url !== ownUrl(config)) throw new AppError('UNAVAILABLE', `no server answers at ${options.url}`);
  print(`No server at ${options.url}: starting one.\n`);
  const server = await startServer(options.url, signal);
  await probe(destination);
  return server;
}

async function send(
  options: DemoOptions,
  { destination, signal }: { destination: Destination; signal: AbortSignal },
): Promise<number> {
  const delivery = createDelivery(destination);
  const sender = createSender(delivery.createExporter, createRandom(options.seed).fork('ids'));
  const truth = openTruthLog(options.truthFile);
  const demo: Demo = { options, sender, delivery, truth, clock: systemClock, decisions: 0 };
  const show = () => print(statusLine(progressOf(demo), systemClock.now()));
  const timer = setInterval(show, STATUS_EVERY_MS);
  await sendPast(demo, signal);
  await sendPresent(demo, signal);
  clearInterval(timer);
  await sender.close();
  await truth.close();
  show();
  return delivery.acceptedSpans > 0 ? 0 : 1;
}

function print(text: string): void {
  process.stdout.write(text);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.code === 'VALIDATION_FAILED' ? 2 : 1;
}
