"""DER (X.690), X.509 certificates (RFC 5280) and how they follow from each other, for what reads signatures and time-stamps beside it.

A path of certificates has to end at one that the user believes. Of what is in them, names, dates, the right to issue and how many
may come below, and extensions that must be understood are checked; certificates with constraints on names or policies are not
believed, and whether one was revoked is not asked.
"""

import base64
import datetime
import re

import midwatch_keys

DEPTH_MAX = 10
OTHERS_MAX = 30
COMMON_NAME = "2.5.4.3"
NAMES = {COMMON_NAME: "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C"}
KEY_ID, KEY_USAGE, BASIC_CONSTRAINTS, ISSUER_KEY_ID = "2.5.29.14", "2.5.29.15", "2.5.29.19", "2.5.29.35"
CONSTRAINTS = ("2.5.29.30", "2.5.29.33", "2.5.29.36")
EXTENDED_KEY_USAGE = "2.5.29.37"
# What may be critical: of these that are not checked here, none forbids anything that is asked for.
UNDERSTOOD = {KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, "2.5.29.17", "2.5.29.32", "2.5.29.54"}
TEXTS = dict.fromkeys((0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x1A, 0x1B), "latin-1")
TEXTS.update({0x0C: "utf-8", 0x1C: "utf-32-be", 0x1E: "utf-16-be"})
ALGORITHM = "( 06)( ..)?"
SIGNING, CERTIFICATE_SIGNING = 0xC0, 4
PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")


class BadSignature(Exception):
    """What is no signature or token, or one of something else."""


class Der:
    """One value: its tag, its content, and all of it."""

    def __init__(self, data, at=0, end=None):
        end = len(data) if end is None else end
        if end - at < 2:
            raise BadSignature("it breaks off")
        self.tag, first, start = data[at], data[at + 1], at + 2
        if first == 0x80 or first > 0x84:
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

    def of(self, tag):
        """Itself, which has to be of this tag."""
        if self.tag != tag:
            raise BadSignature("it is not made as it should be")
        return self

    def parts(self, tags):
        """Its items, whose tags have to be these: a regular expression over them in hex, each with a space before it."""
        items = self.items()
        if not re.fullmatch(tags, "".join(" %02x" % item.tag for item in items)):
            raise BadSignature("it is not made as it should be")
        return items

    def oid(self):
        if self.tag != 6 or not self.content or self.content[-1] & 128:
            raise BadSignature("it is not in DER")
        arcs, value = [], 0
        for byte in self.content:
            if value == 0 and byte == 128:
                raise BadSignature("it is not in DER")
            value = value << 7 | byte & 127
            if byte < 128:
                arcs.append(value)
                value = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, [first, arcs[0] - 40 * first] + arcs[1:]))

    def integer(self):
        return int.from_bytes(self.content, "big")

    def bits(self):
        """A BIT STRING of whole bytes."""
        if self.tag != 3 or self.content[:1] != b"\0":
            raise BadSignature("it is not in DER")
        return self.content[1:]

    def within(self):
        """What a BIT STRING holds, where that is DER again."""
        return Der(self.bits())

    def time(self):
        """UTCTime or GeneralizedTime, as certificates have them (RFC 5280 section 4.1.2.5)."""
        text = self.content.decode("latin-1")
        if self.tag == 0x17:
            text = ("19" if text[:2] >= "50" else "20") + text
        return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ")

    def text(self):
        """Text of any of the types that names have it in."""
        if self.tag not in TEXTS:
            return "#" + self.whole.hex()
        return self.content.decode(TEXTS[self.tag], "replace")


class Name:
    """A distinguished name: its parts, each an object identifier and a text."""

    def __init__(self, der):
        pairs = [pair.of(0x30).parts(" 06 ..") for part in der.parts("( 31)*") for pair in part.items()]
        self.parts = [(oid.oid(), value.text()) for oid, value in pairs]

    def __eq__(self, other):
        """As RFC 5280 section 7.1 has it: letters in one case, spaces as one."""
        fold = lambda parts: [(oid, " ".join(text.split()).lower()) for oid, text in parts]  # noqa: E731
        return fold(self.parts) == fold(other.parts)

    def __str__(self):
        return ", ".join("%s=%s" % (NAMES.get(oid, oid), text) for oid, text in self.parts)[:500]


class Certificate:
    """RFC 5280 section 4.1."""

    def __init__(self, der):
        self.whole = der.whole
        body, self.algorithm, signature = der.of(0x30).parts(" 30 30 03")
        self.body, self.signature = body.whole, signature.bits()
        fields = body.parts("( a0)? 02( 30){5}( [8a]1)?( [8a]2)?( a3)?")
        if fields[0].tag == 0xA0:
            fields = fields[1:]
        self.serial, inner, issuer, validity, subject, self.key = fields[:6]
        inner.parts(ALGORITHM)
        self.key.parts(" 30 03")[0].parts(ALGORITHM)
        if inner.whole != self.algorithm.whole:
            raise BadSignature("a certificate in it says of two algorithms that it is signed with them")
        self.issuer, self.subject = Name(issuer), Name(subject)
        self.begins, self.ends = (time.time() for time in validity.parts("( 1[78]){2}"))
        listed = [each for part in fields[6:] if part.tag == 0xA3 for each in part.item(0).of(0x30).items()]
        extensions = [each.of(0x30).parts(" 06( 01)? 04") for each in listed]
        self.extensions = {each[0].oid(): Der(each[-1].content) for each in extensions}
        self.critical = {each[0].oid() for each in extensions if len(each) == 3 and each[1].content != b"\0"}
        if len(self.extensions) != len(extensions):
            raise BadSignature("a certificate in it says a thing twice")

    @property
    def name(self):
        """What it is called where one name has to do."""
        common = [text for oid, text in self.subject.parts if oid == COMMON_NAME]
        return common[0] if common else self.serial.content.hex()

    def is_meant_by(self, identifier):
        """Whether a SignerIdentifier is of it (RFC 5652 section 5.3)."""
        if identifier.tag == 0x80:
            return midwatch_keys.sha1(self.key.item(1).bits()) == identifier.content
        issuer, serial = identifier.parts(" 30 02")
        return serial.content == self.serial.content and Name(issuer) == self.issuer

    def is_issued_by(self, other):
        if self.issuer != other.subject:
            return False
        wanted, own = self.extensions.get(ISSUER_KEY_ID), other.extensions.get(KEY_ID)
        told = {part.tag: part.content for part in wanted.items()} if wanted else {}
        if 0x80 in told and own and told[0x80] != own.content or told.get(0x82, other.serial.content) != other.serial.content:
            return False
        return midwatch_keys.verify(other.key, self.algorithm, self.body, self.signature)

    def is_for(self, uses):
        """Whether its key is for any of some uses, or nothing says what it is for."""
        usage = self.extensions.get(KEY_USAGE)
        return usage is None or bool(usage.content[1] & uses)

    @property
    def may_issue(self):
        constraints = self.extensions.get(BASIC_CONSTRAINTS)
        is_authority = constraints is not None and any(part.tag == 1 and part.content == b"\xff" for part in constraints.items())
        return is_authority and self.is_for(CERTIFICATE_SIGNING)

    @property
    def below_max(self):
        """How many certificates that may issue may come below it; None: any number."""
        numbers = [part.integer() for part in self.extensions[BASIC_CONSTRAINTS].items() if part.tag == 2]
        return numbers[0] if numbers else None


def certificates_of(parts):
    """The X.509 certificates of a CertificateSet; there are other kinds."""
    return [Certificate(part) for part in parts if part.tag == 0x30]


def read_roots(text):
    """The certificates of a PEM file; none when it has none or one that cannot be read."""
    try:
        return [Certificate(Der(base64.b64decode(body))) for body in PEM.findall(text)]
    except (BadSignature, ValueError, IndexError):
        return []


def find_doubt(leaf, others, roots, moment):
    """Why a certificate does not follow from those that are believed, as of a moment; None when it does."""
    try:
        return doubt_of_path(leaf, others, roots, moment)
    except (BadSignature, ValueError, IndexError):
        return "one of the path cannot be read"


def doubt_of_path(leaf, others, roots, moment):
    path = path_to_root(leaf, others, roots) if len(others) <= OTHERS_MAX else None
    if path is None:
        return "no path leads from it to one of them"
    if not leaf.is_for(SIGNING):
        return "it is not for signing"
    if not all(each.begins <= moment <= each.ends for each in path):
        return "one of the path was not valid at the time"
    if not all(midwatch_keys.is_strong(each.key) for each in path):
        return "one of the path has a key that is not believed"
    if any(each.critical - UNDERSTOOD for each in path):
        return "one of the path has to be understood in more than this program does"
    if any(oid in each.extensions for each in path[:-1] for oid in CONSTRAINTS):
        return "one of the path has constraints that this program does not know"
    for below, each in enumerate(path[1:]):
        if not each.may_issue:
            return "one of the path may not issue certificates"
        if each.below_max is not None and below > each.below_max:
            return "one of the path may not have so many below it"
    return None


def path_to_root(leaf, others, roots):
    """The shortest way up, the leaf first; None when there is none."""
    believed = {root.body for root in roots}
    if leaf.body in believed:
        return [leaf, leaf] if leaf.issuer == leaf.subject else None
    paths, seen = [[leaf]], {leaf.body}
    while paths:
        path = paths.pop(0)
        for issuer in roots + others if len(path) < DEPTH_MAX else []:
            if issuer.body in seen or not path[-1].is_issued_by(issuer):
                continue
            if issuer.body in believed:
                return path + [issuer]
            seen.add(issuer.body)
            paths.append(path + [issuer])
    return None
