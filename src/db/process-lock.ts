import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';

const PATIENCE_MS = 60_000;
const RETRY_MS = 50;

/**
 * Runs `work` while this process alone holds the lock file: starts and stops of one embedded PostgreSQL take turns.
 * A lock whose process is gone is taken over. Throws UNAVAILABLE when another process keeps it for a minute.
 */
export async function withProcessLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await take(file))) {
    if (Date.now() > deadline) {
      throw new AppError('UNAVAILABLE', `another process holds ${file}: wait for it, or remove the file if it is gone`);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  try {
    return await work();
  } finally {
    await fs.rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await fs.writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (await isAbandoned(file)) await fs.rm(file, { force: true });
    return false;
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  const holder = Number(await fs.readFile(file, 'utf8').catch(() => ''));
  // An empty file is one whose owner is about to write its number.
  return holder > 0 && !isAlive(holder);
}

/** One process's use of something shared. */
export interface Use {
  /** Ends the use; whether no other living process uses the thing now. */
  isLast(): Promise<boolean>;
}

/** Notes in `directory` that this process uses what the directory stands for; a killed process leaves a note that is ignored. */
export async function registerUse(directory: string): Promise<Use> {
  await fs.mkdir(directory, { recursive: true });
  const note = path.join(directory, `${process.pid}.${randomBytes(4).toString('hex')}`);
  await fs.writeFile(note, '');
  return {
    isLast: async () => {
      await fs.rm(note, { force: true });
      const users = (await fs.readdir(directory)).map((name) => Number.parseInt(name, 10));
      return !users.some(isAlive);
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive although it may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
