/** Loops while they run: one step after the other, each in a time that does not grow with the run. */

import type { Step } from '../../decision/decision.js';
import { type Answered, readAnswer } from './answer.js';
import { type Asked, isReworded, readArguments } from './arguments.js';
import { continueCycling } from './cycle.js';
import { excerptOf, hashText } from './hash.js';
import { type LoopState, newLoopState, TALLIES_MAX, type Tally, TOOLS_MAX, WORDINGS_MAX } from './state.js';
import { natureOf, type ToolNature } from './tool.js';
import { incidentOf, type LoopSighting, monologueOf, type SeenCall, type Suspected, suspectedOf } from './verdict.js';
import { followsUpon, readWords } from './words.js';

/** What the detector reads of a step. */
export type LoopStep = Pick<
  Step,
  | 'kind'
  | 'name'
  | 'toolName'
  | 'arguments'
  | 'result'
  | 'input'
  | 'output'
  | 'outcome'
  | 'errorMessage'
  | 'startedAtMs'
  | 'durationMs'
>;

/** In place of the index of a step of an earlier run. */
const EARLIER = -1;
const TOOL_NAME_LENGTH_MAX = 100;
/** Done again after so much that was new, a deed is a new deed. */
const NEWS_BETWEEN_EFFECTS = 3;
/** Who asks again after this long has waited for what is not over yet; who asks again at once has not. */
const PATIENCE_MS = 10_000;
/** The second time may be a second look. */
const SECOND_TIME_STALENESS = 0.5;

/**
 * Takes the next step of a run into the state, which it changes in place, and says what loop the run is in with it: null when
 * it is in none. Steps are those that have ended, each given once, by their end or by their start; a few out of order blur
 * a cycle and nothing else. `stepIndex` is what the sighting calls the step.
 */
export function lookAtStep(state: LoopState, step: LoopStep, stepIndex: number): LoopSighting | null {
  const suspected = suspectedIn(state, step, stepIndex);
  if (suspected === null) return null;
  state.incident ??= incidentOf(suspected);
  return { ...suspected, incident: state.incident };
}

/** As `lookAtStep`, but speaks up once when it is a warning and once more when it is critical: for a run still going on. */
export function observeStep(state: LoopState, step: LoopStep, stepIndex: number): LoopSighting | null {
  const sighting = lookAtStep(state, step, stepIndex);
  if (sighting === null || state.said === 'CRITICAL' || state.said === sighting.severity) return null;
  state.said = sighting.severity;
  return sighting;
}

function suspectedIn(state: LoopState, step: LoopStep, stepIndex: number): Suspected | null {
  if (step.kind === 'MODEL_CALL') return lookAtWords(state, step, stepIndex);
  if (step.kind === 'TOOL_CALL' || step.kind === 'RETRIEVAL') return lookAtCall(state, step, stepIndex);
  return null;
}

/**
 * The next run of the same conversation begins. What the last one was repeating when it ended goes on counting; everything else
 * is a fresh start, since to look the same thing up once for every question is no loop. Steps before now have no index any more.
 */
export function startRun(state: LoopState): LoopState {
  const fresh = newLoopState();
  const tallies = state.tallies.filter(({ times, newsCount }) => times > 1 && newsCount === state.newsCount);
  if (tallies.length === 0) return fresh;
  return {
    ...fresh,
    callCount: state.callCount,
    newsCount: state.newsCount,
    staleness: state.staleness,
    streak: { ...state.streak, firstStep: EARLIER },
    tallies: tallies.map((tally) => ({ ...tally, firstStep: EARLIER })),
    cycling: continueCycling(state.cycling, EARLIER),
  };
}

function lookAtCall(state: LoopState, step: LoopStep, stepIndex: number): Suspected | null {
  const tool = (step.toolName ?? step.name).slice(0, TOOL_NAME_LENGTH_MAX);
  const nature = natureOf(tool);
  state.monologue = null;
  if (nature === 'PAUSE') return null;
  const sent = step.arguments ?? step.input;
  const asked = sent === null ? null : readArguments(sent, step.startedAtMs);
  const given = {
    result: step.result ?? step.output,
    errorMessage: step.errorMessage,
    isError: step.outcome === 'ERROR',
  };
  const answered = readAnswer(given, asked?.vocabulary ?? (() => new Set()));
  const seen = takeCall(state, { tool, nature, step, stepIndex, asked, answered });
  return seen === null ? null : suspectedOf(state, seen);
}

interface ReadCall {
  tool: string;
  nature: ToolNature;
  step: LoopStep;
  stepIndex: number;
  /** Null when the arguments are not known. */
  asked: Asked | null;
  answered: Answered;
}

function takeCall(state: LoopState, read: ReadCall): SeenCall | null {
  const { tool, nature, step, stepIndex, asked, answered } = read;
  state.callCount += 1;
  const identity = asked === null ? unknownCall(tool, state.callCount) : identityOf(state, tool, asked);
  const known = takeTally(state, identity, { nature, answered });
  if (known !== undefined && isSecondView(known, step)) {
    state.tallies.push(known);
    return null;
  }
  const isSame = known !== undefined && known.answer === answered.key;
  const isPolling = isSame && answered.isPending && step.startedAtMs - known.endedAtMs >= PATIENCE_MS;
  const tally = known ?? newTally(identity, stepIndex);
  countTally(state, tally, { ...read, identity, isSame });
  state.tallies.push(tally);
  if (state.tallies.length > TALLIES_MAX) state.tallies.shift();
  const isRepeatedKind = countTool(state, { ...read, isSame });
  countNews(state, tally, { answered, isSame, isPolling, isRepeatedKind });
  countStreak(state, { tally, answered, stepIndex });
  return { tool, nature, step: stepIndex, answered, tally, isPolling };
}

type Identity = Pick<Tally, 'exact' | 'loose'>;

/** Calls whose arguments are not known are not taken for the same. */
function unknownCall(tool: string, count: number): Identity {
  const call = hashText(`${tool}\n${count}`);
  return { exact: call, loose: call };
}

/** A long text that is hardly reworded is loosely the same. */
function identityOf(state: LoopState, tool: string, { exact, loose, fields, words }: Asked): Identity {
  const identity = { exact: hashText(`${tool}\n${exact}`), loose: hashText(`${tool}\n${loose}`) };
  if (words.length === 0) return identity;
  const known = state.wordings.find(
    (wording) => wording.tool === tool && wording.fields === fields && isReworded(wording.words, words),
  );
  if (known !== undefined) return { ...identity, loose: known.loose };
  state.wordings.push({ tool, fields, words, loose: identity.loose });
  if (state.wordings.length > WORDINGS_MAX) state.wordings.shift();
  return identity;
}

/** Loosely the same is the same where it gives the same, or where it is a deed, whatever it gives. */
function takeTally(
  state: LoopState,
  { exact, loose }: Identity,
  { nature, answered }: { nature: ToolNature; answered: Answered },
): Tally | undefined {
  const { tallies } = state;
  let index = tallies.findLastIndex((tally) => tally.exact === exact);
  if (index < 0) {
    index = tallies.findLastIndex(
      (tally) => tally.loose === loose && (nature === 'EFFECT' || tally.answer === answered.key),
    );
  }
  return index < 0 ? undefined : tallies.splice(index, 1)[0];
}

/** One execution seen by two, for example by the agent and by its MCP client: one span lies within the other. */
function isSecondView(known: Tally, { startedAtMs, durationMs }: LoopStep): boolean {
  const endedAtMs = startedAtMs + durationMs;
  const isWithin = known.startedAtMs < startedAtMs && endedAtMs < known.endedAtMs;
  const isAround = startedAtMs < known.startedAtMs && known.endedAtMs < endedAtMs;
  return isWithin || isAround;
}

function newTally({ exact, loose }: Identity, firstStep: number): Tally {
  return {
    exact,
    loose,
    isExact: true,
    answer: null,
    times: 0,
    failures: 0,
    effects: 0,
    firstStep,
    newsCount: 0,
    startedAtMs: 0,
    endedAtMs: 0,
  };
}

function countTally(state: LoopState, tally: Tally, read: ReadCall & { identity: Identity; isSame: boolean }): void {
  const { nature, step, stepIndex, answered, identity, isSame } = read;
  const newsBetween = state.newsCount - tally.newsCount;
  if (!isSame) {
    tally.times = 0;
    if (tally.effects === 0) tally.firstStep = stepIndex;
  }
  if (identity.exact !== tally.exact) tally.isExact = false;
  tally.answer = answered.key;
  tally.times += 1;
  if (!answered.isError) tally.failures = 0;
  else tally.failures = isSame && newsBetween === 0 ? tally.failures + 1 : 1;
  if (newsBetween >= NEWS_BETWEEN_EFFECTS) tally.effects = 0;
  if (nature === 'EFFECT' && !answered.isError && !answered.isRunning) tally.effects += 1;
  tally.newsCount = state.newsCount;
  tally.startedAtMs = step.startedAtMs;
  tally.endedAtMs = step.startedAtMs + step.durationMs;
}

/**
 * Counts how often the tool fails alike, and how many different questions it answers alike. Says whether it has answered like
 * this before and the answer is long enough for that to be no news.
 */
function countTool(state: LoopState, { tool, stepIndex, answered, isSame }: ReadCall & { isSame: boolean }): boolean {
  const index = state.tools.findIndex((streak) => streak.tool === tool);
  const known = index < 0 ? undefined : state.tools.splice(index, 1)[0];
  const isAlike = known !== undefined && answered.kind !== null && known.kind === answered.kind;
  const streak = isAlike
    ? { ...known, times: known.times + (isSame && !answered.isError ? 0 : 1) }
    : { tool, kind: answered.kind, times: 1, firstStep: stepIndex };
  state.tools.push(streak);
  if (state.tools.length > TOOLS_MAX) state.tools.shift();
  return isAlike && answered.weight === 'LONG';
}

function countNews(
  state: LoopState,
  { times }: Tally,
  read: { answered: Answered; isSame: boolean; isPolling: boolean; isRepeatedKind: boolean },
): void {
  const { answered, isSame, isPolling, isRepeatedKind } = read;
  if (isSame) {
    if (answered.key !== null && !isPolling) state.staleness += times === 2 ? SECOND_TIME_STALENESS : 1;
    return;
  }
  if (answered.isError || isRepeatedKind) return;
  state.newsCount += 1;
  state.staleness = Math.max(0, state.staleness - 1);
}

function countStreak(
  state: LoopState,
  { tally, answered, stepIndex }: { tally: Tally; answered: Answered; stepIndex: number },
): void {
  const token = hashText(`${tally.exact}\n${answered.key}`);
  if (state.streak.token === token) state.streak.length += 1;
  else state.streak = { token, length: 1, firstStep: stepIndex };
}

function lookAtWords(state: LoopState, step: LoopStep, stepIndex: number): Suspected | null {
  if (step.output === null) return null;
  const said = readWords(step.output);
  const before = state.monologue;
  if (said === null) {
    state.monologue = null;
    return null;
  }
  const endedAtMs = step.startedAtMs + step.durationMs;
  const isSame = before !== null && before.hash === said.hash;
  // Clients that see one call twice report spans that overlap.
  if (isSame && step.startedAtMs < before.endedAtMs) return null;
  const prompt = step.input === null ? null : hashText(excerptOf(step.input));
  const isAgain = isSame && (step.input === null || prompt === before.prompt || followsUpon(step.input, said));
  state.monologue = isAgain
    ? { ...before, times: before.times + 1, prompt, endedAtMs }
    : { hash: said.hash, times: 1, firstStep: stepIndex, prompt, endedAtMs };
  return monologueOf(state.monologue, stepIndex);
}
