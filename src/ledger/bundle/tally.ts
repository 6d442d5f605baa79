import { countDigests, type ReadEntry } from './entry.js';
import type { EntryTally, OpeningTally } from './verdict.js';

/** More kinds than there are; a bundle that makes them up is not counted further. */
const KINDS_MAX = 100;

/** What an ERASURE entry says once content is gone. */
const ERASED: ReadonlySet<unknown> = new Set(['ERASED', 'ERASED_LATE']);

/** More keys than an installation changes in a lifetime. */
const REVOKED_MAX = 1_000;

/** Counts what went through the verifier, in constant memory. */
export class Tally {
  #checked = 0;
  #first: { seq: number; recordedAt: string } | null = null;
  #last: { seq: number; recordedAt: string } | null = null;
  readonly #kinds = new Map<string, number>();
  #digests = 0;
  #opened = 0;
  #unsampled = 0;
  #erasures = 0;
  #lateS = 0;
  readonly #revokedKeyIds = new Set<string>();

  takeEntry(entry: ReadEntry): void {
    this.#checked += 1;
    this.#first ??= entry;
    this.#last = entry;
    const count = this.#kinds.get(entry.kind);
    if (count !== undefined || this.#kinds.size < KINDS_MAX) this.#kinds.set(entry.kind, (count ?? 0) + 1);
    this.#digests += countDigests(entry);
    if (entry.payload.sampled === false) this.#unsampled += 1;
    if (entry.kind === 'ERASURE' && ERASED.has(entry.payload.change)) this.#erasures += 1;
    const revoked = revokedKeyId(entry);
    if (revoked !== null && this.#revokedKeyIds.size < REVOKED_MAX) this.#revokedKeyIds.add(revoked);
    this.#lateS = Math.max(this.#lateS, latenessS(entry));
  }

  takeOpening(): void {
    this.#opened += 1;
  }

  get checked(): number {
    return this.#checked;
  }

  get opened(): number {
    return this.#opened;
  }

  /** The longest time, in seconds, between when an entry says its matter ended and when it was recorded. */
  get lateS(): number {
    return this.#lateS;
  }

  /** The newest time an entry says it was recorded at; null when there is none. */
  get lastRecordedAt(): string | null {
    return this.#last?.recordedAt ?? null;
  }

  /** Ids of keys that entries say are not to be believed any more. */
  get revokedKeyIds(): ReadonlySet<string> {
    return this.#revokedKeyIds;
  }

  entries(): EntryTally {
    const [first, last] = [this.#first, this.#last];
    return {
      checked: this.#checked,
      firstSeq: first?.seq ?? null,
      lastSeq: last?.seq ?? null,
      firstRecordedAt: first?.recordedAt ?? null,
      lastRecordedAt: last?.recordedAt ?? null,
      kinds: Object.fromEntries([...this.#kinds].sort()),
      leftOut: first === null || last === null ? 0 : last.seq - first.seq + 1 - this.#checked,
    };
  }

  openings(): OpeningTally {
    return {
      digests: this.#digests,
      opened: this.#opened,
      unsampled: this.#unsampled,
      erasures: this.#erasures,
    };
  }
}

function revokedKeyId({ kind, payload: { action, keyId } }: ReadEntry): string | null {
  return kind === 'LEDGER_KEY' && action === 'REVOKE' && typeof keyId === 'string' ? keyId : null;
}

const SECOND_MS = 1_000;

function latenessS({ payload, recordedAt }: ReadEntry): number {
  const endedAt = typeof payload.endedAt === 'string' ? Date.parse(payload.endedAt) : Number.NaN;
  return Number.isNaN(endedAt) ? 0 : (Date.parse(recordedAt) - endedAt) / SECOND_MS;
}
