import { loadInstallationKey } from '../access/keys.js';
import type { Role } from '../access/policy.js';
import { signToken } from '../access/token.js';
import { systemClock } from '../clock.js';
import { type Config, readConfig } from '../config.js';
import { AppError } from '../errors.js';
import { Billing } from './billing.js';
import { createDelivery, type Destination } from './delivery.js';
import { type DemoOptions, ownUrl, readOptions, USAGE } from './options.js';
import { writeBills } from './provider-bill.js';
import { createRandom } from './random.js';
import { type Demo, progressOf, sendPast, sendPresent } from './run.js';
import { describeDemo, statusLine } from './screen.js';
import { createSender } from './sender.js';
import { probe, type StartedServer, startServer } from './server.js';
import { Tally } from './tally.js';
import { openTruthLog } from './truth.js';

const STATUS_EVERY_MS = 5_000;
const BILL_EVERY_MS = 10_000;
const SUMMARY_EVERY_MS = 60_000;
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
  const destination = await describeDestination(options, { config, role: 'INGEST' });
  const admin = await describeDestination(options, { config, role: 'ADMIN' });
  const server = await reachServer(destination, { options, config, signal: interruption.signal });
  let hasServerEnded = false;
  server?.ended.then(() => {
    hasServerEnded = true;
    interruption.abort();
  });
  try {
    const exitCode = await send(options, { destination, admin, signal: interruption.signal });
    if (hasServerEnded) throw new AppError('UNAVAILABLE', 'the server has stopped, so the demo does');
    return exitCode;
  } finally {
    await server?.stop();
  }
}

/** Without `--key`, in the name of nobody but the demo, and with no more than the role. */
async function describeDestination(
  { url, fleet, key }: DemoOptions,
  { config, role }: { config: Config; role: Role },
): Promise<Destination> {
  const grant = { roles: [role], fleets: [fleet], ttlMs: TOKEN_TTL_MS, subject: 'demo' };
  const credential = key ?? (await signToken(await loadInstallationKey(config.dataDir), grant, systemClock));
  return { url, headers: { authorization: `Bearer ${credential}`, 'x-fleet-id': fleet } };
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

interface Sending {
  destination: Destination;
  admin: Destination;
  signal: AbortSignal;
}

async function send(options: DemoOptions, { destination, admin, signal }: Sending): Promise<number> {
  const delivery = createDelivery(destination);
  const sender = createSender(delivery.createExporter, createRandom(options.seed).fork('ids'));
  const truth = openTruthLog(options.truthFile);
  const tally = new Tally();
  const demo: Demo = { options, sender, delivery, truth, tally, clock: systemClock };
  const billing = new Billing({
    destination: admin,
    bills: () => writeBills(tally.modelUses(), options.seed),
    onUnmonitored: (use) => truth.recordUnmonitored(use, systemClock.now()),
    onRefused: (reason) => print(`Providers' bills are not imported (${reason}); the rest goes on.\n`),
  });
  const show = () => print(statusLine(progressOf(demo), systemClock.now()));
  const summarise = () => truth.recordSummary(tally.summary(), systemClock.now());
  const timers = [
    setInterval(show, STATUS_EVERY_MS),
    setInterval(summarise, SUMMARY_EVERY_MS),
    setInterval(() => void billing.importBills(), BILL_EVERY_MS),
  ];
  await sendPast(demo, signal);
  summarise();
  await billing.importBills();
  await sendPresent(demo, signal);
  for (const timer of timers) clearInterval(timer);
  await sender.close();
  summarise();
  await billing.importBills();
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
