import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Certificate } from 'pkijs';
import { AppError } from '../../errors.js';
import type { SignatureSetting } from '../../settings/settings.js';
import { maySign } from '../../timestamp/chain.js';
import { bytesOf } from '../../timestamp/der.js';

/** Who signs reports. */
export interface SigningIdentity {
  key: KeyObject;
  /** The signer's own first, then those above it. */
  chain: readonly Certificate[];
  fromMs: number;
  toMs: number;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const RSA_BITS_MIN = 2_048;
const SOURCE = 'reports.signature';

/**
 * Reads the certificates and the key that reports are signed with. Throws VALIDATION_FAILED in one line for what could not sign:
 * a file that cannot be read, a key of another certificate or kind, certificates that do not follow from each other, or one that
 * is not valid now.
 */
export function readIdentity(
  { certificatesFile, keyFile, keyVariable }: SignatureSetting,
  { secretOf, nowMs }: { secretOf: (variable: string) => string | undefined; nowMs: number },
): SigningIdentity {
  const certificates = readChain(certificatesFile);
  const [own] = certificates as [X509Certificate];
  const key = readKey(keyFile, keyVariable, secretOf);
  if (!own.checkPrivateKey(key)) throw refuse(`the key is not that of the first certificate of ${certificatesFile}`);
  requireKind(key);
  certificates.forEach((certificate, index) => {
    const above = certificates[index + 1];
    if (above !== undefined && !(certificate.checkIssued(above) && certificate.verify(above.publicKey))) {
      throw refuse(`${certificatesFile}: certificate ${index + 1} was not issued by the one after it`);
    }
  });
  const chain = certificates.map(({ raw }) => Certificate.fromBER(bytesOf(raw)));
  if (!maySign(chain[0] as Certificate))
    throw refuse(`the first certificate of ${certificatesFile} is not for signing`);
  const identity = { key, chain, fromMs: Date.parse(own.validFrom), toMs: Date.parse(own.validTo) };
  const problem = findInvalidity(identity, nowMs);
  if (problem !== null) throw refuse(problem);
  return identity;
}

/** Why it cannot sign at a time; null when it can. */
export function findInvalidity(
  { fromMs, toMs }: Pick<SigningIdentity, 'fromMs' | 'toMs'>,
  nowMs: number,
): string | null {
  if (nowMs < fromMs) return `the certificate is valid from ${new Date(fromMs).toISOString()} on`;
  return nowMs > toMs ? `the certificate expired on ${new Date(toMs).toISOString()}` : null;
}

function readChain(file: string): X509Certificate[] {
  const found = readText(file).match(CERTIFICATE) ?? [];
  if (found.length === 0) throw refuse(`${file} holds no certificates in PEM`);
  try {
    return found.map((pem) => new X509Certificate(pem));
  } catch (cause) {
    throw refuse(`${file} holds a certificate that cannot be read`, cause);
  }
}

function readKey(
  file: string | null,
  variable: string | null,
  secretOf: (variable: string) => string | undefined,
): KeyObject {
  const pem = file === null ? secretOf(variable ?? '') : readText(file);
  if (pem === undefined) throw refuse(`${variable} is not set: it names the key in PEM`);
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    // What stands there is never repeated.
    throw refuse(`${file ?? variable} holds no private key in PEM without a password`, cause);
  }
}

function requireKind({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): void {
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= RSA_BITS_MIN) return;
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return;
  throw refuse(`the key is neither RSA of at least ${RSA_BITS_MIN} bits nor ECDSA on P-256`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (cause) {
    throw refuse(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
}

function refuse(problem: string, cause?: unknown): AppError {
  return new AppError('VALIDATION_FAILED', `${SOURCE}: ${problem}`, { cause });
}
