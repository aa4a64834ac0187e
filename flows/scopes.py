"""What expressions can name, and its types: `data`, `contact`, `message`, `result`, `event`, `number`, `bot`, `texts`, `now`."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flows import cel, formats
from flows.cel import Scope
from flows.snippets import Snippets
from flows.values import Values
from schemas.events import Received
from schemas.messages import (
    Choice,
    FormReply,
    Identity,
    Location,
    Media,
    Reaction,
    Text,
    plain_text,
)

if TYPE_CHECKING:
    from flows.compiled import Compiled

TEXT = {"type": "string"}
OPEN: dict[str, Any] = {"type": "object", "additionalProperties": True}

CONTACT_FIELDS: dict[str, Any] = {
    "id": TEXT,
    "name": TEXT,
    "language": TEXT,
    "timezone": TEXT,
    "phone": TEXT,
}
MESSAGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "kind": TEXT,
        "text": TEXT,
        "choice": TEXT,
        "mime": TEXT,
        "filename": TEXT,
        "latitude": {"type": "number"},
        "longitude": {"type": "number"},
        "emoji": TEXT,
        "reply_to": TEXT,
        "from": TEXT,
        "parts": {"type": "array", "items": TEXT},
        "form": OPEN,
    },
}
NUMBER: dict[str, Any] = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
BOT: dict[str, Any] = {"type": "object", "properties": {"id": TEXT, "version": {"type": "integer"}}}
NO_DATA: dict[str, Any] = {"type": "object", "properties": {}}


def scope_of(
    data: Mapping[str, Any] | None,
    contact_fields: Mapping[str, Mapping[str, Any]],
    result: Mapping[str, Any] | None = None,
    event: Mapping[str, Any] | None = None,
    names: Mapping[str, Mapping[str, Any]] | None = None,
    texts: Iterable[str] = (),
) -> Scope:
    """The scope of a step: its flow's data, the contact's fields, the last result's type, `names` of its own.

    `texts` are the names of the bot's snippets.
    """
    contact = {"type": "object", "properties": {**contact_fields, **CONTACT_FIELDS}}
    return cel.scope_of(
        {
            "data": data or NO_DATA,
            "contact": contact,
            "message": MESSAGE,
            "result": OPEN if result is None else result,
            "event": OPEN if event is None else event,
            "number": NUMBER,
            "bot": BOT,
            "texts": {"type": "object", "properties": dict.fromkeys(texts, TEXT)},
            **(names or {}),
        }
    )


def values_for(
    bot: "Compiled",
    *,
    data: Mapping[str, Any],
    contact: Mapping[str, Any],
    number: Mapping[str, Any],
    message: Mapping[str, Any] | None,
    result: Mapping[str, Any] | None,
    event: Mapping[str, Any] | None,
    now: dt.datetime,
) -> Values:
    """The values that expressions see in one step of one turn."""
    given = {
        "data": data,
        "contact": contact,
        "message": message or {},
        "result": result or {},
        "event": event or {},
        "number": number,
        "bot": {"id": bot.document.id, "version": bot.version},
        "now": now,
        formats.BOT: bot,
    }
    if bot.document.texts:
        given["texts"] = Snippets(bot, given)
    return Values(given)


def message_value(event: Received) -> dict[str, Any]:
    """An inbound message as expressions see it."""
    message = event.message
    seen: dict[str, Any] = {
        "id": message.provider_id,
        "kind": message.content.kind,
        "text": plain_text(message.content),
        "reply_to": message.reply_to,
        "from": _first(message.identities),
    }
    match message.content:
        case Text() as content:
            seen["parts"] = list(event.parts) or [content.text]
        case Choice() as content:
            seen["choice"] = content.id.rpartition(".")[2]
        case Media() as content:
            seen |= {"mime": content.mime, "filename": content.filename}
        case Location() as content:
            seen |= {"latitude": content.latitude, "longitude": content.longitude}
        case Reaction() as content:
            seen |= {"emoji": content.emoji, "reply_to": content.to_provider_id}
        case FormReply() as content:
            seen["form"] = content.values
        case _:
            pass
    return seen


def _first(identities: tuple[Identity, ...]) -> str:
    return identities[0].value if identities else ""
