import { createHash, hash, verify, X509Certificate } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import type { AsnType, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import { type Attribute, Certificate, ContentInfo, IssuerAndSerialNumber, SignedData, type SignerInfo } from 'pkijs';
import { derOf, hasStrongKey } from '../../timestamp/chain.js';
import {
  bytesOf,
  CONTENT_TYPE,
  RSA_ENCRYPTION,
  SHA_256,
  SIGNED_DATA,
  SIGNING_CERTIFICATE_V2,
} from '../../timestamp/der.js';
import { DATA, MESSAGE_DIGEST, SHA_256_WITH_ECDSA, SHA_256_WITH_RSA, SIGNATURE_TIMESTAMP } from '../signature/cms.js';
import { CONTENTS_BYTES, type SignedPart, signatureUpdate, UPDATE_BYTES_MAX } from '../signature/update.js';
import { PdfFault } from './pdf-value.js';

/** What an update of a report has, once it is known to be nothing but a signature. */
export interface SignatureUpdateFound {
  /** The CMS signature, DER. */
  cms: Buffer;
  /** SHA-256 of all of the file but where it stands. */
  digest: Buffer;
  /** What the signer says of when it was, in RFC 3339. */
  claimedAt: string;
}

/**
 * Where the report ends in a file: at its end, or where an update begins. Throws PdfFault for what ends in no table of objects.
 * What the update is, `readUpdate` finds.
 */
export async function findReportEnd(file: string): Promise<{ size: number; reportEnd: number }> {
  const { size } = await fs.stat(file);
  const tail = await readPart(file, Math.max(0, size - TAIL_BYTES), size);
  const [, start] = /\nstartxref\n(\d{1,15})\n%%EOF\n$/.exec(tail) ?? [];
  const tableAt = Number(start ?? Number.NaN);
  const table = tableAt < size && size - tableAt <= TABLE_BYTES_MAX ? await readPart(file, tableAt, size) : '';
  const [, rows] = /^xref\n((?:\d{1,7} 1\n\d{10} 00000 n \n){4})trailer\n/.exec(table) ?? [];
  if (rows === undefined) return { size, reportEnd: size };
  // The update's own objects lie one after another from where the report ends.
  const offsets = [...rows.matchAll(/^(\d{10}) /gm)].map(([, offset]) => Number(offset));
  const reportEnd = Math.min(...offsets);
  if (reportEnd <= 0 || reportEnd >= tableAt || size - reportEnd > UPDATE_BYTES_MAX) {
    throw new PdfFault('it was revised after it was made');
  }
  return { size, reportEnd };
}

const TAIL_BYTES = 256;
/** Of an update: a report's own is found by its first row, however long it is. */
const TABLE_BYTES_MAX = 4_096;

/**
 * Reads what follows a report. Throws PdfFault unless it is, byte for byte, what a signature of ours adds: with anything else in it
 * other readers could show other pages.
 */
export async function readUpdate(file: string, part: SignedPart): Promise<SignatureUpdateFound> {
  const { size } = await fs.stat(file);
  const text = await readPart(file, part.length, size);
  const [, claimedAt, contents] =
    /\n\/M \(D:(\d{14})Z\)\n\/ByteRange .{1,60}\n\/Contents <([0-9a-f]*)>\n/.exec(text) ?? [];
  if (claimedAt === undefined || contents?.length !== 2 * CONTENTS_BYTES) throw revised();
  const update = signatureUpdate(part, { claimedAt, contents });
  if (update?.text !== text) throw revised();
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(file, { end: part.length - 1 })) digest.update(chunk);
  digest.update(text.slice(0, update.contentsFrom), 'latin1').update(text.slice(update.contentsTo), 'latin1');
  return { cms: unpad(contents), digest: digest.digest(), claimedAt: momentOf(claimedAt) };
}

function revised(): PdfFault {
  return new PdfFault('it was revised after it was made, by more than a signature');
}

/** A SEQUENCE says how long it is; zeros fill up the rest. */
function unpad(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  const isLong = bytes[0] === 0x30 && bytes[1] === 0x82;
  const length = isLong ? bytes.readUInt16BE(2) + 4 : 0;
  if (length === 0 || length > bytes.length || bytes.subarray(length).some((byte) => byte !== 0)) {
    throw new PdfFault('what should be its signature is none');
  }
  return bytes.subarray(0, length);
}

function momentOf(digits: string): string {
  const text = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6Z');
  if (Number.isNaN(Date.parse(text))) throw new PdfFault('its signature claims no time that there is');
  return text;
}

async function readPart(file: string, from: number, to: number): Promise<string> {
  let text = '';
  if (to <= from) return text;
  for await (const chunk of createReadStream(file, { start: from, end: to - 1 })) text += chunk.toString('latin1');
  return text;
}

/** A signature that is of the file, whoever made it. */
export interface SoundSignature {
  certificate: Certificate;
  /** Those that came with it. */
  others: readonly Certificate[];
  /** What a time-stamp is over. */
  value: Buffer;
  /** A token over it, DER; null when it has none. */
  token: Buffer | null;
}

/** Whether a signature is of the file and of the certificate that it names. Says nothing of whose that is. */
export function readSignature({ cms, digest }: SignatureUpdateFound): SoundSignature | { fault: string } {
  try {
    const content = ContentInfo.fromBER(bytesOf(cms));
    if (content.contentType !== SIGNED_DATA) return { fault: 'it is no signed data' };
    const signed = new SignedData({ schema: content.content });
    const [signer, ...more] = signed.signerInfos;
    const { eContentType, eContent } = signed.encapContentInfo;
    if (signer === undefined || more.length > 0 || eContentType !== DATA || eContent !== undefined) {
      return { fault: 'it is not one signature over the file' };
    }
    const certificates = (signed.certificates ?? []).filter((each) => each instanceof Certificate);
    const certificate = certificates.find((each) => isOf(signer, each));
    if (certificate === undefined) return { fault: 'its certificate is not in it' };
    const fault = findFault(signer, { certificate, digest });
    if (fault !== null) return { fault };
    const value = Buffer.from(signer.signature.valueBlock.valueHexView);
    const others = certificates.filter((each) => each !== certificate);
    return { certificate, others, value, token: tokenOf(signer) };
  } catch {
    return { fault: 'it is no signature that can be read' };
  }
}

function isOf({ sid }: SignerInfo, { issuer, serialNumber }: Certificate): boolean {
  return sid instanceof IssuerAndSerialNumber && sid.issuer.isEqual(issuer) && sid.serialNumber.isEqual(serialNumber);
}

/** The three attributes of the baseline profile, each once, and the signature over them. */
function findFault(
  signer: SignerInfo,
  { certificate, digest }: { certificate: Certificate; digest: Buffer },
): string | null {
  const { signedAttrs, digestAlgorithm, signatureAlgorithm, signature } = signer;
  const attributes = signedAttrs?.attributes ?? [];
  if (digestAlgorithm.algorithmId !== SHA_256 || attributes.length !== SIGNED_TYPES.length) {
    return 'it is not in the form that reports are signed in';
  }
  const [type, messageDigest, bound] = SIGNED_TYPES.map((id) => attributeOf(attributes, id));
  if ((type as ObjectIdentifier | undefined)?.valueBlock.toString() !== DATA) return 'it does not say what it signs';
  if (!digest.equals((messageDigest as OctetString).valueBlock.valueHexView)) return 'it is of another file';
  const der = derOf(certificate);
  if (!hash('sha256', der, 'buffer').equals(certHashOf(bound))) return 'it is of another certificate';
  if (!ALGORITHMS.has(signatureAlgorithm.algorithmId)) return 'its algorithm is none that reports are signed with';
  if (!hasStrongKey(certificate)) return 'its key is none that reports are signed with';
  const { publicKey } = new X509Certificate(der);
  const value = new Uint8Array(signature.valueBlock.valueHexView);
  const isRight = verify('sha256', new Uint8Array(signedAttrs?.encodedValue ?? []), publicKey, value);
  return isRight ? null : 'it was not made with the key of its certificate';
}

const SIGNED_TYPES = [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2] as const;
const ALGORITHMS: ReadonlySet<string> = new Set([SHA_256_WITH_RSA, SHA_256_WITH_ECDSA, RSA_ENCRYPTION]);

function attributeOf(attributes: readonly Attribute[], id: string): AsnType | undefined {
  return attributes.find(({ type }) => type === id)?.values[0] as AsnType | undefined;
}

/** Of an ESSCertIDv2 that leaves its algorithm out, as ours do: SHA-256 (RFC 5035 section 3). */
function certHashOf(attribute: AsnType | undefined): Uint8Array {
  const [list] = (attribute as Sequence).valueBlock.value as Sequence[];
  const [first] = (list?.valueBlock.value ?? []) as Sequence[];
  const [certHash] = (first?.valueBlock.value ?? []) as OctetString[];
  return certHash?.valueBlock.valueHexView ?? new Uint8Array();
}

function tokenOf({ unsignedAttrs }: SignerInfo): Buffer | null {
  const value = attributeOf(unsignedAttrs?.attributes ?? [], SIGNATURE_TIMESTAMP);
  return value === undefined ? null : Buffer.from(value.toBER());
}
