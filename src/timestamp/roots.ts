import { Certificate } from 'pkijs';
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
