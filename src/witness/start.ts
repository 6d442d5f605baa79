import fs from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { systemClock } from '../clock.js';
import { takeProcessLock } from '../disk/process-lock.js';
import { AppError } from '../errors.js';
import type { VerifierKey } from '../ledger/note/key.js';
import type { Log } from '../log.js';
import { CosignedHeads } from './heads.js';
import { loadWitnessKey } from './key-file.js';
import { createWitnessServer } from './server.js';
import { type TrustedLogs, Witness } from './witness.js';

export interface WitnessOptions {
  dataDir: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  /** Of the key that is made at first; null lets the key give one. */
  name: string | null;
  trusted: TrustedLogs;
  log: Log;
}

export interface RunningWitness {
  key: VerifierKey;
  url: string;
  /** The logs it cosigns from now on. */
  trust(trusted: TrustedLogs): void;
  close(): Promise<void>;
}

/**
 * Starts a witness on its data directory, which it makes at first and uses alone. Throws CONFLICT when another runs on it,
 * UNAVAILABLE when the directory or the address cannot be used.
 */
export async function startWitness({
  dataDir,
  name,
  trusted,
  log,
  ...address
}: WitnessOptions): Promise<RunningWitness> {
  await makeDirectory(dataDir);
  const unlock = await takeProcessLock(path.join(dataDir, 'lock'));
  if (unlock === null) throw new AppError('CONFLICT', `another witness runs on ${dataDir}`);
  try {
    const key = await loadWitnessKey(path.join(dataDir, 'witness.key'), name);
    const heads = await CosignedHeads.open(path.join(dataDir, 'heads'), key);
    const witness = new Witness({ key, heads, clock: systemClock });
    const trust = (known: TrustedLogs) => {
      witness.trust(known);
      const [logs, installations] = [known.logs, known.installations].map((keys) => keys.map((each) => each.name));
      log.info({ logs, installations, heads: heads.count }, 'cosigning');
    };
    const server = createWitnessServer({ witness, log });
    const url = await listen(server, address);
    trust(trusted);
    return {
      key,
      url,
      trust,
      close: async () => {
        await end(server);
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** How long a stop waits for requests that are under way. */
const GRACE_MS = 3_000;

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await fs.mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError('UNAVAILABLE', `${directory} cannot be made (${code})`, { cause });
  }
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new AppError('UNAVAILABLE', `cannot listen on ${host}:${port} (${cause.code})`, { cause }));
    });
    server.listen(port, host, () => {
      const { port: given } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${given}`);
    });
  });
}
