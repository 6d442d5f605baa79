import type { Certificate } from 'pkijs';
import type { Vouch } from '../ledger/bundle/verify.js';
import { verifyToken } from './token.js';

/** Believes tokens of authorities whose certificates follow from these. */
export function vouchBy(roots: readonly Certificate[]): Vouch {
  return async (token, bytes) => {
    const verified = await verifyToken(token, { bytes, nonce: null, roots, window: null });
    if ('fault' in verified) return { fault: verified.fault };
    return { at: new Date(verified.atMs).toISOString(), authority: verified.authority };
  };
}
