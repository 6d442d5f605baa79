import { Buffer } from 'node:buffer';
import { AppError } from '../../errors.js';
import type { DecodeLimits } from './limits.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * Parses a JSON body whose depth and size were looked at first: the parser itself accepts a million levels.
 *
 * @throws AppError `VALIDATION_FAILED` for what is not JSON or nested too deep, `PAYLOAD_TOO_LARGE` for more objects and
 * arrays than `limits.valuesMax`.
 */
export function parseJsonBody(body: Uint8Array, limits: DecodeLimits): unknown {
  checkStructure(body, limits);
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : 'it cannot be parsed';
    throw new AppError('VALIDATION_FAILED', `The body is not JSON: ${problem}`, { cause });
  }
}

/** Only has to be right for valid JSON: anything else fails in the parser. */
function checkStructure(body: Uint8Array, limits: DecodeLimits): void {
  let depth = 0;
  let opened = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfString(body, at);
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      depth += 1;
      opened += 1;
      if (depth > limits.jsonDepthMax) refuseDepth(at, limits.jsonDepthMax);
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth -= 1;
  }
  if (opened <= limits.valuesMax) return;
  throw new AppError(
    'PAYLOAD_TOO_LARGE',
    `The request holds more than ${limits.valuesMax} objects and arrays: send fewer at a time.`,
  );
}

function endOfString(body: Uint8Array, openingQuote: number): number {
  let at = openingQuote + 1;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
}

function refuseDepth(at: number, depthMax: number): never {
  throw new AppError(
    'VALIDATION_FAILED',
    `The body is nested too deep: at byte ${at}, at most ${depthMax} levels of objects and arrays are read.`,
  );
}
