import type { Clock } from '../clock.js';
import { type AddCheckpoint, parseAddCheckpoint } from '../ledger/note/add-checkpoint.js';
import { type Checkpoint, parseCheckpoint } from '../ledger/note/checkpoint.js';
import { cosign } from '../ledger/note/cosignature.js';
import { type SignerKey, type VerifierKey, verifierKey } from '../ledger/note/key.js';
import { checkSignature, formatNote, formatSignature, parseNote, type SignedNote } from '../ledger/note/signed-note.js';
import { EMPTY_ROOT, HASH_BYTES } from '../ledger/tree/node.js';
import { findConsistencyFault } from '../ledger/tree/verify.js';
import type { CosignedHead, CosignedHeads } from './heads.js';

/** What add-checkpoint answers: C2SP tlog-witness's status codes. */
export type Answer =
  | { status: 200; signatures: string }
  | { status: 400 | 403 | 404 | 422; reason: string }
  /** The size that the witness cosigned last. */
  | { status: 409; size: bigint };

/** Whose heads are cosigned. */
export interface TrustedLogs {
  /** Logs by their keys; a log's name is its origin, and it may have several keys. */
  logs: readonly VerifierKey[];
  /** Keys named like an installation, which sign as every log whose name is theirs with a slash and more after it. */
  installations: readonly VerifierKey[];
}

interface Submission extends AddCheckpoint {
  /** Without signatures when they cannot be read: then nobody signed it. */
  signed: SignedNote;
  checkpoint: Checkpoint;
}

/**
 * Cosigns heads of logs it knows, each only if it continues the one cosigned before (C2SP tlog-witness, Ed25519
 * cosignatures). What it answers is durable first.
 */
export class Witness {
  readonly #key: SignerKey;
  readonly #heads: CosignedHeads;
  readonly #clock: Clock;
  #trusted: TrustedLogs = { logs: [], installations: [] };
  /** The last request of each log: the next one waits for it, so that nothing comes between a check and its write. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor({ key, heads, clock }: { key: SignerKey; heads: CosignedHeads; clock: Clock }) {
    this.#key = key;
    this.#heads = heads;
    this.#clock = clock;
  }

  /** The logs it cosigns from now on. */
  trust(trusted: TrustedLogs): void {
    this.#trusted = trusted;
  }

  /** Rejects when the head could not be kept; then nothing was signed. */
  async addCheckpoint(body: string): Promise<Answer> {
    const submission = readSubmission(body);
    if (submission === null) return { status: 400, reason: 'the body is no old size, proof and checkpoint' };
    const refusal = this.#findStranger(submission);
    if (refusal !== null) return refusal;
    const { oldSize, checkpoint } = submission;
    if (oldSize > checkpoint.size) return { status: 400, reason: 'the old size is larger than the checkpoint’s' };
    return this.#inTurn(checkpoint.origin, () => this.#cosign(submission));
  }

  /** The newest cosigned checkpoint of a log, by the hash of its origin; null when there is none. */
  latest(hash: string): string | null {
    return this.#heads.ofHash(hash)?.note ?? null;
  }

  #keysOf(origin: string): VerifierKey[] {
    const { logs, installations } = this.#trusted;
    return [
      ...logs.filter(({ name }) => name === origin),
      ...installations
        .filter(({ name }) => origin === name || origin.startsWith(`${name}/`))
        .map(({ publicKey, type }) => verifierKey(origin, publicKey, type)),
    ];
  }

  #findStranger({ signed, checkpoint }: Submission): Answer | null {
    const keys = this.#keysOf(checkpoint.origin);
    if (keys.length === 0) return { status: 404, reason: 'this witness does not know the log' };
    const verdicts = keys.map((key) => checkSignature(signed, key));
    if (verdicts.includes('forged')) return { status: 403, reason: 'a signature of the log is wrong' };
    return verdicts.includes('verified') ? null : { status: 403, reason: 'no key known of the log signed this' };
  }

  async #cosign(submission: Submission): Promise<Answer> {
    const { checkpoint, oldSize, signed } = submission;
    const former = this.#heads.ofOrigin(checkpoint.origin);
    const size = former?.checkpoint.size ?? 0n;
    if (oldSize !== size) return { status: 409, size };
    const fault = findFault(submission, former);
    if (fault !== null) return { status: 422, reason: fault };
    const atS = this.#now(former);
    const cosignature = cosign(signed.text, this.#key, atS);
    const keys = this.#keysOf(checkpoint.origin);
    const ofLog = signed.signatures.filter(({ name, keyId }) =>
      keys.some((key) => key.name === name && key.id === keyId),
    );
    const note = formatNote({ text: signed.text, signatures: [...ofLog, cosignature] });
    await this.#heads.keep({ checkpoint, atS, note });
    return { status: 200, signatures: formatSignature(cosignature) };
  }

  /** A later statement never bears an earlier time, also when the clock was put back. */
  #now(former: CosignedHead | null): bigint {
    const nowS = BigInt(Math.floor(this.#clock.now() / 1_000));
    return former !== null && former.atS > nowS ? former.atS : nowS;
  }

  async #inTurn(origin: string, work: () => Promise<Answer>): Promise<Answer> {
    const turn = (this.#turns.get(origin) ?? Promise.resolve()).then(work);
    const over = turn.catch(() => undefined);
    this.#turns.set(origin, over);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(origin) === over) this.#turns.delete(origin);
    }
  }
}

function readSubmission(body: string): Submission | null {
  const request = parseAddCheckpoint(body);
  if (request === null) return null;
  const signed = parseNote(request.note) ?? { text: textOf(request.note), signatures: [] };
  const checkpoint = parseCheckpoint(signed.text);
  return checkpoint?.root.length === HASH_BYTES ? { ...request, signed, checkpoint } : null;
}

function textOf(note: string): string {
  const split = note.lastIndexOf('\n\n');
  return split < 0 ? note : note.slice(0, split + 1);
}

/** Why the checkpoint does not continue what was cosigned before; null when it does. */
function findFault({ checkpoint, oldSize, proof }: Submission, former: CosignedHead | null): string | null {
  const { size, root } = checkpoint;
  if (size === 0n && !root.equals(EMPTY_ROOT)) return 'the root is not that of an empty tree';
  if (former === null || oldSize === 0n) return proof.length > 0 ? 'from size 0 there is nothing to prove' : null;
  return findConsistencyFault({
    fromSize: oldSize,
    toSize: size,
    fromRoot: former.checkpoint.root,
    toRoot: root,
    proof,
  });
}
