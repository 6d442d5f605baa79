"""Reads RFC 3161 time-stamp tokens and checks who signed them, for midwatch_verify.py and midwatch_signature.py, which stand beside it.

A token is believed when it was signed with a certificate that is for time-stamping alone and named in what is signed, and that follows,
as of the token's own time, from one of those that the user believes.
"""

import datetime
import hashlib
import re

import midwatch_keys
from midwatch_der import ALGORITHM, EXTENDED_KEY_USAGE, BadSignature, Der, certificates_of, find_doubt

SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
SHA_256 = "2.16.840.1.101.3.4.2.1"


SIGNED_PARTS = " 02 31 30( a0)?( a1)? 31"
SIGNER_PARTS = " 02 (30|80) 30( a0)? 30 04( a1)?"
INFO_PARTS = " 02 06 30 02 18( 30)?( 01)?( 02)?( a0)?( a1)?"


def signed_data(der):
    """What a ContentInfo with SignedData says it signs (RFC 5652 section 3), and that SignedData."""
    if der.of(0x30).stop != len(der.data) or der.item(0).oid() != SIGNED_DATA:
        raise BadSignature("it is no signed data")
    signed = der.item(1).of(0xA0).item(0).of(0x30)
    return signed.item(2).of(0x30), signed


def signer_of(signed):
    """The certificates that came with SignedData, and the parts of its one signer (RFC 5652 sections 5.1 and 5.3)."""
    parts = signed.parts(SIGNED_PARTS)
    for algorithm in parts[1].items():
        algorithm.of(0x30).parts(ALGORITHM)[0].oid()
    if len(parts[-1].items()) != 1:
        raise BadSignature("it has not one signature")
    certificates = next((part.items() for part in parts if part.tag == 0xA0), [])
    signer = parts[-1].item(0).of(0x30).parts(SIGNER_PARTS)
    signer[2].parts(ALGORITHM)
    for attributes in (part for part in signer if part.tag in (0xA0, 0xA1)):
        for attribute in attributes.items():
            attribute.of(0x30).parts(" 06 31")
    return certificates, signer


class Token:
    """What a token says; nobody vouches for it before `vouch` does."""

    def __init__(self, data):
        content, self.signed = signed_data(Der(data))
        if content.item(0).oid() != TST_INFO:
            raise BadSignature("it is no time-stamp token")
        text = content.item(1).of(0xA0).item(0)
        # In one piece or, as BER has it, in several.
        self.info = text.content if text.tag == 4 else b"".join(piece.of(4).content for piece in text.of(0x24).items())
        parts = Der(self.info).of(0x30).items()
        version, _, imprint, _, moment = parts[:5]
        if version.of(2).content != b"\1" or imprint.of(0x30).item(0).of(0x30).item(0).oid() != SHA_256:
            raise BadSignature("its imprint is not SHA-256")
        off = accuracy_of(parts[5]) if len(parts) > 5 and parts[5].tag == 0x30 else 0
        # The SHA-256 that it is over, the time it says, and when it was seen at the latest (RFC 3161 section 2.4.2).
        self.imprint = imprint.item(1).of(4).content
        self.moment, self.at = times_of(moment.of(0x18).content, off)

    def read_signer(self):
        """The certificates and the signer of a token that is made as it should be in all."""
        Der(self.info).parts(INFO_PARTS)
        return signer_of(self.signed)

    def vouch(self, roots):
        """The authority that signed it, and None; or None, and why it is not believed. `roots` are certificates that are believed."""
        try:
            authority = self.check(roots)
        except BadSignature as bad:
            return None, str(bad)
        except (ValueError, IndexError, OverflowError):
            return None, "it cannot be read"
        return authority, None

    def check(self, roots):
        listed, parts = self.read_signer()
        certificates = certificates_of(listed)
        own = next((each for each in certificates if each.is_meant_by(parts[1])), None)
        if own is None:
            raise BadSignature("its certificate is not in it")
        others = [each for each in certificates if each is not own]
        doubt = find_doubt(own, others, roots, self.moment)
        if doubt is not None:
            raise BadSignature("its certificate does not follow from those that were pinned: %s" % doubt)
        if len(parts) < 6 or parts[3].tag != 0xA0:
            raise BadSignature("what it signs is not said to be a time-stamp")
        check_signature(parts, own, self.info)
        usage = own.extensions.get(EXTENDED_KEY_USAGE)
        # RFC 3161 section 2.3: this key usage, no other, and critical.
        if usage is None or EXTENDED_KEY_USAGE not in own.critical or [each.oid() for each in usage.items()] != [TIME_STAMPING]:
            raise BadSignature("its certificate is not for time-stamping alone")
        return own.name


def check_signature(parts, own, content):
    """Whether a signer's attributes are of a content and a certificate, and signed with its key (RFC 5652 section 5.4)."""
    attributes = {each.item(0).oid(): each.item(1) for each in parts[3].items()}
    if len(attributes) != len(parts[3].items()):
        raise BadSignature("it says a thing twice")
    if CONTENT_TYPE not in attributes or attributes[CONTENT_TYPE].item(0).oid() != TST_INFO:
        raise BadSignature("what it signs is not said to be a time-stamp")
    digest = midwatch_keys.HASHES.get(parts[2].item(0).oid())
    if digest is None:
        raise BadSignature("it goes by a hash that is not believed")
    told = attributes.get(MESSAGE_DIGEST)
    if told is None or told.item(0).content != hashlib.new(digest, content).digest():
        raise BadSignature("what it signs is something else")
    if not midwatch_keys.verify(own.key, parts[4], b"\x31" + parts[3].whole[1:], parts[5].content, digest):
        raise BadSignature("its signature is wrong")
    if not is_named(attributes, own):
        raise BadSignature("it does not name the certificate that signed it")


def is_named(attributes, own):
    """Whether the hash of the certificate is signed, too, so that no other can be put in its place (RFC 5035, RFC 5816)."""
    second = attributes.get(SIGNING_CERTIFICATE_V2)
    if second is None:
        first = attributes.get(SIGNING_CERTIFICATE)
        return first is not None and first.item(0, 0, 0, 0).content == midwatch_keys.sha1(own.whole)
    parts = second.item(0, 0, 0).items()
    # The algorithm is left out when it is SHA-256.
    digest = "sha256" if parts[0].tag == 4 else midwatch_keys.HASHES.get(parts[0].item(0).oid())
    value = parts[0] if parts[0].tag == 4 else parts[1]
    return digest is not None and value.content == hashlib.new(digest, own.whole).digest()


def accuracy_of(part):
    """How far an authority says that its time may be off, in microseconds."""
    off = 0
    for each in part.items():
        unit = {0x02: 1_000_000, 0x80: 1_000, 0x81: 1}.get(each.tag)
        if unit is None or not 1 <= len(each.content) <= 4:
            raise BadSignature("it does not say how exact it is")
        off += each.integer() * unit
    return off


def times_of(text, off):
    """GeneralizedTime, and as text the same and what it may be off, rounded up to milliseconds."""
    time = re.fullmatch(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z", text)
    if time is None:
        raise BadSignature("it says no time")
    fraction = int((time[7] or b"").decode().ljust(9, "0"))
    try:
        moment = datetime.datetime(*(int(part) for part in time.groups()[:6]))
        latest = moment + datetime.timedelta(milliseconds=-(-(fraction + off * 1000) // 1_000_000))
    except (ValueError, OverflowError):
        raise BadSignature("it says no time")
    return moment + datetime.timedelta(microseconds=fraction // 1000), latest.isoformat(timespec="milliseconds") + "Z"
