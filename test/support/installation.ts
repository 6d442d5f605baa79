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

/** The key of a ledger as it signs another log of the installation. */
export function keyAs({ key }: MemoryLedger, origin: string): SignerKey {
  return renamed(key, origin);
}

function renamed({ publicKey, privateKey }: SignerKey, origin: string): SignerKey {
  return { ...verifierKey(origin, publicKey, 'note'), privateKey };
}

export interface WordOptions {
  /** Under whatever name: it signs as the installation. */
  key: SignerKey;
  origin?: string;
  witnesses?: readonly SignerKey[];
  /** How many leaves its log has. */
  size?: 4 | 5;
  /** The list, where it is not written as it should be. */
  text?: string;
}

/** What an installation's log says of these fleets: its last leaf is the list. */
export function wordOf(heads: readonly FleetHead[], options: WordOptions): InstallationLine {
  const { key, origin = INSTALLATION, witnesses = [], size = 4, text: list = formatFleetList(heads) } = options;
  const before = ['one\n', 'two\n', 'three\n', 'four\n'].slice(0, size - 1);
  const leaves = [...before, fleetListLeaf(list)].map((leaf) => Buffer.from(leafHash(leaf), 'hex'));
  const rootOf = (count: number) => {
    const frontier = Frontier.empty();
    for (const leaf of leaves.slice(0, count)) frontier.append(leaf);
    return frontier.root();
  };
  const text = formatCheckpoint({ origin, size: BigInt(size), root: rootOf(size), extensions: [] });
  const signer = renamed(key, origin);
  const signatures = [signText(text, signer), ...witnesses.map((one) => cosign(text, one, COSIGNED_AT_S))];
  const proof = size === 4 ? [leaves[2] as Buffer, rootOf(2)] : [rootOf(4)];
  return {
    type: 'installation',
    note: formatNote({ text, signatures }),
    hashes: proof.map((hash) => hash.toString('hex')),
    fleets: list,
  };
}
