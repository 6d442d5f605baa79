import { AppError } from '../errors.js';
import { type Operation, type Role, rolesFor } from './policy.js';

/** Who is calling: proven by a token or an API key, never by anything in the request's content. */
export interface Viewer {
  /** The token's `sub`, or `key:<id>`. */
  subject: string;
  roles: ReadonlySet<Role>;
  fleets: ReadonlySet<string> | '*';
  /** When the credential ends, milliseconds since the epoch; null for API keys, which end by revocation. */
  expiresAtMs: number | null;
  /** Of a token that an identity provider issued: its issuer, and when it did, milliseconds since the epoch. */
  provided?: { issuer: string; issuedAtMs: number };
}

/** Who comes with a token of the identity provider. */
export type ProvidedViewer = Viewer & Required<Pick<Viewer, 'provided'>>;

export function isProvided(viewer: Viewer): viewer is ProvidedViewer {
  return viewer.provided !== undefined;
}

export function mayDo(viewer: Viewer, operation: Operation): boolean {
  return rolesFor(operation).some((role) => viewer.roles.has(role));
}

/** Throws FORBIDDEN, naming the roles that would do, unless the viewer may. */
export function requireOperation(viewer: Viewer, operation: Operation): void {
  if (mayDo(viewer, operation)) return;
  throw new AppError('FORBIDDEN', `this needs one of the roles ${rolesFor(operation).join(', ')}`);
}

export function mayEnter(viewer: Viewer, fleet: string): boolean {
  return viewer.fleets === '*' || viewer.fleets.has(fleet);
}
