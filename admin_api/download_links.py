"""Links that download a file without a key, for a while: what they allow, and who made them, is signed.

base64url(JSON) "." base64url(HMAC-SHA-256)
"""

import base64
import binascii
import datetime as dt
import time
from dataclasses import dataclass
from uuid import UUID

import orjson

from admin_api.callers import Caller, Role
from keys.master import MasterKeys
from keys.signer import Signer

PURPOSE = "download"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link allows: a job's file. `maker`: in whose name."""

    job: UUID
    maker: Caller


def made(masters: MasterKeys, who: Caller, job: UUID, until: dt.datetime) -> str:
    """The token of a link."""
    signer = Signer(masters, PURPOSE)
    key = who.key if who.kind == "api_key" else who.user
    said = orjson.dumps(
        [
            signer.current,
            str(who.workspace),
            str(job),
            int(until.timestamp()),
            who.kind,
            key and str(key),
            who.name,
        ]
    )
    return f"{_text(said)}.{_text(signer.sign(said))}"


def read(masters: MasterKeys, token: str, address: str) -> Link | None:
    """What a token allows whoever calls from `address`. None: it is not ours, or its time is over."""
    try:
        said, signature = (_bytes(part) for part in token.split("."))
        key_id, workspace, job, until, kind, key, name = orjson.loads(said)
        if not Signer(masters, PURPOSE).right(key_id, said, signature) or time.time() >= until:
            return None
    except (ValueError, TypeError, binascii.Error):
        return None
    named = UUID(key) if key else None
    api_key = kind == "api_key"
    maker = Caller(
        name,
        Role.admin,
        UUID(workspace),
        kind,
        user=None if api_key else named,
        key=named if api_key else None,
        address=address,
    )
    return Link(UUID(job), maker)


def _text(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
