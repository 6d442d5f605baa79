import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { Backoff } from './backoff.js';
import { type Head, type Outcome, WitnessClient } from './client.js';
import { type Contradiction, findEvidence } from './contradiction.js';
import { isWitnessed, type WitnessPolicy } from './witness-policy.js';

/** The logs whose heads are cosigned, and where cosignatures are kept. */
export interface CosignedLogs {
  /** The newest head of a log; null when it has none. */
  readHead(origin: string): Promise<Head | null>;
  /** The size each witness cosigned last, by the witness's name. */
  readSizes(origin: string): Promise<ReadonlyMap<string, bigint>>;
  keep(cosigned: KeptCosignature): Promise<void>;
  /** A witness cosigned what the log does not continue. It is over when the same witness cosigns again. */
  contradict(contradiction: Contradiction): Promise<void>;
}

export interface KeptCosignature {
  origin: string;
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
  /** `pairOf` witnesses and logs that were heard since the start: what they have seen is known. */
  readonly #heard = new Set<string>();
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
  async start(origins: readonly string[], timeoutMs: number): Promise<void> {
    this.#timer = setInterval(() => this.#retry(), TICK_MS);
    for (const origin of origins) this.ask(origin);
    const end = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#stop.signal]);
    const late = new Promise((resolve) => end.addEventListener('abort', resolve));
    while (this.#rounds.size > 0 && !end.aborted) await Promise.race([...this.#rounds.values(), late]);
  }

  /** The log has a new head. */
  ask(origin: string): void {
    this.#due.add(origin);
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
    return [...this.#standings].filter(([, { cosigned }]) => !isWitnessed(quorum, cosigned)).map(([origin]) => origin);
  }

  /** Witnesses that have not said, since the start, how far they know a log that has a head. */
  get silent(): string[] {
    const names = this.#clients.map(({ witness }) => witness.name);
    return names.filter((name) => [...this.#standings.keys()].some((origin) => !this.#heard.has(pairOf(name, origin))));
  }

  #pump(): void {
    for (const origin of this.#due) {
      if (this.#rounds.size >= ROUNDS_MAX || this.#stop.signal.aborted) return;
      if (this.#rounds.has(origin)) continue;
      this.#due.delete(origin);
      const round = this.#round(origin).finally(() => {
        this.#rounds.delete(origin);
        this.#pump();
      });
      this.#rounds.set(origin, round);
    }
  }

  #retry(): void {
    for (const [origin, standing] of this.#standings) {
      if (this.#lacking(origin, standing).length > 0) this.#due.add(origin);
    }
    this.#pump();
  }

  /** Whom to ask about the log now. */
  #lacking(origin: string, { cosigned }: Standing): WitnessClient[] {
    return this.#clients.filter(({ witness: { name } }) => {
      const isKnown = cosigned.has(name) && this.#heard.has(pairOf(name, origin));
      return !isKnown && this.#backoff.isOver(name) && this.#backoff.isOver(pairOf(name, origin));
    });
  }

  async #round(origin: string): Promise<void> {
    const { logs, log } = this.#options;
    try {
      const head = await logs.readHead(origin);
      if (head === null) return;
      const sizes = await logs.readSizes(origin);
      const cosigned = new Set([...sizes].filter(([, size]) => size === head.size).map(([name]) => name));
      const standing = { size: head.size, cosigned };
      this.#standings.set(origin, standing);
      const asked = this.#lacking(origin, standing);
      await Promise.all(asked.map((client) => this.#askOne(client, head, sizes.get(client.witness.name) ?? 0n)));
    } catch (error) {
      // The database is away, most likely: the next tick tries again.
      log.warn({ origin, err: String(error) }, 'cosignatures were not asked for: trying again');
    }
  }

  async #askOne(client: WitnessClient, head: Head, believedSize: bigint): Promise<void> {
    const { observe, log } = this.#options;
    try {
      const outcome = await client.cosign(head, believedSize);
      if (this.#stop.signal.aborted) return;
      observe(client.witness.name, outcome.kind);
      await this.#take(client, head, outcome);
    } catch (error) {
      // The database is away, most likely: the next tick tries again.
      log.warn({ origin: head.origin, err: String(error) }, 'a witness’s answer was not kept: asking again');
    }
  }

  async #take(client: WitnessClient, head: Head, outcome: Outcome): Promise<void> {
    const { origin, size } = head;
    const { name } = client.witness;
    const pair = pairOf(name, origin);
    if (outcome.kind === 'failed') {
      this.#backoff.fail(name, outcome.waitMs);
      this.#tell(name, { witness: name, reason: outcome.reason });
      return;
    }
    this.#backoff.succeed(name);
    this.#tell(name, null);
    if (outcome.kind === 'cosigned') return this.#keep({ origin, size, witness: name, cosignature: outcome });
    this.#backoff.fail(pair);
    if (outcome.kind === 'refused') this.#tell(pair, { witness: name, origin, reason: outcome.reason });
    else await this.#contradict(client, head, outcome);
  }

  async #keep(cosigned: KeptCosignature): Promise<void> {
    const { logs } = this.#options;
    const { origin, size, witness } = cosigned;
    const pair = pairOf(witness, origin);
    this.#backoff.succeed(pair);
    this.#tell(pair, null);
    await logs.keep(cosigned);
    this.#heard.add(pair);
    const standing = this.#standings.get(origin);
    if (standing?.size === size) standing.cosigned.add(witness);
  }

  async #contradict(
    client: WitnessClient,
    { origin, size, keys }: Head,
    outcome: Extract<Outcome, { kind: 'ahead' | 'inconsistent' }>,
  ): Promise<void> {
    const { logs } = this.#options;
    // What was published while the witness was asked is no contradiction.
    const newest = outcome.kind === 'ahead' ? await logs.readHead(origin) : null;
    if (newest !== null && newest.size > size && newest.size >= outcome.size) return this.ask(origin);
    const { name } = client.witness;
    const evidence = await findEvidence(client, { origin, keys, size: outcome.size });
    await logs.contradict({ origin, witness: name, kind: outcome.kind, size: outcome.size, evidence });
    this.#heard.add(pairOf(name, origin));
  }

  /** Logged when it is news. */
  #tell(subject: string, trouble: { witness: string; origin?: string; reason: string } | null): void {
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

function pairOf(witness: string, origin: string): string {
  return `${witness} ${origin}`;
}
