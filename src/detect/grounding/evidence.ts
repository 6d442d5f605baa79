import type { Decision, Step } from '../../decision/decision.js';
import { type Content, textsIn } from './content-text.js';
import type { Question, Source } from './score-answer.js';

/** What is read of a step. */
export type EvidenceStep = Pick<
  Step,
  'kind' | 'name' | 'toolName' | 'arguments' | 'result' | 'input' | 'output' | 'outcome' | 'errorMessage'
>;

type Told = Pick<Decision, 'input' | 'output'> & { steps: readonly EvidenceStep[] };

/** Steps that ask somebody or something outside the model. */
export const LOOKUP_KINDS: ReadonlySet<string> = new Set(['TOOL_CALL', 'RETRIEVAL', 'HANDOFF', 'HUMAN_REVIEW']);

/**
 * What a decision's answer had to go by; null when it has no answer. `read` makes of each content what is judged: its texts
 * alone, for who compares words, unless another is given.
 */
export function questionOf(
  { input, output, steps }: Told,
  read: (content: Content) => string = textOf,
): Question | null {
  if (output === null) return null;
  const answer = textOf(output);
  if (answer.trim() === '') return null;
  const question = input === null ? '' : read(input);
  const known = new Set([question]);
  const sources: Source[] = [];
  const add = (text: string, toolName: string | null) => {
    if (text.trim() === '' || known.has(text)) return;
    known.add(text);
    sources.push({ text, toolName });
  };
  const lookups = steps.filter((step) => LOOKUP_KINDS.has(step.kind) && !handsOver(step, answer));
  for (const step of lookups) for (const content of evidenceOf(step)) add(read(content), toolOf(step));
  const isPartial = lookups.some(isUnrecorded);
  const given = lastGiven(steps, isPartial ? 0 : lookups.length);
  if (given !== null) add(read(given), null);
  return { answer: read === textOf ? answer : read(output), question, sources, doneBy: doneBy(steps), isPartial };
}

/** Whether anything is known of what the decision's lookups came back with. */
export function hasResults(steps: readonly EvidenceStep[]): boolean {
  return steps.some((step) => LOOKUP_KINDS.has(step.kind) && !isUnrecorded(step));
}

/** A step that went well and left nothing: its content was not captured, or there was none. */
function isUnrecorded({ result, output, outcome }: EvidenceStep): boolean {
  return result === null && output === null && outcome === 'SUCCESS';
}

/** Shorter answers stand in arguments by chance. */
const HANDED_OVER_LENGTH_MIN = 20;

/** A tool that is called with the answer delivers it: what it was given is no evidence. */
function handsOver({ kind, arguments: sent }: EvidenceStep, answer: string): boolean {
  if (kind !== 'TOOL_CALL' || sent === null || answer.length < HANDED_OVER_LENGTH_MIN) return false;
  return sent.length >= answer.length && textOf(sent).includes(answer);
}

/** Results are evidence, and so is what a tool was asked: the answer may repeat it. What a model answered is none. */
function evidenceOf({ kind, arguments: sent, result, output, errorMessage }: EvidenceStep): string[] {
  const parts = kind === 'TOOL_CALL' ? [sent, result, errorMessage] : [result, output];
  return parts.filter((part) => part !== null);
}

/** Tools that ran without an error; null where another agent or a person may have done what the answer says is done. */
function doneBy(steps: readonly EvidenceStep[]): string[] | null {
  if (steps.some(({ kind }) => kind === 'HANDOFF' || kind === 'HUMAN_REVIEW')) return null;
  return steps.flatMap((step) => (step.outcome === 'SUCCESS' ? (toolOf(step) ?? []) : []));
}

function toolOf({ kind, toolName, name }: EvidenceStep): string | null {
  return kind === 'TOOL_CALL' ? (toolName ?? name) : null;
}

/** The last call of a model was given all that those before it were: the system prompt, the conversation, the results. */
function lastGiven(steps: readonly EvidenceStep[], knownResults: number): Content | null {
  const last = steps.findLast(({ kind, input }) => kind === 'MODEL_CALL' && input !== null);
  return last?.input == null ? null : withoutKnown(last.input, knownResults);
}

/** What a model said before does not support what it says now. */
const OWN_ROLES: ReadonlySet<unknown> = new Set(['assistant', 'model', 'ai']);
const KNOWN_ROLES: ReadonlySet<unknown> = new Set([...OWN_ROLES, 'tool', 'function']);
const ROLE = /"(?:assistant|model|ai|tool|function)"/;
const RESULT_ROLE = /"role":\s*"(?:tool|function)"/g;

/**
 * Without the model's own words, and without results that are read from the steps anyway: with more of them than the
 * decision has steps, some are of earlier turns.
 */
function withoutKnown(content: string, knownResults: number): Content {
  if (!ROLE.test(content)) return content;
  const results = content.match(RESULT_ROLE)?.length ?? 0;
  const roles = results > knownResults ? OWN_ROLES : KNOWN_ROLES;
  try {
    const parsed: unknown = JSON.parse(content);
    return typeof parsed === 'object' && parsed !== null ? filterMessages(parsed, roles) : content;
  } catch {
    // Text that only looks like JSON, or JSON that was cut off.
    return content;
  }
}

/** Messages are a list, or a list within what a provider calls its request. */
function filterMessages(value: object, roles: ReadonlySet<unknown>): object {
  if (Array.isArray(value)) return value.filter((member) => !hasRole(member, roles));
  const members = Object.entries(value).map(([key, member]: [string, unknown]) => {
    return [key, typeof member === 'object' && member !== null ? filterMessages(member, roles) : member];
  });
  return Object.fromEntries(members);
}

function hasRole(value: unknown, roles: ReadonlySet<unknown>): boolean {
  return typeof value === 'object' && value !== null && 'role' in value && roles.has(value.role);
}

function textOf(content: Content): string {
  // The reader of content works from its end.
  const texts = textsIn(content);
  return texts.length === 1 ? (texts[0] ?? '') : texts.toReversed().join('\n');
}
