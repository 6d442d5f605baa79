import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { Clock } from '../../src/clock.js';
import { systemClock } from '../../src/clock.js';
import type { Trust } from '../../src/ledger/bundle/pin.js';
import type { BundleVerdict } from '../../src/ledger/bundle/verdict.js';
import { GENESIS_HASH, leafHash } from '../../src/ledger/chain.js';
import { formatAddCheckpoint } from '../../src/ledger/note/add-checkpoint.js';
import { formatVerifierKey, type SignerKey, signerKey } from '../../src/ledger/note/key.js';
import { parsePolicy } from '../../src/ledger/note/policy.js';
import { proveConsistency } from '../../src/ledger/publish/proofs.js';
import { Publisher } from '../../src/ledger/publish/publisher.js';
import { openSigningKeys } from '../../src/ledger/publish/signing-keys.js';
import { findNewestCheckpoint } from '../../src/ledger/publish/store.js';
import { createLog } from '../../src/log.js';
import { CosignedHeads } from '../../src/witness/heads.js';
import { Witness } from '../../src/witness/witness.js';
import { disarm } from './disarm.js';
import { audit, type ExportAsk, keepCheckpoint, pinKey } from './export.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from './graphql.js';

/** An entry as whoever owns the database finds it. */
export interface StoredEntry {
  seq: number;
  kind: string;
  subject: string;
  recordedAt: string;
  canonical: string;
}

/**
 * A ledger, an auditor who pinned its key and kept a checkpoint while all was well, a witness elsewhere, and an intruder who
 * owns the database and, if he likes, the signing key.
 */
export class Scene {
  readonly api: GraphQLFixture;
  readonly #seed = randomBytes(32);
  readonly #intruder: pg.Client;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'midwatch-witness-'));
  readonly #witnessKey: SignerKey = signerKey('witness.example/w1', randomBytes(32), 'cosignature');
  #witness: Witness | null = null;
  #clock: Clock;
  /** What the auditor knows. */
  trust: Trust = { key: null, policy: null, held: [] };
  /** The checkpoint the auditor kept. */
  kept = '';

  private constructor(api: GraphQLFixture, intruder: pg.Client, clock: Clock) {
    this.api = api;
    this.#intruder = intruder;
    this.#clock = clock;
  }

  static async open({
    fleets = ['other'],
    clock = systemClock,
  }: {
    fleets?: string[];
    clock?: Clock;
  } = {}): Promise<Scene> {
    const api = await startGraphQL({ fleets, clock });
    const intruder = new pg.Client({ connectionString: api.database.url });
    await intruder.connect();
    return new Scene(api, intruder, clock);
  }

  /** Ends every connection, so that the database can be copied; nothing but `close` can follow. */
  async detach(): Promise<void> {
    await this.#intruder.end();
    for (const pool of [this.api.pool, this.api.database.recorderPool]) {
      await pool.end();
      Object.assign(pool, { end: async () => undefined });
    }
    this.#isDetached = true;
  }
  #isDetached = false;

  async close(): Promise<void> {
    if (!this.#isDetached) await this.#intruder.end();
    await this.api.close();
    rmSync(this.#folder, { recursive: true });
  }

  /** Seals decisions and publishes them. */
  async seal(count: number, { fleet = 'default', prefix = 'd' } = {}): Promise<void> {
    const decisions = Array.from({ length: count }, (_, at) =>
      decisionInput(`${prefix}-${at}`, { input: `question ${at}`, output: `answer ${at}`, costUsd: 0.01 }),
    );
    await record(this.api, decisions, { fleet });
    await this.publish(fleet);
  }

  /** As the server publishes, with the installation's key. */
  async publish(fleet = 'default'): Promise<void> {
    await this.#publisher().publish(fleet);
  }

  /** The same of all fleets, and of the log of the installation over them. */
  async publishAll(): Promise<void> {
    await this.#publisher().round();
  }

  #publisher(): Publisher {
    return new Publisher({
      pool: this.api.pool,
      keys: openSigningKeys({ dataDir: '', ledgerKey: this.#seed }),
      published: () => undefined,
      faulty: () => undefined,
      clock: this.#clock,
      log: createLog('silent'),
    });
  }

  /** The auditor takes note of the key and of the newest checkpoint. */
  async pin(fleet = 'default'): Promise<void> {
    this.trust = await pinKey(this.api.pool, fleet);
    this.kept = await keepCheckpoint(this.api.pool, fleet);
  }

  /** The same with the kept checkpoint, and with the witness's word wanted. */
  get careful(): Trust {
    return { ...this.trust, held: [this.kept] };
  }

  get witnessed(): Trust {
    const lines = `witness w1 ${formatVerifierKey(this.#witnessKey)}\nquorum w1\n`;
    return { ...this.trust, policy: parsePolicy(lines) };
  }

  audit(trust: Trust = this.trust, ask: ExportAsk = {}): Promise<BundleVerdict> {
    return audit(this.api.pool, trust, { clock: this.#clock, ...ask });
  }

  /** Has the witness, which runs elsewhere, cosign the newest checkpoint; the status it answers. */
  async witness(fleet = 'default'): Promise<number> {
    const { pool } = this.api;
    if (this.#witness === null) {
      const heads = await CosignedHeads.open(path.join(this.#folder, 'heads'), this.#witnessKey);
      this.#witness = new Witness({ key: this.#witnessKey, heads, clock: this.#clock });
      const { key } = this.trust;
      this.#witness.trust({ logs: key !== null && 'name' in key ? [key] : [], installations: [] });
      this.#seen = 0n;
    }
    const checkpoint = await findNewestCheckpoint(pool, fleet);
    if (checkpoint === null) return 404;
    const toSize = checkpoint.size;
    const from = Number(this.#seen);
    const proof =
      from === 0 || from >= toSize ? [] : (await proveConsistency({ pool, fleet }, { fromSize: from, toSize })).hashes;
    const answer = await this.#witness.addCheckpoint(
      formatAddCheckpoint({ oldSize: this.#seen, proof, note: checkpoint.note }),
    );
    if (answer.status !== 200) return answer.status;
    this.#seen = BigInt(toSize);
    await pool.query('UPDATE ledger_checkpoint SET cosignatures = $3 WHERE fleet_id = $1 AND size = $2', [
      fleet,
      toSize,
      [answer.signatures],
    ]);
    return 200;
  }
  #seen = 0n;

  /** Whatever the owner of the database does with it: no trigger and no constraint stops him. */
  async intrude(statement: string, parameters: unknown[] = []): Promise<pg.QueryResult> {
    await this.#disarm();
    return this.#intruder.query(statement, parameters);
  }

  async #disarm(): Promise<void> {
    await disarm(this.#intruder);
    await this.#intruder.query(`
      ALTER TABLE ledger_entry DROP CONSTRAINT IF EXISTS ledger_entry_hash_check;
      ALTER TABLE ledger_entry DROP CONSTRAINT IF EXISTS ledger_entry_previous_hash_key;
      DROP INDEX IF EXISTS ledger_entry_fleet_id_previous_hash_key`);
  }

  /** Writes a fleet's ledger anew: `change` gives the entries to have, whose seqs, links and hashes are then made to fit. */
  async rewrite(change: (entries: StoredEntry[]) => StoredEntry[], fleet = 'default'): Promise<void> {
    const { rows } = await this.intrude(
      'SELECT seq::int, kind, subject, recorded_at, canonical FROM ledger_entry WHERE fleet_id = $1 ORDER BY seq',
      [fleet],
    );
    const entries = change(rows.map(({ recorded_at, ...row }) => ({ ...row, recordedAt: recorded_at.toISOString() })));
    await this.intrude('DELETE FROM ledger_entry WHERE fleet_id = $1', [fleet]);
    let previousHash = GENESIS_HASH;
    for (const [seq, entry] of entries.entries()) {
      const canonical = entry.canonical
        .replace(/"previousHash":"[0-9a-f]{64}"/, `"previousHash":"${previousHash}"`)
        .replace(/"seq":\d+,"subject"/, `"seq":${seq},"subject"`);
      const hash = leafHash(canonical);
      await this.intrude(
        `INSERT INTO ledger_entry (fleet_id, seq, kind, subject, recorded_at, canonical, previous_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, decode($7, 'hex'), decode($8, 'hex'))`,
        [fleet, seq, entry.kind, entry.subject, entry.recordedAt, canonical, previousHash, hash],
      );
      previousHash = hash;
    }
    await this.intrude(`UPDATE ledger_head SET size = $2, hash = decode($3, 'hex') WHERE fleet_id = $1`, [
      fleet,
      entries.length,
      previousHash,
    ]);
  }

  /** With the signing key: throws away what was signed, and signs what is there now. */
  async signAnew(fleet = 'default'): Promise<void> {
    for (const table of ['ledger_tree', 'ledger_tile', 'ledger_checkpoint']) {
      await this.intrude(`DELETE FROM ${table} WHERE fleet_id = $1`, [fleet]);
    }
    await this.publish(fleet);
  }
}
