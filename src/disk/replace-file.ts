import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';

/** How drafts end that a crash left beside the file they were to replace. */
const DRAFT = /\.[0-9a-f]{12}\.draft$/;

/**
 * Replaces a file's content so that whoever reads it, at any time and after any crash, finds the old or the new one whole.
 * Once it resolves, the new one survives a crash of the machine.
 */
export async function replaceFile(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.draft`;
  try {
    await fs.writeFile(draft, content, { flag: 'wx', mode: 0o600, flush: true });
    await fs.rename(draft, file);
  } catch (error) {
    await fs.rm(draft, { force: true });
    throw error;
  }
  await syncDirectory(path.dirname(file));
}

export function isDraft(name: string): boolean {
  return DRAFT.test(name);
}

/** Has names that were made or replaced in a directory survive a crash of the machine. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows opens no directories, and writes names through.
  if (process.platform === 'win32') return;
  const handle = await fs.open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
