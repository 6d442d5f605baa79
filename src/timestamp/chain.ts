import { X509Certificate } from 'node:crypto';
import { BitString, fromBER, Integer, Sequence } from 'asn1js';
import {
  AlgorithmIdentifier,
  BasicConstraints,
  type Certificate,
  CertificateChainValidationEngine,
  getHashAlgorithm,
  RSASSAPSSParams,
} from 'pkijs';
import { bytesOf } from './der.js';

/** Where a certificate has to come from. */
export interface Above {
  /** Certificates that may lie between. */
  others: readonly Certificate[];
  /** Those that are believed. */
  roots: readonly Certificate[];
  /** When all of them have to be valid. */
  at: Date;
}

/**
 * Why a certificate for signing does not follow from those that are believed (RFC 5280 section 6), in words that follow "its
 * certificate does not follow from those that were pinned"; null when it does. The library that validates a path is given one that
 * was found: looking for it on its own, it never ends where certificates issue each other.
 */
export async function findChainDoubt(certificate: Certificate, { others, roots, at }: Above): Promise<string | null> {
  try {
    const path = others.length > OTHERS_MAX ? null : findPath(certificate, others, roots);
    if (path === null) return 'no path leads from it to one of them';
    const fault = findPathFault(path);
    if (fault !== null) return fault;
    const engine = new CertificateChainValidationEngine({
      trustedCerts: [path.at(-1) as Certificate],
      // The last one is the one that is validated.
      certs: [...path.slice(1, -1), certificate],
      checkDate: at,
      findIssuer: async (each) => path.slice(path.indexOf(each) + 1).slice(0, 1),
    });
    const { result, resultMessage } = await engine.verify();
    return result ? null : resultMessage;
  } catch {
    return 'one of the path cannot be read';
  }
}

/** More come with nothing that is meant to be read, and each may have to be held against each. */
const OTHERS_MAX = 30;
const PATH_MAX = 10;

interface Step {
  certificate: Certificate;
  read: X509Certificate;
  id: string;
}

/** The shortest way up, the certificate itself first. */
function findPath(
  certificate: Certificate,
  others: readonly Certificate[],
  roots: readonly Certificate[],
): Certificate[] | null {
  const [leaf] = stepsOf([certificate]) as [Step];
  const above = stepsOf([...roots, ...others]);
  const believed = new Set(above.slice(0, roots.length).map(({ id }) => id));
  if (believed.has(leaf.id)) return leaf.read.issuer === leaf.read.subject ? [certificate, certificate] : null;
  const seen = new Set([leaf.id]);
  for (const paths = [[leaf]]; paths.length > 0; ) {
    const path = paths.shift() as Step[];
    const { read } = path.at(-1) as Step;
    for (const issuer of path.length < PATH_MAX ? above : []) {
      if (seen.has(issuer.id) || !read.checkIssued(issuer.read) || !read.verify(issuer.read.publicKey)) continue;
      const longer = [...path, issuer];
      if (believed.has(issuer.id)) return longer.map((step) => step.certificate);
      seen.add(issuer.id);
      paths.push(longer);
    }
  }
  return null;
}

function stepsOf(certificates: readonly Certificate[]): Step[] {
  return certificates.map((certificate) => {
    const read = new X509Certificate(derOf(certificate));
    return { certificate, read, id: Buffer.from(certificate.tbsView).toString('latin1') };
  });
}

export function derOf(certificate: Certificate): Buffer {
  return Buffer.from(certificate.toSchema().toBER());
}

/** What the library lets pass. */
function findPathFault(path: readonly Certificate[]): string | null {
  const [leaf, ...above] = path as [Certificate, ...Certificate[]];
  if (!maySign(leaf)) return 'it is not for signing';
  if (path.some(hasUnknown)) return 'one of the path has to be understood in more than this program does';
  if (!path.every(hasStrongKey)) return 'one of the path has a key that is not believed';
  const isSignedWell = path.slice(0, -1).every((each) => isStronglyHashed(each.signatureAlgorithm));
  if (!isSignedWell) return 'one of the path was signed by way of a hash that is not believed';
  const isTooLong = above.some((each, below) => below > pathLengthOf(each));
  return isTooLong ? 'one of the path may not have so many below it' : null;
}

const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
/** digitalSignature and nonRepudiation, the first bits there are (RFC 5280 section 4.2.1.3). */
const SIGNING_BITS = 0xc0;

/** Whether a certificate is for signatures, or does not say what it is for. */
export function maySign({ extensions }: Certificate): boolean {
  const usage = extensions?.find(({ extnID }) => extnID === KEY_USAGE);
  if (usage === undefined) return true;
  const { parsedValue } = usage;
  return parsedValue instanceof BitString && ((parsedValue.valueBlock.valueHexView[0] ?? 0) & SIGNING_BITS) !== 0;
}

/** Of RFC 5280, what is checked here or by the library, and names and policies, of which nothing is asked. */
const UNDERSTOOD: ReadonlySet<string> = new Set([15, 17, 19, 30, 32, 33, 36, 37, 54].map((last) => `2.5.29.${last}`));

function hasUnknown({ extensions }: Certificate): boolean {
  return extensions?.some(({ critical, extnID }) => critical && !UNDERSTOOD.has(extnID)) ?? false;
}

function pathLengthOf({ extensions }: Certificate): number {
  const constraints = extensions?.find(({ extnID }) => extnID === BASIC_CONSTRAINTS)?.parsedValue;
  const length = constraints instanceof BasicConstraints ? constraints.pathLenConstraint : undefined;
  return typeof length === 'number' ? length : Number.POSITIVE_INFINITY;
}

const RSA_BITS_MIN = 2_048;
const CURVES: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** RSA of 2048 bits and more, and ECDSA over P-256, P-384 and P-521. */
export function hasStrongKey(certificate: Certificate): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = new X509Certificate(derOf(certificate)).publicKey;
  if (type === 'rsa') return (details?.modulusLength ?? 0) >= RSA_BITS_MIN;
  return type === 'ec' && CURVES.has(details?.namedCurve);
}

const STRONG_HASHES: ReadonlySet<string> = new Set(['SHA-256', 'SHA-384', 'SHA-512']);

/** Whether what is signed with an algorithm goes by a hash of SHA-2, and by no other in RSA-PSS. */
export function isStronglyHashed(algorithm: AlgorithmIdentifier): boolean {
  if (!STRONG_HASHES.has(getHashAlgorithm(algorithm))) return false;
  if (algorithm.algorithmId !== RSA_PSS) return true;
  const { hashAlgorithm, maskGenAlgorithm } = new RSASSAPSSParams({ schema: algorithm.algorithmParams });
  const mask = new AlgorithmIdentifier({ schema: maskGenAlgorithm.algorithmParams });
  return maskGenAlgorithm.algorithmId === MASK_KIND && mask.algorithmId === hashAlgorithm.algorithmId;
}

const RSA_PSS = '1.2.840.113549.1.1.10';
const MASK_KIND = '1.2.840.113549.1.1.8';

/** Whether the two numbers of an ECDSA signature are in their one encoding (RFC 5480): others could be made of it by anybody. */
export function isOneEncoding(value: Uint8Array): boolean {
  const { result } = fromBER(bytesOf(value));
  if (!(result instanceof Sequence)) return false;
  const numbers = result.valueBlock.value.map((each) => Integer.fromBigInt((each as Integer).toBigInt()));
  return Buffer.from(new Sequence({ value: numbers }).toBER()).equals(value);
}
