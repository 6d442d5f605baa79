import { createHash, type Hash } from 'node:crypto';

/** What an entry says, whoever wrote it. */
type Payload = Readonly<Record<string, unknown>>;

/** The digest that a decision's entry has of its whole chain, and of how many steps that is. */
export interface SealedChain {
  digest: string;
  stepCount: number;
}

const DIGEST = /^[0-9a-f]{64}$/;
const STEP_PATH = /^\/chain\/(0|[1-9]\d{0,15})$/;

/** What a payload commits to by one digest for all steps; null where it has one for each, or none. */
export function sealedChainOf({ chain, stepCount }: Payload): SealedChain | null {
  if (typeof chain !== 'string' || !DIGEST.test(chain)) return null;
  return Number.isSafeInteger(stepCount) && Number(stepCount) >= 0
    ? { digest: chain, stepCount: Number(stepCount) }
    : null;
}

/** Where a bundle says the content of a step belongs: its own digest's place, or its place in the whole chain. */
export function stepPath(payload: Payload, index: number): string {
  return sealedChainOf(payload) === null ? `/steps/${index}` : `/chain/${index}`;
}

/** Holds the steps of such a chain, one behind another, to its digest, in constant memory. */
export class LongChain {
  readonly #sealed: SealedChain;
  /** None before the first step: of most such chains, none is opened. */
  #hash: Hash | null = null;
  #opened = 0;

  constructor(sealed: SealedChain) {
    this.#sealed = sealed;
  }

  /** Takes the next step's digest. False when it is not the turn of `path`, or nothing of this chain is there. */
  take(path: string, digest: string): boolean {
    const [, index] = STEP_PATH.exec(path) ?? [];
    if (index === undefined || Number(index) !== this.#opened || this.#opened === this.#sealed.stepCount) return false;
    this.#hash ??= createHash('sha256');
    this.#hash.update(digest, 'hex');
    this.#opened += 1;
    return true;
  }

  /** What is wrong once there are no more steps; null when none was opened, or all were and are what was sealed. */
  end(): string | null {
    const { digest, stepCount } = this.#sealed;
    if (this.#hash === null) return null;
    if (this.#opened < stepCount)
      return `of the ${stepCount} steps of its chain, ${this.#opened} are opened: all or none`;
    return this.#hash.digest('hex') === digest ? null : 'the content of its steps is not what its chain commits to';
  }
}
