/** What a time-stamp token says it is over, and when: believed only once somebody checked who signed it. */
export interface TokenWord {
  /** SHA-256 of what was stamped. */
  imprint: Buffer;
  /** When it was seen at the latest: the time it says, and how far that may be off. RFC 3339, in UTC. */
  at: string;
}

const SHA_256 = '608648016503040201';
const SIGNED_DATA = '2a864886f70d010702';
const TST_INFO = '2a864886f70d0109100104';
const TAG = {
  integer: 0x02,
  octets: 0x04,
  pieces: 0x24,
  id: 0x06,
  time: 0x18,
  sequence: 0x30,
  explicit: 0xa0,
} as const;

/**
 * Reads the imprint and the time of a token, DER of an RFC 3161 TimeStampToken. Null for what is none, or has another hash than
 * SHA-256. Its signature is for others to check.
 */
export function readToken(token: Buffer): TokenWord | null {
  try {
    const info = infoOf(token);
    const [version, , imprint, , time, accuracy] = partsOf(info);
    const [algorithm, hashed] = partsOf(require(imprint, TAG.sequence));
    const [id] = partsOf(require(algorithm, TAG.sequence));
    if (hexOf(version, TAG.integer) !== '01' || hexOf(id, TAG.id) !== SHA_256) return null;
    const at = latestOf(require(time, TAG.time).toString('latin1'), accuracyMs(accuracy));
    return at === null ? null : { imprint: require(hashed, TAG.octets), at };
  } catch (error) {
    if (error instanceof TokenFault) return null;
    throw error;
  }
}

class TokenFault extends Error {}

interface Part {
  tag: number;
  content: Buffer;
  end: number;
}

/** TSTInfo in SignedData in ContentInfo (RFC 3161 section 2.4.2, RFC 5652 sections 3 and 5). */
function infoOf(token: Buffer): Buffer {
  const outer = partAt(token, 0);
  if (outer.end !== token.length) throw new TokenFault();
  const [type, content] = partsOf(require(outer, TAG.sequence));
  if (hexOf(type, TAG.id) !== SIGNED_DATA) throw new TokenFault();
  const [signed] = partsOf(require(content, TAG.explicit));
  const [, , encapsulated] = partsOf(require(signed, TAG.sequence));
  const [infoType, infoContent] = partsOf(require(encapsulated, TAG.sequence));
  if (hexOf(infoType, TAG.id) !== TST_INFO) throw new TokenFault();
  const [octets] = partsOf(require(infoContent, TAG.explicit));
  const info = partAt(textOf(octets), 0);
  return require(info, TAG.sequence);
}

/** An OCTET STRING, in one piece or, as BER has it, in several. */
function textOf(part: Part | undefined): Buffer {
  if (part?.tag !== TAG.pieces) return require(part, TAG.octets);
  return Buffer.concat(partsOf(part.content).map((piece) => require(piece, TAG.octets)));
}

function partsOf(content: Buffer): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < content.length; at = parts.at(-1)?.end ?? content.length) parts.push(partAt(content, at));
  return parts;
}

function partAt(bytes: Buffer, at: number): Part {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined || first === 0x80 || first > 0x84) throw new TokenFault();
  const lengthBytes = first > 0x80 ? first - 0x80 : 0;
  const start = at + 2 + lengthBytes;
  if (start > bytes.length) throw new TokenFault();
  const end = start + (lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes));
  if (end > bytes.length) throw new TokenFault();
  return { tag, content: bytes.subarray(start, end), end };
}

function require(part: Part | undefined, tag: number): Buffer {
  if (part?.tag === tag) return part.content;
  throw new TokenFault();
}

function hexOf(part: Part | undefined, tag: number): string {
  return require(part, tag).toString('hex');
}

/** How far the authority says that its time may be off, in milliseconds; 0 where it does not say. */
function accuracyMs(part: Part | undefined): number {
  if (part?.tag !== TAG.sequence) return 0;
  return partsOf(part.content).reduce((sum, { tag, content }) => {
    const unit = ACCURACY_MS[tag];
    if (unit === undefined || content.length < 1 || content.length > 4) throw new TokenFault();
    return sum + content.readUIntBE(0, content.length) * unit;
  }, 0);
}

/** Seconds, milliseconds and microseconds, by their tags (RFC 3161 section 2.4.2). */
const ACCURACY_MS: Readonly<Record<number, number>> = { 2: 1_000, 128: 1, 129: 0.001 };

const TIME = /^(?!0000)(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/;

/** GeneralizedTime and what it may be off, rounded up to milliseconds. Null for a time that there is not. */
function latestOf(text: string, offMs: number): string | null {
  const [, year, month, day, hour, minute, second, fraction = ''] = TIME.exec(text) ?? [];
  const moment = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const ms = Date.parse(`${moment}Z`);
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(moment)) return null;
  const nanoseconds = Number(fraction.slice(1).padEnd(9, '0'));
  const latest = new Date(ms + Math.ceil((nanoseconds + Math.round(offMs * 1_000) * 1_000) / 1_000_000));
  return latest.getUTCFullYear() > 9_999 ? null : latest.toISOString();
}
