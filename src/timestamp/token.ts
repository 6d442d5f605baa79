import { hash } from 'node:crypto';
import type { AsnType, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import {
  type Attribute,
  Certificate,
  ContentInfo,
  ExtKeyUsage,
  SignedData,
  type SignedDataVerifyError,
  type SignerInfo,
  TSTInfo,
} from 'pkijs';
import { derOf, findChainDoubt, isOneEncoding, isStronglyHashed } from './chain.js';
import {
  bytesOf,
  CONTENT_TYPE,
  EXTENDED_KEY_USAGE,
  RSA_ENCRYPTION,
  SHA_256,
  SIGNED_DATA,
  SIGNING_CERTIFICATE,
  SIGNING_CERTIFICATE_V2,
  TIME_STAMPING,
  TST_INFO,
} from './der.js';

export interface Expectation {
  /** What the token must be over: a token for something else is genuine and proves nothing. */
  bytes: Buffer;
  /** Of the query; null for a token whose query is not at hand. */
  nonce: Buffer | null;
  /** Certificates of authorities that are believed. */
  roots: readonly Certificate[];
  /** When the token may have been made, in milliseconds since 1970; null: at any time. */
  window: { fromMs: number; toMs: number } | null;
}

/** What a token says: a third party saw the bytes no later than this. */
export interface Timestamp {
  /** When it was seen at the latest, in milliseconds since 1970: the time it says, and how far that may be off. */
  atMs: number;
  /** The common name of the certificate that signed it, else its serial number in hex. */
  authority: string;
}

/** Why a token is not believed. */
export interface TokenFault {
  fault: string;
  /** It is not over the bytes at all: whoever put it there was mistaken, or wanted others to be. */
  isMismatched: boolean;
}

/**
 * Verifies a time-stamp token (RFC 3161 section 2.4.2): its imprint is SHA-256 of the bytes expected, the nonce is the
 * query's, the signature is of a certificate made for time-stamping alone, whose chain ends at a root, all as of the
 * token's time, which lies in the window. `fault` says why it is not believed.
 */
export async function verifyToken(token: Buffer, expected: Expectation): Promise<Timestamp | TokenFault> {
  const parsed = parseToken(token);
  if ('fault' in parsed) return { ...parsed, isMismatched: true };
  const { signed, info } = parsed;
  const mismatch = findMismatch(info, expected.bytes);
  if (mismatch !== null) return { fault: mismatch, isMismatched: true };
  const strange = findStrange(info, expected);
  if (strange !== null) return doubtful(strange);
  try {
    const data = bytesOf(expected.bytes);
    const { signatureVerified, signerCertificate } = await signed.verify({ signer: 0, data, extendedMode: true });
    if (signatureVerified !== true || !signerCertificate) return doubtful('its signature is wrong');
    const fault =
      findSignerFault(signed, signerCertificate) ?? (await findDoubt(signed, signerCertificate, info, expected.roots));
    return fault === null ? { atMs: latestMs(info), authority: nameOf(signerCertificate) } : doubtful(fault);
  } catch (error) {
    return doubtful((error as SignedDataVerifyError).message);
  }
}

function latestMs({ genTime, accuracy }: TSTInfo): number {
  const { seconds = 0, millis = 0, micros = 0 } = accuracy ?? {};
  return genTime.getTime() + Math.ceil(seconds * 1_000 + millis + micros / 1_000);
}

function doubtful(fault: string): TokenFault {
  return { fault, isMismatched: false };
}

interface ParsedToken {
  signed: SignedData;
  info: TSTInfo;
}

function parseToken(token: Buffer): ParsedToken | { fault: string } {
  try {
    const content = ContentInfo.fromBER(bytesOf(token));
    if (content.contentType !== SIGNED_DATA) return { fault: 'it is no signed data' };
    const signed = new SignedData({ schema: content.content });
    const { eContentType, eContent } = signed.encapContentInfo;
    if (eContentType !== TST_INFO || eContent === undefined) return { fault: 'it is no time-stamp token' };
    if (signed.signerInfos.length !== 1) return { fault: 'it has not one signature' };
    return { signed, info: TSTInfo.fromBER(eContent.getValue()) };
  } catch {
    return { fault: 'it is no time-stamp token' };
  }
}

function findMismatch({ version, messageImprint }: TSTInfo, bytes: Buffer): string | null {
  if (version !== 1) return `its version is ${version}`;
  if (messageImprint.hashAlgorithm.algorithmId !== SHA_256) return 'its imprint is not SHA-256';
  const imprint = Buffer.from(messageImprint.hashedMessage.valueBlock.valueHexView);
  return imprint.equals(hash('sha256', bytes, 'buffer')) ? null : 'it is a time-stamp of something else';
}

/** Whether it is not the answer to the query. */
function findStrange({ nonce, genTime }: TSTInfo, expected: Expectation): string | null {
  if (expected.nonce !== null && !(nonce && expected.nonce.equals(nonce.valueBlock.valueHexView))) {
    return 'it answers another query: its nonce differs';
  }
  const atMs = genTime.getTime();
  const { window } = expected;
  const isWithin = window === null || (atMs >= window.fromMs && atMs <= window.toMs);
  return isWithin ? null : `its time, ${genTime.toISOString()}, is not when it was asked for`;
}

async function findDoubt(
  { certificates = [] }: SignedData,
  certificate: Certificate,
  { genTime }: TSTInfo,
  roots: readonly Certificate[],
): Promise<string | null> {
  const others = certificates.filter((each) => each instanceof Certificate && each !== certificate) as Certificate[];
  const doubt = await findChainDoubt(certificate, { others, roots, at: genTime });
  return doubt === null ? null : `its certificate does not follow from those that were pinned: ${doubt}`;
}

/** What the library leaves to its caller. */
function findSignerFault({ signerInfos }: SignedData, certificate: Certificate): string | null {
  const [signer] = signerInfos as [SignerInfo];
  const attributes = signer.signedAttrs?.attributes ?? [];
  if (new Set(attributes.map(({ type }) => type)).size < attributes.length) return 'it says a thing twice';
  if (!goesByStrongHash(signer)) return 'it goes by a hash that is not believed';
  if (!isEncodedOnce(signer, certificate)) return 'its signature is wrong';
  const [contentType] = valuesOf(attributes, CONTENT_TYPE) as ObjectIdentifier[];
  if (contentType?.valueBlock.toString() !== TST_INFO) return 'what it signs is not said to be a time-stamp';
  if (!isMadeForTimestamping(certificate)) return 'its certificate is not for time-stamping alone';
  return bindsCertificate(attributes, certificate) ? null : 'it does not name the certificate that signed it';
}

/** Their names by identifier (RFC 5754). */
const SHA_2: ReadonlyMap<string | undefined, string> = new Map([
  [SHA_256, 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

function goesByStrongHash({ digestAlgorithm, signatureAlgorithm }: SignerInfo): boolean {
  if (!SHA_2.has(digestAlgorithm.algorithmId)) return false;
  return signatureAlgorithm.algorithmId === RSA_ENCRYPTION || isStronglyHashed(signatureAlgorithm);
}

const EC_KEY = '1.2.840.10045.2.1';

function isEncodedOnce({ signature }: SignerInfo, { subjectPublicKeyInfo }: Certificate): boolean {
  return subjectPublicKeyInfo.algorithm.algorithmId !== EC_KEY || isOneEncoding(signature.valueBlock.valueHexView);
}

/** RFC 3161 section 2.3: this key usage, no other, and critical. */
function isMadeForTimestamping({ extensions }: Certificate): boolean {
  const usage = extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE);
  if (usage?.critical !== true || !(usage.parsedValue instanceof ExtKeyUsage)) return false;
  const { keyPurposes } = usage.parsedValue;
  return keyPurposes.length === 1 && keyPurposes[0] === TIME_STAMPING;
}

/** RFC 5816: the signature covers the hash of its certificate, so that no other can be put in its place. */
function bindsCertificate(attributes: readonly Attribute[], certificate: Certificate): boolean {
  const der = derOf(certificate);
  const [v1] = valuesOf(attributes, SIGNING_CERTIFICATE).map(firstCertId);
  const [v2] = valuesOf(attributes, SIGNING_CERTIFICATE_V2).map(firstCertId);
  if (v2 === undefined) return isHashOf(v1?.[0], der, 'sha1');
  // ESSCertIDv2 leaves the algorithm out when it is SHA-256.
  const [first, second] = v2;
  if (first?.idBlock.tagNumber === OCTET_STRING) return isHashOf(first, der, 'sha256');
  const [algorithm] = ((first as Sequence | undefined)?.valueBlock.value ?? []) as ObjectIdentifier[];
  return isHashOf(second, der, SHA_2.get(algorithm?.valueBlock.toString()));
}

const OCTET_STRING = 4;

/** The parts of the first certificate that an attribute names. */
function firstCertId(attribute: AsnType): AsnType[] {
  const [list] = (attribute as Sequence).valueBlock.value as Sequence[];
  const [first] = (list?.valueBlock.value ?? []) as Sequence[];
  return (first?.valueBlock.value ?? []) as AsnType[];
}

function isHashOf(value: AsnType | undefined, der: Buffer, algorithm: string | undefined): boolean {
  if (value === undefined || algorithm === undefined) return false;
  return hash(algorithm, der, 'buffer').equals((value as OctetString).valueBlock.valueHexView);
}

function valuesOf(attributes: readonly Attribute[], id: string): AsnType[] {
  return attributes.filter(({ type }) => type === id).flatMap(({ values }) => values as AsnType[]);
}

const COMMON_NAME = '2.5.4.3';

function nameOf({ subject, serialNumber }: Certificate): string {
  const name = subject.typesAndValues.find(({ type }) => type === COMMON_NAME);
  return name === undefined
    ? Buffer.from(serialNumber.valueBlock.valueHexView).toString('hex')
    : String(name.value.valueBlock.value);
}
