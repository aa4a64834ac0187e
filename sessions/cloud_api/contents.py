"""What a message of the Cloud API says, by its `type`: one small reader a kind, and the table of them.

Whatever has no reader becomes `Unsupported` under the vendor's name, so nothing that a contact does is lost.
A reader raises `Odd` where the payload is not what Meta documents.

Source: developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/messages.
"""

import math
from collections.abc import Callable
from typing import Any

import orjson

from schemas.messages import (
    Choice,
    ContactCard,
    Contacts,
    Content,
    FormReply,
    Location,
    Media,
    MediaKind,
    Order,
    OrderItem,
    Reaction,
    System,
    Text,
    Unsupported,
)
from sessions.cloud_api.faults import said

_LONGEST_NAME = 64


class Odd(Exception):
    """A piece of a payload is not as documented. The text says where, and holds nothing that a contact sent."""


def content(kind: str, message: dict[str, Any]) -> Content:
    """What `message` says. Raises `Odd`."""
    reader = _READERS.get(kind)
    payload = message.get(kind)
    if reader is None or payload is None:
        return _unsupported(kind, message, has_reader=reader is not None)
    return reader(payload)


def an_object(value: Any, what: str) -> dict[str, Any]:
    """`value` if it is an object, else `Odd`."""
    if value.__class__ is not dict:
        raise Odd(f"{what} is not an object")
    return value


def a_list(value: Any, what: str) -> list[Any]:
    """`value` if it is a list; absent is empty; else `Odd`."""
    if value is None:
        return []
    if value.__class__ is not list:
        raise Odd(f"{what} is not a list")
    return value


def a_text(value: Any, what: str) -> str:
    """`value` if it is text, else `Odd`."""
    if value.__class__ is not str:
        raise Odd(f"{what} is not text")
    return value


def some_text(value: Any, what: str) -> str:
    """`value` if it is text; absent is empty; else `Odd`."""
    return "" if value is None else a_text(value, what)


def a_name(value: Any) -> str:
    """`value` if it looks like one of the vendor's own words, else "?": safe to show and to store."""
    if isinstance(value, str) and len(value) <= _LONGEST_NAME and value.replace("_", "").isalnum():
        return value if value.isascii() else "?"
    return "?"


def _number(value: Any, what: str) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Odd(f"{what} is not a number") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Odd(f"{what} is not a number")
    return value


def _text(payload: Any) -> Text:
    return Text(a_text(an_object(payload, "text").get("body"), "text.body"))


def _media(kind: MediaKind) -> Callable[[Any], Media]:
    def read(payload: Any) -> Media:
        payload = an_object(payload, kind)
        ref = some_text(payload.get("id"), f"{kind}.id")
        return Media(
            kind=kind,
            mime=some_text(payload.get("mime_type"), f"{kind}.mime_type"),
            caption=some_text(payload.get("caption"), f"{kind}.caption"),
            filename=some_text(payload.get("filename"), f"{kind}.filename"),
            state="pending" if ref else "gone",
            provider_ref=ref,
            sha256=some_text(payload.get("sha256"), f"{kind}.sha256"),
            voice=payload.get("voice") is True,
        )

    return read


def _interactive(payload: Any) -> Content:
    payload = an_object(payload, "interactive")
    kind = payload.get("type")
    reply = payload.get(kind) if isinstance(kind, str) else None
    if kind in ("button_reply", "list_reply") and reply is not None:
        reply = an_object(reply, kind)
        return Choice(
            id=a_text(reply.get("id"), f"{kind}.id"),
            title=some_text(reply.get("title"), f"{kind}.title"),
            description=some_text(reply.get("description"), f"{kind}.description"),
        )
    if kind == "nfm_reply" and reply is not None:
        return _form(an_object(reply, kind))
    return Unsupported(f"interactive.{a_name(kind)}")


def _form(reply: dict[str, Any]) -> FormReply:
    raw = a_text(reply.get("response_json"), "nfm_reply.response_json")
    if "\\u0000" in raw:
        raise Odd("nfm_reply.response_json holds a NUL")
    try:
        values: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Odd("nfm_reply.response_json is not JSON") from None
    return FormReply(
        an_object(values, "nfm_reply.response_json"), some_text(reply.get("name"), "nfm_reply.name")
    )


def _button(payload: Any) -> Choice:
    payload = an_object(payload, "button")
    title = some_text(payload.get("text"), "button.text")
    return Choice(id=some_text(payload.get("payload"), "button.payload") or title, title=title)


def _location(payload: Any) -> Location:
    payload = an_object(payload, "location")
    return Location(
        latitude=_number(payload.get("latitude"), "location.latitude"),
        longitude=_number(payload.get("longitude"), "location.longitude"),
        name=some_text(payload.get("name"), "location.name"),
        address=some_text(payload.get("address"), "location.address"),
    )


def _contacts(payload: Any) -> Contacts:
    return Contacts(tuple(_card(an_object(card, "contact")) for card in a_list(payload, "contacts")))


def _card(card: dict[str, Any]) -> ContactCard:
    name = an_object(card.get("name") or {}, "contact.name")
    phones = [an_object(phone, "contact.phone") for phone in a_list(card.get("phones"), "contact.phones")]
    emails = [an_object(email, "contact.email") for email in a_list(card.get("emails"), "contact.emails")]
    numbers = [some_text(phone.get("phone") or phone.get("wa_id"), "contact.phone") for phone in phones]
    addresses = [some_text(email.get("email"), "contact.email") for email in emails]
    return ContactCard(
        name=some_text(name.get("formatted_name") or name.get("first_name"), "contact.name"),
        phones=tuple(number for number in numbers if number),
        emails=tuple(address for address in addresses if address),
        organization=some_text(an_object(card.get("org") or {}, "contact.org").get("company"), "contact.org"),
    )


def _reaction(payload: Any) -> Reaction:
    payload = an_object(payload, "reaction")
    return Reaction(
        emoji=some_text(payload.get("emoji"), "reaction.emoji"),
        to_provider_id=a_text(payload.get("message_id"), "reaction.message_id"),
    )


def _order(payload: Any) -> Order:
    payload = an_object(payload, "order")
    items = [
        an_object(item, "order item") for item in a_list(payload.get("product_items"), "order.product_items")
    ]
    return Order(
        catalog_id=some_text(payload.get("catalog_id"), "order.catalog_id"),
        items=tuple(
            OrderItem(
                product_id=some_text(item.get("product_retailer_id"), "order item"),
                quantity=_number(item.get("quantity", 1), "order item's quantity"),
                price=_number(item.get("item_price", 0), "order item's price"),
                currency=some_text(item.get("currency"), "order item's currency"),
            )
            for item in items
        ),
        text=some_text(payload.get("text"), "order.text"),
    )


def _system(payload: Any) -> System:
    # `wa_id` since v12, `new_wa_id` before; `user_id` where the business-scoped id changed.
    payload = an_object(payload, "system")
    new = payload.get("wa_id") or payload.get("new_wa_id") or payload.get("user_id")
    return System(
        what=a_name(payload.get("type")),
        text=some_text(payload.get("body"), "system.body"),
        new_identity=some_text(new, "system.wa_id"),
    )


def _unsupported(kind: str, message: dict[str, Any], has_reader: bool) -> Unsupported:
    what: Any = kind
    if kind == "unsupported":
        what = an_object(message.get("unsupported") or {}, "unsupported").get("type") or kind
    errors = [an_object(error, "error") for error in a_list(message.get("errors"), "errors")]
    why = said(errors[0]) if errors else "it came without its content" if has_reader else ""
    return Unsupported(a_name(what), why)


_READERS: dict[str, Callable[[Any], Content]] = {
    "text": _text,
    "interactive": _interactive,
    "button": _button,
    "image": _media("image"),
    "video": _media("video"),
    "audio": _media("audio"),
    "document": _media("document"),
    "sticker": _media("sticker"),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "order": _order,
    "system": _system,
}
