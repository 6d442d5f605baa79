import type { Finding } from '../anomaly/finding.js';
import type { Decision } from '../decision/decision.js';
import { LOOKUP_KINDS } from '../detect/grounding/evidence.js';
import { type Judgement, judgeGrounding, type UsualTools } from '../detect/grounding/judge-grounding.js';
import { named } from '../detect/named.js';
import { percent } from '../fleet/wording.js';
import { holdsFor } from '../settings/pattern.js';
import type { ToolRequirement } from '../settings/settings.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';

/** Pairs of agent and request type, and each of them by itself. */
const SUBJECTS_MAX = 10_000;
/** Names of tools remembered of one of them, the most usual. */
const NAMES_MAX = 30;
/** Counts are halved here, so that they follow a slow change. */
const DECISIONS_MAX = 1_000;
/** An evaluation from here on says that the answer is made up. */
const TOLD_SCORE_MIN = 0.5;

/** Fewer decisions say nothing of what is usual. */
const KNOWN_MIN = 20;

/** What decisions of an agent, a request type or both looked up. */
interface ToolUse {
  decisions: number;
  lookups: number;
  names: Record<string, number>;
}

/** Holds answers against what was looked up for them, and learns for which requests something usually is. */
export class GroundingWatch {
  readonly #uses: Shelf<ToolUse>;
  readonly #requirements: () => readonly ToolRequirement[];

  constructor(memory: Pick<Memory, 'shelf'>, requirements: () => readonly ToolRequirement[]) {
    this.#uses = memory.shelf('grounding', { max: SUBJECTS_MAX });
    this.#requirements = requirements;
  }

  /** An evaluation that was told takes precedence over what is found here; the quotes are given in any case. */
  judge(fleet: string, decision: Decision): Judgement {
    const own = judgeGrounding(decision, {
      usualTools: this.#usualFor(fleet, decision),
      requiresTool: this.#requirements().some((requirement) => applies(requirement, decision)),
    });
    const told = decision.hallucinationScore;
    if (told === null) return own;
    const others = own.findings.filter(({ kind }) => kind !== 'UNGROUNDED_ANSWER');
    const quotes = own.findings.find(({ kind }) => kind === 'UNGROUNDED_ANSWER')?.quotes ?? null;
    return { ...own, findings: told < TOLD_SCORE_MIN ? others : [toldFinding(decision, told, quotes), ...others] };
  }

  /** A decision that failed says nothing of what is usual. */
  learn(fleet: string, decision: Decision): void {
    if (decision.outcome === 'ERROR') return;
    const lookups = decision.steps.filter(({ kind }) => LOOKUP_KINDS.has(kind));
    const names = new Set(lookups.flatMap(({ toolName }) => toolName ?? []));
    for (const subject of subjectsOf(decision)) {
      const use = this.#uses.get(fleet, subject) ?? { decisions: 0, lookups: 0, names: {} };
      use.decisions += 1;
      use.lookups += Number(lookups.length > 0);
      const counts = [...names].map((name) => [name, (named(use.names, name) ?? 0) + 1]);
      use.names = { ...use.names, ...Object.fromEntries(counts) };
      this.#uses.set(fleet, subject, use.decisions < DECISIONS_MAX ? use : halved(use));
    }
  }

  /** By the narrowest history that knows enough. */
  #usualFor(fleet: string, decision: Decision): UsualTools | null {
    for (const subject of subjectsOf(decision)) {
      const use = this.#uses.get(fleet, subject);
      if (use !== null && use.decisions >= KNOWN_MIN) return usualOf(use);
    }
    return null;
  }
}

function subjectsOf({ agent, requestType }: Decision): string[] {
  return [[agent, requestType], [agent], [null, requestType]].map((subject) => JSON.stringify(subject));
}

function applies({ agents, requestTypes }: ToolRequirement, { agent, requestType }: Decision): boolean {
  return holdsFor(agents, agent) && holdsFor(requestTypes, requestType);
}

function usualOf(use: ToolUse): UsualTools {
  return { decisions: use.decisions, share: use.lookups / use.decisions, names: mostUsual(use.names) };
}

function mostUsual(names: Readonly<Record<string, number>>): string[] {
  return Object.entries(names)
    .sort(([, left], [, right]) => right - left)
    .slice(0, NAMES_MAX)
    .map(([name]) => name);
}

function halved({ decisions, lookups, names }: ToolUse): ToolUse {
  const kept = mostUsual(names).map((name): [string, number] => [name, (named(names, name) ?? 0) / 2]);
  return { decisions: decisions / 2, lookups: lookups / 2, names: Object.fromEntries(kept) };
}

function toldFinding({ agent, requestType }: Decision, score: number, quotes: readonly string[] | null): Finding {
  return {
    kind: 'UNGROUNDED_ANSWER',
    severity: 'WARNING',
    score,
    observed: score,
    expected: TOLD_SCORE_MIN,
    summary: `An evaluation says that the answer of ${agent} is made up by ${percent(score)}.`,
    evidence: { evaluation: score },
    quotes,
    incident: `evaluation:${requestType ?? ''}`,
  };
}
