/** Which operations a request wants answered by an event stream. */
export type StreamWish = 'every' | 'subscriptions' | 'none';

interface MediaRange {
  type: string;
  /** 0, not acceptable, to 1. */
  quality: number;
}

const EVENT_STREAM = 'text/event-stream';
const JSON_TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/graphql-response+json',
  'application/graphql+json',
]);
const WILDCARDS: ReadonlySet<string> = new Set(['*/*', 'text/*']);

/**
 * Read from the Accept header (RFC 9110, section 12.5.1): clients such as urql name every type they know with every
 * request, so a stream is for every operation only where it stands before all JSON; else it is for what JSON cannot answer.
 */
export function readStreamWish(accept: string | undefined): StreamWish {
  const ranges = (accept ?? '*/*').split(',').map(readRange);
  const place = ranges.findIndex(({ type }) => type === EVENT_STREAM);
  const stream = ranges[place];
  if (stream === undefined) {
    return ranges.some(({ type, quality }) => WILDCARDS.has(type) && quality > 0) ? 'subscriptions' : 'none';
  }
  if (stream.quality === 0) return 'none';
  const isBehind = ({ type, quality }: MediaRange, index: number) =>
    JSON_TYPES.has(type) && (quality > stream.quality || (quality === stream.quality && index < place));
  return ranges.some(isBehind) ? 'subscriptions' : 'every';
}

function readRange(range: string): MediaRange {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice('q='.length));
  return { type, quality: Number.isNaN(quality) ? 1 : quality };
}
