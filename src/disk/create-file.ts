import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';

/**
 * Creates a file that only its owner may read, whole from the first moment anybody sees it; false, and nothing done,
 * where there is one already.
 */
export async function createFile(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await fs.writeFile(draft, content, { flag: 'wx', mode: 0o600, flush: true });
  try {
    await fs.link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await fs.rm(draft, { force: true });
  }
}
