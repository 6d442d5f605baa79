import { Worker } from 'node:worker_threads';
import { systemClock } from '../../clock.js';
import type { Config } from '../../config.js';
import { AppError, type ErrorCode } from '../../errors.js';
import type { CardinalityLimits } from '../../metric/cardinality.js';
import type { PreparedItem } from './prepared.js';
import { type JudgedDecisions, type RecordBatch, type RecordResult, sealingBatch } from './record.js';
import { prepareBatch, type Reached, type RecordObservation } from './recorder.js';

export interface RecorderSetting {
  url: string;
  role: string | null;
  /** Of the lease it works under. */
  epoch: number;
  logLevel: Config['logLevel'];
  cardinality: CardinalityLimits;
}

export type RecorderRequest =
  | { kind: 'submit'; id: number; batch: RecordBatch }
  | { kind: 'submitPrepared'; id: number; batch: RecordBatch<PreparedItem> }
  | { kind: 'close' };

/** An AppError on its way between threads. */
export interface Refusal {
  code: ErrorCode;
  message: string;
  detail: string | undefined;
  retryAfterS: number | undefined;
}

export type RecorderMessage =
  | { kind: 'recorded'; id: number; result: RecordResult }
  | { kind: 'refused'; id: number; refusal: Refusal }
  | { kind: 'announce'; fleet: string; reached: Reached }
  | { kind: 'observe'; observation: RecordObservation };

export interface RecorderThreadOptions extends RecorderSetting {
  announce: (fleet: string, reached: Reached) => void;
  observe: (observation: RecordObservation) => void;
}

interface Waiting {
  resolve: (result: RecordResult) => void;
  reject: (error: AppError) => void;
}

const YOUNG_GENERATION_MB = 64;

/**
 * A recorder on a thread of its own: committing, hashing and writing cost as much as everything before them, so they use
 * another core while this one receives.
 */
export class RecorderThread {
  /** Resolves when the thread ended without being asked to: what it was doing is unknown, so the process must stop. */
  readonly failed: Promise<string>;
  readonly #worker: Worker;
  readonly #options: RecorderThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<unknown>;
  #lastId = 0;
  #isClosing = false;
  #hasEnded = false;

  constructor(options: RecorderThreadOptions) {
    this.#options = options;
    const { url, role, epoch, logLevel, cardinality } = options;
    this.#worker = new Worker(new URL('./recorder-worker.js', import.meta.url), {
      workerData: { url, role, epoch, logLevel, cardinality } satisfies RecorderSetting,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (message: RecorderMessage) => this.#hear(message));
    void this.#ended.then(() => this.#refuseWaiting());
    this.failed = new Promise((resolve) => {
      this.#worker.once('error', (error) => resolve(`the recorder failed: ${error.message}`));
      this.#worker.once('exit', () => {
        if (!this.#isClosing) resolve('the recorder ended');
      });
    });
  }

  /** As `Recorder.record`. */
  record(fleet: string, judged: JudgedDecisions): Promise<RecordResult> {
    return this.submit(sealingBatch(fleet, judged));
  }

  /** As `Recorder.submit`. */
  async submit(batch: RecordBatch): Promise<RecordResult> {
    if (this.#hasEnded) throw goneError();
    this.#lastId += 1;
    const id = this.#lastId;
    // Whoever is free prepares: the thread when nothing is being written, else this one while it is.
    const request: RecorderRequest =
      this.#waiting.size === 0
        ? { kind: 'submit', id, batch }
        : { kind: 'submitPrepared', id, batch: prepareBatch(batch, systemClock.now()) };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#tell(request);
    });
  }

  /** Finishes what was submitted, then ends the thread. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#tell({ kind: 'close' });
    await this.#ended;
  }

  #refuseWaiting(): void {
    this.#hasEnded = true;
    for (const { reject } of this.#waiting.values()) reject(goneError());
    this.#waiting.clear();
  }

  #tell(request: RecorderRequest): void {
    this.#worker.postMessage(request);
  }

  #hear(message: RecorderMessage): void {
    if (message.kind === 'announce') this.#options.announce(message.fleet, message.reached);
    else if (message.kind === 'observe') this.#options.observe(message.observation);
    else this.#settle(message);
  }

  #settle(message: Extract<RecorderMessage, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'recorded') waiting?.resolve(restoreBuffers(message.result));
    else waiting?.reject(restoreError(message.refusal));
  }
}

function goneError(): AppError {
  return new AppError('UNAVAILABLE', 'the recorder has ended: try again', { retryAfterS: 2 });
}

/** Between threads a Buffer arrives as the Uint8Array it is made of. */
function restoreBuffers({ sealed, ...result }: RecordResult): RecordResult {
  return { ...result, sealed: sealed.map((each) => ({ ...each, revisionHash: Buffer.from(each.revisionHash) })) };
}

function restoreError({ code, message, detail, retryAfterS }: Refusal): AppError {
  const options = {
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  };
  return new AppError(code, message, options);
}
