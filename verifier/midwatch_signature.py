"""Reads the signature of a report.pdf, for midwatch_report.py, which stands beside it.

It is checked to be over all of the file but itself, of the certificate that it names and made with the key of that, RSA or ECDSA;
whether that certificate follows from those of --signature-roots, and its time-stamp from those of --timestamp-roots, where these are
given.
"""

import datetime
import hashlib
import re

import midwatch_keys
from midwatch_der import BadSignature, Der, certificates_of, find_doubt
from midwatch_timestamp import CONTENT_TYPE, MESSAGE_DIGEST, SHA_256, SIGNING_CERTIFICATE_V2, Token, signed_data, signer_of

CONTENTS_BYTES = 24 * 1024
UPDATE_BYTES_MAX = 2 * CONTENTS_BYTES + 64 * 1024
TABLE_BYTES_MAX = 4096
TAIL_BYTES = 256
RANGE_WIDTH = 52
DATA = "1.2.840.113549.1.7.1"
SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
ALGORITHMS = ("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2")
CLAIM = re.compile(rb"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d[0-5]\d\Z")


# ---------------------------------------------------------------------------------------------------------------------
# The update that a signature is.


def report_end(stream, size):
    """Where the report ends in a file: at its end, or where an update of ours begins."""
    stream.seek(max(0, size - TAIL_BYTES))
    tail = re.search(rb"\nstartxref\n(\d{1,15})\n%%EOF\n\Z", stream.read(TAIL_BYTES))
    start = int(tail[1]) if tail else size
    if not 0 < size - start <= TABLE_BYTES_MAX:
        return size
    stream.seek(start)
    rows = re.match(rb"xref\n((?:\d{1,7} 1\n\d{10} 00000 n \n){4})trailer\n", stream.read(size - start))
    if rows is None:
        return size
    end = min(int(offset) for offset in re.findall(rb"\n(\d{10}) ", rows[1]))
    if not 0 < end < start or size - end > UPDATE_BYTES_MAX:
        raise BadSignature("it was revised after it was made")
    return end


def make_update(pdf, page, texts, claimed, contents):
    """The one update that a report may have, and where in it the signature stands."""
    catalog, first_page, trailer = texts
    field, signature = len(pdf.offsets), len(pdf.offsets) + 1
    if b"/AcroForm" in catalog or b"/Annots" in first_page or not all(text.endswith(b"\n>>") for text in texts):
        raise BadSignature("it was revised after it was made, by more than a signature")
    objects = [
        (pdf.root, catalog[:-2] + b"/AcroForm <<\n/Fields [%d 0 R]\n/SigFlags 3\n>>\n>>" % field),
        (page, first_page[:-2] + b"/Annots [%d 0 R]\n>>" % field),
        (
            field,
            b"<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T (Signature)\n/TU (Signature)\n/F 132\n/Rect [0 0 0 0]\n"
            b"/P %d 0 R\n/V %d 0 R\n>>" % (page, signature),
        ),
    ]
    update, places = b"", []
    for number, value in objects:
        places.append((number, pdf.size + len(update)))
        update += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    places.append((signature, pdf.size + len(update)))
    update += b"%d 0 obj\n<<\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n/M (D:%sZ)\n" % (signature, claimed)
    begin = len(update) + len(b"/ByteRange ") + RANGE_WIDTH + len(b"\n/Contents ")
    end = begin + len(contents) + 2
    after = b"\n>>\nendobj\n"
    table = pdf.size + end + len(after)
    after += b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % place for place in sorted(places))
    size = re.sub(rb"/Size \d+\n", b"/Size %d\n" % (len(pdf.offsets) + 2), trailer, count=1)
    after += b"trailer\n%s/Prev %d\n>>\nstartxref\n%d\n%%%%EOF\n" % (size[:-2], pdf.table, table)
    covered = b"[0 %d %d %d]" % (pdf.size + begin, pdf.size + end, len(after))
    return update + b"/ByteRange %s\n/Contents <%s>" % (covered.ljust(RANGE_WIDTH), contents) + after, begin, end


def read_update(stream, pdf, size, page, texts):
    """The signature in an update, and the SHA-256 of everything around it."""
    stream.seek(pdf.size)
    update = stream.read(size - pdf.size)
    found = re.search(rb"\n/M \(D:(\d{14})Z\)\n/ByteRange .{1,60}\n/Contents <([0-9a-f]*)>\n", update)
    if found is None or len(found[2]) != 2 * CONTENTS_BYTES:
        raise BadSignature("it was revised after it was made, by more than a signature")
    made, begin, end = make_update(pdf, page, texts, found[1], found[2])
    if made != update:
        raise BadSignature("it was revised after it was made, by more than a signature")
    contents = unpad(bytes.fromhex(found[2].decode()))
    if not CLAIM.match(found[1]):
        raise BadSignature("its signature claims no time that there is")
    digest = hashlib.sha256()
    stream.seek(0)
    left = pdf.size
    while left > 0:
        part = stream.read(min(1024 * 1024, left))
        digest.update(part)
        left -= len(part)
    unsigned = digest.hexdigest()
    digest.update(update[:begin])
    digest.update(update[end:])
    return contents, digest.digest(), unsigned, found[1].decode()


def unpad(data):
    """A SEQUENCE says how long it is; zeros fill up the rest."""
    length = int.from_bytes(data[2:4], "big") + 4 if data[:2] == b"\x30\x82" else 0
    if not 0 < length <= len(data) or any(data[length:]):
        raise BadSignature("what should be its signature is none")
    return data[:length]


# ---------------------------------------------------------------------------------------------------------------------
# The signature itself.


def judge(contents, digest, signers, authorities):
    """Who a signature says signed, why nobody has to believe it, and the same of its time-stamp. `signers` and `authorities` are
    certificates that are believed, or None. Raises BadSignature when it is not of this file."""
    content, signed = signed_data(Der(contents))
    certificates, parts = signer_of(signed)
    if len(content.items()) != 1 or content.item(0).oid() != DATA:
        raise BadSignature("it is not one signature over the file")
    own, others = check_attributes(parts, certificates_of(certificates), digest)
    if parts[4].item(0).oid() not in ALGORITHMS:
        raise BadSignature("its algorithm is none that reports are signed with")
    # The attributes are signed as a SET OF (RFC 5652 section 5.4).
    attributes = b"\x31" + parts[3].whole[1:]
    if not midwatch_keys.verify(own.key, parts[4], attributes, parts[5].content, "sha256"):
        raise BadSignature("it was not made with the key of its certificate")
    timestamp = judge_timestamp(parts, authorities)
    moment = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    if timestamp is not None and timestamp["at"] is not None:
        # What was signed while the certificate was valid stays so.
        moment = datetime.datetime.strptime(timestamp["at"], "%Y-%m-%dT%H:%M:%S.%fZ")
    return {"signer": str(own.subject), "doubt": doubt_of_signer(own, others, signers, moment), "timestamp": timestamp}


def check_attributes(parts, certificates, digest):
    """The certificate that a signature is of, and the others; the three attributes have to be those of the baseline profile."""
    if len(parts) < 6 or parts[3].tag != 0xA0 or parts[2].item(0).oid() != SHA_256:
        raise BadSignature("it is not in the form that reports are signed in")
    attributes = {each.item(0).oid(): each.item(1, 0) for each in parts[3].items()}
    if len(parts[3].items()) != 3 or set(attributes) != {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2}:
        raise BadSignature("it is not in the form that reports are signed in")
    if attributes[CONTENT_TYPE].oid() != DATA or attributes[MESSAGE_DIGEST].content != digest:
        raise BadSignature("it is of another file")
    # By issuer and number, as PAdES has it, and not by the key's identifier.
    named = [each for each in certificates if parts[1].tag == 0x30 and each.is_meant_by(parts[1])]
    if not named:
        raise BadSignature("its certificate is not in it")
    own = named[0]
    if hashlib.sha256(own.whole).digest() != attributes[SIGNING_CERTIFICATE_V2].item(0, 0, 0).content:
        raise BadSignature("it is of another certificate")
    return own, [each for each in certificates if each is not own]


def doubt_of_signer(own, others, signers, moment):
    if signers is None:
        return "no certificate was pinned"
    doubt = find_doubt(own, others, signers, moment)
    return None if doubt is None else "its certificate does not follow from those that were pinned: %s" % doubt


def judge_timestamp(parts, authorities):
    """What a time-stamping authority says of the signature's value; None when there is no token."""
    unsigned = next((part.items() for part in parts[6:] if part.tag == 0xA1), [])
    token = next((each.item(1, 0).whole for each in unsigned if each.item(0).oid() == SIGNATURE_TIMESTAMP), None)
    if token is None:
        return None
    try:
        word = Token(token)
        word.read_signer()
        if word.imprint != hashlib.sha256(parts[5].content).digest():
            raise BadSignature("it is a time-stamp of something else")
    except (BadSignature, ValueError, IndexError) as bad:
        raise BadSignature("its time-stamp: %s" % (bad if isinstance(bad, BadSignature) else "it is no time-stamp token"))
    authority, doubt = (None, "no authority was pinned") if authorities is None else word.vouch(authorities)
    return {"at": None if doubt else word.at, "authority": authority, "doubt": doubt}
