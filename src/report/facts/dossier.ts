import { type LedgerFact, type Payload, textsOf } from './payload.js';

/** Content that was opened, where in the payload its digest stands. */
export interface Opening {
  /** As a bundle has it: `/steps/3`, of a long chain `/chain/3`. */
  path: string;
  /** Hex. */
  salt: string;
  /** What was committed to. */
  content: Payload;
}

/** Everything the record has of one decision. */
export interface Dossier {
  id: string;
  /** What sealed it, and what amended it since, in that order. The last has what is known of it. */
  entries: readonly { seq: number; hash: string; kind: string; recordedAt: string }[];
  payload: Payload;
  /** Of the last entry that has any. */
  openings: readonly Opening[];
  /** Alerts and other entries that name it. */
  mentions: readonly { seq: number; kind: string; atMs: number }[];
}

interface Draft {
  entries: { seq: number; hash: string; kind: string; recordedAt: string }[];
  payload: Payload;
  openings: Opening[];
  mentions: { seq: number; kind: string; atMs: number }[];
}

const MENTIONS_MAX = 50;

/** Collects the dossiers of decisions that were chosen beforehand. */
export class DossierCollector {
  readonly #drafts: Map<string, Draft | null>;

  constructor(ids: readonly string[]) {
    this.#drafts = new Map(ids.map((id) => [id, null]));
  }

  take(fact: LedgerFact, hash: string, openings: readonly Opening[]): void {
    const { seq, kind, subject, recordedAt, payload } = fact;
    const isOfDecision = kind === 'DECISION' || kind === 'AMENDMENT';
    if (!isOfDecision) {
      for (const id of [subject, ...textsOf(payload, 'decisionIds')]) this.#mention(id, fact);
      if (kind === 'ERASURE') this.#mentionErased(fact);
      return;
    }
    const known = this.#drafts.get(subject);
    if (known === undefined) return;
    const entry = { seq, hash, kind, recordedAt };
    const draft = known ?? { entries: [], payload: {}, openings: [], mentions: [] };
    draft.entries.push(entry);
    draft.payload = 'supersededBy' in payload ? { ...draft.payload, ...payload } : payload;
    if (openings.length > 0) draft.openings = [...openings];
    this.#drafts.set(subject, draft);
  }

  /** In the order the decisions were asked for; without those the record does not have. */
  dossiers(): readonly Dossier[] {
    return [...this.#drafts].flatMap(([id, draft]) => (draft === null ? [] : [{ id, ...draft }]));
  }

  /** An erasure names entries, since ids of what was erased may be asked for by nobody else. */
  #mentionErased(fact: LedgerFact): void {
    const erased = new Set(Array.isArray(fact.payload.entries) ? fact.payload.entries : []);
    for (const [id, draft] of this.#drafts) {
      if (draft?.entries.some(({ seq }) => erased.has(seq))) this.#mention(id, fact);
    }
  }

  #mention(id: string, { seq, kind, recordedAt }: LedgerFact): void {
    const draft = this.#drafts.get(id);
    if (!draft || draft.mentions.length >= MENTIONS_MAX || draft.mentions.at(-1)?.seq === seq) return;
    draft.mentions.push({ seq, kind, atMs: Date.parse(recordedAt) });
  }
}
