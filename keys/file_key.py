"""The key of one sealed file, and keys derived from a secret that is kept in it.

A file's key is HKDF-SHA256(master key, the file's salt, the file's purpose and header). It seals the file's
records one by one under a counter as nonce, so a file is written by one writer, from its beginning, and never
appended to after that writer is gone: a new file has a new salt and so a new key.

Source: RFC 5869 (HKDF); NIST SP 800-38D, section 8.2.1 (deterministic nonces).
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.master import KEY_BYTES
from keys.seal import NONCE_BYTES, SALT_BYTES, TAG_BYTES

SECRET_BYTES = KEY_BYTES

__all__ = ["SALT_BYTES", "SECRET_BYTES", "TAG_BYTES", "FileKey", "derived", "new_salt", "new_secret"]


class FileKey:
    """Seals and opens the records of one file. `purpose` holds all that the file says of itself in clear."""

    def __init__(self, master: bytes, salt: bytes, purpose: bytes) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), KEY_BYTES, salt, purpose).derive(master))

    def seal(self, count: int, bound: bytes, plain: bytes) -> bytes:
        """Record number `count`. The caller never uses a number twice."""
        return self._cipher.encrypt(count.to_bytes(NONCE_BYTES, "big"), plain, bound)

    def open(self, count: int, bound: bytes, sealed: bytes) -> bytes | None:
        """What was sealed as record `count`; None when it was altered or is another record."""
        try:
            return self._cipher.decrypt(count.to_bytes(NONCE_BYTES, "big"), sealed, bound)
        except InvalidTag:
            return None


def new_salt() -> bytes:
    return os.urandom(SALT_BYTES)


def new_secret() -> bytes:
    return os.urandom(SECRET_BYTES)


def derived(secret: bytes, purpose: bytes) -> bytes:
    """32 bytes for this purpose only, always the same for the same secret."""
    return HKDF(SHA256(), KEY_BYTES, None, b"chatloom-derived-v1" + purpose).derive(secret)
