"""X3DH and the double ratchet in libsignal's wire format (version 3), for phones without a process.

Small on purpose: sessions are kept in memory, and skipped message keys without limit.
"""

import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.whatsapp.curve import TYPE, KeyPair, new_key_pair, verify

VERSION = b"\x33"
MAC_BYTES = 8


class CannotRead(Exception):
    """A message that this phone cannot decrypt; the reason is for the test's reader."""


class Repeated(CannotRead):
    """A message whose key was used before."""


@dataclass
class Keys:
    """What a device keeps for itself."""

    identity: KeyPair = field(default_factory=new_key_pair)
    registration: int = field(default_factory=lambda: int.from_bytes(os.urandom(2), "big") % 16380 + 1)
    signed: KeyPair = field(default_factory=new_key_pair)
    one_time: dict[int, KeyPair] = field(default_factory=dict[int, KeyPair])


@dataclass(frozen=True)
class Bundle:
    """What another device left with the server for opening a session."""

    identity: bytes
    signed_id: int
    signed: bytes
    signature: bytes
    one_time_id: int | None = None
    one_time: bytes = b""


@dataclass
class Chain:
    """One run of message keys."""

    key: bytes
    index: int = 0

    def step(self) -> bytes:
        """The seed of the message key at `index`; moves on."""
        seed = _mac(self.key, b"\x01")
        self.key, self.index = _mac(self.key, b"\x02"), self.index + 1
        return seed


@dataclass
class Session:
    """A double ratchet with one device."""

    own: bytes
    theirs: bytes
    root: bytes
    ratchet: KeyPair
    base: bytes
    sending: Chain
    receiving: dict[bytes, Chain] = field(default_factory=dict[bytes, Chain])
    skipped: dict[tuple[bytes, int], bytes] = field(default_factory=dict[tuple[bytes, int], bytes])
    previous: int = 0
    pending: tuple[int | None, int] | None = None  # prekey ids, until the other side has answered

    def encrypt(self, plain: bytes, keys: Keys) -> tuple[str, bytes]:
        """The kind of message, `pkmsg` or `msg`, and its bytes."""
        index = self.sending.index
        cipher, mac, iv = _message_keys(self.sending.step())
        pad = 16 - len(plain) % 16
        sealer = Cipher(algorithms.AES(cipher), modes.CBC(iv)).encryptor()
        body = sealer.update(plain + bytes([pad]) * pad) + sealer.finalize()
        parts = {1: TYPE + self.ratchet.public, 2: index, 3: self.previous, 4: body}
        data = VERSION + write_parts(parts)
        data += _mac(mac, TYPE + self.own + TYPE + self.theirs + data)[:MAC_BYTES]
        if self.pending is None:
            return "msg", data
        one_time, signed = self.pending
        outer: dict[int, int | bytes] = {} if one_time is None else {1: one_time}
        outer |= {2: TYPE + self.base, 3: TYPE + self.own, 4: data, 5: keys.registration, 6: signed}
        return "pkmsg", VERSION + write_parts(outer)

    def decrypt(self, data: bytes) -> bytes:
        """Raises CannotRead, and Repeated."""
        parts = dict(read_parts(data[1:-MAC_BYTES]))
        ratchet, index, body = parts.get(1), parts.get(2, 0), parts.get(4)
        if data[:1] != VERSION or not isinstance(ratchet, bytes) or not isinstance(body, bytes):
            raise CannotRead("not a Signal message")
        seed = self._seed(ratchet[1:], int(index))
        cipher, mac, iv = _message_keys(seed)
        expected = _mac(mac, TYPE + self.theirs + TYPE + self.own + data[:-MAC_BYTES])[:MAC_BYTES]
        if not hmac.compare_digest(expected, data[-MAC_BYTES:]):
            raise CannotRead("wrong MAC")
        opener = Cipher(algorithms.AES(cipher), modes.CBC(iv)).decryptor()
        plain = opener.update(body) + opener.finalize()
        self.pending = None
        return plain[: -plain[-1]]

    def _seed(self, ratchet: bytes, index: int) -> bytes:
        chain = self.receiving.get(ratchet) or self._turn(ratchet)
        if (seed := self.skipped.pop((ratchet, index), None)) is not None:
            return seed
        if index < chain.index:
            raise Repeated(f"message {index} of a chain that is at {chain.index}")
        while chain.index < index:
            at = chain.index
            self.skipped[ratchet, at] = chain.step()
        return chain.step()

    def _turn(self, ratchet: bytes) -> Chain:
        self.root, key = _ratchet(self.root, self.ratchet.agree(ratchet))
        chain = self.receiving[ratchet] = Chain(key)
        self.previous = max(self.sending.index - 1, 0)
        self.ratchet = new_key_pair()
        self.root, key = _ratchet(self.root, self.ratchet.agree(ratchet))
        self.sending = Chain(key)
        return chain


def opened(keys: Keys, bundle: Bundle) -> Session:
    """A session that this side begins. Raises CannotRead when the bundle's signature is wrong."""
    if not verify(bundle.identity, TYPE + bundle.signed, bundle.signature):
        raise CannotRead("a bundle with a wrong signature")
    base, ratchet = new_key_pair(), new_key_pair()
    secrets = [
        keys.identity.agree(bundle.signed),
        base.agree(bundle.identity),
        base.agree(bundle.signed),
        *([base.agree(bundle.one_time)] if bundle.one_time else []),
    ]
    root, receiving = _begin(secrets)
    root, sending = _ratchet(root, ratchet.agree(bundle.signed))
    session = Session(keys.identity.public, bundle.identity, root, ratchet, base.public, Chain(sending))
    session.receiving[bundle.signed] = Chain(receiving)
    session.pending = (bundle.one_time_id, bundle.signed_id)
    return session


def answered(keys: Keys, data: bytes) -> tuple[Session, bytes]:
    """A session that the other side begins with a `pkmsg`, and the message inside it.

    A one-time prekey serves once. Raises CannotRead for one that is unknown or used.
    """
    parts = dict(read_parts(data[1:]))
    base, identity, message, one_time_id = (parts.get(number) for number in (2, 3, 4, 1))
    if data[:1] != VERSION or not (
        isinstance(base, bytes) and isinstance(identity, bytes) and isinstance(message, bytes)
    ):
        raise CannotRead("not a prekey message")
    base, identity = base[1:], identity[1:]
    secrets = [keys.signed.agree(identity), keys.identity.agree(base), keys.signed.agree(base)]
    if one_time_id is not None:
        one_time = keys.one_time.pop(int(one_time_id), None)
        if one_time is None:
            raise CannotRead(f"prekey {one_time_id!r} is unknown or was used before")
        secrets.append(one_time.agree(base))
    root, sending = _begin(secrets)
    return Session(keys.identity.public, identity, root, keys.signed, base, Chain(sending)), message


def inner(data: bytes) -> tuple[bytes, bytes]:
    """Of a `pkmsg`: the base key that names its session, and the message inside."""
    parts = dict(read_parts(data[1:]))
    base, message = parts.get(2), parts.get(4)
    if not isinstance(base, bytes) or not isinstance(message, bytes):
        raise CannotRead("not a prekey message")
    return base[1:], message


def pad(plain: bytes) -> bytes:
    """WhatsApp's own padding, around what Signal encrypts."""
    size = os.urandom(1)[0] % 15 + 1
    return plain + bytes([size]) * size


def unpad(padded: bytes) -> bytes:
    return padded[: -padded[-1]]


def _begin(secrets: list[bytes]) -> tuple[bytes, bytes]:
    out = HKDF(SHA256(), 64, None, b"WhisperText").derive(b"\xff" * 32 + b"".join(secrets))
    return out[:32], out[32:]


def _ratchet(root: bytes, secret: bytes) -> tuple[bytes, bytes]:
    out = HKDF(SHA256(), 64, root, b"WhisperRatchet").derive(secret)
    return out[:32], out[32:]


def _message_keys(seed: bytes) -> tuple[bytes, bytes, bytes]:
    out = HKDF(SHA256(), 80, None, b"WhisperMessageKeys").derive(seed)
    return out[:32], out[32:64], out[64:]


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def write_parts(parts: dict[int, int | bytes]) -> bytes:
    out = bytearray()
    for number, value in parts.items():
        out += _varint(number << 3 | (2 if isinstance(value, bytes) else 0))
        out += _varint(len(value)) + value if isinstance(value, bytes) else _varint(value)
    return bytes(out)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_parts(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(data):
                raise CannotRead("a message cut short")
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        value = varint()
        if tag & 7 == 2:
            at += value
            yield tag >> 3, data[at - value : at]
        elif tag & 7 == 0:
            yield tag >> 3, value
        else:
            raise CannotRead("a field that Signal does not use")
