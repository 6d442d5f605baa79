import { readConfig } from '../config.js';
import { readWitnessPolicy } from '../cosign/witness-policy.js';

/** What the installation's witnesses are asked under, for bundles; null where none is set. */
export function readPolicyText(): string | null {
  const file = readConfig().ledgerPolicyFile;
  return file === null ? null : readWitnessPolicy(file).text;
}
