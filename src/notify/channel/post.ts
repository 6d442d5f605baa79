import http from 'node:http';
import https from 'node:https';
import { readRetryAfter } from '../../retry-after.js';
import { lookupWithin, type Reach, refuseLiteral, UnreachableAddress } from './address.js';
import type { Verdict } from './channel.js';

export interface PostRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface PostOptions {
  reach: Reach;
  /** All of it, from the look-up of the name to the end of the answer. */
  deadlineMs: number;
  /** Ends what is under way. */
  signal: AbortSignal;
  nowMs: number;
  /** Texts that are in no reason, whatever the other side answers. */
  secrets: readonly string[];
}

interface Answer {
  status: number;
  retryAfter: string | undefined;
  /** The beginning of the body. */
  body: string;
}

const BODY_BYTES_MAX = 16 * 1024;
const QUOTED_MAX = 200;

/**
 * POSTs once, to a connection of its own, and says what came of it; never rejects. Redirects are not followed. 2xx is sent;
 * 410 is gone; other 4xx but 408 and 429 are refused; all else may go better another time.
 */
export async function post(request: PostRequest, options: PostOptions): Promise<Verdict> {
  const deadline = AbortSignal.timeout(options.deadlineMs);
  try {
    const answer = await exchange(request, options.reach, AbortSignal.any([deadline, options.signal]));
    return judge(answer, options);
  } catch (error) {
    if (error instanceof UnreachableAddress) return { kind: 'refused', reason: error.message };
    const late = `no answer within ${options.deadlineMs / 1_000} seconds`;
    return { kind: 'failed', reason: deadline.aborted ? late : `the connection failed${codeOf(error)}`, waitMs: null };
  }
}

/** Messages of failed requests can quote what was sent: only the system's code is passed on. */
function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? '' : ` (${code})`;
}

function exchange({ url, headers, body }: PostRequest, reach: Reach, signal: AbortSignal): Promise<Answer> {
  const target = new URL(url);
  refuseLiteral(target.hostname, reach);
  const { request: send } = target.protocol === 'https:' ? https : http;
  const length = String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const request = send(target, {
      method: 'POST',
      headers: { 'user-agent': 'midwatch', ...headers, 'content-length': length },
      agent: false,
      lookup: lookupWithin(reach),
      signal,
    });
    request.on('error', reject);
    request.on('response', (response) => readAnswer(response).then(resolve, reject));
    request.end(body);
  });
}

async function readAnswer(response: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop closes the connection: nobody can keep it busy with an endless answer.
  for await (const chunk of response) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) break;
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function judge({ status, retryAfter, body }: Answer, { nowMs, secrets }: PostOptions): Verdict {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status >= 300 && status < 400) {
    return { kind: 'failed', reason: `status ${status}: redirects are not followed; give the final URL`, waitMs: null };
  }
  const reason = `status ${status}${quoteOf(body, secrets)}`;
  if (status === 410) return { kind: 'gone', reason };
  const isWorthAnother = status === 408 || status === 429 || status >= 500;
  return isWorthAnother
    ? { kind: 'failed', reason, waitMs: readRetryAfter(retryAfter, nowMs) }
    : { kind: 'refused', reason };
}

/** What the other side said, in printable ASCII, without what it should not have repeated. */
function quoteOf(body: string, secrets: readonly string[]): string {
  const clean = secrets.filter(({ length }) => length > 1).reduce((text, secret) => text.replaceAll(secret, '…'), body);
  const printable = clean
    .replaceAll(/[^\x20-\x7e…]+/g, ' ')
    .trim()
    .slice(0, QUOTED_MAX);
  return printable === '' ? '' : `: ${printable}`;
}
