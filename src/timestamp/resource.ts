import type { Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { findNewestTimestamp, findTimestamp } from './store.js';

/** What lies beside the log of the installation: the newest head that was stamped, and the token over it. */
export interface TimestampResource {
  kind: 'checkpoint' | 'token';
  body: Buffer;
}

const TOKEN_PATH = /^timestamp\/([1-9]\d{0,15})$/;

/** Reads `timestamp/note` or `timestamp/<size>`. Throws NOT_FOUND for what is not there. */
export async function readTimestampResource(pool: Pool, path: string): Promise<TimestampResource> {
  if (path === 'timestamp/note') {
    const newest = await findNewestTimestamp(pool);
    if (newest === null) throw new AppError('NOT_FOUND', 'nothing of this log is time-stamped yet');
    return { kind: 'checkpoint', body: Buffer.from(newest.note) };
  }
  const [, size] = TOKEN_PATH.exec(path) ?? [];
  const found = size === undefined ? null : await findTimestamp(pool, Number(size));
  if (found === null) throw new AppError('NOT_FOUND', `no time-stamp is at ${path}`);
  return { kind: 'token', body: found.token };
}
