import { hash, randomBytes } from 'node:crypto';
import { Integer, Null, OctetString } from 'asn1js';
import { AlgorithmIdentifier, MessageImprint, PKIStatus, TimeStampReq, TimeStampResp } from 'pkijs';
import { bytesOf, SHA_256 } from './der.js';

/** What a time-stamping authority is asked (RFC 3161 section 2.4.1). */
export interface TimestampQuery {
  /** DER of TimeStampReq. */
  body: Buffer;
  /** The answer must repeat it, so that it is no answer to somebody else, or to us earlier. */
  nonce: Buffer;
}

const NONCE_BYTES = 16;

/** Asks for a time-stamp over the SHA-256 of `bytes`, with the authority's certificate in the token. */
export function createQuery(bytes: Buffer): TimestampQuery {
  const nonce = randomBytes(NONCE_BYTES);
  // An INTEGER of DER is signed and has no needless leading zeros: between 0x40 and 0x7f neither matters.
  nonce[0] = 0x40 | ((nonce[0] as number) & 0x3f);
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA_256, algorithmParams: new Null() }),
      hashedMessage: new OctetString({ valueHex: new Uint8Array(hash('sha256', bytes, 'buffer')) }),
    }),
    nonce: new Integer({ valueHex: new Uint8Array(nonce) }),
    certReq: true,
  });
  return { body: Buffer.from(request.toSchema().toBER()), nonce };
}

/** The token of an answer, DER of ContentInfo; a reason when there is none. */
export function readReply(reply: Buffer): { token: Buffer } | { fault: string } {
  let response: TimeStampResp;
  try {
    response = TimeStampResp.fromBER(bytesOf(reply));
  } catch {
    return { fault: 'its answer is no TimeStampResp' };
  }
  const { status, statusStrings } = response.status;
  const isGranted = status === PKIStatus.granted || status === PKIStatus.grantedWithMods;
  if (!isGranted) {
    const said = statusStrings?.map(({ valueBlock }) => valueBlock.value.replaceAll(/[^\x20-\x7e]+/g, ' ')).join('; ');
    return { fault: `it did not grant it (status ${status}${said ? `: ${said.slice(0, 200)}` : ''})` };
  }
  if (response.timeStampToken === undefined) return { fault: 'its answer has no token' };
  return { token: Buffer.from(response.timeStampToken.toSchema().toBER()) };
}
