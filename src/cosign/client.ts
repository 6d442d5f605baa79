import type { Clock } from '../clock.js';
import { formatAddCheckpoint } from '../ledger/note/add-checkpoint.js';
import { parseSize } from '../ledger/note/checkpoint.js';
import { checkCosignature } from '../ledger/note/cosignature.js';
import type { VerifierKey } from '../ledger/note/key.js';
import { type NoteSignature, parseNote } from '../ledger/note/signed-note.js';
import { readRetryAfter } from '../retry-after.js';
import type { AskedWitness } from './witness-policy.js';

/** A head that witnesses are asked to cosign. */
export interface Head {
  origin: string;
  size: bigint;
  /** The checkpoint with the log's signature. */
  note: string;
  /** All keys the log ever signed with. */
  keys: readonly VerifierKey[];
  /** The root that the log's tree had at a size up to the head's. */
  rootAt(size: bigint): Promise<Buffer>;
  /** A consistency proof from a size between 0 and the head's. */
  prove(fromSize: bigint): Promise<readonly Buffer[]>;
}

/** What came of asking. A reason is one line. */
export type Outcome =
  | { kind: 'cosigned'; cosignature: NoteSignature; atS: bigint }
  /** The witness cosigned a larger tree of this log. */
  | { kind: 'ahead'; size: bigint }
  /** The witness cosigned a tree of this size that the head does not continue. */
  | { kind: 'inconsistent'; size: bigint }
  /** It would be refused again: one of both sides is set up wrongly. */
  | { kind: 'refused'; reason: string }
  /** It may go better another time, `waitMs` from now at the earliest if the witness said so. */
  | { kind: 'failed'; reason: string; waitMs: number | null };

const DEADLINE_MS = 5_000;
const BODY_BYTES_MAX = 64 * 1024;
/** The first may be mistaken about the size the witness has; more are needed when others ask for the same log meanwhile. */
const ATTEMPTS = 3;
/** How far a witness's clock may be ahead of ours. */
const AHEAD_MAX_S = 600n;

interface Exchange {
  status: number;
  contentType: string | null;
  retryAfter: string | null;
  body: string;
}

/** Asks one witness for cosignatures (C2SP tlog-witness). Redirects are not followed: the policy names the place. */
export class WitnessClient {
  readonly witness: AskedWitness;
  readonly #clock: Clock;
  readonly #stopped: AbortSignal;

  constructor(witness: AskedWitness, { clock, stopped }: { clock: Clock; stopped: AbortSignal }) {
    this.witness = witness;
    this.#clock = clock;
    this.#stopped = stopped;
  }

  /** Asks with the size that the witness is believed to have; one that has another is caught up. Rejects only as `prove` does. */
  async cosign(head: Head, believedSize: bigint): Promise<Outcome> {
    let oldSize = believedSize > head.size ? 0n : believedSize;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const proof = oldSize === 0n || oldSize === head.size ? [] : await head.prove(oldSize);
      const exchange = await this.#request('/add-checkpoint', formatAddCheckpoint({ oldSize, proof, note: head.note }));
      if ('kind' in exchange) return exchange;
      if (exchange.status !== 409) return this.#judge(exchange, head, oldSize);
      const size = readConflict(exchange);
      if (size === null || size === oldSize) return { kind: 'refused', reason: 'it answers 409 without another size' };
      if (size > head.size) return { kind: 'ahead', size };
      oldSize = size;
    }
    return { kind: 'failed', reason: 'the size it has keeps changing', waitMs: null };
  }

  /** The newest checkpoint that the witness shows of a log (C2SP tlog-witness, Monitor Retrieval); null when it shows none. */
  async show(originHash: string): Promise<string | null> {
    const exchange = await this.#request(`/${originHash}/checkpoint`, null);
    return 'kind' in exchange || exchange.status !== 200 ? null : exchange.body;
  }

  #judge({ status, body, retryAfter }: Exchange, head: Head, oldSize: bigint): Outcome {
    if (status === 200) return this.#readCosignature(body, head);
    if (status === 422 && oldSize > 0n) return { kind: 'inconsistent', size: oldSize };
    if (status >= 300 && status < 400) {
      return { kind: 'refused', reason: `status ${status}: redirects are not followed; give the final URL` };
    }
    const reason = `status ${status}${quote(body)}`;
    const isWorthAnother = status === 408 || status === 429 || status >= 500;
    return isWorthAnother
      ? { kind: 'failed', reason, waitMs: readRetryAfter(retryAfter, this.#clock.now()) }
      : { kind: 'refused', reason };
  }

  /** Believes nothing but a signature of the policy's key over this head. */
  #readCosignature(body: string, { note }: Head): Outcome {
    const signed = parseNote(note + body);
    const atS = signed === null ? null : checkCosignature(signed, this.witness.key);
    if (signed === null || atS === null) return { kind: 'refused', reason: 'its answer has no cosignature of its key' };
    if (atS === 'forged') return { kind: 'refused', reason: 'its answer has a wrong cosignature' };
    if (atS > BigInt(Math.floor(this.#clock.now() / 1_000)) + AHEAD_MAX_S) {
      return { kind: 'refused', reason: `its clock is ahead: it cosigned at ${atS} seconds since 1970` };
    }
    const { name, id } = this.witness.key;
    const [cosignature] = signed.signatures.filter(
      (one) => one.name === name && one.keyId === id && one.bytes.readBigUInt64BE() === atS,
    );
    return cosignature === undefined
      ? { kind: 'refused', reason: 'its answer has no cosignature of its key' }
      : { kind: 'cosigned', cosignature, atS };
  }

  async #request(path: string, body: string | null): Promise<Exchange | Extract<Outcome, { kind: 'failed' }>> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    try {
      const response = await fetch(`${this.witness.url}${path}`, {
        ...(body === null ? {} : { method: 'POST', body }),
        headers: {
          'user-agent': 'midwatch',
          ...(body === null ? {} : { 'content-type': 'text/plain; charset=utf-8' }),
        },
        redirect: 'manual',
        signal: AbortSignal.any([deadline, this.#stopped]),
      });
      return {
        status: response.status,
        contentType: response.headers.get('content-type'),
        retryAfter: response.headers.get('retry-after'),
        body: await readText(response),
      };
    } catch (error) {
      const late = `no answer within ${DEADLINE_MS / 1_000} seconds`;
      const reason = deadline.aborted ? late : `the connection failed${codeOf(error)}`;
      return { kind: 'failed', reason, waitMs: null };
    }
  }
}

function readConflict({ contentType, body }: Exchange): bigint | null {
  const isSize = contentType?.split(';')[0]?.trim().toLowerCase() === 'text/x.tlog.size';
  return isSize && body.endsWith('\n') ? parseSize(body.slice(0, -1)) : null;
}

/** Nobody can keep us reading. */
async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** fetch wraps the system's error; the code is in its cause. */
function codeOf(error: unknown): string {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code === undefined ? '' : ` (${cause.code})`;
}

/** What the witness said, in printable ASCII. */
function quote(body: string): string {
  const printable = body
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
  return printable === '' ? '' : `: ${printable}`;
}
