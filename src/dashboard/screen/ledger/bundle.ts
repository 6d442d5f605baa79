import { fleet } from '../../route/slice.js';

/** Where the server sends a bundle of this fleet's ledger from; of one decision, or whole. */
export function bundleHref(decision?: string): string {
  const query = decision === undefined ? '' : `?decision=${encodeURIComponent(decision)}`;
  return `/ledger/${encodeURIComponent(fleet.value ?? 'default')}/bundle.jsonl${query}`;
}
