"""How outgoing requests are signed: Standard Webhooks 1.0.0, symmetric (`v1`)."""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable

SECRET_BYTES = 32  # 24 to 64 are allowed
PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret as it is shown."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def signature(message_id: str, timestamp: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers; each of the secrets signs. Raises `ValueError` for what is not base64."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures: list[str] = []
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        signatures.append(f"v1,{digest}")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
