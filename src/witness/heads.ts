import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isDraft, replaceFile, syncDirectory } from '../disk/replace-file.js';
import { AppError } from '../errors.js';
import { type Checkpoint, parseCheckpoint } from '../ledger/note/checkpoint.js';
import { checkCosignature } from '../ledger/note/cosignature.js';
import type { VerifierKey } from '../ledger/note/key.js';
import { parseNote } from '../ledger/note/signed-note.js';

/** What the witness cosigned last of one log. */
export interface CosignedHead {
  checkpoint: Checkpoint;
  /** When, in seconds since 1970. */
  atS: bigint;
  /** With the log's signature and the witness's own. */
  note: string;
}

/** How a log is named in paths (C2SP tlog-witness, Monitor Retrieval): lower-case hex. */
export function originHash(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

/**
 * The newest head of each log, one file a log, in memory too. A file is the cosigned note itself: the witness believes what
 * it finds there because it signed it.
 */
export class CosignedHeads {
  readonly #directory: string;
  readonly #byHash: Map<string, CosignedHead>;

  private constructor(directory: string, byHash: Map<string, CosignedHead>) {
    this.#directory = directory;
    this.#byHash = byHash;
  }

  /**
   * Reads what is there. Throws UNAVAILABLE when a file is not what this key cosigned: a witness that forgot what it had
   * seen would cosign another history.
   */
  static async open(directory: string, key: VerifierKey): Promise<CosignedHeads> {
    await fs.mkdir(directory, { recursive: true, mode: 0o700 });
    await syncDirectory(path.dirname(directory));
    const byHash = new Map<string, CosignedHead>();
    for (const name of await fs.readdir(directory)) {
      const file = path.join(directory, name);
      // What was being written in a crash was never answered.
      if (isDraft(name)) await fs.rm(file);
      else byHash.set(name, await readHead(file, key));
    }
    return new CosignedHeads(directory, byHash);
  }

  get count(): number {
    return this.#byHash.size;
  }

  ofOrigin(origin: string): CosignedHead | null {
    return this.ofHash(originHash(origin));
  }

  ofHash(hash: string): CosignedHead | null {
    return this.#byHash.get(hash) ?? null;
  }

  /** Once it resolves, the head survives a crash. */
  async keep(head: CosignedHead): Promise<void> {
    const hash = originHash(head.checkpoint.origin);
    if (this.#byHash.get(hash)?.note === head.note) return;
    await replaceFile(path.join(this.#directory, hash), head.note);
    this.#byHash.set(hash, head);
  }
}

async function readHead(file: string, key: VerifierKey): Promise<CosignedHead> {
  const note = await fs.readFile(file, 'utf8');
  const signed = parseNote(note);
  const checkpoint = signed === null ? null : parseCheckpoint(signed.text);
  const atS = signed === null ? null : checkCosignature(signed, key);
  const isOwn = checkpoint !== null && originHash(checkpoint.origin) === path.basename(file);
  if (!isOwn || atS === null || atS === 'forged') {
    throw new AppError('UNAVAILABLE', `${file} is not what ${key.name} cosigned: restore the newest copy of it`);
  }
  return { checkpoint, atS, note };
}
