"""The chain of a workspace's audit.

Each entry has a place, from 1 without gaps, and a hash: SHA-256(hash of the entry before ‖ the entry in one
fixed form). So an entry that was changed, removed, put in or moved breaks the chain at its place. What a
chain alone cannot tell is told by two marks, signed by a key that the database does not hold: `head`, how far it
goes (else its last entries could be cut off), and `start`, where it begins since older entries were deleted when
their time was over. Whoever holds both database and master key can forge all of it; and who puts back the whole
database as it was earlier, marks included, is found only by comparing with what was noted elsewhere.
"""

import datetime as dt
import hashlib
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from keys.signer import Signer

PURPOSE = "audit"
NOTHING = bytes(32)  # the hash before the first entry


class Link(NamedTuple):
    """An entry of the audit, as it is hashed. The columns are read in this order."""

    id: UUID
    workspace_id: UUID
    at: dt.datetime
    who_kind: str
    who_id: UUID | None
    who_name: str
    address: str
    action: str
    target_id: str
    target_name: str
    changes: dict[str, Any]


COLUMNS = ", ".join(Link._fields)


class Mark(NamedTuple):
    """One end of a chain. The columns are read in this order."""

    place: int
    hash: bytes
    key_id: str
    signature: bytes


def hashed(before: bytes, place: int, link: Link) -> bytes:
    """The hash of an entry at `place`, after the entry whose hash is `before`."""
    at = link.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    said = orjson.dumps([place, *link._replace(at=at)], option=orjson.OPT_SORT_KEYS)  # type: ignore[arg-type]
    return hashlib.sha256(before + said).digest()


def mark(signer: Signer, workspace: UUID, kind: str, place: int, end: bytes) -> Mark:
    """A mark that we sign."""
    return Mark(place, end, signer.current, signer.sign(_signed(workspace, kind, place, end)))


def is_ours(signer: Signer, workspace: UUID, kind: str, said: Mark) -> bool:
    """Whether we signed a mark."""
    signed = _signed(workspace, kind, said.place, bytes(said.hash))
    return signer.right(said.key_id, signed, bytes(said.signature))


def _signed(workspace: UUID, kind: str, place: int, end: bytes) -> bytes:
    return b"%b %b %d %b" % (workspace.bytes, kind.encode(), place, end)
