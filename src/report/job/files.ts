import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.js';
import type { ReportFile } from './report.js';

const ID = /^[0-9a-f]{16}$/;

/** Where reports lie: a directory for each that is done, and one beside it while it is made. Only their owner may read them. */
export class ReportFiles {
  readonly #root: string;

  constructor(dataDir: string) {
    this.#root = path.join(dataDir, 'reports');
  }

  /** An empty directory to make a report in; what an earlier attempt left is removed. */
  async begin(id: string): Promise<string> {
    const directory = this.#draft(id);
    await fs.rm(directory, { recursive: true, force: true });
    await fs.mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  /** Keeps these files of what was made, durable, in place of what was there; the rest is removed. */
  async keep(id: string, names: readonly string[]): Promise<ReportFile[]> {
    const draft = this.#draft(id);
    const kept: ReportFile[] = [];
    for (const name of names) kept.push(await describe(path.join(draft, name), name));
    for (const name of await fs.readdir(draft)) {
      if (!names.includes(name)) await fs.rm(path.join(draft, name), { force: true });
    }
    await this.remove(id);
    await fs.rename(draft, this.#place(id));
    await syncDirectory(this.#root);
    return kept;
  }

  /** Lets go of a report's files; nothing when there are none. */
  async remove(id: string): Promise<void> {
    await fs.rm(this.#place(id), { recursive: true, force: true });
  }

  async abandon(id: string): Promise<void> {
    await fs.rm(this.#draft(id), { recursive: true, force: true });
  }

  /** Opens a file of a report. Throws NOT_FOUND when it is not there, UNAVAILABLE when it is not the one that was made. */
  async open(id: string, { name, bytes }: ReportFile): Promise<fs.FileHandle> {
    let handle: fs.FileHandle;
    try {
      handle = await fs.open(path.join(this.#place(id), name), 'r');
    } catch (cause) {
      throw new AppError('NOT_FOUND', 'the files of the report are gone: ask for it again', { cause });
    }
    if ((await handle.stat()).size === bytes) return handle;
    await handle.close();
    throw new AppError('UNAVAILABLE', 'the file is not as it was made: ask for the report again');
  }

  #place(id: string): string {
    return path.join(this.#root, requireId(id));
  }

  #draft(id: string): string {
    return path.join(this.#root, `${requireId(id)}.draft`);
  }
}

function requireId(id: string): string {
  if (ID.test(id)) return id;
  throw new AppError('NOT_FOUND', 'there is no such report');
}

async function describe(file: string, name: string): Promise<ReportFile> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(file)) digest.update(chunk);
  const handle = await fs.open(file, 'r');
  try {
    await handle.sync();
    return { name, bytes: (await handle.stat()).size, sha256: digest.digest('hex') };
  } finally {
    await handle.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await fs.open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
