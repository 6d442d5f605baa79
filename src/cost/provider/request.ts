import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import { readRetryAfter } from '../../retry-after.js';
import { parseExactJson } from './amount.js';

export interface ProviderApi {
  /** What the documented paths are put behind, without a slash at its end. */
  baseUrl: string;
  /** With the key in them: they are never written anywhere. */
  headers: Readonly<Record<string, string>>;
  /** The name of the variable that holds the key, for messages. */
  keyVariable: string;
}

export interface RequestOptions {
  /** Ends whatever is under way. */
  signal: AbortSignal;
  /** Waits between attempts; rejects when the signal is aborted. */
  pause?: (durationMs: number, signal: AbortSignal) => Promise<void>;
}

const ATTEMPTS_MAX = 5;
const TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 1_000;
/** A provider that wants to be left alone for longer is asked again with the next pull. */
const PAUSE_MAX_MS = 120_000;
const BODY_BYTES_MAX = 32 * 1024 * 1024;

type Attempt = { body: unknown } | { refused: string; isWorthAnother: boolean; waitMs?: number | null };

/**
 * GETs one page of a provider's report, as JSON with exact numbers. 429, 5xx and broken connections are tried again, after
 * what Retry-After says or ever longer pauses. Throws UNAVAILABLE that says what was asked and what came, without the key
 * and without anything the provider wrote.
 */
export async function getReport(
  api: ProviderApi,
  { path, query }: { path: string; query: URLSearchParams },
  options: RequestOptions,
): Promise<unknown> {
  const url = new URL(api.baseUrl + path);
  url.search = query.toString();
  const pause = options.pause ?? waitFor;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(api, url, options.signal);
    if ('body' in outcome) return outcome.body;
    options.signal.throwIfAborted();
    const pauseMs = outcome.waitMs ?? backOffMs(attempt);
    if (!outcome.isWorthAnother || attempt === ATTEMPTS_MAX || pauseMs > PAUSE_MAX_MS) {
      throw new AppError('UNAVAILABLE', `GET ${api.baseUrl}${path}: ${outcome.refused}`);
    }
    await pause(pauseMs, options.signal);
  }
}

async function waitFor(durationMs: number, signal: AbortSignal): Promise<void> {
  await wait(durationMs, undefined, { signal });
}

/** Doubles with each attempt, with up to a half on top so that several servers do not come at once. */
function backOffMs(attempt: number): number {
  return FIRST_PAUSE_MS * 2 ** (attempt - 1) * (1 + Math.random() / 2);
}

async function attemptOnce(api: ProviderApi, url: URL, stopped: AbortSignal): Promise<Attempt> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await fetch(url, {
      headers: { ...api.headers, accept: 'application/json' },
      redirect: 'manual',
      signal,
    });
    if (response.ok) return await readPage(response);
    await response.body?.cancel();
    return refusal(response, api.keyVariable);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      return { refused: `no answer within ${TIMEOUT_MS / 1_000} seconds`, isWorthAnother: true };
    }
    return { refused: `the connection failed${systemCode(error)}`, isWorthAnother: true };
  }
}

/** Messages of failed requests can quote headers: only the system's code is passed on. */
function systemCode(error: unknown): string {
  const code = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? '' : ` (${code})`;
}

function refusal({ status, headers }: Response, keyVariable: string): Attempt {
  if (status === 401 || status === 403) {
    const refused = `${status}: the key in ${keyVariable} is refused; the organization's admin key is needed`;
    return { refused, isWorthAnother: false };
  }
  if (status >= 300 && status < 400) {
    return {
      refused: `${status}: a redirect, which is not followed with a key; give the final URL`,
      isWorthAnother: false,
    };
  }
  const isWorthAnother = status === 408 || status === 429 || status >= 500;
  return {
    refused: `status ${status}`,
    isWorthAnother,
    waitMs: readRetryAfter(headers.get('retry-after'), Date.now()),
  };
}

async function readPage(response: Response): Promise<Attempt> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) {
      return { refused: `the answer is larger than ${BODY_BYTES_MAX / 1024 / 1024} MiB`, isWorthAnother: false };
    }
    chunks.push(chunk);
  }
  try {
    return { body: parseExactJson(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { refused: 'the answer is not JSON', isWorthAnother: false };
  }
}
