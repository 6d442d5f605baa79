import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { OwnPrice } from '../settings/settings.js';

const PRICE_LIST = '@pydantic/genai-prices';

/** By which prices something was priced. */
export interface PriceVersion {
  /** The price list and its version, as `@pydantic/genai-prices 0.1.8`. */
  list: string;
  /** Identifies the own prices beside it, 16 hex digits; null when there are none. */
  own: string | null;
}

export function versionOfPrices(ownPrices: readonly OwnPrice[]): PriceVersion {
  const entrance = createRequire(import.meta.url).resolve(PRICE_LIST);
  const { version }: { version: string } = JSON.parse(
    readFileSync(path.resolve(path.dirname(entrance), '../package.json'), 'utf8'),
  );
  const own = ownPrices.length === 0 ? null : hash('sha256', JSON.stringify(ownPrices), 'hex').slice(0, 16);
  return { list: `${PRICE_LIST} ${version}`, own };
}
