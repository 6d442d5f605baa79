import { type SealedChain, sealedChainOf, stepPath } from '../../ledger/bundle/long-chain.js';
import { type CanonicalValue, canonicalize } from '../../ledger/canonical.js';
import { commit } from '../../ledger/commitment.js';
import type { Opening } from '../facts/dossier.js';
import {
  decimalOf,
  exactDecimalOf,
  flagOf,
  integerOf,
  momentOf,
  objectOf,
  type Payload,
  textOf,
  textsOf,
} from '../facts/payload.js';
import type { ChainStep } from './block.js';
import { type Passage, passagesOf } from './passage.js';
import { type Telling, ToldMessages } from './told-messages.js';
import { type Calendar, counted, dollars, duration, grouped } from './wording.js';

export interface ReasoningContext {
  openingAt: (path: string) => Opening | null;
  disclosed: boolean;
  calendar: Calendar;
  /** The entry that says that its content was erased. */
  erasedBy: number | null;
}

const STEPS_MAX = 60;

/** The reasoning chain of a decision: its input, its steps and its output, with the digest of each. */
export function reasoningOf(payload: Payload, context: ReasoningContext): readonly ChainStep[] {
  const input = textOf(payload, 'input');
  const output = textOf(payload, 'output');
  const chain = sealedChainOf(payload);
  const shown = input === null ? [] : [edge('Input', input, { path: '/input', context })];
  const tools: StepTools = { context, told: new ToldMessages(), before: shown.length };
  return [
    ...shown,
    ...(chain === null ? eachStep(textsOf(payload, 'steps'), tools) : wholeChain(payload, chain, tools)),
    ...(output === null ? [] : [edge('Output', output, { path: '/output', context })]),
  ];
}

interface StepTools {
  context: ReasoningContext;
  told: ToldMessages;
  /** What is shown before the first step. */
  before: number;
}

/** Steps that the entry has a digest of each for. */
function eachStep(digests: readonly string[], tools: StepTools): ChainStep[] {
  const shown = digests
    .slice(0, STEPS_MAX)
    .map((digest, index) => stepOf(digest, index, { ...tools, opening: tools.context.openingAt(`/steps/${index}`) }));
  const more = digests.length - shown.length;
  return more > 0 ? [...shown, summary(counted(more, 'more step'), 'in the attached bundle', '')] : shown;
}

/** The steps under one digest: those that can be shown each with its own, which that digest is of. */
function wholeChain(payload: Payload, { digest, stepCount }: SealedChain, tools: StepTools): ChainStep[] {
  if (flagOf(payload, 'sampled') === false) {
    return [summary(`${counted(stepCount, 'step')}, not kept`, 'sampling kept the digest of the whole chain', digest)];
  }
  const shown: ChainStep[] = [];
  for (let index = 0; index < STEPS_MAX; index += 1) {
    const opening = tools.context.openingAt(stepPath(payload, index));
    if (opening !== null) shown.push(stepOf(digestOf(opening), index, { ...tools, opening }));
  }
  if (shown.length === 0) {
    const all = summary(counted(stepCount, 'step'), 'sealed by one digest of the whole chain', digest);
    return [{ ...all, withheld: withheldReason(tools.context) }];
  }
  const more = stepCount - shown.length;
  const rest = `${more > 0 ? 'in the attached bundle; ' : ''}all ${grouped(stepCount)} are sealed by one digest`;
  return [...shown, summary(more > 0 ? counted(more, 'more step') : 'The whole chain', rest, digest)];
}

function digestOf({ salt, content }: Opening): string {
  return commit(Buffer.from(salt, 'hex'), canonicalize(content as CanonicalValue));
}

function edge(kind: string, digest: string, { path, context }: { path: string; context: ReasoningContext }): ChainStep {
  const content = context.openingAt(path)?.content ?? null;
  const shown = content === null ? [] : shownOf(content, ['input', 'output', 'errorMessage'], null);
  return {
    kind,
    title: kind === 'Input' ? 'What was asked' : 'What was answered',
    facts: '',
    content: shown,
    withheld: content === null ? withheldReason(context) : shown.length === 0 ? 'Nothing was recorded here.' : null,
    digest,
    failed: content !== null && textOf(content, 'errorMessage') !== null,
  };
}

function stepOf(
  digest: string,
  index: number,
  { opening, context, told, before }: StepTools & { opening: Opening | null },
): ChainStep {
  if (opening === null) {
    const title = `Step ${index + 1}`;
    const withheld = withheldReason(context);
    return { kind: 'Step', title, facts: '', content: [], withheld, digest, failed: false };
  }
  const { content } = opening;
  const place = before + index + 1;
  const startedMs = momentOf(content, 'startedAt');
  const tokens = objectOf(content, 'tokens');
  const used = (integerOf(tokens, 'input') ?? 0) + (integerOf(tokens, 'output') ?? 0);
  const facts = [
    startedMs === null ? null : context.calendar.exactMoment(startedMs),
    duration(decimalOf(content, 'durationMs')),
    textOf(content, 'model'),
    used > 0 ? counted(used, 'token') : null,
    exactDecimalOf(content, 'costUsd') === null ? null : dollars(exactDecimalOf(content, 'costUsd')),
  ];
  return {
    kind: (textOf(content, 'kind') ?? 'Step')
      .replaceAll('_', ' ')
      .toLowerCase()
      .replace(/^./, (first) => first.toUpperCase()),
    title: textOf(content, 'toolName') ?? textOf(content, 'name') ?? `Step ${index + 1}`,
    facts: facts.filter((fact) => fact !== null).join(' · '),
    content: shownOf(content, ['input', 'arguments', 'result', 'output', 'errorMessage'], { told, place }),
    withheld: null,
    digest,
    failed: textOf(content, 'outcome') === 'ERROR',
  };
}

function summary(title: string, facts: string, digest: string): ChainStep {
  return { kind: 'Steps', title, facts, content: [], withheld: null, digest, failed: false };
}

function shownOf(content: Payload, keys: readonly string[], telling: Telling | null): Passage[] {
  return keys.flatMap((key) => {
    const text = textOf(content, key);
    if (text === null || text === '') return [];
    const name = key === 'errorMessage' ? 'ERROR' : key.toUpperCase();
    return passagesOf(name, text, key === 'input' ? telling : null);
  });
}

function withheldReason({ disclosed, erasedBy }: ReasoningContext): string {
  if (erasedBy !== null) return `Erased: entry ${grouped(erasedBy)} says on what grounds. The digest stands for it.`;
  return disclosed
    ? 'Not disclosed: erased, removed by retention, or never kept. The digest stands for it.'
    : 'Withheld from whoever asked for this report. The digest stands for it.';
}
