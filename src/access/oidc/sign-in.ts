import { createHash, randomBytes } from 'node:crypto';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import type { IdentityProvider } from '../../config.js';
import { AppError } from '../../errors.js';
import { MINUTE_MS } from '../../time.js';
import { fetchText } from '../bounded-fetch.js';
import type { IdentityKeys } from '../identity-keys.js';
import { PROVIDER_ALGORITHMS } from '../token.js';
import { Discovery } from './discovery.js';

const PENDING_MS = 10 * MINUTE_MS;
/** Whoever begins more sign-ins than this at once has the oldest forgotten. */
const PENDING_MAX = 1_000;
const CLOCK_TOLERANCE_S = 5;

interface Pending {
  /** Hash of what the browser that began holds in a cookie. */
  bindingHash: string;
  verifier: string;
  nonce: string;
  redirectUri: string;
  returnTo: string;
  untilMs: number;
}

export interface SignedIn {
  /** An access token, not checked yet. */
  token: string;
  returnTo: string;
  /** As the browser was sent back. */
  redirectUri: string;
}

export interface OidcOptions {
  provider: IdentityProvider & { client: NonNullable<IdentityProvider['client']> };
  keys: IdentityKeys;
  clock: Clock;
}

const tokenAnswer = z.object({ access_token: z.string().min(1), id_token: z.string().min(1) });

/**
 * Signing in by the company's identity provider: OpenID Connect's authorization code flow with PKCE (RFC 7636), as RFC
 * 9700 section 2.1 asks for. The result is an access token that is then held to everything a sent one is.
 */
export class OidcSignIn {
  readonly #options: OidcOptions;
  readonly #discovery: Discovery;
  readonly #pendingByState = new Map<string, Pending>();

  constructor(options: OidcOptions) {
    this.#options = options;
    this.#discovery = new Discovery(options.provider.issuer, options.clock);
  }

  /** Where the browser is to go, and what it is to keep until it is back. */
  async begin(redirectUri: string, returnTo: string): Promise<{ location: string; binding: string }> {
    const { provider, clock } = this.#options;
    const { authorizationEndpoint } = await this.#discovery.read();
    const [state, binding, verifier, nonce] = [secret(), secret(), secret(), secret()];
    const untilMs = clock.now() + PENDING_MS;
    this.#pendingByState.set(state, { bindingHash: sha256(binding), verifier, nonce, redirectUri, returnTo, untilMs });
    const [oldest] = this.#pendingByState.keys();
    if (this.#pendingByState.size > PENDING_MAX && oldest !== undefined) this.#pendingByState.delete(oldest);
    const location = new URL(authorizationEndpoint);
    const asked = {
      response_type: 'code',
      client_id: provider.client.id,
      redirect_uri: redirectUri,
      scope: provider.client.scope,
      state,
      nonce,
      code_challenge: sha256(verifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(asked)) location.searchParams.set(name, value);
    return { location: location.href, binding };
  }

  /**
   * What the provider sent the browser back with, exchanged for an access token and the page to go on with. Throws
   * UNAUTHENTICATED when it is not the answer to what this browser asked, UNAVAILABLE when the provider fails.
   */
  async finish(answer: URLSearchParams, binding: string | undefined): Promise<SignedIn> {
    const { provider, clock } = this.#options;
    const state = answer.get('state') ?? '';
    const pending = this.#pendingByState.get(state);
    this.#pendingByState.delete(state);
    if (pending === undefined || clock.now() >= pending.untilMs || sha256(binding ?? '') !== pending.bindingHash) {
      throw new AppError('UNAUTHENTICATED', 'this sign-in was not begun here, or too long ago: begin again');
    }
    const issuer = answer.get('iss');
    if (issuer !== null && issuer !== provider.issuer) throw refused('the answer is of another issuer');
    const code = answer.get('code');
    if (code === null) throw refused(answer.get('error') ?? 'there is no code');
    const { access_token: token, id_token: idToken } = await this.#exchange(code, pending);
    await this.#checkIdToken(idToken, pending.nonce);
    return { token, returnTo: pending.returnTo, redirectUri: pending.redirectUri };
  }

  async #exchange(code: string, { verifier, redirectUri }: Pending): Promise<z.infer<typeof tokenAnswer>> {
    const { id, secret: clientSecret } = this.#options.provider.client;
    const { tokenEndpoint } = await this.#discovery.read();
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      client_id: id,
      code_verifier: verifier,
    });
    const headers = { accept: 'application/json', ...(clientSecret === null ? {} : basic(id, clientSecret)) };
    try {
      return tokenAnswer.parse(JSON.parse(await fetchText(tokenEndpoint, { method: 'POST', body, headers })));
    } catch (cause) {
      throw new AppError('UNAVAILABLE', 'the identity provider did not give a token for its code: begin again', {
        cause,
      });
    }
  }

  /** OpenID Connect Core 1.0, section 3.1.3.7. */
  async #checkIdToken(idToken: string, nonce: string): Promise<void> {
    const { provider, keys, clock } = this.#options;
    try {
      const { payload } = await jwtVerify(idToken, keys.find, {
        issuer: provider.issuer,
        audience: provider.client.id,
        algorithms: PROVIDER_ALGORITHMS,
        requiredClaims: ['sub', 'exp', 'iat'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(clock.now()),
      });
      if (payload.nonce !== nonce) throw refused('the nonce is another');
    } catch (error) {
      throw error instanceof AppError ? error : refused(error instanceof Error ? error.message : String(error));
    }
  }
}

function refused(detail: string): AppError {
  return new AppError('UNAUTHENTICATED', 'the identity provider did not sign you in: begin again', { detail });
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** RFC 6749 section 2.3.1: both are form-encoded first. */
function basic(id: string, clientSecret: string): { authorization: string } {
  const pair = [id, clientSecret].map(encodeURIComponent).join(':');
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
