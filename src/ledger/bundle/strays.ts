import { parseHeld } from './held.js';
import { installationOf } from './installation.js';
import type { BundleVerdict } from './verdict.js';

/**
 * Why kept checkpoints show nothing of the bundles: they are of logs that none of these is of, nor names in a word that is
 * believed.
 */
export function findStrays(held: readonly string[], verdicts: readonly BundleVerdict[]): string[] {
  const origins = new Set(verdicts.flatMap(originsOf));
  // Of what was not even opened there is nothing to miss.
  if (origins.size === 0) return [];
  const strays = held.flatMap((note) => parseHeld(note)?.origin ?? []).filter((origin) => !origins.has(origin));
  return [...new Set(strays)].map(
    (origin) => `the kept checkpoint of ${origin} could not be compared: nothing here is of that log`,
  );
}

function originsOf({ manifest, installation }: BundleVerdict): string[] {
  if (manifest === null) return [];
  const fleets = installation?.doubt === null ? installation.fleets : [];
  return [
    manifest.origin,
    installationOf(manifest.origin),
    ...fleets.map(({ fleet }) => `${installation?.origin}/${fleet}`),
  ];
}
