import type { InstallationLine } from '../../src/ledger/bundle/line.js';
import { leafHash } from '../../src/ledger/chain.js';
import { formatCheckpoint } from '../../src/ledger/note/checkpoint.js';
import { cosign } from '../../src/ledger/note/cosignature.js';
import { type FleetHead, fleetListLeaf, formatFleetList } from '../../src/ledger/note/fleet-list.js';
import { type SignerKey, verifierKey } from '../../src/ledger/note/key.js';
import { formatNote, signText } from '../../src/ledger/note/signed-note.js';
import { Frontier } from '../../src/ledger/tree/frontier.js';
import type { MemoryLedger } from './bundle.js';

export const INSTALLATION = 'midwatch/test';
const COSIGNED_AT_S = 1_794_000_000n;

/** A fleet's head as the log of the installation has it. */
export function headOf(ledger: MemoryLedger, size = ledger.entries.length): FleetHead {
  return { origin: ledger.origin, size: BigInt(size), root: ledger.root(size) };
}

export interface WordOptions {
  /** Under whatever name: it signs as the installation. */
  key: SignerKey;
  origin?: string;
  witnesses?: readonly SignerKey[];
  /** The list, where it is not written as it should be. */
  text?: string;
}

/** What an installation's log says of these fleets: four leaves, of which the last is the list. */
export function wordOf(heads: readonly FleetHead[], options: WordOptions): InstallationLine {
  const { key, origin = INSTALLATION, witnesses = [], text: list = formatFleetList(heads) } = options;
  const leaves = ['one\n', 'two\n', 'three\n', fleetListLeaf(list)].map((leaf) => Buffer.from(leafHash(leaf), 'hex'));
  const roots = leaves.map((_, at) => {
    const frontier = Frontier.empty();
    for (const leaf of leaves.slice(0, at + 1)) frontier.append(leaf);
    return frontier.root();
  });
  const text = formatCheckpoint({ origin, size: 4n, root: roots[3] as Buffer, extensions: [] });
  const signer = { ...verifierKey(origin, key.publicKey, 'note'), privateKey: key.privateKey };
  const signatures = [signText(text, signer), ...witnesses.map((one) => cosign(text, one, COSIGNED_AT_S))];
  return {
    type: 'installation',
    note: formatNote({ text, signatures }),
    hashes: [leaves[2] as Buffer, roots[1] as Buffer].map((hash) => hash.toString('hex')),
    fleets: list,
  };
}
