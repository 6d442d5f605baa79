/** Deeds an answer claims to have done, held against the tools that were called. */

/** Each deed with the verbs that stand for it in the names of tools: `send_message` posts, replies and notifies. */
const TOOL_VERBS = {
  create: `create add schedule book make set insert append reserve put write save register open place order submit upload
    generate new`,
  send: 'send post reply message email mail forward notify share publish submit invite',
  pay: 'pay transfer refund send issue credit charge reimburse',
  change: `update change modify edit adjust reschedule set move upgrade rename replace put patch assign exchange
    reset`,
  remove: 'delete remove cancel clear close archive destroy revoke',
  invite: 'invite add share grant',
} as const;
type Deed = keyof typeof TOOL_VERBS;

const PARTICIPLES: Readonly<Record<Deed, string>> = {
  create: 'created added booked scheduled reserved appended placed saved',
  send: 'sent posted replied emailed forwarded notified shared',
  pay: 'paid transferred refunded issued',
  change: 'updated changed modified adjusted rescheduled moved upgraded renamed',
  remove: 'deleted removed cancelled canceled',
  invite: 'invited',
};
const DEEDS = Object.keys(TOOL_VERBS) as Deed[];
const VERBS = new Map(DEEDS.map((deed) => [deed, TOOL_VERBS[deed].split(/\s+/)]));
const DEED_OF_PARTICIPLE = new Map(DEEDS.flatMap((deed) => PARTICIPLES[deed].split(' ').map((word) => [word, deed])));
const CLAIMED = new RegExp(
  `\\b(?:i|we|has|have|had|been|i've|we've|was|were|and|successfully|already|now|also|just)\\s+` +
    `(?:successfully |already |now |also |just |been )*(${[...DEED_OF_PARTICIPLE.keys()].join('|')})\\b`,
  'g',
);
/** Between the words of a name: search_emails, searchEmails, search-emails, calendar.search. */
const NAME_JOINT = /[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/;

export function wordsOfName(toolName: string): string[] {
  return toolName.split(NAME_JOINT).filter((word) => word !== '');
}

export function claimedDeeds(answer: string): ReadonlySet<Deed> {
  const claimed = new Set<Deed>();
  for (const [, participle = ''] of answer.toLowerCase().replaceAll('’', "'").matchAll(CLAIMED)) {
    const deed = DEED_OF_PARTICIPLE.get(participle);
    if (deed !== undefined) claimed.add(deed as Deed);
  }
  return claimed;
}

/** How many of the deeds the answer says were done no tool of that meaning was called for. */
export function countUndone(deeds: ReadonlySet<Deed>, toolNames: readonly string[]): number {
  if (deeds.size === 0) return 0;
  const words = new Set(toolNames.flatMap(wordsOfName).map((word) => word.toLowerCase()));
  return [...deeds].filter((deed) => !VERBS.get(deed)?.some((verb) => words.has(verb))).length;
}

const LOOKUP_CLAIMED =
  /\b(?:i|we|i've|we've)\s+(?:have |had |already |just |now )*(?:found|checked|reviewed|retrieved|searched|read|looked|analy[sz]ed|summari[sz]ed|gathered|identified)\b/;

/** Whether the sentence says that something was looked up. */
export function claimsLookup(sentence: string): boolean {
  return LOOKUP_CLAIMED.test(sentence.toLowerCase().replaceAll('’', "'"));
}
