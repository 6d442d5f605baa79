import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { hashApiKey, isWellFormedApiKey, looksLikeApiKey } from './api-key.js';
import { readCredential } from './credential.js';
import { parseFleetId, unknownFleet } from './fleet-id.js';
import { IdentityKeys } from './identity-keys.js';
import { issueOwnerSession } from './issue.js';
import { type InstallationKey, loadInstallationKey } from './keys.js';
import { OidcSignIn } from './oidc/sign-in.js';
import { ProvidedAccess } from './provided-access.js';
import { Recent } from './recent.js';
import { type Session, sessionOver, signSession, verifySession } from './session.js';
import { SignInCodes } from './sign-in-codes.js';
import { findApiKeyByHash, fleetExists, listFleets } from './store.js';
import { type TokenTrust, verifyToken } from './token.js';
import { isProvided, mayEnter, type Viewer } from './viewer.js';

/** Within this a revoked key stops working. */
const RECENT_MS = 5_000;
const FLEETS_SHOWN_MAX = 1_000;
/** Whoever reads the terminal or the data directory of this installation may do everything in it. */
const OWNER: Omit<Viewer, 'expiresAtMs'> = { subject: 'owner', roles: new Set(['ADMIN']), fleets: '*' };

export interface AccessOptions {
  pool: Pool;
  config: Pick<Config, 'dataDir' | 'identityProvider'>;
  clock: Clock;
}

/** Who is calling, and in which fleet. */
export class Access {
  readonly #options: AccessOptions;
  readonly #identityKeys: IdentityKeys | null;
  readonly #provided: ProvidedAccess;
  readonly #viewersByKeyHash: Recent<Viewer>;
  readonly #fleets: Recent<true>;
  /** One entry: the installation's only fleet, for those who may enter any and name none. */
  readonly #onlyFleet: Recent<string>;
  /** Ids of sessions that were ended before their time, and when they would have been over. */
  readonly #signedOut = new Map<string, number>();
  /** For links that the installation's owner is shown. */
  readonly signInCodes: SignInCodes;
  /** Null where no client of the identity provider is configured. */
  readonly oidc: OidcSignIn | null;
  #trust: Promise<TokenTrust> | null = null;

  constructor(options: AccessOptions) {
    const { clock, config } = options;
    this.#options = options;
    this.#identityKeys = config.identityProvider && new IdentityKeys(config.identityProvider.jwksUrl, clock);
    this.#provided = new ProvidedAccess(options);
    this.#viewersByKeyHash = new Recent({ ageMaxMs: RECENT_MS, entriesMax: 10_000, clock });
    this.#fleets = new Recent({ ageMaxMs: RECENT_MS, entriesMax: 10_000, clock });
    this.#onlyFleet = new Recent({ ageMaxMs: RECENT_MS, entriesMax: 1, clock });
    this.signInCodes = new SignInCodes(clock);
    this.oidc = createOidc(options, this.#identityKeys);
  }

  /**
   * The viewer that the `authorization` header, or else `x-api-key`, proves. Throws UNAUTHENTICATED when they prove
   * nobody, UNAVAILABLE when that cannot be found out now. What an identity provider gives is told of in the ledgers.
   */
  async authenticate(authorization: string | undefined, apiKey?: string): Promise<Viewer> {
    const credential = readCredential(authorization, apiKey);
    if (looksLikeApiKey(credential)) return this.#viewerOfApiKey(credential);
    const viewer = await verifyToken(credential, await this.#tokenTrust());
    if (isProvided(viewer)) await this.#provided.tell(viewer);
    return viewer;
  }

  async #viewerOfApiKey(key: string): Promise<Viewer> {
    const viewer = isWellFormedApiKey(key) ? await this.#viewerOfKeyHash(hashApiKey(key)) : null;
    if (viewer === null) throw new AppError('UNAUTHENTICATED', 'the API key is not valid or was revoked');
    return viewer;
  }

  #viewerOfKeyHash(hash: Buffer): Promise<Viewer | null> {
    return this.#viewersByKeyHash.get(hash.toString('hex'), () => findViewer(this.#options.pool, hash));
  }

  /** A browser's session, opened with a token or an API key. Throws as `authenticate`. */
  async openSession(credential: string): Promise<{ token: string; expiresAtMs: number }> {
    const viewer = await this.authenticate(`Bearer ${credential}`);
    const apiKeyHash = looksLikeApiKey(credential) ? hashApiKey(credential).toString('hex') : null;
    return signSession(await this.#installationKey(), { viewer, apiKeyHash }, this.#options.clock);
  }

  /**
   * The same with the code of a link, which is access of its own and sealed in every fleet's ledger. Throws UNAUTHENTICATED
   * when it was used or is too old.
   */
  async redeemCode(code: string): Promise<{ token: string; expiresAtMs: number }> {
    const { pool, clock } = this.#options;
    const key = await this.#installationKey();
    const viewer = { ...OWNER, expiresAtMs: null };
    return this.signInCodes.redeem(code, () => issueOwnerSession({ pool, key, clock }, { viewer, apiKeyHash: null }));
  }

  /** Who holds the session. Throws UNAUTHENTICATED when it is over, was ended, or its API key was revoked. */
  async authenticateSession(token: string): Promise<Viewer> {
    const { id, viewer, apiKeyHash, expiresAtMs } = await this.#session(token);
    if (this.#signedOut.has(id)) throw sessionOver();
    if (apiKeyHash === null) return viewer;
    const owner = await this.#viewerOfKeyHash(Buffer.from(apiKeyHash, 'hex'));
    if (owner === null) throw sessionOver();
    return { ...owner, expiresAtMs };
  }

  /** Ends a session now; one that is over stays so. */
  async closeSession(token: string): Promise<void> {
    const nowMs = this.#options.clock.now();
    for (const [id, untilMs] of this.#signedOut) if (untilMs <= nowMs) this.#signedOut.delete(id);
    const session = await this.#session(token).catch(() => null);
    if (session !== null) this.#signedOut.set(session.id, session.expiresAtMs);
  }

  /** What tells this installation's cookies from those of another on the same host. */
  async cookieTag(): Promise<string> {
    return (await this.#installationKey()).kid.slice(0, 8);
  }

  async #session(token: string): Promise<Session> {
    return verifySession(token, await this.#installationKey(), this.#options.clock);
  }

  async #installationKey(): Promise<InstallationKey> {
    return (await this.#tokenTrust()).key;
  }

  /** The fleets the viewer may enter, by id: at most 1,000 of all, or those its credential names. */
  async enterableFleets({ fleets }: Viewer): Promise<string[]> {
    if (fleets !== '*') return [...fleets].sort();
    return (await listFleets(this.#options.pool, FLEETS_SHOWN_MAX)).map(({ id }) => id);
  }

  #tokenTrust(): Promise<TokenTrust> {
    this.#trust ??= this.#loadTrust().catch((error: unknown) => {
      this.#trust = null;
      throw error;
    });
    return this.#trust;
  }

  async #loadTrust(): Promise<TokenTrust> {
    const { config, clock } = this.#options;
    const identityProvider = config.identityProvider &&
      this.#identityKeys && { ...config.identityProvider, keys: this.#identityKeys };
    return { key: await loadInstallationKey(config.dataDir), identityProvider, clock };
  }

  /**
   * The fleet a request works in: the one `X-Fleet-ID` names, or without it the only one there is
   * to choose. Throws FORBIDDEN outside the viewer's fleets, whether or not such a fleet exists; NOT_FOUND when it does
   * not; VALIDATION_FAILED when the header is malformed, or missing where there is a choice.
   */
  async enterFleet(viewer: Viewer, fleetHeader: string | undefined): Promise<string> {
    const id =
      fleetHeader === undefined ? await this.#impliedFleet(viewer) : parseFleetId(fleetHeader.trim(), 'X-Fleet-ID');
    if (!mayEnter(viewer, id)) throw new AppError('FORBIDDEN', `the credential does not open the fleet ${id}`);
    const exists = await this.#fleets.get(id, async () => (await fleetExists(this.#options.pool, id)) || null);
    if (exists === null) throw unknownFleet(id);
    return id;
  }

  async #impliedFleet({ fleets }: Viewer): Promise<string> {
    if (fleets === '*') {
      const id = await this.#onlyFleet.get('', () => findOnlyFleet(this.#options.pool));
      if (id !== null) return id;
      throw new AppError(
        'VALIDATION_FAILED',
        'X-Fleet-ID is missing: name one of the fleets that npx midwatch fleet list prints, or create the first with npx midwatch fleet create ID',
      );
    }
    const [id, ...others] = fleets;
    if (id !== undefined && others.length === 0) return id;
    throw new AppError('VALIDATION_FAILED', `X-Fleet-ID is missing: name one of ${[...fleets].join(', ')}`);
  }
}

function createOidc({ config, clock }: AccessOptions, keys: IdentityKeys | null): OidcSignIn | null {
  const { identityProvider } = config;
  if (keys === null || identityProvider?.client == null) return null;
  return new OidcSignIn({ provider: { ...identityProvider, client: identityProvider.client }, keys, clock });
}

async function findViewer(pool: Pool, hash: Buffer): Promise<Viewer | null> {
  const apiKey = await findApiKeyByHash(pool, hash);
  return (
    apiKey && {
      subject: `key:${apiKey.id}`,
      roles: new Set([apiKey.role]),
      fleets: new Set([apiKey.fleetId]),
      expiresAtMs: null,
    }
  );
}

async function findOnlyFleet(pool: Pool): Promise<string | null> {
  const [fleet, ...others] = await listFleets(pool, 2);
  return fleet !== undefined && others.length === 0 ? fleet.id : null;
}
