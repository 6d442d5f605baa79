import type { Trust } from './pin.js';
import { SplitFault, splitLines } from './split.js';
import type { BundleVerdict, TimestampTally } from './verdict.js';
import { BundleVerifier } from './verifier.js';

/** What pinned authorities say of a token: when it was made and by whom, or why it is not believed. */
type Voice = (Pick<TimestampTally, 'at'> & { authority: string }) | { fault: string };

/** Checks who signed a token over some bytes, by authorities that were pinned. */
export type Vouch = (token: Buffer, bytes: Buffer) => Promise<Voice>;

/**
 * Checks a bundle from its first byte to its last, in constant memory, believing nobody but `trust`, and of time-stamps but
 * `vouch`. Never throws over what is in the bundle: that is the verdict. Stops at the first fault.
 */
export async function verifyBundle(
  chunks: AsyncIterable<Uint8Array>,
  trust: Trust,
  vouch: Vouch | null = null,
): Promise<BundleVerdict> {
  const verifier = new BundleVerifier(trust);
  const verdict = await verifyLines(chunks, verifier);
  const { stamp } = verifier;
  if (vouch === null || stamp === null || verdict.fault !== null) return verdict;
  return heed(verdict, await vouch(stamp.token, stamp.bytes));
}

/** The verdict with what was said of its time-stamp: one that is not believed leaves it incomplete. */
function heed(verdict: BundleVerdict, voice: Voice): BundleVerdict {
  const { outcome, reasons, installation } = verdict;
  if (installation === null) return verdict;
  if (!('fault' in voice))
    return { ...verdict, installation: { ...installation, timestamp: { ...voice, doubt: null } } };
  const { timestamp } = installation;
  return {
    ...verdict,
    outcome: outcome === 'intact' ? 'incomplete' : outcome,
    reasons: [...reasons, `its time-stamp is not believed: ${voice.fault}`],
    installation: { ...installation, timestamp: timestamp && { ...timestamp, doubt: voice.fault } },
  };
}

async function verifyLines(chunks: AsyncIterable<Uint8Array>, verifier: BundleVerifier): Promise<BundleVerdict> {
  try {
    const rest = await splitLines(chunks, (line) => {
      if (!verifier.take(line)) throw new Stop();
    });
    return verifier.end(rest);
  } catch (error) {
    if (error instanceof Stop) return verifier.end(Buffer.alloc(0));
    if (error instanceof SplitFault) return verifier.reject(error.message);
    throw error;
  }
}

/** The verdict is known: the rest of the file changes nothing. */
class Stop extends Error {}
