import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { AppError } from '../../errors.js';
import { MINUTE_MS } from '../../time.js';
import { fetchText } from '../bounded-fetch.js';
import { Recent } from '../recent.js';

const FRESH_MS = 10 * MINUTE_MS;

const metadataShape = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url({ protocol: /^https?$/ }),
  token_endpoint: z.url({ protocol: /^https?$/ }),
});

export interface ProviderMetadata {
  authorizationEndpoint: string;
  tokenEndpoint: string;
}

/** Where an identity provider is asked for what: OpenID Connect Discovery 1.0, section 4. */
export class Discovery {
  readonly #issuer: string;
  readonly #recent: Recent<ProviderMetadata>;

  constructor(issuer: string, clock: Clock) {
    this.#issuer = issuer;
    this.#recent = new Recent({ ageMaxMs: FRESH_MS, entriesMax: 1, clock });
  }

  /** Throws UNAVAILABLE when the provider does not say, or says that it is another. */
  async read(): Promise<ProviderMetadata> {
    try {
      return (await this.#recent.get('', () => this.#ask())) as ProviderMetadata;
    } catch (cause) {
      throw new AppError('UNAVAILABLE', 'the identity provider does not answer as it should: try again later', {
        cause,
        retryAfterS: 30,
      });
    }
  }

  async #ask(): Promise<ProviderMetadata> {
    const url = `${this.#issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const metadata = metadataShape.parse(JSON.parse(await fetchText(url)));
    if (metadata.issuer !== this.#issuer) {
      throw new AppError('UNAVAILABLE', `its metadata is of the issuer ${metadata.issuer}`);
    }
    return {
      authorizationEndpoint: metadata.authorization_endpoint,
      tokenEndpoint: metadata.token_endpoint,
    };
  }
}
