import { createHash, hash } from 'node:crypto';
import { type CanonicalValue, canonicalize } from '../../src/ledger/canonical.js';
import { commit } from '../../src/ledger/commitment.js';
import { MemoryLedger, textOf } from './bundle.js';
import type { BundleCase } from './bundle-corpus.js';

interface Opened {
  path: string;
  salt: string;
  content: string;
}

const SEQ = 7;
const STEPS = 40;

const step = (index: number, text = `what step ${index} did`): Opened => ({
  path: `/chain/${index}`,
  salt: hash('sha256', `salt of step ${index}`, 'hex'),
  content: canonicalize({ index, text }),
});
const output: Opened = { ...step(0, 'the answer'), path: '/output' };
const digestOf = ({ salt, content }: Opened) => commit(Buffer.from(salt, 'hex'), content);

/** What the entry of a decision says that commits to all its steps at once, and what of it can be opened. */
export function longChain(stepCount: number): {
  payload: { readonly [key: string]: CanonicalValue };
  contents: Opened[];
} {
  const steps = Array.from({ length: stepCount }, (_, index) => step(index));
  const chain = createHash('sha256');
  for (const each of steps) chain.update(digestOf(each), 'hex');
  const payload = { chain: chain.digest('hex'), output: digestOf(output), sampled: true, stepCount };
  return { payload, contents: [output, ...steps] };
}

const { payload: sealed, contents } = longChain(STEPS);
const steps = contents.slice(1);

async function caseOf(
  name: string,
  opened: readonly Opened[],
  expected: Partial<BundleCase>,
  payload: { readonly [key: string]: CanonicalValue } = sealed,
): Promise<BundleCase> {
  const ledger = new MemoryLedger({ size: 12, change: { seq: SEQ, payload, contents: opened } });
  const seq = expected.outcome === 'tampered' ? SEQ : undefined;
  const text = await textOf(ledger.rangeLines());
  return { name, text, key: ledger.vkey, policy: null, held: [], problem: '', outcome: 'intact', seq, ...expected };
}

/** What is false is false, also where the file ends with it. */
async function cutBehindSteps(opened: readonly Opened[], expected: Partial<BundleCase>): Promise<BundleCase> {
  const whole = await caseOf(`a file that ends behind a long chain, ${expected.outcome}`, opened, expected);
  const end = String(whole.text).lastIndexOf(`"/chain/${STEPS - 1}"`);
  return { ...whole, text: String(whole.text).slice(0, String(whole.text).indexOf('\n', end) + 1) };
}

const without = (at: number) => steps.filter((_, index) => index !== at);

/** Of a decision with so many steps that its entry commits to all of them by one digest. */
export function longChainCorpus(): Promise<BundleCase[]> {
  const tampered = (problem: string) => ({ outcome: 'tampered', problem }) as const;
  const swapped = [step(0), { ...step(2), path: '/chain/1' }, { ...step(1), path: '/chain/2' }, ...steps.slice(3)];
  return Promise.all([
    caseOf('a long chain', contents, {}),
    caseOf('a long chain of which nothing is disclosed', [], {}),
    caseOf('a long chain of which the output alone is disclosed', [output], {}),
    caseOf('a long chain with a step left out', without(20), tampered('commits to nothing at /chain/21')),
    caseOf('a long chain without its first step', without(0), tampered('commits to nothing at /chain/1')),
    caseOf('a long chain without its last step', without(STEPS - 1), tampered('all or none')),
    caseOf('a long chain with one step', [step(0)], tampered('all or none')),
    caseOf(
      'a long chain with another step',
      [...without(STEPS - 1), step(STEPS - 1, 'nothing')],
      tampered('its chain commits to'),
    ),
    caseOf('a long chain with steps that changed places', swapped, tampered('its chain commits to')),
    caseOf(
      'a long chain with a step too many',
      [...steps, step(STEPS)],
      tampered(`commits to nothing at /chain/${STEPS}`),
    ),
    caseOf('a long chain with a step twice', [...steps, step(0)], tampered('opened twice')),
    caseOf(
      'a long chain with the first step for all',
      [{ ...step(0), path: '/chain' }],
      tampered('not what it commits to'),
    ),
    caseOf(
      'a long chain with a step under a number of its own',
      [{ ...step(0), path: '/chain/00' }],
      tampered('commits to nothing'),
    ),
    cutBehindSteps([...without(STEPS - 1), step(STEPS - 1, 'nothing')], tampered('its chain commits to')),
    cutBehindSteps(contents, { outcome: 'incomplete', problem: 'before the bundle does' }),
    caseOf('a long chain with more steps than there can be', steps, tampered('commits to nothing at /chain/0'), {
      ...sealed,
      stepCount: 2 ** 53 - 1,
    }),
    caseOf('a long chain whose steps nobody counted', steps, tampered('commits to nothing at /chain/0'), {
      ...sealed,
      stepCount: true,
    }),
  ]);
}
