import { AppError } from '../errors.js';

const TIMEOUT_MS = 5_000;
const BODY_BYTES_MAX = 256 * 1024;

/** The body of a 200 answer of the identity provider; anything slow, large or redirected is UNAVAILABLE. */
export async function fetchText(url: string, request: RequestInit = {}): Promise<string> {
  const response = await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new AppError('UNAVAILABLE', `the identity provider answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bodyBytes = 0;
  for await (const chunk of response.body) {
    bodyBytes += chunk.byteLength;
    if (bodyBytes > BODY_BYTES_MAX) throw new AppError('UNAVAILABLE', "the identity provider's answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
