"""Random values that are shown once: API keys and invitations.

What is kept is their SHA-256. A slow hash is for what people think up; no speed lets one guess 256 random
bits, and a hash without salt can be looked up by an index.
"""

import hashlib
import secrets

API_KEY = "clk_"
INVITATION = "cli_"


def new(prefix: str) -> str:
    """A new value; the prefix says what it is, to people and to scanners of leaked secrets."""
    return f"{prefix}{secrets.token_urlsafe(32)}"


def kept(value: str) -> bytes:
    """What the database holds of it."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()
