import type { BundleVerdict, InstallationTally } from './verdict.js';

/** What bundles of one installation show together. */
export interface Together {
  /** The newest word of the installation among them, a believed one before others. */
  word: InstallationTally;
  /** Fleets that it names and none of the bundles is of. */
  leftOut: readonly string[];
  /** Why not all that they say of the installation can be true; null when it can. */
  contradiction: string | null;
}

/** Puts bundles together, by installation; those without its word show nothing of it. */
export function readTogether(verdicts: readonly BundleVerdict[]): Together[] {
  const words = verdicts.flatMap(({ installation }) => installation ?? []);
  const origins = new Set(verdicts.map(({ manifest }) => manifest?.origin));
  const installations = new Set(words.map(({ origin }) => origin));
  return [...installations].map((installation) => {
    const said = words.filter(({ origin }) => origin === installation);
    const believed = said.filter(({ doubt }) => doubt === null).sort(bySize);
    const word = (believed.at(-1) ?? [...said].sort(bySize).at(-1)) as InstallationTally;
    const named = word.fleets.map(({ fleet }) => fleet);
    return {
      word,
      leftOut: named.filter((fleet) => !origins.has(`${word.origin}/${fleet}`)),
      contradiction: findContradiction(believed),
    };
  });
}

function bySize(left: InstallationTally, right: InstallationTally): number {
  return Number(BigInt(left.size) - BigInt(right.size));
}

/** Every list goes on from those before it: no fleet goes, and none has fewer entries later. */
function findContradiction(words: readonly InstallationTally[]): string | null {
  for (const [at, later] of words.entries()) {
    const earlier = words[at - 1];
    if (earlier === undefined) continue;
    if (earlier.size === later.size && earlier.root !== later.root) {
      return `there are two histories of ${later.origin} of size ${later.size}`;
    }
    const sizes = new Map(later.fleets.map(({ fleet, size }) => [fleet, BigInt(size)]));
    const lost = earlier.fleets.find(({ fleet, size }) => (sizes.get(fleet) ?? -1n) < BigInt(size));
    if (lost !== undefined) {
      return `${later.origin} had ${lost.size} entries of ${lost.fleet} at size ${earlier.size}, and fewer or none at size ${later.size}`;
    }
  }
  return null;
}
