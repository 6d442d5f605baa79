#!/usr/bin/env python3
"""Checks a Midwatch ledger bundle offline (docs/LEDGER.md). Python 3.9 or newer, nothing else.

    python3 midwatch_verify.py bundle.jsonl... --public-key KEY [--policy FILE] [--checkpoint FILE]... [--json]

Of a report.pdf it checks the bundles that are embedded in it, with midwatch_report.py, which stands beside it.

Exit code: 0 intact, 1 tampered, 2 incomplete or not provable, 3 bad usage or unreadable.
"""

import argparse
import base64
import binascii
import contextlib
import hashlib
import json
import os
import re
import sys
from datetime import datetime, timezone

FORMAT, FORMER_FORMAT = "midwatch-bundle/2", "midwatch-bundle/1"
LINE_BYTES_MAX = 64 * 1024 * 1024
DEPTH_MAX = 33
INTEGER_MAX = 2**53 - 1
SIZE_MAX = 2**64 - 1
HEX64 = re.compile(r"[0-9a-f]{64}\Z")
INTACT, TAMPERED, INCOMPLETE, UNREADABLE = "intact", "tampered", "incomplete", "unreadable"
EXIT = {INTACT: 0, TAMPERED: 1, INCOMPLETE: 2, UNREADABLE: 3}


class Usage(Exception):
    """What the caller asked for cannot be done."""


class Bad(Exception):
    """Something is wrong with the bundle; `seq` is the entry it is wrong with, if it is one."""

    def __init__(self, problem, seq=None, of_line=False):
        super().__init__(problem)
        self.seq = seq
        self.of_line = of_line


# ---------------------------------------------------------------------------------------------------------------------
# Ed25519 verification, RFC 8032 section 5.1.7, in extended homogeneous coordinates (section 5.1.4).

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)


def _recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * SQRT_MINUS_1 % P
    if (x * x - square) % P != 0:
        return None
    return P - x if x & 1 != sign else x


def _decompress(data):
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _recover_x(_BASE_Y, 0)
BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def ed25519_verify(public_key, message, signature):
    """Whether 64 bytes are the signature of a message by a 32-byte key."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    a = _decompress(public_key)
    r = _decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    left = _multiply(s, BASE)
    right = _add(r, _multiply(int.from_bytes(digest, "little") % ORDER, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---------------------------------------------------------------------------------------------------------------------
# The canonical form: what is read is written again, and has to give the same bytes.

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f]')


def _quote(text):
    if "\0" in text:
        raise Bad("a NUL character", of_line=True)
    return '"' + _TO_ESCAPE.sub(lambda m: _ESCAPES.get(m[0]) or "\\u%04x" % ord(m[0]), text) + '"'


def _utf16_order(pair):
    return pair[0].encode("utf-16-be", "surrogatepass")


def canonical(value, depth=0):
    """The canonical form of what JSON holds, as text."""
    if isinstance(value, str):
        return _quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise Bad("a number beyond 2^53-1", of_line=True)
        return str(value)
    if depth == DEPTH_MAX:
        raise Bad("nesting deeper than %d" % DEPTH_MAX, of_line=True)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    pairs = sorted(value.items(), key=_utf16_order)
    return "{" + ",".join(_quote(key) + ":" + canonical(item, depth + 1) for key, item in pairs) + "}"


def _no_duplicates(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Bad("a duplicate key", of_line=True)
    return found


def _refuse_number(text):
    raise Bad("the number %s, which is no integer" % text[:40], of_line=True)


def _integer(text):
    if len(text) > 17 or text == "-0":
        _refuse_number(text)
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_no_duplicates, parse_float=_refuse_number, parse_constant=_refuse_number, parse_int=_integer
)


def read_canonical(data):
    """Reads bytes that have to be one value in canonical form."""
    try:
        text = data.decode("utf-8")
        value = _DECODER.decode(text)
        again = canonical(value).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Bad("it is no canonical JSON: %s" % error, of_line=True)
    if again != data:
        raise Bad("it is not in the one way to write it", of_line=True)
    return value


# ---------------------------------------------------------------------------------------------------------------------
# The tree, RFC 9162 section 2.1.


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The roots of the perfect subtrees of a tree that grows, the largest first."""

    def __init__(self, size=0, roots=()):
        if len(roots) != bin(size).count("1"):
            raise Bad("a tree of %d has no such frontier" % size)
        self.size = size
        self.roots = list(roots)

    def append(self, leaf):
        self.roots.append(leaf)
        size = self.size
        while size & 1:
            right = self.roots.pop()
            self.roots.append(node(self.roots.pop(), right))
            size >>= 1
        self.size += 1

    def root(self):
        if not self.roots:
            return hashlib.sha256(b"").digest()
        result = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            result = node(left, result)
        return result


def includes(index, size, leaf, root, proof):
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = node(r, p)
        fn >>= 1
        sn >>= 1
    return sn == 0 and r == root


def continues(first, second, first_root, second_root, proof):
    """RFC 9162 section 2.1.4.2."""
    if first == 0 or first > second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = node(sr, c)
        fn >>= 1
        sn >>= 1
    return sn == 0 and fr == first_root and sr == second_root


# ---------------------------------------------------------------------------------------------------------------------
# C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy.


def unbase64(text):
    """The bytes of padded standard base64, or None when it is not the one way to write them."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return None
    return data if base64.b64encode(data).decode() == text else None


def is_key_name(name):
    return name != "" and "+" not in name and not re.search(r"[\s\u0085]", name)


class Key:
    NOTE, COSIGNATURE = 1, 4

    def __init__(self, name, kind, public_key):
        self.name, self.kind, self.public_key = name, kind, public_key
        typed = bytes([kind]) + public_key
        self.id = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
        self.vkey = "%s+%s+%s" % (name, self.id.hex(), base64.b64encode(typed).decode())

    @staticmethod
    def parse(text):
        match = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+(.+)", text, re.S)
        data = unbase64(match[3]) if match else None
        if data is None or len(data) != 33 or data[0] not in (Key.NOTE, Key.COSIGNATURE) or not is_key_name(match[1]):
            return None
        key = Key(match[1], data[0], data[1:])
        return key if key.id.hex() == match[2] else None


class Note:
    """A signed note that is also a checkpoint; None of its signatures is checked yet."""

    def __init__(self, text, signatures, origin, size, root):
        self.text, self.signatures, self.origin, self.size, self.root = text, signatures, origin, size, root

    @staticmethod
    def parse(note):
        if len(note.encode("utf-8", "surrogatepass")) > 1_000_000 or re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", note):
            return None
        split = note.rfind("\n\n")
        if split < 0 or not note.endswith("\n"):
            return None
        lines = note[split + 2 : -1].split("\n")
        if len(lines) > 100:
            return None
        signatures = []
        for line in lines:
            parts = line.split(" ")
            if len(parts) != 3 or parts[0] != "\u2014" or not is_key_name(parts[1]):
                return None
            data = unbase64(parts[2])
            if data is None or len(data) <= 4:
                return None
            signatures.append((parts[1], data[:4], data[4:]))
        text = note[: split + 1]
        body = text[:-1].split("\n")
        if len(body) < 3 or body[0] == "" or "" in body[3:]:
            return None
        root = unbase64(body[2])
        if not root or not re.fullmatch(r"0|[1-9][0-9]{0,19}", body[1]) or int(body[1]) > SIZE_MAX:
            return None
        return Note(text, signatures, body[0], int(body[1]), root)

    def by(self, key):
        return [data for name, key_id, data in self.signatures if name == key.name and key_id == key.id]


def cosigned_at(note, key):
    """When a witness cosigned, or None; raises Bad on a wrong cosignature."""
    newest = None
    for data in note.by(key):
        at = int.from_bytes(data[:8], "big")
        message = ("cosignature/v1\ntime %d\n" % at).encode() + note.text.encode()
        if len(data) != 72 or at >= 2**63 or not ed25519_verify(key.public_key, message, data[8:]):
            raise Bad("the checkpoint: the cosignature of %s is wrong" % key.name)
        newest = at if newest is None else max(newest, at)
    return newest


class Policy:
    """Log keys, witnesses by name, and the quorum: None, a witness's name, or (threshold, members)."""

    def __init__(self):
        self.logs, self.witnesses, self.quorum = [], {}, None

    @staticmethod
    def parse(text):
        policy, meanings, members, has_quorum = Policy(), {}, set(), False

        def define(name, meaning):
            if name == "none" or name in meanings:
                raise Usage("the name %s is taken" % name)
            meanings[name] = meaning

        def key_of(text, kind, others):
            key = Key.parse(text)
            if key is None or key.kind != kind or any(key.public_key == other.public_key for other in others):
                raise Usage("%s is no key for this" % text)
            return key

        for number, line in enumerate(text.split("\n"), 1):
            items = [item for item in re.split(r"[ \t]+", line) if item]
            try:
                if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line):
                    raise Usage("it has control characters")
                if not items or items[0].startswith("#"):
                    continue
                word, rest = items[0], items[1:]
                if word == "log" and 1 <= len(rest) <= 2:
                    policy.logs.append(key_of(rest[0], Key.NOTE, policy.logs))
                elif word == "witness" and 2 <= len(rest) <= 3:
                    key = key_of(rest[1], Key.COSIGNATURE, policy.witnesses.values())
                    define(rest[0], rest[0])
                    policy.witnesses[rest[0]] = key
                elif word == "group" and len(rest) >= 3:
                    names = rest[2:]
                    for name in names:
                        if name not in meanings or name in members:
                            raise Usage("%s is not defined above, or a member already" % name)
                        members.add(name)
                    count = {"all": len(names), "any": 1}.get(rest[1])
                    if count is None:
                        count = int(rest[1]) if re.fullmatch(r"[1-9][0-9]*", rest[1]) else 0
                    if not 1 <= count <= len(names):
                        raise Usage("%s is not any, all or 1 to %d" % (rest[1], len(names)))
                    define(rest[0], (count, [meanings[name] for name in names]))
                elif word == "quorum" and len(rest) == 1 and not has_quorum:
                    if rest[0] != "none" and rest[0] not in meanings:
                        raise Usage("%s is not defined above" % rest[0])
                    policy.quorum, has_quorum = meanings.get(rest[0]), True
                else:
                    raise Usage("it is no line of a policy")
            except Usage as error:
                raise Usage("--policy: line %d: %s" % (number, error))
        if not has_quorum:
            raise Usage("--policy: there is no quorum line")
        return policy

    def is_quorum(self, names, quorum=...):
        quorum = self.quorum if quorum is ... else quorum
        if quorum is None:
            return True
        if isinstance(quorum, str):
            return quorum in names
        threshold, members = quorum
        return sum(self.is_quorum(names, member) for member in members) >= threshold


# ---------------------------------------------------------------------------------------------------------------------
# The bundle.


def _text(value):
    return isinstance(value, str)


def _count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _hash(value):
    return isinstance(value, str) and HEX64.match(value) is not None


def _hashes(value):
    return isinstance(value, list) and all(_hash(item) for item in value)


def _texts(value):
    return isinstance(value, list) and all(_text(item) for item in value)


def _any(_value):
    return True


FIELDS = {
    "manifest": {
        "about": _texts,
        "content": lambda v: v in ("disclosed", "chosen", "withheld"),
        "fleet": _text,
        "format": _text,
        "from": _count,
        "generator": _text,
        "origin": _text,
        "scope": lambda v: v in ("range", "selection"),
        "to": _count,
    },
    "key": {"vkey": _text},
    "policy": {"text": _text},
    "frontier": {"hashes": _hashes, "size": _count},
    "inclusion": {"hashes": _hashes, "seq": _count},
    "opening": {"content": _any, "path": _text, "salt": _hash, "seq": _count},
    "consistency": {"fromSize": _count, "hashes": _hashes},
    "checkpoint": {"note": _text},
    "installation": {"fleets": _text, "hashes": _hashes, "note": _text},
    "timestamp": {"token": _text},
    "end": {"digest": _hash, "entries": _count, "lines": _count, "openings": _count},
}
ENTRY_LINE = re.compile(rb'\{"entry":(.+),"hash":"(.{64})","type":"entry"\}\Z', re.S)
ENTRY_FIELDS = {"fleet", "kind", "payload", "previousHash", "recordedAt", "seq", "subject", "v"}
KIND = re.compile(r"[A-Z][A-Z_]{0,63}\Z")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z", re.A)


def read_line(data):
    value = read_canonical(data)
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in FIELDS:
        raise Bad("it is of no type the format has", of_line=True)
    fields = FIELDS[kind]
    if set(value) != set(fields) | {"type"}:
        raise Bad("its fields are not those of a %s" % kind, of_line=True)
    for name, fits in fields.items():
        if not fits(value[name]):
            raise Bad("its %s is not as the format has it" % name, of_line=True)
    return value


def read_entry(data):
    entry = read_canonical(data)
    if not isinstance(entry, dict) or set(entry) != ENTRY_FIELDS:
        raise Bad("it is no entry", of_line=True)
    fits = (
        entry["v"] == 1
        and not isinstance(entry["v"], bool)
        and _text(entry["fleet"])
        and _text(entry["subject"])
        and _text(entry["kind"])
        and KIND.match(entry["kind"])
        and isinstance(entry["payload"], dict)
        and _count(entry["seq"])
        and _hash(entry["previousHash"])
        and _text(entry["recordedAt"])
        and _is_moment(entry["recordedAt"])
    )
    if not fits:
        raise Bad("a field of the entry is not as it has to be", of_line=True)
    return entry


def _is_moment(text):
    if not MOMENT.match(text):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
        return True
    except ValueError:
        return False


def digest_at(payload, path):
    """The digest a JSON pointer names, or None."""
    if not path.startswith("/"):
        return None
    value = payload
    for token in path[1:].split("/"):
        if re.search(r"~(?![01])", token):
            return None
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,15}", name) and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value if _hash(value) else None


def sealed_chain(payload):
    """The one digest of all steps of a decision and how many they are, or None."""
    digest, count = payload.get("chain"), payload.get("stepCount")
    if not _hash(digest) or isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 10**9:
        return None
    return digest, count


def span(first, end):
    return "entry %d is missing" % first if end - first == 1 else "entries %d to %d are missing" % (first, end - 1)


def unhex(hashes):
    return [bytes.fromhex(digits) for digits in hashes]


def judge(note, policy, logs):
    """Who of the log keys signed, when witnesses cosigned, and why it is not believed, or None; raises Bad on a wrong signature."""
    signer = None
    for key in logs:
        signatures = note.by(key)
        if not all(ed25519_verify(key.public_key, note.text.encode(), data) for data in signatures):
            raise Bad("the checkpoint: the signature of %s+%s is wrong" % (key.name, key.id.hex()))
        if signatures and key.name == note.origin and signer is None:
            signer = key
    if signer is None:
        return None, {}, "it is not signed by a known key of " + note.origin
    times = {name: cosigned_at(note, key) for name, key in policy.witnesses.items()}
    times = {name: at for name, at in times.items() if at is not None}
    if not policy.is_quorum(times):
        return None, {}, "the witnesses that cosigned it are no quorum"
    return signer, times, None


HEAD_LINE = re.compile(r"([!-~]+) (0|[1-9][0-9]{0,19}) ([!-~]+)")


def read_heads(text):
    """The size and root of every fleet of a list, by origin; None when it is not in the one way to write it."""
    if not text.endswith("\n"):
        return None
    heads, before = {}, ""
    for line in text[:-1].split("\n"):
        match = HEAD_LINE.fullmatch(line)
        root = unbase64(match[3]) if match else None
        if root is None or len(root) != 32 or int(match[2]) > SIZE_MAX or match[1] <= before:
            return None
        before = match[1]
        heads[before] = (int(match[2]), root)
    return heads


def parent(origin):
    """The origin of the log of the installation that a fleet is of."""
    return origin[: max(0, origin.rfind("/"))]


def read_token(text):
    """An RFC 3161 token; who signed it is not checked yet. Raises ValueError."""
    try:
        from midwatch_timestamp import BadSignature, Token
    except ImportError:
        raise Usage("a time-stamp is read with midwatch_timestamp.py, which has to stand beside this file")
    token = unbase64(text)
    try:
        if token is None:
            raise BadSignature()
        return Token(token)
    except (BadSignature, ValueError, IndexError):
        raise ValueError("it is no token over a SHA-256")


class InstallationWord:
    """What the log of an installation says of all fleets; raises Bad for what cannot be true, whoever is believed."""

    def __init__(self, line, origin, policy, newest):
        self.signer, self.times, self.doubt = None, {}, "no key was pinned"
        self.timestamp = self.token = None
        home = parent(origin)
        note = self.note = Note.parse(line["note"])
        if note is None:
            raise Bad("the word of the installation: its checkpoint is no signed note of one")
        if note.origin != home:
            raise Bad("the word of the installation: its checkpoint is of another log, " + note.origin)
        if policy is not None:
            # One key signs all logs of an installation, each under the log's own name.
            keys = {key.public_key: Key(home, Key.NOTE, key.public_key) for key in policy.logs if key.name in (home, origin)}
            self.signer, self.times, self.doubt = judge(note, policy, keys.values())
        text = line["fleets"]
        try:
            data = text.encode("utf-8")
        except ValueError:
            raise Bad("the word of the installation: its fleets are no text")
        listed = base64.b64encode(hashlib.sha256(data).digest()).decode()
        leaf = hashlib.sha256(b"\x00" + ("fleets %d %s\n" % (text.count("\n"), listed)).encode()).digest()
        proof = unhex(line["hashes"])
        if note.size == 0 or not includes(note.size - 1, note.size, leaf, note.root, proof):
            raise Bad("the word of the installation: its fleets are not those that were signed")
        heads = read_heads(text)
        if heads is None:
            raise Bad("the word of the installation: its fleets are not listed as they have to be")
        self.heads = heads
        if any(parent(fleet) != home for fleet in heads):
            raise Bad("the word of the installation: it names a fleet of another")
        if origin not in heads:
            raise Bad("the word of the installation: it does not name " + origin)
        if newest is None:
            raise Bad("the word of the installation: there is no checkpoint of this fleet for it to name")
        if heads[origin] != (newest.size, newest.root):
            raise Bad(
                "the word of the installation: it has this fleet at %d entries of another history or time than the last "
                "checkpoint, which is of %d" % (heads[origin][0], newest.size)
            )

    def take_token(self, text, signed):
        """The token has to be over the checkpoint with the log's own signature, the first, and no other."""
        try:
            self.token = read_token(text)
        except ValueError as bad:
            raise Bad("the time-stamp: %s" % bad)
        start = signed.rfind("\n\n") + 2
        if self.token.imprint != hashlib.sha256(signed[: signed.index("\n", start) + 1].encode("utf-8")).digest():
            raise Bad("the time-stamp: it is of something else than the checkpoint of the installation")
        self.timestamp = {"at": self.token.at, "authority": None, "doubt": "the signature of no authority was checked"}

    def heed(self, authorities):
        """Has the certificates of authorities vouch for the token; returns why it is not believed, if it is not."""
        authority, doubt = self.token.vouch(authorities)
        self.timestamp = {"at": self.token.at, "authority": authority, "doubt": doubt}
        return [] if doubt is None else ["its time-stamp is not believed: %s" % doubt]

    def compare_kept(self, kept):
        heads = dict(self.heads)
        heads[self.note.origin] = (self.note.size, self.note.root)
        for note in kept:
            size, root = heads.get(note.origin, (None, None))
            if size == note.size and root != note.root:
                raise Bad("the word of the installation: it has another history of %s than was kept" % note.origin)


FOREIGN = (
    (b"\x1f\x8b", "it is packed with gzip: unpack it first"),
    (b"PK\x03\x04", "it is packed as ZIP: unpack it first"),
    (b"\xef\xbb\xbf", "it begins with a byte order mark: another program saved it anew"),
    (b"\xff\xfe", "it is UTF-16: another program saved it anew"),
    (b"\xfe\xff", "it is UTF-16: another program saved it anew"),
)


def foreign(line):
    """What was made of a file whose first line is no manifest, where that line tells."""
    for start, what in FOREIGN:
        if line.startswith(start):
            return what
    return "its lines end in carriage returns: another program saved it anew" if line.endswith(b"\r\n") else None


class Verifier:
    def __init__(self, key, policy, kept, authorities):
        self.pinned, self.given_policy, self.kept, self.authorities = key, policy, list(kept), authorities
        self.policy = None
        self.manifest = None
        self.lines = 0
        self.ended = False
        self.fault = None
        self.digest = hashlib.sha256()
        self.tree = None
        self.head = None
        self.entry = None
        self.opened_paths = set()
        self.chain = self.chain_digest = None
        self.steps = 0
        self.entries = self.openings = self.digests = self.unsampled = self.erasures = self.uncovered = 0
        self.first = self.last = None
        self.kinds = {}
        self.consistency = None
        self.beyond = False
        self.last_size, self.last_note = -1, None
        self.selection_note = None
        self.proven = True
        self.published_by = {}
        self.revoked = set()
        self.checkpoints = 0
        self.doubt = None
        self.signed, self.cosigned = {}, {}
        self.bundled = []
        self.word = None

    # A range names the next seq when a line cannot be read, unless all are there; a selection cannot know it.
    def next_seq(self):
        if self.manifest is None or self.manifest["scope"] != "range":
            return None
        return self.reached() if self.reached() < self.manifest["to"] else None

    def reached(self):
        return self.manifest["from"] if self.tree is None else self.tree.size

    def run(self, stream):
        try:
            while True:
                line = stream.readline(LINE_BYTES_MAX + 2)
                if line == b"":
                    break
                if not line.endswith(b"\n"):
                    if len(line) > LINE_BYTES_MAX:
                        raise Bad("a line is longer than %d bytes" % LINE_BYTES_MAX, self.next_seq())
                    if self.manifest is None and not b'{"about":['.startswith(line[:10]):
                        raise Bad("it does not begin with a manifest")
                    return self.report(["the file breaks off after line %d" % self.lines])
                self.lines += 1
                self.take(line[:-1])
        except Bad as bad:
            problem, seq = str(bad), bad.seq
            if bad.of_line:
                problem, seq = "line %d: %s" % (self.lines, problem), self.next_seq()
            if self.manifest is None:
                problem = foreign(line) or problem
            self.fault = {"line": self.lines, "seq": seq, "problem": problem}
            return self.report([])
        if self.manifest is None:
            return self.report(["the file is empty: nothing was checked"])
        if not self.ended:
            return self.report(["the file ends after line %d, before the bundle does" % self.lines])
        return self.report(self.shortcomings())

    def take(self, data):
        if self.ended:
            raise Bad("there is something after the end")
        match = ENTRY_LINE.match(data) if self.manifest is not None else None
        if match:
            self.end_chain()
            self.need_open("entry")
            self.take_entry(match[1], match[2].decode("latin-1"))
            return
        line = read_line(data)
        kind = line["type"]
        if self.manifest is None and kind != "manifest":
            raise Bad("it does not begin with a manifest", of_line=True)
        if kind != "opening":
            self.end_chain()
        if kind == "end":
            self.take_end(line)
            return
        self.digest.update(hashlib.sha256(data).hexdigest().encode())
        if kind == "timestamp":
            return self.take_timestamp(line)
        self.need_open(kind)
        if kind not in ("opening", "manifest"):
            self.need_place(kind)
        getattr(self, "take_" + kind)(line)

    def need_place(self, kind):
        """There is one order of lines: an entry, its proof, its content, and before all entries what is known of the log."""
        if kind == "inclusion":
            if self.opened_paths:
                raise Bad("its proof does not follow it", self.entry and self.entry["seq"])
            return
        if kind in ("key", "policy") and self.entries > 0:
            raise Bad("a %s does not come before the entries" % kind)
        self.entry = None

    def need_open(self, kind):
        if self.word is not None:
            raise Bad("the %s follows the word of the installation, which is the last" % kind)

    def take_manifest(self, line):
        if self.manifest is not None:
            raise Bad("there is a second manifest")
        if line["format"] not in (FORMAT, FORMER_FORMAT):
            raise Bad("it is not of the format " + FORMAT, of_line=True)
        self.manifest = line
        self.kept_anywhere = list(self.kept)
        if line["from"] > line["to"]:
            raise Bad("the manifest's range ends before it begins")
        origin = line["origin"]
        self.kept = [note for note in self.kept if note.origin == origin]
        # Every log goes on from the empty one, wherever the bundle begins.
        self.compare_kept(0, hashlib.sha256(b"").digest)
        self.policy = self.given_policy
        if self.pinned is not None:
            key = self.pinned
            if isinstance(key, bytes):
                key = Key(origin, Key.NOTE, key) if is_key_name(origin) else None
            self.policy = Policy()
            if self.given_policy is not None:
                self.policy.witnesses, self.policy.quorum = self.given_policy.witnesses, self.given_policy.quorum
            self.policy.logs = [] if key is None else [key]
        if line["scope"] == "range" and line["from"] == 0:
            self.tree, self.head = Tree(), "0" * 64

    def take_key(self, line):
        if len(self.bundled) == 1000:
            raise Bad("it has too many keys")
        self.bundled.append(line["vkey"])

    def take_policy(self, line):
        pass

    def take_frontier(self, line):
        self.no_dangling_proof()
        if self.manifest["scope"] != "range" or self.tree is not None or line["size"] != self.manifest["from"]:
            raise Bad("the frontier is not that before the first entry of a range")
        self.tree = Tree(line["size"], unhex(line["hashes"]))
        self.compare_kept(self.tree.size, self.tree.root)

    def take_entry(self, data, claimed):
        digits = hashlib.sha256(b"\x00" + data).hexdigest()
        if digits != claimed:
            seq = self.next_seq()
            if seq is None:
                found = re.search(rb'"seq":(\d{1,16})', data)
                seq = int(found[1]) if found else None
            raise Bad("its hash is not that of its bytes", seq)
        entry = read_entry(data)
        seq = entry["seq"]
        if entry["fleet"] != self.manifest["fleet"]:
            raise Bad("it is of the fleet " + entry["fleet"], seq)
        if self.manifest["scope"] == "range":
            self.place_in_chain(entry, digits)
        else:
            self.place_in_selection(entry)
        if self.last is not None and entry["recordedAt"] < self.last["recordedAt"]:
            raise Bad("it was recorded before the entry above it", seq)
        self.head, self.entry, self.last = digits, entry, entry
        self.first = self.first or entry
        self.opened_paths = set()
        self.chain, self.chain_digest, self.steps = sealed_chain(entry["payload"]), hashlib.sha256(), 0
        self.digest.update(digits.encode())
        self.count(entry)

    def place_in_chain(self, entry, digits):
        self.no_dangling_proof()
        seq = entry["seq"]
        self.need_tree()
        if self.beyond:
            raise Bad("it follows a checkpoint that should be behind the last entry", seq)
        if seq >= self.manifest["to"]:
            raise Bad("it is not in the range of the manifest", seq)
        if seq > self.tree.size:
            raise Bad(span(self.tree.size, seq), self.tree.size)
        if seq < self.tree.size:
            raise Bad("it stands where entry %d should" % self.tree.size, seq)
        if self.head is not None and entry["previousHash"] != self.head:
            raise Bad("its previousHash is not the hash of the entry before", seq)
        self.tree.append(bytes.fromhex(digits))
        self.compare_kept(self.tree.size, self.tree.root)

    def place_in_selection(self, entry):
        self.settle_selected()
        seq = entry["seq"]
        if not self.manifest["from"] <= seq < self.manifest["to"]:
            raise Bad("it is not between the ends the manifest names", seq)
        if self.last is not None and seq <= self.last["seq"]:
            raise Bad("it stands behind entry %d" % self.last["seq"], seq)
        if self.last is not None and seq == self.last["seq"] + 1 and entry["previousHash"] != self.head:
            raise Bad("its previousHash is not the hash of the entry before", seq)
        self.proven = False

    def take_inclusion(self, line):
        seq = line["seq"]
        if self.manifest["scope"] != "selection":
            self.no_dangling_proof()
            raise Bad("a range has no inclusion proofs")
        if self.entry is None or self.proven or self.entry["seq"] != seq:
            raise Bad("the inclusion proof of entry %d does not follow it" % seq, seq)
        note = self.selection_note
        if note is None:
            raise Bad("an inclusion proof comes without a checkpoint", seq)
        if not includes(seq, note.size, bytes.fromhex(self.head), note.root, unhex(line["hashes"])):
            raise Bad("it is not in the tree of the checkpoint", seq)
        self.proven = True

    def take_opening(self, line):
        seq, path = line["seq"], line["path"]
        if self.entry is None or self.entry["seq"] != seq:
            raise Bad("content does not follow its entry", seq)
        if self.manifest["content"] == "withheld":
            raise Bad("content was to be withheld", seq)
        if path in self.opened_paths:
            raise Bad("its %s is opened twice" % path, seq)
        content = canonical(line["content"]).encode()
        opened = hashlib.sha256(b"midwatch/content/v1\x00" + bytes.fromhex(line["salt"]) + content)
        digest = digest_at(self.entry["payload"], path)
        if digest is not None and opened.hexdigest() != digest:
            raise Bad("the content at %s is not what it commits to" % path, seq)
        if digest is None and not self.take_step(path, opened.digest()):
            raise Bad("it commits to nothing at " + path, seq)
        self.opened_paths.add(path)
        self.openings += 1

    def take_step(self, path, digest):
        """A step of a long chain, which its entry commits to by one digest over those of all steps, in their order."""
        if self.chain is None or self.steps == self.chain[1] or path != "/chain/%d" % self.steps:
            return False
        self.chain_digest.update(digest)
        self.steps += 1
        if self.steps == self.chain[1] and self.chain_digest.hexdigest() != self.chain[0]:
            raise Bad("the content of its steps is not what its chain commits to", self.entry["seq"])
        return True

    def end_chain(self):
        if self.chain is not None and 0 < self.steps < self.chain[1]:
            raise Bad("of the %d steps of its chain, %d are opened: all or none" % (self.chain[1], self.steps), self.entry["seq"])

    def take_consistency(self, line):
        self.no_dangling_proof()
        if self.manifest["scope"] != "range":
            raise Bad("a selection has no consistency proofs")
        self.consistency = line

    def take_checkpoint(self, line):
        note = Note.parse(line["note"])
        if note is None:
            raise Bad("the checkpoint is no signed note of one")
        if note.origin != self.manifest["origin"]:
            raise Bad("the checkpoint is of another log, " + note.origin)
        believed = self.believe(note)
        if self.manifest["scope"] == "range":
            self.compare_checkpoint(note)
        else:
            if self.selection_note is not None or self.last is not None:
                raise Bad("a selection has one checkpoint, before its entries")
            self.selection_note = self.last_note = note
            self.compare_kept(note.size, lambda: note.root)
        self.checkpoints += 1
        if believed is not None:
            self.published_by[believed] = max(note.size, self.published_by.get(believed, -1))

    def compare_checkpoint(self, note):
        self.need_tree()
        proof, self.consistency = self.consistency, None
        here = self.tree.size
        if note.size < here or note.size <= self.last_size:
            raise Bad("the checkpoint of size %d is out of its place" % note.size)
        self.last_size, self.last_note = note.size, note
        if proof is None:
            if note.size > here:
                raise Bad("the checkpoint covers %d entries: %s" % (note.size, span(here, note.size)), here)
            if self.tree.root() != note.root:
                raise Bad("the first %d entries are not those the checkpoint was signed for" % note.size)
            return
        fits = proof["fromSize"] == here and continues(here, note.size, self.tree.root(), note.root, unhex(proof["hashes"]))
        if not fits:
            raise Bad("the entries are not in the tree of the checkpoint")
        self.beyond = True
        self.compare_kept(note.size, lambda: note.root)

    @property
    def published(self):
        """The size of the largest believed checkpoint of a key that was not revoked, or None."""
        return max((size for key, size in self.published_by.items() if key not in self.revoked), default=None)

    def believe(self, note):
        """The id of the key that signed it, if it is signed and cosigned as asked; raises Bad on a wrong signature."""
        if self.policy is None:
            self.doubt = "no key was pinned"
            return None
        signer, times, doubt = judge(note, self.policy, self.policy.logs)
        if doubt is not None:
            self.doubt = doubt
            return None
        self.signed[signer.vkey] = self.signed.get(signer.vkey, 0) + 1
        for name, at in times.items():
            self.cosigned.setdefault(name, []).append(at)
            self.cosigned[name] = [min(self.cosigned[name]), max(self.cosigned[name])]
        return signer.id.hex()

    def take_installation(self, line):
        if self.manifest["format"] == FORMER_FORMAT:
            raise Bad("%s has no installation" % FORMER_FORMAT, of_line=True)
        self.end_proof()
        word = InstallationWord(line, self.manifest["origin"], self.policy, self.last_note)
        word.compare_kept(self.kept_anywhere)
        self.word, self.signed_word = word, line["note"]

    def take_timestamp(self, line):
        if self.word is None or self.word.timestamp is not None:
            raise Bad("the time-stamp does not follow the word of the installation")
        self.word.take_token(line["token"], self.signed_word)

    def installation(self):
        """What the log of the installation says of all fleets, or None."""
        if self.word is None:
            return None
        word, manifest = self.word, self.manifest
        doubt, signer = word.doubt, word.signer
        if signer is not None and Key(manifest["origin"], Key.NOTE, signer.public_key).id.hex() in self.revoked:
            doubt = "its key was revoked"
        behind = word.heads[manifest["origin"]][0] - manifest["to"] if manifest["scope"] == "range" else 0
        return {
            "origin": word.note.origin,
            "size": str(word.note.size),
            "root": base64.b64encode(word.note.root).decode(),
            "doubt": doubt,
            "cosignedAt": [{"name": name, "at": _moment(at)} for name, at in word.times.items()],
            "timestamp": word.timestamp,
            "fleets": [
                {"fleet": origin[len(word.note.origin) + 1 :], "size": str(head[0])} for origin, head in word.heads.items()
            ],
            "beyond": str(max(0, behind)),
        }

    def take_end(self, line):
        self.end_proof()
        for name, found in (("entries", self.entries), ("openings", self.openings), ("lines", self.lines)):
            if line[name] != found:
                raise Bad("the end counts %d %s" % (line[name], name))
        if line["digest"] != self.digest.hexdigest():
            raise Bad("a line was changed: the end has another digest")
        self.ended = True

    def end_proof(self):
        manifest = self.manifest
        if manifest["scope"] == "range":
            self.no_dangling_proof()
            self.need_tree()
            if self.tree.size < manifest["to"]:
                raise Bad(span(self.tree.size, manifest["to"]), self.tree.size)
        else:
            self.settle_selected()
            if self.last and (self.first["seq"] != manifest["from"] or self.last["seq"] != manifest["to"] - 1):
                raise Bad("the first and the last entry are not those the manifest names")

    def settle_selected(self):
        if self.proven:
            return
        if self.selection_note is not None and self.last["seq"] < self.selection_note.size:
            raise Bad("its inclusion proof is missing", self.last["seq"])
        self.uncovered += 1
        self.proven = True

    def no_dangling_proof(self):
        if self.consistency is not None:
            raise Bad("a consistency proof is not followed by its checkpoint")

    def need_tree(self):
        if self.tree is None:
            raise Bad("the frontier before the first entry is missing", self.manifest["from"])

    def compare_kept(self, size, root):
        for note in [note for note in self.kept if note.size == size]:
            if note.root != root():
                raise Bad("the first %d entries are not those of the checkpoint that was kept: history was rewritten" % size)
            self.kept.remove(note)

    def count(self, entry):
        self.entries += 1
        payload = entry["payload"]
        if entry["kind"] in self.kinds or len(self.kinds) < 100:
            self.kinds[entry["kind"]] = self.kinds.get(entry["kind"], 0) + 1
        if entry["kind"] == "LEDGER_KEY" and payload.get("action") == "REVOKE" and _text(payload.get("keyId")):
            if len(self.revoked) < 1000:
                self.revoked.add(payload["keyId"])
        if payload.get("sampled") is False:
            self.unsampled += 1
        if entry["kind"] == "ERASURE" and payload.get("change") in ("ERASED", "ERASED_LATE"):
            self.erasures += 1
        if entry["kind"] in ("DECISION", "AMENDMENT"):
            steps = payload.get("steps")
            digests = [payload.get("input"), payload.get("output")] + (steps if isinstance(steps, list) else [])
            self.digests += sum(1 for digest in digests if _hash(digest))
            chain = sealed_chain(payload)
            if chain is not None and payload.get("sampled") is True:
                self.digests += chain[1]

    def unpublished(self):
        if self.manifest is None:
            return 0
        if self.manifest["scope"] == "selection":
            return self.entries if self.published is None else self.uncovered
        return max(0, self.reached() - max(self.manifest["from"], self.published or 0))

    def shortcomings(self):
        reasons = []
        if self.entries == 0:
            reasons.append("it has no entries: nothing was checked")
        if self.policy is None:
            reasons.append("no key was pinned: whoever made the bundle can have made its keys")
        if self.checkpoints == 0:
            reasons.append("it has no checkpoint")
        elif self.policy is not None and self.published is None and self.doubt is not None:
            reasons.append("its checkpoint is not believed: %s" % self.doubt)
        elif self.policy is not None and self.unpublished() > 0:
            reasons.append("%s not covered by a checkpoint" % counted(self.unpublished(), "entry is", "entries are"))
            if self.doubt is not None:
                reasons.append("a checkpoint of it is not believed: %s" % self.doubt)
            revoked = ", ".join(key for key in self.published_by if key in self.revoked)
            if revoked:
                reasons.append("what the key %s alone signed proves nothing: it was revoked" % revoked)
        if self.kept:
            sizes = ", ".join(str(note.size) for note in self.kept)
            reasons.append("the kept checkpoint of size %s could not be compared" % sizes)
        home, reached = parent(self.manifest["origin"]), None if self.word is None else self.word.note.size
        sizes = ", ".join(str(note.size) for note in self.kept_anywhere if note.origin == home and note.size != reached)
        if sizes:
            reasons.append("the kept checkpoint of the installation of size %s could not be compared" % sizes)
        return reasons

    def report(self, reasons):
        if self.fault is None and self.authorities is not None and self.word is not None and self.word.token is not None:
            reasons = reasons + self.word.heed(self.authorities)
        if self.fault is not None:
            outcome = UNREADABLE if self.manifest is None else TAMPERED
        else:
            outcome = INCOMPLETE if reasons else INTACT
        first, last = self.first or {}, self.last or {}
        left_out = last["seq"] - first["seq"] + 1 - self.entries if first else 0
        return {
            "outcome": outcome,
            "fault": self.fault,
            "reasons": reasons,
            "manifest": self.manifest,
            "entries": {
                "checked": self.entries,
                "firstSeq": first.get("seq"),
                "lastSeq": last.get("seq"),
                "firstRecordedAt": first.get("recordedAt"),
                "lastRecordedAt": last.get("recordedAt"),
                "kinds": dict(sorted(self.kinds.items())),
                "leftOut": left_out,
            },
            "openings": {"digests": self.digests, "opened": self.openings, "unsampled": self.unsampled, "erasures": self.erasures},
            "published": {
                "size": None if self.published is None else str(self.published),
                "unpublished": self.unpublished(),
                "checkpoints": self.checkpoints,
            },
            "keys": [{"vkey": vkey, "checkpoints": count} for vkey, count in self.signed.items()],
            "witnesses": [
                {"name": name, "oldestAt": _moment(times[0]), "newestAt": _moment(times[1])}
                for name, times in self.cosigned.items()
            ],
            "installation": self.installation(),
            "bundledKeys": self.bundled,
        }


def _moment(seconds):
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    except (ValueError, OverflowError, OSError):
        return "%d s after 1970" % seconds


# ---------------------------------------------------------------------------------------------------------------------
# The command.


def read_text(file, option, encoding="utf-8"):
    try:
        with open(file, encoding=encoding, newline="") as stream:
            return stream.read()
    except (OSError, ValueError) as error:
        raise Usage("%s: %s cannot be read: %s" % (option, file, error))


PEM = re.compile(r"-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END PUBLIC KEY-----\Z")
SPKI_START = bytes.fromhex("302a300506032b6570032100")


def parse_key(text):
    """A Key, the 32 bytes of one without a name, or None."""
    text = text.strip()
    pem = PEM.match(text)
    if pem:
        data = unbase64(re.sub(r"\s", "", pem[1])) or b""
        return data[len(SPKI_START) :] if data.startswith(SPKI_START) and len(data) == 44 else None
    key = Key.parse(text)
    if key is not None:
        return key if key.kind == Key.NOTE else None
    data = bytes.fromhex(text) if re.fullmatch(r"[0-9a-fA-F]{64}", text) else unbase64(text)
    return data if data is not None and len(data) == 32 else None


def read_key(text):
    key = parse_key(text)
    if key is None and os.path.exists(text):
        key = parse_key(read_text(text, "--public-key"))
    if key is None:
        raise Usage("--public-key: it is neither an Ed25519 key nor a file with one")
    return key


def read_kept(file):
    note = Note.parse(read_text(file, "--checkpoint"))
    if note is None:
        raise Usage("--checkpoint: %s is no signed checkpoint" % file)
    return note


def read_roots(file, option):
    """The certificates of a file, or None without one."""
    if file is None:
        return None
    try:
        from midwatch_der import read_roots as read
    except ImportError:
        raise Usage("%s: certificates are read with midwatch_der.py, which has to stand beside this file" % option)
    roots = read(read_text(file, option, "latin-1"))
    if not roots:
        raise Usage("%s: %s holds no certificates in PEM" % (option, file))
    return roots


def show(text, stream=None):
    stream = stream or sys.stdout
    try:
        # A terminal that cannot show a letter is shown its number.
        encoding = getattr(stream, "encoding", None) or "utf-8"
        print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
    except BrokenPipeError:
        # Whoever read along has seen enough, and the exit code is the verdict all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def counted(count, singular, plural=None):
    return "%d %s" % (count, singular if count == 1 else plural or singular + "s")


def printable(text):
    return "".join(c if c.isprintable() else "<U+%04X>" % ord(c) for c in str(text))


def describe_report(file, report):
    outcome = report["outcome"]
    why = report["problem"] or "; ".join(report["reasons"])
    rows = [("file", file), ("verdict", "%s: %s" % (outcome, why) if why else outcome), ("sha-256", report["sha256"]), ("made by", "not known" if report["generator"] is None else report["generator"])]
    rows += describe_signature(report["signature"])
    lines = ["%-13s%s" % (name, printable(value)) for name, value in rows]
    lines.append(describe_together(report["installations"]))
    return "\n".join(lines + ["\n" + describe("embedded, %s" % each["fleet"], each["verdict"]) for each in report["ledgers"]])


def describe_signature(signature):
    if signature is None:
        return [("signature", "none")]
    doubt, timestamp = signature["doubt"], signature["timestamp"]
    rows = [
        ("signature", "of %(signer)s, over all of the file but itself, who says it was at %(claimedAt)s" % signature),
        ("", "which nobody has to believe: %s" % doubt if doubt else "whose certificate follows from those that were pinned"),
    ]
    if timestamp is not None and timestamp["doubt"] is None:
        rows.append(("", "seen by %(authority)s no later than %(at)s" % timestamp))
    elif timestamp is not None:
        rows.append(("", "its time-stamp nobody has to believe: %(doubt)s" % timestamp))
    return rows + [("", "without it the file has the SHA-256 %(unsignedSha256)s" % signature)]


def describe(file, report):
    outcome, fault, manifest = report["outcome"], report["fault"], report["manifest"]
    verdict = outcome
    if fault:
        seq = "" if fault["seq"] is None else "entry %d: " % fault["seq"]
        verdict = "%s: %s%s (line %d)" % (outcome, seq, fault["problem"], fault["line"])
    elif report["reasons"]:
        verdict = "%s: %s" % (outcome, "; ".join(report["reasons"]))
    rows = [("file", file), ("verdict", verdict)]
    if manifest:
        entries, openings, published = report["entries"], report["openings"], report["published"]
        rows += [
            ("log", "%s, fleet %s" % (manifest["origin"], manifest["fleet"])),
            ("scope", " ".join(["%s from %d up to %d" % (manifest["scope"], manifest["from"], manifest["to"] - 1)] + ["; ".join(manifest["about"])] * bool(manifest["about"]))),
            ("entries", "%d checked, seq %s to %s, %d between them not in the bundle" % (entries["checked"], entries["firstSeq"], entries["lastSeq"], entries["leftOut"])),
            ("kinds", ", ".join("%s %d" % kind for kind in entries["kinds"].items()) or "none"),
            ("published", "%s, unpublished tail of %s; %s compared" % ("nothing" if published["size"] is None else "size %s" % published["size"], counted(published["unpublished"], "entry", "entries"), counted(published["checkpoints"], "checkpoint"))),
            ("content", "%d of %d contents opened and matched, the rest is withheld, not asked for, erased or removed; %s kept none" % (openings["opened"], openings["digests"], counted(openings["unsampled"], "decision"))),
            ("removed", "%s carried out, %s" % (counted(openings["erasures"], "erasure"), counted(entries["kinds"].get("PRUNE", 0), "prune"))),
            ("recorded", "%s to %s by the recorder's clock" % (entries["firstRecordedAt"], entries["lastRecordedAt"])),
            ("keys", ", ".join("%s signed %d" % (key["vkey"], key["checkpoints"]) for key in report["keys"]) or "no pinned key signed anything here"),
            ("bundled", "%s came with the bundle, which proves nothing about who made it" % counted(len(report["bundledKeys"]), "key")),
            ("witnesses", ", ".join("%s, %s to %s" % (w["name"], w["oldestAt"], w["newestAt"]) for w in report["witnesses"]) or "none"),
        ]
        rows += describe_installation(report)
    return "\n".join("%-13s%s" % (name, printable(value)) for name, value in rows)


def describe_installation(report):
    word, fault, fleet = report["installation"], report["fault"], report["manifest"]["fleet"]
    if word is None:
        absent = "the bundle has no word of it: nothing shows whether there are other fleets"
        return [("installation", "not checked" if fault else absent)]
    times = "".join(", cosigned by %s at %s" % (each["name"], each["at"]) for each in word["cosignedAt"])
    rows = [("installation", "%s had %s at its log's checkpoint of size %s%s" % (word["origin"], counted(len(word["fleets"]), "fleet"), word["size"], times))]
    if word["doubt"] is not None:
        rows.append(("", "which nobody has to believe: " + word["doubt"]))
    timestamp = word["timestamp"]
    if timestamp is not None and timestamp["doubt"] is None:
        rows.append(("", "seen by %(authority)s no later than %(at)s" % timestamp))
    elif timestamp is not None:
        rows.append(("", "its time-stamp says %(at)s, for which nobody vouches: %(doubt)s" % timestamp))
    for each in word["fleets"]:
        place = "which this bundle is of" if each["fleet"] == fleet else "none of them in this bundle"
        rows.append(("", "%s: %s entries in all, %s" % (each["fleet"], each["size"], place)))
    if word["beyond"] != "0":
        rows.append(("", "by then this fleet’s ledger was longer by %s, not in this bundle" % word["beyond"]))
    return rows


def together(reports):
    """What bundles show together of the installations they are of: the newest word, who is left out, and what cannot be true."""
    words = [report["installation"] for report in reports if report["installation"] is not None]
    origins = {report["manifest"]["origin"] for report in reports if report["manifest"] is not None}
    found = []
    for origin in dict.fromkeys(word["origin"] for word in words):
        said = sorted((word for word in words if word["origin"] == origin), key=lambda word: int(word["size"]))
        believed = [word for word in said if word["doubt"] is None]
        word = (believed or said)[-1]
        left_out = [each["fleet"] for each in word["fleets"] if "%s/%s" % (origin, each["fleet"]) not in origins]
        found.append({"word": word, "leftOut": left_out, "contradiction": contradiction(believed)})
    return found


def strays(kept, reports):
    """Why kept checkpoints show nothing of the bundles: they are of logs that none of these is of, nor names in a word
    that is believed."""
    origins = set()
    for report in reports:
        if report["manifest"] is not None:
            origins |= {report["manifest"]["origin"], parent(report["manifest"]["origin"])}
        word = report["installation"]
        if word is not None and word["doubt"] is None:
            origins |= {"%s/%s" % (word["origin"], each["fleet"]) for each in word["fleets"]}
    foreign_origins = dict.fromkeys(note.origin for note in kept if origins and note.origin not in origins)
    return ["the kept checkpoint of %s could not be compared: nothing here is of that log" % origin for origin in foreign_origins]


def contradiction(words):
    for earlier, later in zip(words, words[1:]):
        if earlier["size"] == later["size"] and earlier["root"] != later["root"]:
            return "there are two histories of %s of size %s" % (later["origin"], later["size"])
        sizes = {each["fleet"]: int(each["size"]) for each in later["fleets"]}
        for each in earlier["fleets"]:
            if sizes.get(each["fleet"], -1) < int(each["size"]):
                return "%s had %s entries of %s, and fewer or none later" % (later["origin"], each["size"], each["fleet"])
    return None


def describe_together(installations):
    rows = []
    for each in installations:
        word, out = each["word"], each["leftOut"]
        named = "%s of %s at size %s" % (counted(len(word["fleets"]), "fleet"), word["origin"], word["size"])
        rows.append("%d of %s are not here: %s" % (len(out), named, ", ".join(out)) if out else "no fleet of %s at size %s is left out: %d in all" % (word["origin"], word["size"], len(word["fleets"])))
        if each["contradiction"] is not None or word["doubt"] is not None:
            rows.append(each["contradiction"] or "which nobody has to believe: " + word["doubt"])
    names = ["together"] + [""] * len(rows)
    lines = rows or ["nothing shows whether there are other fleets"]
    return "\n".join("%-13s%s" % (name, printable(line)) for name, line in zip(names, lines))


def check_report(stream, trust, signers, extract):
    try:
        from midwatch_report import verify_report
    except ImportError:
        raise Usage("a report.pdf is read with midwatch_report.py, which has to stand beside this file")
    return verify_report(stream, lambda: Verifier(*trust), extract, together, (signers, trust[-1]))


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Usage(message)


def main(argv):
    parser = Parser(prog="midwatch_verify.py", description="Check a Midwatch ledger bundle offline.")
    parser.add_argument("files", metavar="FILE", nargs="+")
    parser.add_argument("--public-key", metavar="KEY", help="the log's key, had from elsewhere, or a file with it")
    parser.add_argument("--policy", metavar="FILE", help="a C2SP tlog-policy")
    parser.add_argument("--checkpoint", metavar="FILE", action="append", default=[], help="a checkpoint kept from before")
    parser.add_argument("--signature-roots", metavar="FILE", help="certificates in PEM: a report's signature has to be of one that follows from these")
    parser.add_argument("--timestamp-roots", metavar="FILE", help="certificates in PEM of time-stamping authorities that are believed")
    parser.add_argument("--extract", metavar="DIR", help="keep the bundles of a report.pdf there")
    parser.add_argument("--json", action="store_true", help="print JSON")
    try:
        options = parser.parse_args(argv)
        key = None if options.public_key is None else read_key(options.public_key)
        policy = None if options.policy is None else Policy.parse(read_text(options.policy, "--policy"))
        kept = [read_kept(file) for file in options.checkpoint]
        signers = read_roots(options.signature_roots, "--signature-roots")
        trust = (key, policy, kept, read_roots(options.timestamp_roots, "--timestamp-roots"))
        checked = [check_file(file, trust, signers, options.extract) for file in options.files]
    except (Usage, OSError) as error:
        show("midwatch_verify: %s" % printable(error), sys.stderr)
        return EXIT[UNREADABLE]
    bundles = []
    for _file, report, is_report in checked:
        bundles += [each["verdict"] for each in report["ledgers"]] if is_report else [report]
    missing = strays(kept, bundles)
    if len(checked) == 1 and missing and checked[0][1]["outcome"] in (INTACT, INCOMPLETE):
        checked[0][1].update(outcome=INCOMPLETE, reasons=checked[0][1]["reasons"] + missing)
    texts = [(describe_report if is_report else describe)(file, report) for file, report, is_report in checked]
    if len(checked) == 1:
        show(json.dumps(checked[0][1], indent=2) if options.json else texts[0])
        return EXIT[checked[0][1]["outcome"]]
    installations = together(bundles)
    if options.json:
        files = [dict(report, file=file) for file, report, _is_report in checked]
        show(json.dumps({"files": files, "installations": installations, "reasons": missing}, indent=2))
    else:
        rows = ["%-13s%s" % ("kept", printable(reason)) for reason in missing]
        show("\n\n".join(texts + ["\n".join([describe_together(installations)] + rows)]))
    outcomes = [report["outcome"] for _file, report, _is_report in checked]
    outcomes += [INCOMPLETE] * bool(missing)
    outcomes += [TAMPERED for each in installations if each["contradiction"] is not None]
    return EXIT[next(each for each in (TAMPERED, UNREADABLE, INCOMPLETE, INTACT) if each in outcomes)]


def check_file(file, trust, signers, extract):
    """The file, what is said of it, and whether it is a report."""
    with open(file, "rb") as stream:
        # What comes through a pipe can be looked at ahead, and not read again.
        is_report = stream.peek(5)[:5] == b"%PDF-"
        if not is_report and extract is not None:
            raise Usage("--extract: %s is no report.pdf" % file)
        return file, check_report(stream, trust, signers, extract) if is_report else Verifier(*trust).run(stream), is_report


def run(argv):
    """The exit code is 1, tampered, for no other reason than that."""
    try:
        return main(argv)
    except Exception as error:
        with contextlib.suppress(OSError):
            show("midwatch_verify: no verdict: %s: %s" % (type(error).__name__, printable(error)), sys.stderr)
        with contextlib.suppress(OSError):
            # What is left to be written would be tried again at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT[UNREADABLE]


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
