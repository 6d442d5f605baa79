import type { Notice } from '../plan/notice.js';
import type { ChannelTraits } from '../plan/plan.js';

/** A way to tell somebody of alerts. */
export interface Channel {
  readonly traits: ChannelTraits;
  /** Tells once, within a deadline of its own; never rejects. */
  send(notice: Notice, attempt: Attempt): Promise<Verdict>;
}

export interface Attempt {
  /** Names the notice, the same at every attempt: who gets it twice can tell. */
  key: string;
  nowMs: number;
  /** Ends what is under way. */
  signal: AbortSignal;
}

/** What came of an attempt. A reason is one line that quotes no secret. */
export type Verdict =
  | { kind: 'sent' }
  /** It may go better another time, `waitMs` from now at the earliest if the other side said so. */
  | { kind: 'failed'; reason: string; waitMs: number | null }
  /** It would be refused every time. */
  | { kind: 'refused'; reason: string }
  /** Nobody listens there any more. */
  | { kind: 'gone'; reason: string };
