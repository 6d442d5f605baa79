/** What varies in a text from request to request and is no change of it: numbers, identifiers, dates, white space. */

const STAND_IN = '#';

const MONTH =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';

/** In this order: what an earlier one leaves, a later one reads. */
const VARYING: readonly (readonly [pattern: RegExp, standIn: string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, STAND_IN],
  [/\b(?=[a-f]*\d)[0-9a-f]{16,}\b/gi, STAND_IN],
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z\b|[+-]\d{2}:?\d{2}\b)?/g, STAND_IN],
  [/\d+(?:[.,:/-]\d+)*/g, STAND_IN],
  [/#(?:st|nd|rd|th)\b/gi, STAND_IN],
  [/# ?[ap]\.?m\b\.?/gi, STAND_IN],
  [new RegExp(`\\b(?:${MONTH})\\b(?=[.,]? ?#)|(?<=# )(?:${MONTH})\\b`, 'gi'), STAND_IN],
  [/\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b/gi, STAND_IN],
  [/\s+/g, ' '],
];

/** The text without what varies: equal for two texts that differ in dates, numbers, identifiers and white space alone. */
export function lastingWording(text: string): string {
  return VARYING.reduce((wording, [pattern, standIn]) => wording.replace(pattern, standIn), text).trim();
}
