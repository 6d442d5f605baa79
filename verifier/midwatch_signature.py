"""Reads the signature of a report.pdf, and RFC 3161 time-stamp tokens, for midwatch_report.py and midwatch_verify.py, which stand beside it.

Of a signature it checks that it is over all of the file but itself, of the certificate that it names, and, where that has an RSA
key, made with that key. It does not check ECDSA, nor whose certificate it is, nor what time-stamping authorities sign: what it
did not check, it says. `npx midwatch verify` checks all of it.
"""

import datetime
import hashlib
import re

CONTENTS_BYTES = 24 * 1024
UPDATE_BYTES_MAX = 2 * CONTENTS_BYTES + 64 * 1024
TABLE_BYTES_MAX = 4096
TAIL_BYTES = 256
RANGE_WIDTH = 52
DEPTH_MAX = 20
SHA_256 = "2.16.840.1.101.3.4.2.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
DATA = "1.2.840.113549.1.7.1"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
RSA_KEY = "1.2.840.113549.1.1.1"
RSA_WITH_SHA_256 = "1.2.840.113549.1.1.11"
ECDSA_WITH_SHA_256 = "1.2.840.10045.4.3.2"
NAMES = {"2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C"}
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class BadSignature(Exception):
    """What is no signature or token, or one of something else."""


# ---------------------------------------------------------------------------------------------------------------------
# DER (X.690): lengths in one way, and nothing after the end.


class Der:
    """One value: its tag, its content, and all of it."""

    def __init__(self, data, at=0, end=None):
        end = len(data) if end is None else end
        if end - at < 2:
            raise BadSignature("it breaks off")
        self.tag, first, start = data[at], data[at + 1], at + 2
        if self.tag & 31 == 31 or first == 0x80 or first > 0x84:
            raise BadSignature("it is not in DER")
        length = first
        if first > 0x80:
            length = int.from_bytes(data[start : start + first - 0x80], "big")
            start += first - 0x80
        self.stop = start + length
        if self.stop > end:
            raise BadSignature("it breaks off")
        self.data, self.start, self.whole = data, start, data[at : self.stop]

    @property
    def content(self):
        return self.data[self.start : self.stop]

    def items(self):
        at, found = self.start, []
        while at < self.stop:
            found.append(Der(self.data, at, self.stop))
            at = found[-1].stop
        return found

    def item(self, index, *more):
        items = self.items()
        if index >= len(items):
            raise BadSignature("something is missing in it")
        return items[index].item(*more) if more else items[index]

    def oid(self):
        if self.tag != 6 or not self.content or self.content[-1] & 128:
            raise BadSignature("it is not in DER")
        arcs, value = [], 0
        for byte in self.content:
            value = value << 7 | byte & 127
            if byte < 128:
                arcs.append(value)
                value = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, [first, arcs[0] - 40 * first] + arcs[1:]))

    def integer(self):
        return int.from_bytes(self.content, "big")


def signed_data(der):
    """The parts of a ContentInfo with SignedData (RFC 5652 sections 3 and 5.1)."""
    if der.stop != len(der.data) or der.item(0).oid() != SIGNED_DATA:
        raise BadSignature("it is no signed data")
    parts = der.item(1, 0).items()
    if len(parts) < 4 or parts[-1].tag != 0x31:
        raise BadSignature("it is no signed data")
    certificates = next((part.items() for part in parts if part.tag == 0xA0), [])
    return parts[2], certificates, parts[-1].items()


# ---------------------------------------------------------------------------------------------------------------------
# Time-stamp tokens.


def imprint_of(token):
    """The SHA-256 that a token is over, and when it was seen at the latest: the time it says, and how far that may be off
    (RFC 3161 section 2.4.2). This program vouches for neither."""
    content, _, signers = signed_data(Der(token))
    if content.item(0).oid() != TST_INFO or len(signers) != 1:
        raise BadSignature("it is no time-stamp token")
    text = content.item(1, 0)
    # In one piece or, as BER has it, in several.
    info = Der(text.content if text.tag == 4 else b"".join(piece.content for piece in text.items()))
    parts = info.items()
    version, _, imprint, _, moment = parts[:5]
    if version.integer() != 1 or imprint.item(0, 0).oid() != SHA_256:
        raise BadSignature("its imprint is not SHA-256")
    off = accuracy_of(parts[5]) if len(parts) > 5 and parts[5].tag == 0x30 else 0
    return imprint.item(1).content, latest(moment.content, off)


def accuracy_of(part):
    """How far an authority says that its time may be off, in microseconds."""
    off = 0
    for each in part.items():
        unit = {0x02: 1_000_000, 0x80: 1_000, 0x81: 1}.get(each.tag)
        if unit is None or not 1 <= len(each.content) <= 4:
            raise BadSignature("it does not say how exact it is")
        off += each.integer() * unit
    return off


def latest(text, off):
    """GeneralizedTime and what it may be off, rounded up to milliseconds."""
    time = re.fullmatch(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z", text)
    if time is None:
        raise BadSignature("it says no time")
    nanoseconds = int((time[7] or b"").decode().ljust(9, "0")) + off * 1000
    try:
        moment = datetime.datetime(*(int(part) for part in time.groups()[:6]))
        moment += datetime.timedelta(milliseconds=-(-nanoseconds // 1_000_000))
    except (ValueError, OverflowError):
        raise BadSignature("it says no time")
    return moment.isoformat(timespec="milliseconds") + "Z"


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
    return bytes.fromhex(found[2].decode()), digest.digest(), unsigned, found[1].decode()


# ---------------------------------------------------------------------------------------------------------------------
# The signature itself.


def judge(contents, digest):
    """Who a signature says signed, and what was not checked of it. Raises BadSignature when it is not of this file."""
    der = Der(contents)
    if any(contents[der.stop :]):
        raise BadSignature("it is no signature")
    content, certificates, signers = signed_data(Der(der.whole))
    if len(signers) != 1 or len(content.items()) != 1 or content.item(0).oid() != DATA:
        raise BadSignature("it is not one signature over the file")
    parts = signers[0].items()
    if len(parts) < 6 or parts[3].tag != 0xA0 or parts[2].item(0).oid() != SHA_256:
        raise BadSignature("it is not in the form that reports are signed in")
    attributes = {each.item(0).oid(): each.item(1, 0) for each in parts[3].items()}
    if len(parts[3].items()) != 3 or set(attributes) != {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE}:
        raise BadSignature("it is not in the form that reports are signed in")
    if attributes[CONTENT_TYPE].oid() != DATA or attributes[MESSAGE_DIGEST].content != digest:
        raise BadSignature("it is of another file")
    named = attributes[SIGNING_CERTIFICATE].item(0, 0, 0).content
    own = next((each for each in certificates if hashlib.sha256(each.whole).digest() == named), None)
    if own is None:
        raise BadSignature("it is of another certificate")
    fields = [field for field in own.item(0).items() if field.tag != 0xA0]
    if [fields[2].whole, fields[0].whole] != [each.whole for each in parts[1].items()]:
        raise BadSignature("it is of another certificate")
    key, algorithm = fields[5], parts[4].item(0).oid()
    if algorithm not in (RSA_KEY, RSA_WITH_SHA_256, ECDSA_WITH_SHA_256):
        raise BadSignature("its algorithm is none that reports are signed with")
    is_checked = key.item(0, 0).oid() == RSA_KEY
    if is_checked:
        check_rsa(key, b"\x31" + parts[3].whole[1:], parts[5].content)
    elif algorithm != ECDSA_WITH_SHA_256:
        raise BadSignature("it was not made with the key of its certificate")
    return name_of(fields[4]), is_checked


def check_rsa(key, message, value):
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.2)."""
    numbers = Der(key.item(1).content[1:])
    modulus, exponent = numbers.item(0).integer(), numbers.item(1).integer()
    size = (modulus.bit_length() + 7) // 8
    hashed = DIGEST_INFO + hashlib.sha256(message).digest()
    wanted = b"\0\1" + b"\xff" * (size - len(hashed) - 3) + b"\0" + hashed
    number = int.from_bytes(value, "big")
    if not 256 <= size <= 1024 or exponent >= 1 << 64 or len(value) != size or number >= modulus:
        raise BadSignature("it was not made with the key of its certificate")
    if pow(number, exponent, modulus).to_bytes(size, "big") != wanted:
        raise BadSignature("it was not made with the key of its certificate")


def name_of(name):
    parts = [part.item(0) for part in name.items()]
    named = [(part.item(0).oid(), part.item(1).content.decode("utf-8", "replace")) for part in parts]
    return ", ".join("%s=%s" % (NAMES.get(oid, oid), text) for oid, text in named)[:500]
