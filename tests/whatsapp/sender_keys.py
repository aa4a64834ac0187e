"""Sender keys: how a member of a group encrypts once for all, in libsignal's wire format.

The key goes to each device of the group by a message of its own (a distribution); from then on one
ciphertext serves everybody.
"""

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.whatsapp.curve import TYPE, KeyPair, new_key_pair, verify
from tests.whatsapp.signal_protocol import VERSION, CannotRead, Chain, Repeated, read_parts, write_parts

SIGNATURE_BYTES = 64


class SenderKey:
    """A member's own key for a group."""

    def __init__(self) -> None:
        self.id = int.from_bytes(os.urandom(4), "big") & 0x7FFFFFFF
        self._chain = Chain(os.urandom(32))
        self._signing: KeyPair = new_key_pair()

    def distribution(self) -> bytes:
        """What lets others read what is encrypted from now on."""
        parts: dict[int, int | bytes] = {
            1: self.id,
            2: self._chain.index,
            3: self._chain.key,
            4: TYPE + self._signing.public,
        }
        return VERSION + write_parts(parts)

    def encrypt(self, plain: bytes) -> bytes:
        index = self._chain.index
        iv, key = _message_keys(self._chain.step())
        pad = 16 - len(plain) % 16
        sealer = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        body = sealer.update(plain + bytes([pad]) * pad) + sealer.finalize()
        data = VERSION + write_parts({1: self.id, 2: index, 3: body})
        return data + self._signing.sign(data)


@dataclass
class OtherSenderKey:
    """Another member's key."""

    id: int
    chain: Chain
    signing: bytes
    skipped: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def decrypt(self, data: bytes) -> bytes:
        """Raises CannotRead, and Repeated."""
        signed, signature = data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
        parts = dict(read_parts(signed[1:]))
        body, index = parts.get(3), int(parts.get(2, 0))
        if signed[:1] != VERSION or parts.get(1) != self.id or not isinstance(body, bytes):
            raise CannotRead("a message under another sender key")
        if not verify(self.signing, signed, signature):
            raise CannotRead("a group message that its sender did not sign")
        if (seed := self.skipped.pop(index, None)) is None:
            if index < self.chain.index:
                raise Repeated(f"group message {index} of a chain that is at {self.chain.index}")
            while self.chain.index < index:
                at = self.chain.index
                self.skipped[at] = self.chain.step()
            seed = self.chain.step()
        iv, key = _message_keys(seed)
        opener = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        plain = opener.update(body) + opener.finalize()
        return plain[: -plain[-1]]


def distributed(data: bytes) -> OtherSenderKey:
    """Read a distribution. Raises CannotRead."""
    parts = dict(read_parts(data[1:]))
    key_id, index, key, signing = parts.get(1, 0), parts.get(2, 0), parts.get(3), parts.get(4)
    if data[:1] != VERSION or not isinstance(key, bytes) or not isinstance(signing, bytes):
        raise CannotRead("not a distribution of a sender key")
    return OtherSenderKey(int(key_id), Chain(key, int(index)), signing[1:])


def key_id(data: bytes) -> int:
    """Which key a group message was encrypted under."""
    return int(dict(read_parts(data[1:-SIGNATURE_BYTES])).get(1, 0))


def _message_keys(seed: bytes) -> tuple[bytes, bytes]:
    out = HKDF(SHA256(), 48, None, b"WhisperGroup").derive(seed)
    return out[:16], out[16:]
