import { createHash, type Hash } from 'node:crypto';
import { isHash } from './line.js';
import { BundleFault } from './proof.js';

/** What an entry says, whoever wrote it. */
type Payload = Readonly<Record<string, unknown>>;

/** The digest that a decision's entry has of its whole chain, and of how many steps that is. */
export interface SealedChain {
  digest: string;
  stepCount: number;
}

/** More steps than a decision can have. */
const STEP_COUNT_MAX = 1_000_000_000;
const STEP_PATH = /^\/chain\/(0|[1-9]\d{0,15})$/;

/** What a payload commits to by one digest for all steps; null where it has one for each, or none. */
export function sealedChainOf({ chain, stepCount }: Payload): SealedChain | null {
  if (!isHash(chain)) return null;
  const count = Number.isInteger(stepCount) ? Number(stepCount) : -1;
  return count >= 0 && count <= STEP_COUNT_MAX ? { digest: chain, stepCount: count } : null;
}

/** Where a bundle says the content of a step belongs: its own digest's place, or its place in the whole chain. */
export function stepPath(payload: Payload, index: number): string {
  return sealedChainOf(payload) === null ? `/steps/${index}` : `/chain/${index}`;
}

/** Holds the steps of such a chain, one behind another, to its digest. */
export class LongChain {
  readonly #sealed: SealedChain;
  readonly #seq: number;
  /** None before the first step: of most such chains, none is opened. */
  #hash: Hash | null = null;
  #opened = 0;

  /** `seq`: the entry's. */
  constructor(sealed: SealedChain, seq: number) {
    this.#sealed = sealed;
    this.#seq = seq;
  }

  /**
   * Takes the next step's digest. Throws BundleFault when it is not the turn of `path`, there is no such step, or all that were
   * taken are not what was sealed.
   */
  take(path: string, digest: string): void {
    const { digest: sealed, stepCount } = this.#sealed;
    const [, index] = STEP_PATH.exec(path) ?? [];
    if (index === undefined || Number(index) !== this.#opened || this.#opened === stepCount) {
      throw new BundleFault(`it commits to nothing at ${path}`, this.#seq);
    }
    this.#hash ??= createHash('sha256');
    this.#hash.update(digest, 'hex');
    this.#opened += 1;
    if (this.#opened === stepCount && this.#hash.digest('hex') !== sealed) {
      throw new BundleFault('the content of its steps is not what its chain commits to', this.#seq);
    }
  }

  /** Once there are no more: throws BundleFault when some were taken and others were not. */
  end(): void {
    const { stepCount } = this.#sealed;
    if (this.#opened === 0 || this.#opened === stepCount) return;
    const problem = `of the ${stepCount} steps of its chain, ${this.#opened} are opened: all or none`;
    throw new BundleFault(problem, this.#seq);
  }
}
