"""Noise_XX_25519_AESGCM_SHA256 as WhatsApp speaks it, both sides, and the frames around it.

The client's first bytes are the header, which is also the handshake's prologue; each frame is three
bytes of length and its data. After the handshake each side seals with its own key and counter.
"""

import hashlib
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.whatsapp.curve import KeyPair

PATTERN = b"Noise_XX_25519_AESGCM_SHA256\0\0\0\0"
HEADER = b"WA\x06\x03"
MOST_BYTES = 1 << 24


class BadHandshake(Exception):
    """The other side does not speak the protocol, or does not hold the key that it says."""


class Frames:
    """Cuts what arrives into frames; `header` is what must come first, if anything."""

    def __init__(self, header: bytes = b"") -> None:
        self._header = header
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that are now whole. Raises BadHandshake for a wrong header."""
        self._rest += data
        if self._header:
            size = min(len(self._header), len(self._rest))
            if self._rest[:size] != self._header[:size]:
                raise BadHandshake(f"header {self._rest[:4]!r}")
            if size < len(self._header):
                return
            self._rest, self._header = self._rest[size:], b""
        while len(self._rest) >= 3:
            end = 3 + int.from_bytes(self._rest[:3], "big")
            if len(self._rest) < end:
                return
            frame, self._rest = self._rest[3:end], self._rest[end:]
            yield frame


def framed(data: bytes) -> bytes:
    if len(data) >= MOST_BYTES:
        raise ValueError("too long for a frame")
    return len(data).to_bytes(3, "big") + data


class Handshake:
    """The state that both sides keep in step."""

    def __init__(self, header: bytes = HEADER) -> None:
        self._hash = self._salt = PATTERN
        self._cipher = AESGCM(PATTERN)
        self._counter = 0
        self.authenticate(header)

    def authenticate(self, data: bytes) -> None:
        self._hash = hashlib.sha256(self._hash + data).digest()

    def mix(self, own: KeyPair, public: bytes) -> None:
        self._salt, key = _expand(self._salt, own.agree(public))
        self._cipher, self._counter = AESGCM(key), 0

    def encrypt(self, plain: bytes) -> bytes:
        sealed = self._cipher.encrypt(self._nonce(), plain, self._hash)
        self.authenticate(sealed)
        return sealed

    def decrypt(self, sealed: bytes) -> bytes:
        """Raises BadHandshake."""
        try:
            plain = self._cipher.decrypt(self._nonce(), sealed, self._hash)
        except InvalidTag as error:
            raise BadHandshake("a part of the handshake does not open") from error
        self.authenticate(sealed)
        return plain

    def finish(self) -> tuple["Direction", "Direction"]:
        """From client to server, and from server to client."""
        client, server = _expand(self._salt, b"")
        return Direction(client), Direction(server)

    def _nonce(self) -> bytes:
        self._counter += 1
        return (self._counter - 1).to_bytes(12, "big")


class Direction:
    """One direction of an open connection."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._counter = 0

    def seal(self, plain: bytes) -> bytes:
        return self._cipher.encrypt(self._nonce(), plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Raises BadHandshake: a frame was altered, lost or repeated."""
        try:
            return self._cipher.decrypt(self._nonce(), sealed, None)
        except InvalidTag as error:
            raise BadHandshake("a frame does not open") from error

    def _nonce(self) -> bytes:
        self._counter += 1
        return (self._counter - 1).to_bytes(12, "big")


def _expand(salt: bytes, data: bytes) -> tuple[bytes, bytes]:
    out = HKDF(SHA256(), 64, salt, b"").derive(data)
    return out[:32], out[32:]
