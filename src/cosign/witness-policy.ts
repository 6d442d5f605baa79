import { AppError } from '../errors.js';
import { isQuorum, type Policy, type PolicyWitness } from '../ledger/note/policy.js';
import { readPolicyWithText } from '../ledger/policy-file.js';

/** The variable of the environment that names the file. */
export const POLICY_VARIABLE = 'MIDWATCH_LEDGER_POLICY';

/** A witness that is asked. */
export interface AskedWitness extends PolicyWitness {
  /** Its submission prefix, without a slash at the end. */
  url: string;
}

export interface WitnessPolicy {
  quorum: Policy['quorum'];
  witnesses: readonly AskedWitness[];
  /** The file as it stands; null where there is none. */
  text: string | null;
}

/** Where no policy is set. */
export const NOBODY: WitnessPolicy = { quorum: null, witnesses: [], text: null };

/**
 * Reads whom to ask for cosignatures from a C2SP tlog-policy: its witnesses that have a URL. Throws VALIDATION_FAILED in
 * one line when the file is no policy, a URL is none, or those asked can never be the quorum.
 */
export function readWitnessPolicy(file: string): WitnessPolicy {
  const { policy, text } = readPolicyWithText(file, POLICY_VARIABLE);
  const { witnesses, quorum } = policy;
  const asked = witnesses.flatMap((witness) => (witness.url === null ? [] : [withUrl(file, witness, witness.url)]));
  const refuse = (problem: string) => new AppError('VALIDATION_FAILED', `${POLICY_VARIABLE}: ${file}: ${problem}`);
  if (asked.length === 0) throw refuse('no witness has a URL: witness <name> <vkey> <url>');
  if (!isQuorum(quorum, new Set(asked.map(({ name }) => name)))) throw refuse('the witnesses with a URL are no quorum');
  return { quorum, witnesses: asked, text };
}

/** The operator wrote it: any host is right, one's own network included. */
function withUrl(file: string, witness: PolicyWitness, url: string): AskedWitness {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isHttp = parsed?.protocol === 'https:' || parsed?.protocol === 'http:';
  if (parsed === null || !isHttp || parsed.username !== '' || parsed.password !== '' || parsed.search !== '') {
    const problem = `the URL of ${witness.name} is not http(s)://, or has a password or a query`;
    throw new AppError('VALIDATION_FAILED', `${POLICY_VARIABLE}: ${file}: ${problem}`);
  }
  return { ...witness, url: url.replace(/\/+$/, '') };
}

/** Whether a checkpoint that these witnesses cosigned is *witnessed*. Where no quorum is asked for, anybody will do. */
export function isWitnessed(quorum: Policy['quorum'], cosigned: ReadonlySet<string>): boolean {
  return cosigned.size > 0 && isQuorum(quorum, cosigned);
}
