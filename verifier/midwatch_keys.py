"""Checks what was signed with RSA (RFC 8017) and ECDSA (FIPS 186-5), for the certificates of midwatch_der.py beside it.

Nothing in it is secret, so nothing takes care to be as fast for one number as for another.
"""

import hashlib

RSA_KEY, EC_KEY, RSA_PSS = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1", "1.2.840.113549.1.1.10"
MASK_KIND = "1.2.840.113549.1.1.8"
HASHES = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
# With the hash that each goes by; the kind of the key says the rest.
ALGORITHMS = {
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
# DigestInfo before the hash (RFC 8017 section 9.2, note 1).
DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
RSA_BITS_MIN, RSA_BITS_MAX = 2048, 16384


def sha1(data):
    """For names of keys alone: nothing that is signed by way of it is believed."""
    return hashlib.sha1(data).digest()


def is_strong(info):
    """Whether a SubjectPublicKeyInfo is of a key that is believed: RSA that is long enough, or a point of one of the curves."""
    kind = info.item(0, 0).oid()
    if kind == RSA_KEY:
        modulus, exponent = rsa_key(info)
        return RSA_BITS_MIN <= modulus.bit_length() <= RSA_BITS_MAX and 3 <= exponent < 1 << 64 and exponent & 1 == 1
    return kind == EC_KEY and ec_key(info)[1] is not None


def verify(info, algorithm, message, value, digest=None):
    """Whether a value is the signature of a message by the key of a SubjectPublicKeyInfo. `algorithm` is an AlgorithmIdentifier;
    `digest` the hash to go by where that names the key's kind alone (RFC 5754 section 3.2)."""
    oid, kind = algorithm.item(0).oid(), info.item(0, 0).oid()
    is_pss, salt = oid == RSA_PSS, None
    if is_pss:
        digest, salt = pss_parameters(algorithm)
    elif oid != RSA_KEY:
        digest = ALGORITHMS.get(oid)
    if digest is None or not is_strong(info):
        return False
    if kind == RSA_KEY:
        return rsa_verify(rsa_key(info), digest, message, value, salt)
    return not is_pss and ecdsa_verify(*ec_key(info), digest, message, value)


# ---------------------------------------------------------------------------------------------------------------------
# RSA.


def rsa_key(info):
    numbers = info.item(1).within()
    return numbers.item(0).integer(), numbers.item(1).integer()


def pss_parameters(algorithm):
    """The hash and the length of the salt (RFC 4055 section 3.1). What is left out is SHA-1, and the mask has to be made by the hash."""
    parts = {part.tag: part for part in algorithm.item(1).of(0x30).parts("( a0)?( a1)?( a2)?( a3)?")}
    digest = HASHES.get(parts[0xA0].item(0).of(0x30).item(0).oid()) if 0xA0 in parts else None
    kind, mask = parts[0xA1].item(0).of(0x30).parts(" 06 30") if 0xA1 in parts else (None, None)
    if mask is None or kind.oid() != MASK_KIND or HASHES.get(mask.item(0).oid()) != digest:
        digest = None
    return digest, parts[0xA2].item(0).integer() if 0xA2 in parts else 20


def rsa_verify(key, digest, message, value, salt):
    """RFC 8017 sections 8.2.2 and, with the length of a salt, 8.1.2."""
    modulus, exponent = key
    bits = modulus.bit_length()
    size = (bits + 7) // 8
    number = int.from_bytes(value, "big")
    if len(value) != size or number >= modulus:
        return False
    hashed = hashlib.new(digest, message).digest()
    raised = pow(number, exponent, modulus)
    if salt is not None:
        return raised.bit_length() < bits and pss_verify(raised.to_bytes((bits + 6) // 8, "big"), bits - 1, digest, hashed, salt)
    told = DIGEST_INFO[digest] + hashed
    return raised.to_bytes(size, "big") == b"\0\1" + b"\xff" * (size - len(told) - 3) + b"\0" + told


def pss_verify(encoded, bits, digest, hashed, salt):
    """EMSA-PSS-VERIFY (RFC 8017 section 9.1.2)."""
    length = len(hashed)
    masked, seed, end = encoded[: -length - 1], encoded[-length - 1 : -1], encoded[-1:]
    free = 8 * len(encoded) - bits
    if end != b"\xbc" or len(masked) < salt + 1 or masked[0] >> (8 - free):
        return False
    mask = b"".join(hashlib.new(digest, seed + at.to_bytes(4, "big")).digest() for at in range(len(masked) // length + 1))
    plain = bytearray(a ^ b for a, b in zip(masked, mask))
    plain[0] &= 0xFF >> free
    start = len(plain) - salt
    if plain[:start] != b"\0" * (start - 1) + b"\1":
        return False
    return hashlib.new(digest, b"\0" * 8 + hashed + plain[start:]).digest() == seed


# ---------------------------------------------------------------------------------------------------------------------
# ECDSA over the curves y² = x³ - 3x + b of SP 800-186 section 3.2.1.


class Curve:
    def __init__(self, prime, order, b, x, y):
        self.prime, self.order, self.b, self.base = prime, order, b, (x, y)
        self.size = (prime.bit_length() + 7) // 8

    def point(self, data):
        """A point of SEC 1 section 2.3.4, whole or compressed; None for what is no point of the curve."""
        p, x = self.prime, int.from_bytes(data[1 : 1 + self.size], "big")
        if x >= p:
            return None
        square = (x * x * x - 3 * x + self.b) % p
        if data[:1] == b"\4" and len(data) == 1 + 2 * self.size:
            y = int.from_bytes(data[1 + self.size :], "big")
        elif data[:1] in (b"\2", b"\3") and len(data) == 1 + self.size:
            y = pow(square, (p + 1) // 4, p)
            y = p - y if y & 1 != data[0] & 1 else y
        else:
            return None
        return (x, y) if y < p and y * y % p == square else None

    def double(self, point):
        x, y, z = point
        p = self.prime
        if z == 0 or y == 0:
            return (1, 1, 0)
        delta, gamma = z * z % p, y * y % p
        beta, alpha = x * gamma % p, 3 * (x - delta) * (x + delta) % p
        across = (alpha * alpha - 8 * beta) % p
        return (across, (alpha * (4 * beta - across) - 8 * gamma * gamma) % p, 2 * y * z % p)

    def add(self, one, other):
        """In Jacobian coordinates: x/z² and y/z³, the point at infinity with z of 0."""
        p = self.prime
        if one[2] == 0 or other[2] == 0:
            return other if one[2] == 0 else one
        z1, z2 = one[2] * one[2] % p, other[2] * other[2] % p
        u, v = one[0] * z2 % p, one[1] * z2 * other[2] % p
        h, r = (other[0] * z1 - u) % p, (other[1] * z1 * one[2] - v) % p
        if h == 0:
            return self.double(one) if r == 0 else (1, 1, 0)
        h2 = h * h % p
        h3, uh2 = h * h2 % p, u * h2 % p
        x = (r * r - h3 - 2 * uh2) % p
        return (x, (r * (uh2 - x) - v * h3) % p, h * one[2] * other[2] % p)

    def sum_of(self, first, second, point):
        """first times the base and second times the point, as they are added; x, or None at infinity."""
        base, point = self.base + (1,), point + (1,)
        steps = {(1, 0): base, (0, 1): point, (1, 1): self.add(base, point)}
        found = (1, 1, 0)
        for at in reversed(range(self.order.bit_length())):
            found = self.double(found)
            step = (first >> at & 1, second >> at & 1)
            if step in steps:
                found = self.add(found, steps[step])
        return found[0] * pow(found[2], -2, self.prime) % self.prime if found[2] else None


CURVES = {
    "1.2.840.10045.3.1.7": Curve(
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    "1.3.132.0.34": Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
    "1.3.132.0.35": Curve(
        2**521 - 1,
        0x01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
        0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
        0x00C6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3DBAA14B5E77EFE75928FE1DC127A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66,
        0x011839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E662C97EE72995EF42640C550B9013FAD0761353C7086A272C24088BE94769FD16650,
    ),
}


def ec_key(info):
    """The curve and the point; no point where the curve is not one of ours, by its name, or the point not on it."""
    parts = info.item(0).items()
    curve = CURVES.get(parts[1].oid()) if len(parts) == 2 and parts[1].tag == 6 else None
    return curve, None if curve is None else curve.point(info.item(1).bits())


def integer_of(number):
    """INTEGER of DER, as bytes: none needless, and positive."""
    data = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\2" + bytes([len(data)]) + data


def ecdsa_numbers(value, size):
    """r and s of a signature; None for what is not their one encoding."""
    at = 3 if value[1:2] == b"\x81" else 2
    length = value[at + 1] if len(value) > at + 1 else 0
    r = int.from_bytes(value[at + 2 : at + 2 + length], "big")
    s = int.from_bytes(value[at + 4 + length :], "big")
    body = integer_of(r) + integer_of(s) if max(r, s).bit_length() <= 8 * size else b""
    head = b"\x30" + (b"\x81" if len(body) > 127 else b"") + bytes([len(body)])
    return (r, s) if head + body == value else None


def ecdsa_verify(curve, point, digest, message, value):
    """FIPS 186-5 section 6.4.2."""
    numbers = ecdsa_numbers(value, curve.size)
    if numbers is None or not all(0 < number < curve.order for number in numbers):
        return False
    r, s = numbers
    hashed = hashlib.new(digest, message).digest()
    short = int.from_bytes(hashed, "big") >> max(0, 8 * len(hashed) - curve.order.bit_length())
    inverse = pow(s, -1, curve.order)
    x = curve.sum_of(short * inverse % curve.order, r * inverse % curve.order, point)
    return x is not None and x % curve.order == r
