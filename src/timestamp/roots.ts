import { readFileSync } from 'node:fs';
import { Certificate } from 'pkijs';
import { AppError } from '../errors.js';
import { bytesOf } from './der.js';

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/** The certificates of a PEM file; null when it has none, or one that is not readable. */
export function readRoots(text: string): Certificate[] | null {
  try {
    const roots = [...text.matchAll(PEM)].map(([, base64 = '']) =>
      Certificate.fromBER(bytesOf(Buffer.from(base64, 'base64'))),
    );
    return roots.length === 0 ? null : roots;
  } catch {
    return null;
  }
}

/** The same of a file. Throws VALIDATION_FAILED in one line, beginning with `source`, when it cannot be read or holds none. */
export function readRootsFile(file: string, source: string): Certificate[] {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError('VALIDATION_FAILED', `${source}: ${file} cannot be read (${code})`, { cause });
  }
  const roots = readRoots(text);
  if (roots === null) throw new AppError('VALIDATION_FAILED', `${source}: ${file} holds no certificates in PEM`);
  return roots;
}
