"""The address by which an integration answers a call later: sealed, so that it is ours, for one call, for a time.

Who holds it may answer that call, once. It names the workspace in clear, by whose key it opens.
"""

import base64
import binascii
import datetime as dt
from dataclasses import dataclass
from uuid import UUID

import orjson

from keys.seal import SealBroken, Sealer
from schemas.effects import CallWebhook
from store.inbox import Place

_PLACE = ("action_calls", "callback", b"")


@dataclass(frozen=True, slots=True)
class Callback:
    """The call that is answered."""

    number: UUID
    conversation: UUID
    call: UUID
    visit: int
    action: str
    until: dt.datetime


def token(sealer: Sealer, place: Place, conversation: UUID, call: CallWebhook) -> str:
    """The last part of the address for this call."""
    said = [place.number_id, conversation, call.id, call.visit, call.action, call.answer_by]
    sealed = sealer.seal(*_PLACE, orjson.dumps(said))
    return f"{place.workspace_id.hex}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"


def workspace_of(written: str) -> UUID | None:
    """Whose token that is, if it is one."""
    try:
        return UUID(hex=written.partition(".")[0])
    except ValueError:
        return None


def read(sealer: Sealer, written: str) -> Callback | None:
    """What a token says, None for one that is not ours."""
    sealed = written.partition(".")[2]
    try:
        plain = sealer.open(
            *_PLACE, base64.b64decode(sealed + "=" * (-len(sealed) % 4), b"-_", validate=True)
        )
    except (SealBroken, binascii.Error, ValueError):
        return None
    number, conversation, call, visit, action, until = orjson.loads(plain)
    return Callback(
        UUID(number), UUID(conversation), UUID(call), visit, action, dt.datetime.fromisoformat(until)
    )
