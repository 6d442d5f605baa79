import { findUncompared, type InstallationWord } from './installation.js';
import type { Opened } from './opened.js';
import type { Tally } from './tally.js';

/** What a bundle turned out to have. */
interface Found {
  tally: Tally;
  /** Notes of checkpoints that were kept from before. */
  kept: readonly string[];
  /** Null in a bundle without it. */
  word: InstallationWord | null;
}

/** Why a bundle in which nothing is wrong does not prove all that it should; none when it does. */
export function findShortcomings(
  { manifest, policy, checkpoints, proof, held }: Opened,
  { tally, kept, word }: Found,
): string[] {
  const reasons: string[] = [];
  if (tally.checked === 0) reasons.push('it has no entries: nothing was checked');
  if (policy === null) reasons.push('no key was pinned: whoever made the bundle can have made its keys');
  const { compared, doubt } = checkpoints;
  const { revokedKeyIds } = tally;
  const publishedSize = checkpoints.publishedSize(revokedKeyIds);
  const unpublished = proof.uncovered(publishedSize);
  if (compared === 0) reasons.push('it has no checkpoint');
  else if (policy !== null && publishedSize === null && doubt !== null) {
    reasons.push(`its checkpoint is not believed: ${doubt}`);
  } else if (policy !== null && unpublished > 0) {
    const entries = unpublished === 1 ? '1 entry is' : `${unpublished} entries are`;
    reasons.push(`${entries} not covered by a checkpoint`);
    if (doubt !== null) reasons.push(`a checkpoint of it is not believed: ${doubt}`);
    const revoked = checkpoints.revokedKeys(revokedKeyIds);
    if (revoked.length > 0)
      reasons.push(`what the key ${revoked.join(', ')} alone signed proves nothing: it was revoked`);
  }
  const { left } = held;
  if (left.length > 0) reasons.push(`the kept checkpoint of size ${left.join(', ')} could not be compared`);
  const uncompared = findUncompared(kept, manifest, word);
  if (uncompared.length > 0) {
    reasons.push(`the kept checkpoint of the installation of size ${uncompared.join(', ')} could not be compared`);
  }
  return reasons;
}
