import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { createFile } from './create-file.js';
import { identifyProcess, isRunning } from './process-identity.js';

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

/**
 * Takes the lock file for as long as the caller wants, also from a process that is gone; null when one that runs has it.
 * Resolves to what gives it back.
 */
export async function takeProcessLock(file: string): Promise<(() => Promise<void>) | null> {
  // The first attempt removes what a process that is gone left behind.
  const isTaken = (await take(file)) || (await take(file));
  return isTaken ? () => fs.rm(file, { force: true }) : null;
}

async function take(file: string): Promise<boolean> {
  if (await createFile(file, identifyProcess(process.pid))) return true;
  if (await isAbandoned(file)) await removeAbandoned(file);
  return false;
}

/** Only who holds a second lock removes the first, so that nobody removes one that was taken since he looked. */
async function removeAbandoned(file: string): Promise<void> {
  const removal = `${file}.removal`;
  if (!(await take(removal))) return;
  try {
    if (await isAbandoned(file)) await fs.rm(file, { force: true });
  } finally {
    await fs.rm(removal, { force: true });
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  try {
    return !isRunning(await fs.readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

/** One process's use of something shared. */
export interface Use {
  /** Ends the use; whether no other living process uses the thing now. */
  isLast(): Promise<boolean>;
}

/** Notes in `directory` that this process uses what the directory stands for; a killed process leaves a note that is ignored. */
export async function registerUse(directory: string): Promise<Use> {
  await fs.mkdir(directory, { recursive: true });
  const note = path.join(directory, `${identifyProcess(process.pid)}.${randomBytes(4).toString('hex')}`);
  await fs.writeFile(note, '');
  return {
    isLast: async () => {
      await fs.rm(note, { force: true });
      return !(await fs.readdir(directory)).some(isRunning);
    },
  };
}
