import type { Certificate } from 'pkijs';
import type { Clock } from '../clock.js';
import { readRetryAfter } from '../retry-after.js';
import { MINUTE_MS } from '../time.js';
import { createQuery, readReply } from './query.js';
import { type Timestamp, verifyToken } from './token.js';

/** What came of asking. A reason is one line. */
export type Outcome =
  | { kind: 'stamped'; token: Buffer; timestamp: Timestamp }
  /** It answered, and its answer is not believed, or it would be refused again. */
  | { kind: 'refused'; reason: string }
  /** It may go better another time, `waitMs` from now at the earliest if the authority said so. */
  | { kind: 'failed'; reason: string; waitMs: number | null };

export interface AuthorityOptions {
  url: string;
  /** Certificates that are believed. */
  roots: readonly Certificate[];
  clock: Clock;
  stopped: AbortSignal;
}

const DEADLINE_MS = 10_000;
/** A token with a chain of certificates has some 6 KB. */
const REPLY_BYTES_MAX = 64 * 1024;
/** How far the authority's clock may be from ours. */
const CLOCKS_APART_MAX_MS = 10 * MINUTE_MS;
const QUERY_TYPE = 'application/timestamp-query';
const REPLY_TYPE = 'application/timestamp-reply';

interface Exchange {
  status: number;
  type: string;
  retryAfter: string | null;
  body: Buffer | null;
}

/** Asks a time-stamping authority over HTTP (RFC 3161 section 3.4). Redirects are not followed: the settings name the place. */
export class Authority {
  readonly #options: AuthorityOptions;

  constructor(options: AuthorityOptions) {
    this.#options = options;
  }

  /** Asks for a token over the bytes. What is `stamped` was verified against roots, nonce, imprint and clock. */
  async stamp(bytes: Buffer): Promise<Outcome> {
    const { clock, roots } = this.#options;
    const { body, nonce } = createQuery(bytes);
    const askedMs = clock.now();
    const exchange = await this.#post(body);
    if ('kind' in exchange) return exchange;
    const reply = this.#judge(exchange);
    if ('kind' in reply) return reply;
    const read = readReply(reply.body);
    if ('fault' in read) return { kind: 'refused', reason: read.fault };
    const window = { fromMs: askedMs - CLOCKS_APART_MAX_MS, toMs: clock.now() + CLOCKS_APART_MAX_MS };
    const verified = await verifyToken(read.token, { bytes, nonce, roots, window });
    return 'fault' in verified
      ? { kind: 'refused', reason: `its token is not believed: ${verified.fault}` }
      : { kind: 'stamped', token: read.token, timestamp: verified };
  }

  #judge({ status, type, retryAfter, body }: Exchange): { body: Buffer } | Exclude<Outcome, { kind: 'stamped' }> {
    if (status !== 200) {
      const isWorthAnother = status === 408 || status === 429 || status >= 500;
      const waitMs = readRetryAfter(retryAfter, this.#options.clock.now());
      const hint = status >= 300 && status < 400 ? ': redirects are not followed; give the final URL' : '';
      const reason = `status ${status}${hint}`;
      return isWorthAnother ? { kind: 'failed', reason, waitMs } : { kind: 'refused', reason };
    }
    if (type !== REPLY_TYPE) return { kind: 'refused', reason: `its answer is not ${REPLY_TYPE}` };
    if (body === null) return { kind: 'refused', reason: `its answer has more than ${REPLY_BYTES_MAX} bytes` };
    return { body };
  }

  async #post(body: Buffer): Promise<Exchange | Extract<Outcome, { kind: 'failed' }>> {
    const { url, stopped } = this.#options;
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: new Uint8Array(body),
        headers: { 'content-type': QUERY_TYPE, accept: REPLY_TYPE, 'user-agent': 'midwatch' },
        redirect: 'manual',
        signal: AbortSignal.any([deadline, stopped]),
      });
      const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
      return {
        status: response.status,
        type: type.trim().toLowerCase(),
        retryAfter: response.headers.get('retry-after'),
        body: await readBounded(response),
      };
    } catch (error) {
      const late = `no answer within ${DEADLINE_MS / 1_000} seconds`;
      const { cause } = error as { cause?: NodeJS.ErrnoException };
      const failed = `the connection failed${cause?.code === undefined ? '' : ` (${cause.code})`}`;
      return { kind: 'failed', reason: deadline.aborted ? late : failed, waitMs: null };
    }
  }
}

/** Null for more than is ever needed: nobody can keep us reading. */
async function readBounded(response: Response): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > REPLY_BYTES_MAX) return null;
  }
  return Buffer.concat(chunks);
}
