import { hash, sign } from 'node:crypto';
import { Set as AsnSet, type AsnType, Null, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import {
  AlgorithmIdentifier,
  Attribute,
  type Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs';
import { bytesOf, CONTENT_TYPE, SHA_256, SIGNED_DATA, SIGNING_CERTIFICATE_V2 } from '../../timestamp/der.js';
import type { SigningIdentity } from './identity.js';

/** RFC 5652 sections 4 and 11.2; ETSI EN 319 122-1 section 5.3; RFC 8017 and RFC 5758. */
export const DATA = '1.2.840.113549.1.7.1';
export const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
export const SIGNATURE_TIMESTAMP = '1.2.840.113549.1.9.16.2.14';
export const SHA_256_WITH_RSA = '1.2.840.113549.1.1.11';
export const SHA_256_WITH_ECDSA = '1.2.840.10045.4.3.2';

/**
 * A CMS signature over what has this SHA-256, as the baseline profile of PAdES wants it (ETSI EN 319 142-1, B-B; with a time-stamp
 * B-T): the signature says of which certificate it is, and nothing of when it was made. `stamp` is given the signature's value and
 * resolves with a token over it, where there is to be one.
 */
export async function makeCms(
  digest: Buffer,
  { key, chain }: SigningIdentity,
  stamp: ((value: Buffer) => Promise<Buffer>) | null,
): Promise<Buffer> {
  const [own] = chain as [Certificate];
  const attributes = signedAttributes(digest, own);
  const signer = new SignerInfo({
    version: 1,
    sid: new IssuerAndSerialNumber({ issuer: own.issuer, serialNumber: own.serialNumber }),
    digestAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA_256, algorithmParams: new Null() }),
    signatureAlgorithm: algorithmOf(key.asymmetricKeyType),
    signedAttrs: new SignedAndUnsignedAttributes({ type: 0, attributes }),
  });
  const value = sign('sha256', setOf(attributes), key);
  signer.signature = new OctetString({ valueHex: bytesOf(value) });
  if (stamp !== null) {
    const token = ContentInfo.fromBER(bytesOf(await stamp(value))).toSchema();
    const attribute = new Attribute({ type: SIGNATURE_TIMESTAMP, values: [token] });
    signer.unsignedAttrs = new SignedAndUnsignedAttributes({ type: 1, attributes: [attribute] });
  }
  const signed = new SignedData({
    version: 1,
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: DATA }),
    digestAlgorithms: [new AlgorithmIdentifier({ algorithmId: SHA_256, algorithmParams: new Null() })],
    certificates: [...chain],
    signerInfos: [signer],
  });
  const content = new ContentInfo({ contentType: SIGNED_DATA, content: signed.toSchema(true) });
  return Buffer.from(content.toSchema().toBER());
}

/** In the order of DER: of a set, the encodings ascend (X.690 section 11.6). */
function signedAttributes(digest: Buffer, certificate: Certificate): Attribute[] {
  const certHash = hash('sha256', Buffer.from(certificate.toSchema().toBER()), 'buffer');
  const id = new Sequence({ value: [new OctetString({ valueHex: bytesOf(certHash) })] });
  const attribute = (type: string, value: AsnType) => new Attribute({ type, values: [value] });
  const attributes = [
    attribute(CONTENT_TYPE, new ObjectIdentifier({ value: DATA })),
    attribute(MESSAGE_DIGEST, new OctetString({ valueHex: bytesOf(digest) })),
    attribute(SIGNING_CERTIFICATE_V2, new Sequence({ value: [new Sequence({ value: [id] })] })),
  ];
  return attributes.sort((left, right) => Buffer.compare(encode(left), encode(right)));
}

function encode(attribute: Attribute): Buffer {
  return Buffer.from(attribute.toSchema().toBER());
}

/** What is signed: the attributes as a SET OF (RFC 5652 section 5.4). */
function setOf(attributes: readonly Attribute[]): Buffer {
  return Buffer.from(new AsnSet({ value: attributes.map((attribute) => attribute.toSchema()) }).toBER());
}

function algorithmOf(type: string | undefined): AlgorithmIdentifier {
  return type === 'rsa'
    ? new AlgorithmIdentifier({ algorithmId: SHA_256_WITH_RSA, algorithmParams: new Null() })
    : new AlgorithmIdentifier({ algorithmId: SHA_256_WITH_ECDSA });
}
