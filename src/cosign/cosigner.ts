import type { Clock } from '../clock.js';
import type { Contradiction } from '../ledger/contradiction.js';
import type { Log } from '../log.js';
import { Backoff } from './backoff.js';
import { type Head, type Outcome, WitnessClient } from './client.js';
import { findEvidence } from './evidence.js';
import { isWitnessed, type WitnessPolicy } from './witness-policy.js';

/** The logs whose heads are cosigned, each named by its fleet, and where cosignatures are kept. */
export interface CosignedLogs {
  /** The newest head that is published; null when there is none. */
  readHead(fleet: string): Promise<Head | null>;
  /** The same, after everything that is recorded was published. */
  publishHead(fleet: string): Promise<Head | null>;
  /** The size each witness cosigned last, by the witness's name, as far as that is known. */
  readSizes(fleet: string): Promise<ReadonlyMap<string, bigint>>;
  /** Keeps a cosignature; what the witness said against the log is over. */
  keep(cosigned: KeptCosignature): Promise<void>;
  /** A witness cosigned what the log does not continue. */
  contradict(contradiction: Contradiction): Promise<void>;
}

export interface KeptCosignature {
  fleet: string;
  size: bigint;
  /** The witness's name in the policy. */
  witness: string;
  cosignature: Extract<Outcome, { kind: 'cosigned' }>;
}

export interface CosignerOptions {
  policy: WitnessPolicy;
  logs: CosignedLogs;
  /** Told of every answer. */
  observe: (witness: string, outcome: Outcome['kind']) => void;
  clock: Clock;
  log: Log;
}

/** How the newest head that was looked at stands. */
interface Standing {
  size: bigint;
  cosigned: Set<string>;
}

/** Logs asked about at once. */
const ROUNDS_MAX = 8;
const TICK_MS = 1_000;

/**
 * Has every witness of the policy cosign the newest head of every log, all of them the same one, so that a quorum meets. Heads
 * that are published meanwhile wait for the next round, where only the newest counts. Nobody waits for it.
 */
export class Cosigner {
  readonly #options: CosignerOptions;
  readonly #stop = new AbortController();
  readonly #clients: readonly WitnessClient[];
  readonly #backoff: Backoff;
  /** Logs to ask about, in the order they came. */
  readonly #due = new Set<string>();
  readonly #rounds = new Map<string, Promise<void>>();
  readonly #standings = new Map<string, Standing>();
  /** `pairOf` witnesses and logs that answered since the start: what they have seen is known. */
  readonly #heard = new Set<string>();
  /** Those that answered since the log's head was signed, or signed anew. */
  readonly #answered = new Set<string>();
  /** What is wrong with each witness, or with one and a log; told when it is news. */
  readonly #troubles = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: CosignerOptions) {
    const { policy, clock } = options;
    this.#options = options;
    this.#clients = policy.witnesses.map(
      (witness) => new WitnessClient(witness, { clock, stopped: this.#stop.signal }),
    );
    this.#backoff = new Backoff(clock);
  }

  /** Asks about these logs and resolves when everybody answered or failed, at the latest after `timeoutMs`. */
  async start(fleets: readonly string[], timeoutMs: number): Promise<void> {
    this.#timer = setInterval(() => this.#retry(), TICK_MS);
    for (const fleet of fleets) this.ask(fleet);
    const end = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#stop.signal]);
    const late = new Promise((resolve) => end.addEventListener('abort', resolve));
    while (this.#rounds.size > 0 && !end.aborted) await Promise.race([...this.#rounds.values(), late]);
  }

  /** The log has a new head, or its head was signed anew. */
  ask(fleet: string): void {
    for (const { witness } of this.#clients) this.#answered.delete(pairOf(witness.name, fleet));
    this.#due.add(fleet);
    this.#pump();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stop.abort();
    this.#due.clear();
    await Promise.all(this.#rounds.values());
  }

  /** Logs whose newest head that was looked at no quorum cosigned. */
  get unwitnessed(): string[] {
    const { quorum } = this.#options.policy;
    return [...this.#standings].filter(([, { cosigned }]) => !isWitnessed(quorum, cosigned)).map(([fleet]) => fleet);
  }

  /** Witnesses that have not said, since the start, how far they know a log that has a head. */
  get silent(): string[] {
    const names = this.#clients.map(({ witness }) => witness.name);
    return names.filter((name) => [...this.#standings.keys()].some((fleet) => !this.#heard.has(pairOf(name, fleet))));
  }

  #pump(): void {
    for (const fleet of this.#due) {
      if (this.#rounds.size >= ROUNDS_MAX || this.#stop.signal.aborted) return;
      if (this.#rounds.has(fleet)) continue;
      this.#due.delete(fleet);
      const round = this.#round(fleet).finally(() => {
        this.#rounds.delete(fleet);
        this.#pump();
      });
      this.#rounds.set(fleet, round);
    }
  }

  #retry(): void {
    for (const [fleet, standing] of this.#standings) {
      if (this.#lacking(fleet, standing).length > 0) this.#due.add(fleet);
    }
    this.#pump();
  }

  /** Whom to ask about the log now. */
  #lacking(fleet: string, { cosigned }: Standing): WitnessClient[] {
    return this.#clients.filter(({ witness: { name } }) => {
      const pair = pairOf(name, fleet);
      const isDone = cosigned.has(name) && this.#answered.has(pair);
      return !isDone && this.#backoff.isOver(name) && this.#backoff.isOver(pair);
    });
  }

  async #round(fleet: string): Promise<void> {
    const { logs, log } = this.#options;
    try {
      const head = await logs.readHead(fleet);
      if (head === null) return;
      const sizes = await logs.readSizes(fleet);
      const cosigned = new Set([...sizes].filter(([, size]) => size === head.size).map(([name]) => name));
      const standing = { size: head.size, cosigned };
      this.#standings.set(fleet, standing);
      const asked = this.#lacking(fleet, standing);
      const believed = ({ witness }: WitnessClient) => sizes.get(witness.name) ?? 0n;
      await Promise.all(asked.map((client) => this.#askOne(client, { fleet, head }, believed(client))));
    } catch (error) {
      // The database is away, most likely: the next tick, or the next head, tries again.
      log.warn({ fleet, err: String(error) }, 'cosignatures were not asked for: trying again');
    }
  }

  async #askOne(client: WitnessClient, place: Place, believedSize: bigint): Promise<void> {
    const { observe, log } = this.#options;
    try {
      const outcome = await client.cosign(place.head, believedSize);
      if (this.#stop.signal.aborted) return;
      observe(client.witness.name, outcome.kind);
      await this.#take(client, place, outcome);
    } catch (error) {
      log.warn({ fleet: place.fleet, err: String(error) }, 'a witness’s answer was not kept: asking again');
    }
  }

  async #take(client: WitnessClient, place: Place, outcome: Outcome): Promise<void> {
    const { name } = client.witness;
    const { fleet, head } = place;
    if (outcome.kind === 'failed') {
      this.#backoff.fail(name, outcome.waitMs);
      this.#tell(name, { witness: name, reason: outcome.reason });
      return;
    }
    this.#backoff.succeed(name);
    this.#tell(name, null);
    const pair = pairOf(name, fleet);
    if (outcome.kind === 'cosigned') {
      await this.#keep({ fleet, size: head.size, witness: name, cosignature: outcome });
      return;
    }
    this.#backoff.fail(pair);
    if (outcome.kind === 'refused') this.#tell(pair, { witness: name, fleet, reason: outcome.reason });
    else await this.#contradict(client, place, outcome);
  }

  async #keep(cosigned: KeptCosignature): Promise<void> {
    const { fleet, size, witness } = cosigned;
    const pair = pairOf(witness, fleet);
    this.#backoff.succeed(pair);
    this.#tell(pair, null);
    await this.#options.logs.keep(cosigned);
    this.#hear(pair);
    const standing = this.#standings.get(fleet);
    if (standing?.size === size) standing.cosigned.add(witness);
  }

  async #contradict(
    client: WitnessClient,
    { fleet, head }: Place,
    { kind, size }: Extract<Outcome, { kind: 'ahead' | 'inconsistent' }>,
  ): Promise<void> {
    const { logs } = this.#options;
    const { name: witness } = client.witness;
    // What was recorded and not published when a backup was made, or was published meanwhile, is no contradiction.
    const newest = kind === 'ahead' ? ((await logs.publishHead(fleet)) ?? head) : head;
    if (newest.size > head.size && newest.size >= size) {
      this.#backoff.succeed(pairOf(witness, fleet));
      this.ask(fleet);
      return;
    }
    const evidence = await findEvidence(client, newest);
    const [witnessSize, ownSize] = [Number(size), Number(newest.size)];
    const contradicted = kind === 'ahead' ? 'AHEAD' : 'INCONSISTENT';
    await logs.contradict({ fleet, witness, kind: contradicted, witnessSize, ownSize, evidence });
    this.#hear(pairOf(witness, fleet));
  }

  #hear(pair: string): void {
    this.#heard.add(pair);
    this.#answered.add(pair);
  }

  /** Logged when it is news. */
  #tell(subject: string, trouble: { witness: string; fleet?: string; reason: string } | null): void {
    if (this.#troubles.get(subject) === trouble?.reason) return;
    const { log } = this.#options;
    if (trouble === null) {
      this.#troubles.delete(subject);
      log.info({ witness: subject }, 'the witness answers again');
    } else {
      this.#troubles.set(subject, trouble.reason);
      log.warn(trouble, 'a witness did not cosign');
    }
  }
}

/** A log and the head of it that is asked about. */
interface Place {
  fleet: string;
  head: Head;
}

/** Names of witnesses have no spaces. */
function pairOf(witness: string, fleet: string): string {
  return `${witness} ${fleet}`;
}
