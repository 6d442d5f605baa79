import { type Checkpoint, parseCheckpoint } from '../note/checkpoint.js';
import { formatVerifierKey } from '../note/key.js';
import type { Policy } from '../note/policy.js';
import { parseNote } from '../note/signed-note.js';
import { openCheckpoint } from '../note/trust.js';
import type { KeyTally, WitnessTally } from './verdict.js';

const SECOND_MS = 1_000;

export interface OpenedCheckpoint extends Checkpoint {
  /** Why nobody has to believe it; null when a pinned key signed it and the policy's witnesses cosigned. */
  doubt: string | null;
  /** Of the pinned key that signed it; null when none did. */
  keyId: string | null;
}

/** Opens a bundle's checkpoints and counts who signed them. */
export class Checkpoints {
  readonly #origin: string;
  readonly #policy: Policy | null;
  readonly #signed = new Map<string, number>();
  readonly #cosigned = new Map<string, { count: number; oldestS: bigint; newestS: bigint }>();
  /** The size of the largest believed checkpoint, by the id of the key that signed it. */
  readonly #published = new Map<string, bigint>();
  #compared = 0;
  #doubt: string | null = null;

  constructor(origin: string, policy: Policy | null) {
    this.#origin = origin;
    this.#policy = policy;
  }

  /** What is wrong with a note, or what it says. Signatures of keys that nobody pinned are not looked at. */
  open(note: string): OpenedCheckpoint | { problem: string } {
    const signed = parseNote(note);
    const checkpoint = signed === null ? null : parseCheckpoint(signed.text);
    if (checkpoint === null) return { problem: 'the checkpoint is no signed note of one' };
    if (checkpoint.origin !== this.#origin)
      return { problem: `the checkpoint is of another log, ${checkpoint.origin}` };
    if (this.#policy === null) return { ...checkpoint, doubt: 'no key was pinned', keyId: null };
    const opened = openCheckpoint(note, this.#policy);
    if (!('fault' in opened)) {
      this.#count(formatVerifierKey(opened.signedBy), opened.cosignedAtS);
      return { ...checkpoint, doubt: null, keyId: opened.signedBy.id };
    }
    if (opened.reason === 'malformed' || opened.reason === 'forged')
      return { problem: `the checkpoint: ${opened.fault}` };
    return { ...checkpoint, doubt: opened.fault, keyId: null };
  }

  /** Takes a checkpoint whose root was found to be that of the tree. */
  confirm({ size, doubt, keyId }: OpenedCheckpoint): void {
    this.#compared += 1;
    if (keyId === null) this.#doubt = doubt;
    else if (size > (this.#published.get(keyId) ?? -1n)) this.#published.set(keyId, size);
  }

  /** The size of the largest believed checkpoint that keys signed which were not revoked; null when there is none. */
  publishedSize(revoked: ReadonlySet<string>): bigint | null {
    const sizes = [...this.#published].filter(([keyId]) => !revoked.has(keyId)).map(([, size]) => size);
    return sizes.reduce<bigint | null>((largest, size) => (largest === null || size > largest ? size : largest), null);
  }

  /** Pinned keys that signed here and were revoked. */
  revokedKeys(revoked: ReadonlySet<string>): string[] {
    return [...this.#published.keys()].filter((keyId) => revoked.has(keyId));
  }

  get compared(): number {
    return this.#compared;
  }

  /** Why a checkpoint of the bundle was not believed; null when none had to be doubted. */
  get doubt(): string | null {
    return this.#doubt;
  }

  keys(): KeyTally[] {
    return [...this.#signed].map(([vkey, checkpoints]) => ({ vkey, checkpoints }));
  }

  witnesses(): WitnessTally[] {
    return (this.#policy?.witnesses ?? []).map(({ name }) => {
      const times = this.#cosigned.get(name);
      return {
        name,
        cosignatures: times?.count ?? 0,
        oldestAt: times === undefined ? null : moment(times.oldestS),
        newestAt: times === undefined ? null : moment(times.newestS),
      };
    });
  }

  #count(vkey: string, cosignedAtS: ReadonlyMap<string, bigint>): void {
    this.#signed.set(vkey, (this.#signed.get(vkey) ?? 0) + 1);
    for (const [name, atS] of cosignedAtS) {
      const { count, oldestS, newestS } = this.#cosigned.get(name) ?? { count: 0, oldestS: atS, newestS: atS };
      this.#cosigned.set(name, {
        count: count + 1,
        oldestS: atS < oldestS ? atS : oldestS,
        newestS: atS > newestS ? atS : newestS,
      });
    }
  }
}

const MOMENT_MS_MAX = 8.64e15;

/** A time in seconds since 1970, which are 64-bit, as RFC 3339 where that can be. */
export function moment(atS: bigint): string {
  const ms = Number(atS) * SECOND_MS;
  return ms <= MOMENT_MS_MAX ? new Date(ms).toISOString() : `${atS} s after 1970`;
}
