/** Words as they are compared: without case, accents and endings. */

const NOT_ASCII = /[^ -~]/;
const MARKS = /\p{M}/gu;

/** Lower case, without accents, with straight apostrophes. */
export function plainForm(raw: string): string {
  const lower = raw.toLowerCase();
  return NOT_ASCII.test(lower) ? lower.normalize('NFKD').replace(MARKS, '').replaceAll('’', "'") : lower;
}

/** Longest first, so that one pass takes off what belongs together. */
const ENDINGS = [
  'ational',
  'fulness',
  'iveness',
  'ations',
  'ation',
  'ingly',
  'ments',
  'ness',
  'ment',
  'ings',
  'ions',
  'ally',
  'able',
  'ible',
  'edly',
  'ing',
  'ion',
  'ies',
  'ied',
  'ers',
  'ors',
  'est',
  'ive',
  'ity',
  'ous',
  'al',
  'er',
  'or',
  'es',
  'ed',
  'ly',
  's',
];
/** What an ending leaves must still be a word. */
const STEM_LENGTH_MIN = 3;
const POSSESSIVE = /'(?:s|d|ll|re|ve|m)?$/;
const LAST_VOWEL = /[eyi]$/;
const DOUBLED = /([b-df-hj-np-tv-z])\1$/;
const PLAIN_WORD = /^[a-z']+$/;

/** What is left of an English word without its endings; other words, and those with digits, stay as they are. */
export function stem(word: string): string {
  if (word.length <= STEM_LENGTH_MIN || !PLAIN_WORD.test(word)) return word;
  const bare = word.replace(POSSESSIVE, '');
  for (const ending of ENDINGS) {
    const length = bare.length - ending.length;
    if (length < STEM_LENGTH_MIN || !bare.endsWith(ending)) continue;
    if (ending === 's' && /[us]s$/.test(bare)) break;
    return bare.slice(0, length).replace(DOUBLED, '$1').replace(LAST_VOWEL, '');
  }
  return bare.length > STEM_LENGTH_MIN ? bare.replace(DOUBLED, '$1').replace(LAST_VOWEL, '') : bare;
}

/** Words that say nothing by themselves. */
const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are aren't as at be because been before being below between both
  but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each either else ever every few for from
  further had hadn't has hasn't have haven't having he her here hers herself him himself his how however i i'd i'll i'm i've if
  in into is isn't it it's its itself just let let's may me might more most much must my myself no nor not now of off on once
  one only or other our ours ourselves out over own per please same shall she should shouldn't since so some such than that
  that's the their theirs them themselves then there there's therefore these they they're this those though through thus to too
  under until up upon us very was wasn't we we're we've well were weren't what when where whether which while who whom whose
  why will with within without won't would wouldn't yes yet you you're you've your yours yourself ok okay`
    .split(/\s+/)
    .map((word) => word.trim()),
);

export function isFunctionWord(plain: string): boolean {
  return FUNCTION_WORDS.has(plain);
}

const NEGATIONS: ReadonlySet<string> = new Set(['not', 'no', 'never', 'none', 'nor', 'without', 'cannot', 'neither']);

export function isNegation(plain: string): boolean {
  return NEGATIONS.has(plain) || plain.endsWith("n't");
}

/** Words with which an answer speaks of itself, of what it was given and to whoever asked: no claim about the world. */
const FRAMING_WORDS: ReadonlySet<string> = new Set(
  `accord additional additionally advice agree alternatively answer anything appear appears apologize article ask asked assist assistance
  available based brief briefly clarify comprehensive conclude conclusion consider contain contains content context data depending
  describe describes detail details determine discuss discusses document else emphasizes ensure etc exact example explain explains
  explicitly feel final finally find first follow following follows found free function general generally give given gives glad going guide happy
  help helpful here here's highlight highlights hope hopefully important include includes including indicate indicates infer inferred
  information instructions know let like likely list look main mean mention mentioned mentions need note number offer okay outline
  outlined overall paragraph passage passages please point possible potentially proceed provide provided provides providing question questions
  recommend refer reference regarding related relevant request requested response result results say says second section see seem seems several show
  shows solely sorry source sources specific specifically specified specify state stated states step steps successfully sufficient suggest suggested suggests
  summarize summarized summary sure tell text thank thanks third topic type types unable unclear unfortunately unsure use user using various want welcome worth
  would write`
    .split(/\s+/)
    .map((word) => stem(word)),
);

export function isFraming(stemmed: string): boolean {
  return FRAMING_WORDS.has(stemmed);
}

const FIRST_PERSON: ReadonlySet<string> = new Set(['i', "i'm", "i've", "i'd", 'me', 'my', 'we', 'our']);

export function isFirstPerson(plain: string): boolean {
  return FIRST_PERSON.has(plain);
}
