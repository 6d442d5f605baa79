import type { Policy } from '../note/policy.js';
import { Checkpoints } from './checkpoints.js';
import { HeldCheckpoints } from './held.js';
import { BUNDLE_FORMAT, FORMER_FORMAT, LineFault, type ManifestLine } from './line.js';
import { policyFor, type Trust } from './pin.js';
import type { Proof } from './proof.js';
import { RangeProof } from './range-proof.js';
import { SelectionProof } from './selection-proof.js';

/** What a bundle's manifest decides. */
export interface Opened {
  manifest: ManifestLine;
  policy: Policy | null;
  proof: Proof;
  checkpoints: Checkpoints;
  held: HeldCheckpoints;
}

/** Throws LineFault for a format that is not known. */
export function openManifest(manifest: ManifestLine, trust: Trust): Opened {
  const { format, origin, scope } = manifest;
  if (format !== BUNDLE_FORMAT && format !== FORMER_FORMAT) {
    throw new LineFault(`it is not of the format ${BUNDLE_FORMAT}`);
  }
  const policy = policyFor(trust, origin);
  const held = new HeldCheckpoints(trust.held, origin);
  const proof = scope === 'range' ? new RangeProof(manifest, held) : new SelectionProof(manifest, held);
  return { manifest, policy, proof, held, checkpoints: new Checkpoints(origin, policy) };
}
