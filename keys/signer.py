"""Signatures on what the database or a link holds, but must not be able to invent.

Each purpose has its own key, derived from the master key by HKDF, so what is signed for one counts for no
other. What an older master key signed counts as long as that key is loaded.

Source: RFC 5869 (HKDF), RFC 2104 (HMAC).
"""

import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.master import KEY_BYTES, MasterKeys


class Signer:
    """Signs with the current master key, knows what any loaded one signed. `current` is its id."""

    def __init__(self, masters: MasterKeys, purpose: str) -> None:
        self.current = masters.current
        info = f"chatloom-sign-v1-{purpose}".encode()
        self._keys = {
            name: HKDF(SHA256(), KEY_BYTES, None, info).derive(key) for name, key in masters.keys.items()
        }

    def sign(self, said: bytes) -> bytes:
        """HMAC-SHA-256, 32 bytes, by the key `current`."""
        return hmac.digest(self._keys[self.current], said, "sha256")

    def knows(self, key_id: str) -> bool:
        """Whether what this master key signed can be told."""
        return key_id in self._keys

    def right(self, key_id: str, said: bytes, signature: bytes) -> bool:
        """Whether `signature` is what the key of this id makes of `said`. Constant time."""
        key = self._keys.get(key_id)
        return key is not None and hmac.compare_digest(hmac.digest(key, said, "sha256"), signature)
