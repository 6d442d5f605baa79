import type { Finding } from '../../anomaly/finding.js';
import type { Decision } from '../../decision/decision.js';
import type { Severity } from '../../settings/settings.js';
import { placesOfSentences, readAnswer } from './answer.js';
import { findClaims } from './claim.js';
import { compare } from './comparison.js';
import { claimedDeeds, claimsLookup } from './deed.js';
import { hasResults, LOOKUP_KINDS, questionOf } from './evidence.js';
import { isSupported } from './features.js';
import { type AnswerScore, type Question, scoreAnswer, type Unsupported } from './score-answer.js';
import { readStances } from './stance.js';
import { findWrittenCall, withoutThoughts } from './written-call.js';

type Judged = Pick<Decision, 'agent' | 'requestType' | 'input' | 'output' | 'steps'>;

/** What is usual for decisions of one agent and request type, before the one that is judged. */
export interface UsualTools {
  /** Decisions it was learned from. */
  decisions: number;
  /** Share of them that called a tool or looked something up. */
  share: number;
  /** Tools they called, the most usual first. */
  names: readonly string[];
}

export interface Expectation {
  /** Null when nothing is known of the past. */
  usualTools: UsualTools | null;
  /** The operator says that such requests are answered from a tool. */
  requiresTool: boolean;
}

export interface Judgement {
  /** `hallucinationScore`: from 0, grounded, to 1, made up; null when there is nothing to judge by. */
  score: number | null;
  findings: Finding[];
}

/** Fewer decisions say nothing of what is usual. */
const USUAL_DECISIONS_MIN = 20;
const USUAL_SHARE_MIN = 0.9;
/** Of answers from tools, one in fifty clean ones reaches this (cross-validated over runs of real agents). */
const WARNING_SCORE = 0.93;
/** From here on a value that no source has is worth a note: by itself it is wrong in one of twenty clean answers. */
const NOTE_SCORE = 0.35;
/** So many such values are worth a note whatever the score, and so is one identifier: nobody works one out. */
const FIGURES_CERTAIN = 2;
/** Facts that nothing was asked for cannot be but made up, or remembered from training, which is no better. */
const NO_LOOKUP_SCORE = 0.95;

/** Neither grounded nor made up: what the answer promises to look up nobody ever did. */
const WRITTEN_CALL_SCORE = 0.5;

/** Whether a decision's answer is grounded in what it looked up, and whether it looked anything up where that is due. */
export function judgeGrounding(decision: Judged, expectation: Expectation): Judgement {
  const question = questionOf(decision);
  if (question === null) return { score: null, findings: [] };
  const names = expectation.usualTools?.names ?? [];
  const isLookedUp = decision.steps.some(({ kind }) => LOOKUP_KINDS.has(kind));
  const call = isLookedUp ? null : findWrittenCall(question.answer, names);
  if (call !== null) return { score: WRITTEN_CALL_SCORE, findings: [writtenCall(decision, call.text)] };
  if (!isLookedUp) return judgeWithoutLookup(decision, question, expectation);
  const judged = hasResults(decision.steps) ? scoreAnswer(question) : null;
  if (judged === null) return { score: null, findings: [] };
  return judgementOf(decision, judged);
}

function isLookupDue({ usualTools, requiresTool }: Expectation): boolean {
  if (requiresTool) return true;
  return usualTools !== null && usualTools.decisions >= USUAL_DECISIONS_MIN && usualTools.share >= USUAL_SHARE_MIN;
}

/** Something must be there to show: a high score alone convinces nobody. Null when there is nothing to say. */
function severityOf({ score, unsupported, unsupportedFigures, undone }: AnswerScore): Severity | null {
  if (score >= WARNING_SCORE && (unsupported.length > 0 || undone > 0)) return 'WARNING';
  const isCertain = unsupportedFigures >= FIGURES_CERTAIN || unsupported.some(({ kind }) => kind === 'IDENTIFIER');
  const isNoted = isCertain || (score >= NOTE_SCORE && unsupportedFigures > 0);
  return isNoted ? 'INFO' : null;
}

function judgementOf(decision: Judged, judged: AnswerScore): Judgement {
  const severity = severityOf(judged);
  return { score: judged.score, findings: severity === null ? [] : [ungrounded(decision, severity, judged)] };
}

/** From this share on an answer rests on what its model was given; another comes from elsewhere. */
const DRAWN_SHARE_MIN = 0.4;
const GROUNDED_SCORE_MAX = 0.5;

/**
 * An answer may rest on the prompt: texts put there, or results of earlier turns. If it does, it is judged by them; if it
 * does not, there is nothing to judge by, unless a lookup was due. Asking back, refusing and announcing state no fact.
 */
function judgeWithoutLookup(decision: Judged, question: Question, expectation: Expectation): Judgement {
  const given = scoreAnswer(question);
  const isDrawn = given !== null && given.sourcedShare >= DRAWN_SHARE_MIN;
  const isDue = isLookupDue(expectation);
  if (isDrawn && (!isDue || given.score < GROUNDED_SCORE_MAX)) {
    return judgementOf(decision, given);
  }
  const facts = isDue ? statedFacts(question) : [];
  if (facts.length === 0) return { score: null, findings: [] };
  const asked = { text: question.question, toolName: null };
  const judged = scoreAnswer({ ...question, question: '', sources: [asked, ...question.sources] });
  const score = NO_LOOKUP_SCORE + (1 - NO_LOOKUP_SCORE) * (judged?.score ?? 1);
  return { score, findings: [notLookedUp(decision, { score, facts, expectation })] };
}

const FACTS_MAX = 5;
const FACT_LENGTH_MAX = 120;

/**
 * Sentences that state something the question does not say already: a value, a deed, or, unless the answer also asks or
 * says what it lacks, whatever else is of its own: whoever asks back explains why.
 */
function statedFacts({ answer: text, question, sources }: Question): string[] {
  const answer = readAnswer(withoutThoughts(text));
  const { isUnstated, requesting, lacking } = readStances(answer);
  const asked = compare(answer, [...sources.map((source) => source.text)], question);
  const claims = findClaims(answer, asked, question).filter(({ isSupported, isWeak }) => !isSupported && !isWeak);
  const mayBeWords = requesting + lacking === 0;
  return placesOfSentences(answer)
    .flatMap(({ sentence, start, end }) => {
      if (isUnstated[sentence] === 1) return [];
      const own = answer.tokens.some(
        (token) => token.sentence === sentence && token.isContent && !isSupported(token, asked),
      );
      const hasValue = claims.some((claim) => claim.start >= start && claim.end <= end);
      const fact = answer.text.slice(start, end);
      return (mayBeWords && own) || hasValue || claimedDeeds(fact).size > 0 || claimsLookup(fact) ? [fact] : [];
    })
    .slice(0, FACTS_MAX)
    .map((fact) => fact.slice(0, FACT_LENGTH_MAX));
}

function incidentOf({ requestType }: Judged, what: string): string {
  return `${what}:${requestType ?? ''}`;
}

function ungrounded(decision: Judged, severity: Severity, judged: AnswerScore): Finding {
  const { score, unsupported, undone, unsupportedFigures } = judged;
  const what = unsupported.length > 0 ? countOf(unsupported) : 'a deed that no called tool does';
  return {
    kind: 'UNGROUNDED_ANSWER',
    severity,
    score,
    observed: score,
    expected: NOTE_SCORE,
    summary: `${decision.agent} answered with ${what}, which nothing it looked up supports.`,
    evidence: {
      unsupported: unsupported.map(({ text: _text, ...place }) => place),
      unsupportedFigures,
      undoneDeeds: undone,
    },
    quotes: unsupported.map(({ text }) => text),
    incident: incidentOf(decision, severity === 'INFO' ? 'unsupported-figure' : 'unsupported'),
  };
}

/** `2 values and a sentence`. */
function countOf(unsupported: readonly Unsupported[]): string {
  const sentences = unsupported.filter(({ kind }) => kind === 'SENTENCE').length;
  const values = unsupported.length - sentences;
  const parts = [
    ...(values > 0 ? [values === 1 ? 'a value' : `${values} values`] : []),
    ...(sentences > 0 ? [sentences === 1 ? 'a sentence' : `${sentences} sentences`] : []),
  ];
  return parts.join(' and ');
}

interface WithoutLookup {
  score: number;
  facts: string[];
  expectation: Expectation;
}

function notLookedUp(decision: Judged, { score, facts, expectation }: WithoutLookup): Finding {
  const { usualTools, requiresTool } = expectation;
  const due = requiresTool ? 'is required to call' : 'usually calls';
  return {
    kind: 'UNGROUNDED_ANSWER',
    severity: 'CRITICAL',
    score,
    observed: 0,
    expected: usualTools?.share ?? 1,
    summary: `${decision.agent} stated facts without calling a tool, which it ${due} for such requests.`,
    evidence: { facts: facts.length, requiresTool, usualTools: usualTools?.names.slice(0, FACTS_MAX) ?? [] },
    quotes: facts,
    incident: incidentOf(decision, 'no-lookup'),
  };
}

function writtenCall(decision: Judged, call: string): Finding {
  return {
    kind: 'TOOL_FAILURE',
    severity: 'WARNING',
    score: 1,
    observed: null,
    expected: null,
    summary: `${decision.agent} wrote a tool call into its answer instead of making it.`,
    evidence: {},
    quotes: [call],
    incident: incidentOf(decision, 'written-call'),
  };
}
