import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import { hashApiKey, isWellFormedApiKey, looksLikeApiKey } from './api-key.js';
import { readCredential } from './credential.js';
import { parseFleetId, unknownFleet } from './fleet-id.js';
import { IdentityKeys } from './identity-keys.js';
import { loadInstallationKey } from './keys.js';
import { Recent } from './recent.js';
import { findApiKeyByHash, fleetExists, listFleets } from './store.js';
import { type TokenTrust, verifyToken } from './token.js';
import { mayEnter, type Viewer } from './viewer.js';

/** Within this a revoked key stops working. */
const RECENT_MS = 5_000;

export interface AccessOptions {
  pool: Pool;
  config: Pick<Config, 'dataDir' | 'identityProvider'>;
  clock: Clock;
}

/** Who is calling, and in which fleet. */
export class Access {
  readonly #options: AccessOptions;
  readonly #identityKeys: IdentityKeys | null;
  readonly #viewersByKeyHash: Recent<Viewer>;
  readonly #fleets: Recent<true>;
  /** One entry: the installation's only fleet, for those who may enter any and name none. */
  readonly #onlyFleet: Recent<string>;
  #trust: Promise<TokenTrust> | null = null;

  constructor(options: AccessOptions) {
    const { clock, config } = options;
    this.#options = options;
    this.#identityKeys = config.identityProvider && new IdentityKeys(config.identityProvider.jwksUrl, clock);
    this.#viewersByKeyHash = new Recent({ ageMaxMs: RECENT_MS, entriesMax: 10_000, clock });
    this.#fleets = new Recent({ ageMaxMs: RECENT_MS, entriesMax: 10_000, clock });
    this.#onlyFleet = new Recent({ ageMaxMs: RECENT_MS, entriesMax: 1, clock });
  }

  /**
   * The viewer that the `authorization` header, or else `x-api-key`, proves. Throws UNAUTHENTICATED when they prove
   * nobody, UNAVAILABLE when that cannot be found out now.
   */
  async authenticate(authorization: string | undefined, apiKey?: string): Promise<Viewer> {
    const credential = readCredential(authorization, apiKey);
    if (looksLikeApiKey(credential)) return this.#viewerOfApiKey(credential);
    return verifyToken(credential, await this.#tokenTrust());
  }

  async #viewerOfApiKey(key: string): Promise<Viewer> {
    const hash = isWellFormedApiKey(key) ? hashApiKey(key) : null;
    const viewer =
      hash && (await this.#viewersByKeyHash.get(hash.toString('hex'), () => findViewer(this.#options.pool, hash)));
    if (viewer === null) throw new AppError('UNAUTHENTICATED', 'the API key is not valid or was revoked');
    return viewer;
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
