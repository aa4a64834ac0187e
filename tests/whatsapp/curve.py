"""Curve25519 key pairs: agreement (X25519) and signatures (XEdDSA), as Signal and WhatsApp use them."""

import os
from dataclasses import dataclass

import xeddsa

TYPE = b"\x05"  # goes before a public key wherever Signal serializes one


@dataclass(frozen=True)
class KeyPair:
    """A private key and its public key, 32 bytes each."""

    private: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"KeyPair({self.public.hex()[:8]}…)"

    def agree(self, public: bytes) -> bytes:
        """The secret shared with the owner of `public`."""
        return xeddsa.x25519(self.private, public)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte XEdDSA signature of `message`."""
        return xeddsa.ed25519_priv_sign(xeddsa.priv_force_sign(self.private, False), message)


def new_key_pair() -> KeyPair:
    private = os.urandom(32)
    return KeyPair(private, xeddsa.priv_to_curve25519_pub(private))


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the owner's of `public` over `message`.

    The sign of the Edwards point travels in the signature's highest bit, as in libsignal.
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    sign = bool(signature[63] & 0x80)
    plain = signature[:63] + bytes([signature[63] & 0x7F])
    return xeddsa.ed25519_verify(plain, xeddsa.curve25519_pub_to_ed25519_pub(public, sign), message)
