import { signal } from '@preact/signals';
import { Failure } from './failure.js';

export interface Viewer {
  subject: string;
  roles: string[];
  /** The fleets that may be looked at. */
  fleets: string[];
  /** When the session ends, ISO 8601; null: it does not by itself. */
  expiresAt: string | null;
}

export interface Session {
  hasIdentityProvider: boolean;
  /** Null: nobody is signed in. */
  viewer: Viewer | null;
}

/** Null until the server has said who this is. */
export const session = signal<Session | null>(null);

export async function loadSession(): Promise<void> {
  session.value = await ask('GET', '/session');
}

/** Opens a session with a token or API key, or with the code of a link. */
export async function signIn(proof: { credential: string } | { code: string }): Promise<void> {
  await ask('POST', '/session', proof);
  await loadSession();
}

/** Where the identity provider signs people in; it leads back to `returnTo`. */
export async function beginOidc(returnTo: string): Promise<string> {
  const { location } = await ask<{ location: string }>('POST', '/session/oidc', { returnTo });
  return location;
}

export async function signOut(): Promise<void> {
  await ask('DELETE', '/session');
  // Everything that was read is in memory alone, and goes with the page.
  window.location.assign('/sign-in');
}

/** The server says that nobody is signed in any more: what is on the screen stays until somebody signs in again. */
export function endSession(): void {
  if (session.value !== null) session.value = { ...session.value, viewer: null };
}

export function hasRole(...roles: string[]): boolean {
  return session.value?.viewer?.roles.some((role) => roles.includes(role)) ?? false;
}

async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  }).catch(() => {
    throw new Failure('OFFLINE', 'The server cannot be reached.');
  });
  if (response.status === 204) return undefined as Answer;
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Failure(answer.error.code, answer.error.message);
}
