"""Takes the ledger bundles out of a report.pdf of Midwatch and checks them with midwatch_verify.py, which stands beside it.

    python3 midwatch_verify.py report.pdf --public-key KEY [--policy FILE] [--checkpoint FILE]... [--extract DIR]

It reads PDFs as Midwatch writes them and no others: one table of objects at the end, no revisions, nothing after it
but one signature (ISO 32000-1, sections 7.3 and 7.5; midwatch_signature.py). It does not make the pages again: what a page
says is compared with the ledger by `npx midwatch verify` alone, or by whoever reads both.
"""

import hashlib
import json
import os
import re
import sys
import tempfile
import zlib

import midwatch_signature
from midwatch_der import BadSignature

START = b"%PDF-"
TAIL_BYTES = 256
TABLE_BYTES_MAX = 40_000_000
OBJECT_BYTES_MAX = 4_000_000
INPUT_BYTES_MAX = 8 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
EXPANSION_MAX = 200
EXPANDED_ALWAYS = 16 * 1024 * 1024
DEPTH_MAX = 40
LEDGERS_MAX = 100
TAMPERED, INCOMPLETE, UNREADABLE = "tampered", "incomplete", "unreadable"
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
BUNDLE_NAME = re.compile(r"bundle(-[A-Za-z0-9._-]{1,200})?\.jsonl\Z")
MARK = b"/UF (report.json)"
NOT_COMPARED = "its figures and pages were not compared with its ledgers: npx midwatch verify does that"


class BadPdf(Exception):
    """What is no PDF of ours, or one that somebody changed."""


# ---------------------------------------------------------------------------------------------------------------------
# Values: dictionaries are dict, arrays list, names Name, references Ref, texts bytes, numbers and other words Word.


class Name(str):
    pass


class Word(str):
    pass


class Ref(int):
    pass


TOKEN = re.compile(
    rb"[\0\t\n\f\r ]*(?:(?P<dict><<)|(?P<end>>>)|(?P<open>\[)|(?P<close>\])|(?P<literal>\()|<(?P<hex>[0-9A-Fa-f\s]*)>"
    rb"|/(?P<name>[^\0\t\n\f\r ()<>\[\]{}/%]*)|(?P<ref>\d{1,7}[ \n]+0[ \n]+R)(?![^\0\t\n\f\r ()<>\[\]{}/%])"
    rb"|(?P<word>[^\0\t\n\f\r ()<>\[\]{}/%]+))"
)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
LITERAL = re.compile(rb"[^()\\]+|\\[0-7]{1,3}|\\.|[()]", re.S)


class Values:
    """Reads one value from the start of some bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def read(self, depth=0):
        value = self.item(depth)
        if value in (CLOSE, END):
            raise BadPdf("there is no value where one should be")
        return value

    def item(self, depth):
        if depth > DEPTH_MAX:
            raise BadPdf("values are nested too deep")
        match = TOKEN.match(self.data, self.at)
        if match is None:
            raise BadPdf("a value breaks off")
        self.at = match.end()
        kind = match.lastgroup
        if kind == "dict":
            return self.dictionary(depth)
        if kind == "open":
            return self.until(CLOSE, depth)
        if kind == "literal":
            return self.literal()
        if kind == "hex":
            return bytes.fromhex(re.sub(rb"\s", b"", match["hex"]).decode())
        if kind == "name":
            return Name(re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), match["name"]).decode("latin-1"))
        if kind == "ref":
            return Ref(match["ref"].split()[0])
        return {"close": CLOSE, "end": END}.get(kind) or Word(match["word"].decode("latin-1"))

    def until(self, end, depth):
        items = []
        while True:
            value = self.item(depth + 1)
            if value is end:
                return items
            if value in (CLOSE, END):
                raise BadPdf("something is closed that was not opened")
            items.append(value)

    def dictionary(self, depth):
        items = self.until(END, depth)
        keys, values = items[::2], items[1::2]
        if len(keys) != len(values) or not all(isinstance(key, Name) for key in keys) or len(set(keys)) != len(keys):
            raise BadPdf("a dictionary is not made of names and values")
        return dict(zip(keys, values))

    def literal(self):
        parts, depth = [], 1
        while True:
            match = LITERAL.match(self.data, self.at)
            if match is None:
                raise BadPdf("a text breaks off")
            part, self.at = match[0], match.end()
            depth += (part == b"(") - (part == b")")
            if depth == 0:
                return b"".join(parts)
            if re.match(rb"\\[0-7]", part):
                part = bytes([int(part[1:], 8) & 255])
            elif part[:1] == b"\\":
                part = ESCAPES.get(part[1:], part[1:])
            parts.append(part)


CLOSE, END = Word("]"), Word(">>")


def text_of(value):
    if not isinstance(value, bytes):
        return None
    return value[2:].decode("utf-16-be", "replace") if value[:2] == b"\xfe\xff" else value.decode("latin-1")


# ---------------------------------------------------------------------------------------------------------------------
# The file.


class Pdf:
    def __init__(self, stream, size):
        self.stream, self.size = stream, size
        tail = re.search(rb"\nstartxref\n(\d{1,15})\n%%EOF\n\Z", self.bytes_at(max(0, self.size - TAIL_BYTES), min(self.size, TAIL_BYTES)))
        start = int(tail[1]) if tail else 0
        if not 0 < start < self.size:
            raise BadPdf("it does not end as a PDF of ours")
        if self.size - start > TABLE_BYTES_MAX:
            raise BadPdf("its table of objects is larger than any of ours")
        self.read_table(self.bytes_at(start, self.size - start), start)

    def bytes_at(self, at, length):
        self.stream.seek(at)
        data = self.stream.read(length)
        if len(data) != length:
            raise BadPdf("it breaks off")
        return data

    def read_table(self, table, start):
        head = re.match(rb"xref\n0 (\d{1,7})\n0000000000 65535 f \n", table)
        if head is None:
            raise BadPdf("its table of objects is not as ours")
        end = head.end() + 20 * (int(head[1]) - 1)
        rows = table[head.end() : end]
        if not re.fullmatch(rb"(?:\d{10} 00000 n \n)*", rows) or table[end : end + 8] != b"trailer\n":
            raise BadPdf("its table of objects is not as ours")
        self.offsets = [0] + [int(rows[at : at + 10]) for at in range(0, len(rows), 20)]
        places = sorted(self.offsets[1:]) + [start]
        if len(set(places)) != len(places) or places[-1] != start or places[0] == 0:
            raise BadPdf("two objects lie in one place")
        self.ends = dict(zip(places, places[1:]))
        self.table = start
        values = Values(table[end + 8 :])
        trailer = values.read()
        if values.data[values.at :] != b"\nstartxref\n%d\n%%%%EOF\n" % start:
            raise BadPdf("something stands after its trailer")
        if not isinstance(trailer, dict) or not isinstance(trailer.get("Root"), Ref):
            raise BadPdf("its trailer names no root")
        if any(key in trailer for key in ("Prev", "XRefStm", "Encrypt")):
            raise BadPdf("it was revised or encrypted after it was made")
        self.root, self.trailer = trailer["Root"], values.data[: values.at]

    def object(self, ref):
        """The value of an object, and where its stream begins and ends, or None."""
        start = self.offsets[ref] if 0 < ref < len(self.offsets) else 0
        if start == 0:
            raise BadPdf("there is no object %d" % ref)
        end = self.ends[start]
        data = self.bytes_at(start, min(end - start, OBJECT_BYTES_MAX))
        head = b"%d 0 obj\n" % ref
        if not data.startswith(head):
            raise BadPdf("object %d is not where it should be" % ref)
        values = Values(data[len(head) :])
        value = values.read()
        after = len(head) + values.at
        if data[after:] == b"\nendobj\n":
            return value, None
        length = self.resolve(value.get("Length")) if isinstance(value, dict) else None
        if data[after : after + 8] != b"\nstream\n" or not isinstance(length, Word) or not length.isdigit():
            raise BadPdf("object %d does not end where it should" % ref)
        begin = start + after + 8
        stop = begin + int(length)
        if not 0 < end - stop <= 64 or not re.fullmatch(rb"\n{0,2}endstream\nendobj\n", self.bytes_at(stop, end - stop)):
            raise BadPdf("the stream of object %d does not end where it should" % ref)
        return value, (begin, stop)

    def text(self, ref):
        """A dictionary without a stream, as it stands there."""
        if not isinstance(self.object(ref)[0], dict):
            raise BadPdf("object %d is no dictionary" % ref)
        start = self.offsets[ref]
        return self.bytes_at(start, self.ends[start] - start)[len(b"%d 0 obj\n" % ref) : -len(b"\nendobj\n")]

    def first_page(self):
        kids = self.dictionary(self.dictionary(self.root).get("Pages")).get("Kids")
        if not isinstance(kids, list) or not kids or not isinstance(kids[0], Ref):
            raise BadPdf("it has no pages")
        return kids[0]

    def resolve(self, value):
        return self.object(value)[0] if isinstance(value, Ref) else value

    def dictionary(self, value):
        found = self.resolve(value)
        if not isinstance(found, dict):
            raise BadPdf("it has no attachments as ours have")
        return found

    def attachments(self):
        """The object of each attachment's stream, by name."""
        catalog = self.dictionary(self.root)
        names = self.dictionary(self.dictionary(catalog.get("Names")).get("EmbeddedFiles")).get("Names")
        if not isinstance(names, list):
            raise BadPdf("it has no attachments as ours have")
        found = {}
        for key, value in zip(names[::2], names[1::2]):
            name, spec = text_of(key), self.dictionary(value)
            stream = self.dictionary(spec.get("EF")).get("F")
            if name is None or name != text_of(spec.get("UF")) or not isinstance(stream, Ref) or name in found:
                raise BadPdf("an attachment is not named as it should be")
            found[name] = stream
        return found

    def content(self, ref):
        """What is embedded in a stream, in parts."""
        value, place = self.object(ref)
        if place is None:
            raise BadPdf("an attachment has no content")
        packing = value.get("Filter")
        if packing not in (None, "FlateDecode"):
            raise BadPdf("a stream is packed in a way that ours are not")
        at, end = place
        unpack = zlib.decompressobj() if packing else None
        left = (end - at) * EXPANSION_MAX + EXPANDED_ALWAYS
        while at < end:
            data = self.bytes_at(at, min(CHUNK_BYTES, end - at))
            at += len(data)
            while data:
                try:
                    part = data if unpack is None else unpack.decompress(data, CHUNK_BYTES)
                except zlib.error:
                    raise BadPdf("a stream cannot be unpacked")
                data = b"" if unpack is None else unpack.unconsumed_tail
                left -= len(part)
                if left < 0:
                    raise BadPdf("a stream unpacks to more than any of ours")
                yield part
        if unpack is not None and (not unpack.eof or unpack.unused_data):
            raise BadPdf("a stream cannot be unpacked")


# ---------------------------------------------------------------------------------------------------------------------
# The report.


def read_input(pdf, attachments):
    """The ledgers a report says it was made from."""
    if "report.json" not in attachments:
        raise BadPdf("report.json is not embedded in it")
    data = b""
    for part in pdf.content(attachments["report.json"]):
        data += part
        if len(data) > INPUT_BYTES_MAX:
            raise BadPdf("report.json in it is larger than any of ours")
    try:
        report = json.loads(data)
        ledgers = [(ledger["fleet"], ledger["bundle"], ledger["bundleSha256"]) for ledger in report["ledgers"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadPdf("report.json in it is not what a report is made from")
    good = all(isinstance(each, str) for ledger in ledgers for each in ledger) and report.get("format") == "midwatch-report/1"
    if not good or not 0 < len(ledgers) <= LEDGERS_MAX or not all(BUNDLE_NAME.match(b) and SHA256.match(s) for _, b, s in ledgers):
        raise BadPdf("report.json in it is not what a report is made from")
    return report, ledgers


def take_out(pdf, ref, file):
    """Writes an attachment to a file that is not there yet; returns its SHA-256 in hex."""
    digest = hashlib.sha256()
    with open(file, "xb") as out:
        for part in pdf.content(ref):
            digest.update(part)
            out.write(part)
    return digest.hexdigest()


def check_signature(pdf, size, roots):
    """What is said of the signature behind a report; None when there is none."""
    if size == pdf.size:
        return None
    page = pdf.first_page()
    texts = (pdf.text(pdf.root), pdf.text(page), pdf.trailer)
    try:
        contents, digest, unsigned, claimed = midwatch_signature.read_update(pdf.stream, pdf, size, page, texts)
    except BadSignature as bad:
        raise BadPdf(str(bad))
    moment = "%s-%s-%sT%s:%s:%sZ" % re.fullmatch(r"(\d{4})" + r"(\d\d)" * 5, claimed).groups()
    return dict(midwatch_signature.judge(contents, digest, *roots), claimedAt=moment, unsignedSha256=unsigned)


def missing_of(signature, signers):
    """What a report lacks of a signature of those that are believed to sign."""
    if signers is None:
        return []
    doubt = "it has none" if signature is None else signature["doubt"]
    return [] if doubt is None else ["its signature: %s" % doubt]


def check(pdf, directory, make_verifier, together, verdict):
    attachments = pdf.attachments()
    report, ledgers = read_input(pdf, attachments)
    verdict["generator"] = str(report.get("generator"))
    reasons, digests = list(verdict["reasons"]), {}
    for fleet, bundle, sha256 in ledgers:
        if bundle not in attachments:
            raise BadPdf("%s is not embedded in it" % bundle)
        file = os.path.join(directory, bundle)
        if bundle not in digests:
            digests[bundle] = take_out(pdf, attachments[bundle], file)
        if digests[bundle] != sha256:
            problem = "the bundle of %s is not the one the report was made from" % fleet
            return dict(verdict, outcome=TAMPERED, problem=problem)
        with open(file, "rb") as stream:
            ledger = make_verifier().run(stream)
        verdict["ledgers"].append({"fleet": fleet, "verdict": ledger})
        fault = ledger["fault"]
        if fault is not None:
            place = "" if fault["seq"] is None else "entry %d: " % fault["seq"]
            problem = "the ledger of %s: %s%s" % (fleet, place, fault["problem"])
            return dict(verdict, outcome=TAMPERED, problem=problem)
        reasons += [reason if len(ledgers) == 1 else "%s: %s" % (fleet, reason) for reason in ledger["reasons"]]
    verdict["installations"] = together([each["verdict"] for each in verdict["ledgers"]])
    for each in verdict["installations"]:
        if each["contradiction"] is not None:
            return dict(verdict, outcome=TAMPERED, problem=each["contradiction"])
    return dict(verdict, outcome=INCOMPLETE, reasons=reasons + [NOT_COMPARED])


def bears_report(stream):
    """Whether a file has in it what makes a PDF a report, however broken it is."""
    before = b""
    stream.seek(0)
    for part in iter(lambda: stream.read(CHUNK_BYTES), b""):
        if MARK in before + part:
            return True
        before = part[-len(MARK) :]
    return False


def verify_report(stream, make_verifier, extract, together, roots):
    """Checks what is embedded in a report; `extract` is where the bundles are kept, or None; `together` puts verdicts on
    bundles together; `roots` are the certificates that are believed of signers and of time-stamping authorities, each or None.
    Raises OSError over files alone, never over what is in it."""
    digest = hashlib.sha256()
    stream.seek(0)
    for part in iter(lambda: stream.read(CHUNK_BYTES), b""):
        digest.update(part)
    verdict = {
        "outcome": UNREADABLE,
        "problem": None,
        "reasons": [],
        "sha256": digest.hexdigest(),
        "generator": None,
        "figures": "not compared",
        "pages": "not compared",
        "signature": None,
        "ledgers": [],
        "installations": [],
    }
    with tempfile.TemporaryDirectory() as scratch:
        if extract is not None:
            os.makedirs(extract, exist_ok=True)
        try:
            size = stream.seek(0, os.SEEK_END)
            pdf = Pdf(stream, midwatch_signature.report_end(stream, size))
            try:
                signature = check_signature(pdf, size, roots)
            except (BadSignature, ValueError, IndexError, OverflowError) as bad:
                problem = "its signature: %s" % (bad if isinstance(bad, BadSignature) else "it cannot be read")
                return dict(verdict, outcome=TAMPERED, problem=problem)
            begun = dict(verdict, signature=signature, reasons=missing_of(signature, roots[0]))
            return check(pdf, extract or scratch, make_verifier, together, begun)
        except (BadSignature, BadPdf) as bad:
            # A report that is no PDF of ours any more was changed; what never was a report says nothing of one.
            return dict(verdict, outcome=TAMPERED if bears_report(stream) else UNREADABLE, problem=str(bad))


if __name__ == "__main__":
    sys.stderr.write("this is a part of midwatch_verify.py, which takes reports too: run that one\n")
    sys.exit(3)
