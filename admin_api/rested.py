"""A simulated talk between two calls: its caller keeps it, sealed, for the same draft only."""

import base64
import binascii

from admin_api import etag
from keys.seal import SealBroken, Sealer
from schemas.problems import Refused
from schemas.tables.bots import Bot

MOST_STATE = 2_000_000


class StateUnfit(Refused):
    """The talk cannot go on from there."""

    code = "simulation.state_unfit"
    status = 409
    title = "The talk began with another draft"
    sentence = (
        "This `state` is not one that a simulation of the draft of {name!r}, as it is now, gave."
        " Leave it out, and send the events again from the first."
    )


def place_of(bot: Bot, files: dict[str, str]) -> tuple[str, bytes]:
    """The draft's tag, and what the state of a talk with it is sealed for."""
    tag = etag.of_parts((path, etag.of_text(text)) for path, text in files.items())
    return tag, bot.id.bytes + tag.encode()


def sealed(seals: Sealer, place: bytes, rested: bytes) -> str:
    """What the caller keeps."""
    return base64.urlsafe_b64encode(seals.seal("simulations", "state", place, rested)).decode()


def opened(seals: Sealer, place: bytes, name: str, state: str) -> bytes:
    """The talk that rests in `state`. Raises `StateUnfit`."""
    try:
        return seals.open("simulations", "state", place, base64.b64decode(state, b"-_", validate=True))
    except (SealBroken, binascii.Error, ValueError):
        raise StateUnfit(name=name) from None
