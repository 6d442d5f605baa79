import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';

/** PostgreSQL refuses to run as root: this is who runs it then. */
export interface PostgresAccount {
  uid: number;
  gid: number;
}

/** Null unless this process is root; then `postgres` where the system has it, else `nobody`. */
export function chooseAccount(): PostgresAccount | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const account = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody');
  if (!account)
    throw new AppError('UNAVAILABLE', 'PostgreSQL cannot run as root here: start as another user, or set DATABASE_URL');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

/** Where root keeps what the database's account must reach when the project's own path is closed to it. */
const OPEN_DIR = '/var/lib/midwatch';

/**
 * The cluster's and the binaries' directories, moved to a place the account can enter where they would lie below a
 * directory that is closed to it (a clone under root's home, say). `installation` is what tells this data directory
 * from any other, and from an earlier one at the same path.
 */
export async function place(
  { dataDir, nativeDir, installation }: { dataDir: string; nativeDir: string; installation: string },
  account: PostgresAccount | null,
): Promise<{ clusterDir: string; nativeDir: string }> {
  const clusterDir = path.join(dataDir, 'postgres');
  if (account === null) return { clusterDir, nativeDir };
  if (!isOpen(dataDir) || !isOpen(nativeDir)) await fs.mkdir(OPEN_DIR, { recursive: true, mode: 0o755 });
  return {
    clusterDir: isOpen(dataDir) ? clusterDir : path.join(OPEN_DIR, `postgres-${shortHash(installation)}`),
    nativeDir: isOpen(nativeDir) ? nativeDir : await copyNative(nativeDir),
  };
}

async function copyNative(nativeDir: string): Promise<string> {
  const { version } = JSON.parse(await fs.readFile(path.join(nativeDir, '..', 'package.json'), 'utf8'));
  const target = path.join(OPEN_DIR, `native-${version}`);
  if (!existsSync(target)) {
    const partial = `${target}.${process.pid}`;
    await fs.cp(nativeDir, partial, { recursive: true, verbatimSymlinks: true });
    await fs.rename(partial, target);
  }
  return target;
}

/** Whether any account may pass through every directory down to `target`. */
export function isOpen(target: string): boolean {
  const OTHERS_MAY_ENTER = 0o001;
  if ((statSync(target).mode & OTHERS_MAY_ENTER) === 0) return false;
  const parent = path.dirname(target);
  return parent === target || isOpen(parent);
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
