import { type Answer, placesOfSentences } from './answer.js';

/** What is known of each sentence of an answer, by its number. */
export interface Stances {
  /** 1 where it states nothing: it asks, offers, announces, or says that something is not known. */
  isUnstated: Uint8Array;
  /** Sentences that ask, offer or announce. */
  asking: number;
  /** Of those, the ones that want to know something before work can go on; no offers at the end. */
  requesting: number;
  /** Sentences that say what the sources do not tell or the agent cannot do. */
  lacking: number;
  /** Sentences that name the source they rest on. */
  attributed: number;
}

const ASKING = new RegExp(
  `^(?:please|could you|would you|can you|do you|let me|let us|let's|i will|i'll|i would|i'd|i can|i need|we need|to (?:proceed|do|help|find|complete)|if you|` +
    `feel free|what |which |is there|i'm sorry|i am sorry|sorry|unfortunately|enjoy|once |first,? i|next,? i|now,? i (?:will|need)|okay, let|ok, let)`,
);
const LACKING = new RegExp(
  `unable to|(?:do|does|did)(?: not|n't) (?:\\w+ )?(?:provide|contain|mention|specify|state|include|have|give|allow)|cannot|can't|could(?: not|n't) (?:find|locate)|` +
    `no (?:specific |relevant )?(?:information|mention|details)|not (?:explicitly |specifically )?(?:mentioned|specified|provided|stated|given|clear|available|enough|sufficient)|` +
    `insufficient|don't know|not sure`,
);
const ATTRIBUTED =
  /passages?\b|according to|document|article|the (?:text|context|source|report)|(?:mention|stat)e[sd]\b/;
const REQUESTING = /\b(?:please|could you|can you|i need|we need|which|what)\b/;
const OFFERING =
  /would you like|do you want|shall i|anything else|let me know|feel free|(?:any|more|further|other) (?:questions?|assistance|help)|proceed/;
const BEGINNING_LENGTH = 40;
const QUESTION_END = /^["'”’)*_\s]{0,3}[?？]/;
const QUESTION_LENGTH = 4;

export function readStances(answer: Answer): Stances {
  const { text, sentenceCount } = answer;
  const stances: Stances = {
    isUnstated: new Uint8Array(sentenceCount),
    asking: 0,
    requesting: 0,
    lacking: 0,
    attributed: 0,
  };
  const lower = text.toLowerCase().replaceAll('’', "'");
  for (const { sentence, start, end } of placesOfSentences(answer)) {
    judgeSentence(stances, sentence, lower.slice(start, end), text.slice(end, end + QUESTION_LENGTH));
  }
  return stances;
}

function judgeSentence(stances: Stances, sentence: number, words: string, behind: string): void {
  const isQuestion = QUESTION_END.test(behind);
  const isAsking = isQuestion || ASKING.test(words.slice(0, BEGINNING_LENGTH));
  const isLacking = LACKING.test(words);
  if (isAsking) stances.asking += 1;
  if (isAsking && (isQuestion || REQUESTING.test(words)) && !OFFERING.test(words)) stances.requesting += 1;
  if (isLacking) stances.lacking += 1;
  if (ATTRIBUTED.test(words)) stances.attributed += 1;
  if (isAsking || isLacking) stances.isUnstated[sentence] = 1;
}
