import type { Answer, AnswerToken } from './answer.js';
import type { Claim } from './claim.js';
import type { Comparison } from './comparison.js';
import { isFirstPerson, isNegation } from './reading/wording.js';
import type { Stances } from './stance.js';

/** Figures of how an answer stands to its sources; counts as logarithms of one more than they are. */
export type Features = Readonly<Record<FeatureName, number>>;

/** Of an answer to text that was looked up or handed over. */
export const TEXT_FEATURES = [
  'unsourcedShare',
  'unsourcedWordShare',
  'unsupportedCount',
  'unsupportedStemShare',
  'copiedShare',
  'uncopiedCount',
  'longestCopyShare',
  'newPairShare',
  'newPairCount',
  'worstShare',
  'worstCount',
  'sentenceMatch',
  'poorSentenceCount',
  'weakClaimCount',
  'hasUnsupportedClaim',
  'statedShare',
  'statedCount',
  'statedUnsourcedShare',
  'sourcedShare',
  'askingShare',
  'firstPersonShare',
  'negationCount',
  'lackingShare',
  'attributedShare',
] as const;

/** Of an answer to results of tools: records more than prose, so that values say more than words. */
export const TOOL_FEATURES = [
  'hasUnsupportedClaim',
  'valueCount',
  'nameCount',
  'weakClaimCount',
  'undoneCount',
  'statedShare',
  'unsourcedShare',
  'sourcedShare',
  'newPairShare',
  'sentenceMatch',
  'copiedShare',
  'isCut',
  'hasUnsupportedValue',
  'hasUnsupportedName',
  'askedShare',
  'isOffTopic',
  'alteredCopyShare',
  'askingShare',
] as const;

export type FeatureName = (typeof TEXT_FEATURES)[number] | (typeof TOOL_FEATURES)[number];

export interface Measured {
  answer: Answer;
  comparison: Comparison;
  claims: readonly Claim[];
  stances: Stances;
  sentences: readonly SentenceFigures[];
  /** Deeds the answer claims and no tool was called for. */
  undone: number;
}

export function measure(measured: Measured): Features {
  const { answer, comparison, undone } = measured;
  const words = wordFeatures(measured);
  const copies = copyFeatures(answer, comparison);
  const pairs = pairFeatures(answer, comparison);
  const sentences = sentenceFeatures(measured);
  const claims = claimFeatures(measured);
  const stances = stanceFeatures(measured);
  // One by one: spreading so many objects into one takes longer than measuring them.
  return {
    unsourcedShare: words.unsourcedShare,
    unsourcedWordShare: words.unsourcedWordShare,
    unsupportedCount: words.unsupportedCount,
    unsupportedStemShare: words.unsupportedStemShare,
    statedShare: words.statedShare,
    statedCount: words.statedCount,
    statedUnsourcedShare: words.statedUnsourcedShare,
    sourcedShare: words.sourcedShare,
    copiedShare: copies.copiedShare,
    uncopiedCount: copies.uncopiedCount,
    longestCopyShare: copies.longestCopyShare,
    newPairShare: pairs.newPairShare,
    newPairCount: pairs.newPairCount,
    worstShare: sentences.worstShare,
    worstCount: sentences.worstCount,
    sentenceMatch: sentences.sentenceMatch,
    poorSentenceCount: sentences.poorSentenceCount,
    hasUnsupportedClaim: claims.hasUnsupportedClaim,
    hasUnsupportedValue: claims.hasUnsupportedValue,
    hasUnsupportedName: claims.hasUnsupportedName,
    valueCount: claims.valueCount,
    nameCount: claims.nameCount,
    weakClaimCount: claims.weakClaimCount,
    // What is copied but for a value was copied wrong; what is worded freely may have its value from elsewhere.
    alteredCopyShare: claims.hasUnsupportedClaim * copies.copiedShare,
    askingShare: stances.askingShare,
    lackingShare: stances.lackingShare,
    attributedShare: stances.attributedShare,
    firstPersonShare: stances.firstPersonShare,
    negationCount: stances.negationCount,
    undoneCount: Math.log1p(undone),
    askedShare: comparison.askedShare,
    isOffTopic: comparison.askedShare < OFF_TOPIC_SHARE ? 1 : 0,
    isCut: comparison.isCut ? 1 : 0,
  };
}

/** Sources that have less of what was asked about are of something else. */
const OFF_TOPIC_SHARE = 0.15;

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

export function isSupported(token: AnswerToken, { counts }: Comparison): boolean {
  return token.isFraming || (counts[token.id] ?? 0) > 0;
}

function wordFeatures({ answer: { tokens }, comparison, stances }: Measured) {
  const { counts, sourceCounts } = comparison;
  const all = new Set<number>();
  const unsupported = new Set<number>();
  const statedUnsupported = new Set<number>();
  const tally = { words: 0, unsourcedWords: 0, content: 0, unsourced: 0 };
  const stated = { content: 0, unsupported: 0, unsourced: 0, sourced: 0 };
  for (const token of tokens) {
    const isUnsourced = (sourceCounts[token.id] ?? 0) === 0;
    tally.words += 1;
    if (isUnsourced) tally.unsourcedWords += 1;
    if (!token.isContent) continue;
    tally.content += 1;
    if (isUnsourced) tally.unsourced += 1;
    const isMissing = !isSupported(token, comparison);
    all.add(token.id);
    if (isMissing) unsupported.add(token.id);
    if (stances.isUnstated[token.sentence] === 1) continue;
    stated.content += 1;
    if (isMissing) stated.unsupported += 1;
    if (isMissing) statedUnsupported.add(token.id);
    if (isUnsourced && !token.isFraming) stated.unsourced += 1;
    if (!isUnsourced && !token.isFraming && counts[token.id] === sourceCounts[token.id]) stated.sourced += 1;
  }
  return {
    unsourcedShare: share(tally.unsourced, tally.content),
    unsourcedWordShare: share(tally.unsourcedWords, tally.words),
    unsupportedCount: Math.log1p(unsupported.size),
    unsupportedStemShare: share(unsupported.size, all.size),
    statedShare: share(stated.unsupported, stated.content),
    statedCount: Math.log1p(statedUnsupported.size),
    statedUnsourcedShare: share(stated.unsourced, stated.content),
    sourcedShare: share(stated.sourced, stated.content),
  };
}

/** A single word in common is no copy. */
const COPY_WORDS_MIN = 2;

function copyFeatures({ tokens }: Answer, { runs }: Comparison) {
  let copied = 0;
  let longest = 0;
  let coveredFrom = tokens.length;
  for (let end = tokens.length - 1; end >= 0; end -= 1) {
    const length = runs[end] ?? 0;
    longest = Math.max(longest, length);
    if (length >= COPY_WORDS_MIN) coveredFrom = Math.min(coveredFrom, end - length + 1);
    if (coveredFrom <= end) copied += 1;
    else coveredFrom = tokens.length;
  }
  return {
    copiedShare: share(copied, tokens.length),
    uncopiedCount: Math.log1p(tokens.length - copied),
    longestCopyShare: share(longest, tokens.length),
  };
}

function pairFeatures({ tokens }: Answer, { paired }: Comparison) {
  let all = 0;
  let unknown = 0;
  let before: AnswerToken | null = null;
  for (const [place, token] of tokens.entries()) {
    if (!token.isContent) continue;
    if (before?.sentence === token.sentence) {
      all += 1;
      if (paired[place] === 0) unknown += 1;
    }
    before = token;
  }
  return { newPairShare: share(unknown, all), newPairCount: Math.log1p(unknown) };
}

/** Shorter ones are headings and greetings. */
const SENTENCE_CONTENT_MIN = 3;
const POOR_SHARE = 0.5;

export interface SentenceFigures {
  content: number;
  unsupported: number;
  stems: Set<number>;
}

export function figuresOfSentences({ tokens, sentenceCount }: Answer, comparison: Comparison): SentenceFigures[] {
  const figures = Array.from({ length: sentenceCount }, () => ({
    content: 0,
    unsupported: 0,
    stems: new Set<number>(),
  }));
  for (const token of tokens) {
    const sentence = figures[token.sentence];
    if (sentence === undefined || !token.isContent) continue;
    sentence.content += 1;
    sentence.stems.add(token.id);
    if (!isSupported(token, comparison)) sentence.unsupported += 1;
  }
  return figures;
}

function sentenceFeatures({ sentences, comparison }: Measured) {
  let [count, worstShare, worstCount, matches, poor] = [0, 0, 0, 0, 0];
  for (const [index, { content, unsupported, stems }] of sentences.entries()) {
    if (content < SENTENCE_CONTENT_MIN) continue;
    count += 1;
    worstShare = Math.max(worstShare, share(unsupported, content));
    worstCount = Math.max(worstCount, unsupported);
    matches += share(comparison.shared[index] ?? 0, stems.size);
    if (unsupported >= content * POOR_SHARE) poor += 1;
  }
  return {
    worstShare,
    worstCount: Math.log1p(worstCount),
    sentenceMatch: count === 0 ? 1 : matches / count,
    poorSentenceCount: Math.log1p(poor),
  };
}

function claimFeatures({ comparison, claims }: Measured) {
  // What a source that was cut off does not say may well have been in the rest of it.
  const open = comparison.isCut ? [] : claims.filter((claim) => !claim.isSupported);
  const names = open.filter(({ kind }) => kind === 'NAME').length;
  const weak = open.filter(({ isWeak }) => isWeak).length;
  const values = open.length - names - weak;
  return {
    hasUnsupportedClaim: names + values > 0 ? 1 : 0,
    hasUnsupportedValue: values > 0 ? 1 : 0,
    hasUnsupportedName: names > 0 ? 1 : 0,
    valueCount: Math.log1p(values),
    nameCount: Math.log1p(names),
    weakClaimCount: Math.log1p(weak),
  };
}

function stanceFeatures({ answer: { tokens, sentenceCount }, stances }: Measured) {
  let firstPerson = 0;
  let negations = 0;
  for (const { plain } of tokens) {
    if (isFirstPerson(plain)) firstPerson += 1;
    if (isNegation(plain)) negations += 1;
  }
  return {
    askingShare: share(stances.asking, sentenceCount),
    lackingShare: share(stances.lacking, sentenceCount),
    attributedShare: share(stances.attributed, sentenceCount),
    firstPersonShare: share(firstPerson, tokens.length),
    negationCount: Math.log1p(negations),
  };
}
