"""Our own message id, hidden in the 32 bytes of secret that a WhatsApp message may carry.

neonize lets us choose no message id, but it lets us choose `messageContextInfo.messageSecret`, and it commits
(chat, sender, id, secret) to the session's database before the message goes on the wire. So after a crash the
secrets say which of our messages were on their way, and by which ids.

A secret is SIV ‖ (our id ⊕ pad): SIV = HMAC(key, "siv" ‖ id)[:16], pad = HMAC(key, "pad" ‖ SIV)[:16]. To whoever has
not the key it is random, the same id always gives the same secret, and no other 32 bytes pass for one of ours
(128 bits).
"""

import hmac
from uuid import UUID

SECRET_BYTES = 32
_HALF = 16


def secret_of(key: bytes, message_id: UUID) -> bytes:
    """The secret that stands for our message."""
    siv = _half(key, b"siv" + message_id.bytes)
    return siv + _xor(message_id.bytes, _half(key, b"pad" + siv))


def message_of(key: bytes, secret: bytes) -> UUID | None:
    """Our message that a secret stands for; None if somebody else made it."""
    if len(secret) != SECRET_BYTES:
        return None
    siv, hidden = secret[:_HALF], secret[_HALF:]
    plain = _xor(hidden, _half(key, b"pad" + siv))
    return UUID(bytes=plain) if hmac.compare_digest(_half(key, b"siv" + plain), siv) else None


def _half(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")[:_HALF]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
