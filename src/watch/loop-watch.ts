import type { Finding } from '../anomaly/finding.js';
import { memorySubjectOf } from '../decision/conversation.js';
import type { Decision } from '../decision/decision.js';
import { findLoop } from '../detect/loop/find-loop.js';
import type { LoopState } from '../detect/loop/state.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';

/** Conversations whose last run is remembered: one that has been still for longer begins anew. */
const CONVERSATIONS_MAX = 10_000;

/** The last run of a conversation: what it was given of the runs before, and what it leaves for the next. */
interface LastRun {
  decisionId: string;
  startedAtMs: number;
  given: LoopState | null;
  left: LoopState | null;
}

/** Looks for loops; a streak goes on from run to run of one conversation of one agent. */
export class LoopWatch {
  readonly #runs: Shelf<LastRun>;

  constructor(memory: Pick<Memory, 'shelf'>) {
    this.#runs = memory.shelf('loop', { max: CONVERSATIONS_MAX });
  }

  judge(fleet: string, decision: Decision): Finding | null {
    const given = this.#givenTo(fleet, decision);
    const { finding, carried } = findLoop(decision.steps, given);
    this.#remember(fleet, decision, { given, left: carried });
    return finding;
  }

  /** Of a run that goes on. */
  glance(fleet: string, running: Decision): Finding | null {
    return findLoop(running.steps, this.#givenTo(fleet, running)).finding;
  }

  /** What the runs before it left: one that is judged again, since more of it became known, does not count on itself. */
  #givenTo(fleet: string, decision: Decision): LoopState | null {
    const conversation = conversationOf(decision);
    const last = conversation === null ? null : this.#runs.get(fleet, conversation);
    if (last === null || last.startedAtMs > decision.startedAtMs) return null;
    return last.decisionId === decision.id ? last.given : last.left;
  }

  #remember(fleet: string, decision: Decision, states: Pick<LastRun, 'given' | 'left'>): void {
    const conversation = conversationOf(decision);
    const { id, startedAtMs } = decision;
    if (conversation === null || (this.#runs.get(fleet, conversation)?.startedAtMs ?? startedAtMs) > startedAtMs)
      return;
    const isNothing = states.given === null && states.left === null;
    this.#runs.set(fleet, conversation, isNothing ? null : { decisionId: id, startedAtMs, ...states });
  }
}

function conversationOf({ agent, conversationId }: Decision): string | null {
  return conversationId === null ? null : memorySubjectOf({ agent, conversationId });
}
