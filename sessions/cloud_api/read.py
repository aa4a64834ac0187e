"""One webhook POST to messages and receipts, each with the number that it is for.

A POST may hold several accounts, numbers, messages and statuses. What cannot be read, or not be stored, is
`unread` on its own, as a whole POST with that one piece, so that reading it again is enough once it can be.
Nothing here raises.

Source: developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components, and
developers.facebook.com/docs/whatsapp/business-scoped-user-ids.
"""

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from schemas.messages import Identity, Inbound
from sessions.cloud_api.contents import Odd, a_list, a_name, a_text, an_object, content, some_text
from sessions.cloud_api.faults import said
from sessions.driver import Batch, Receipt, Unread

LARGEST_MESSAGE = 128 * 1024
"""Bytes of JSON. WhatsApp's own apps stop at 65,536 characters."""

_LONGEST_ID = 512
_LONGEST_NAME = 256
_EARLIEST = 1_230_768_000  # 2009, the year of WhatsApp
_LATEST = 4_102_444_800  # 2100
_STATUSES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NOBODY: dict[str, Any] = {}


@dataclass(slots=True)
class _Found:
    body: bytes
    suspect: bool
    messages: list[tuple[str, Inbound]] = field(default_factory=list[tuple[str, Inbound]])
    receipts: list[tuple[str, Receipt]] = field(default_factory=list[tuple[str, Receipt]])
    unread: list[tuple[str, Unread]] = field(default_factory=list[tuple[str, Unread]])


def read(body: bytes) -> Batch:
    """The messages and receipts in a verified body, and what of it could not be read, each with why."""
    try:
        root: Any = orjson.loads(body)
        found = _Found(body, suspect=len(body) > LARGEST_MESSAGE or b"\\u0000" in body)
    except orjson.JSONDecodeError:
        try:
            root = json.loads(body.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError):
            return Batch(unread=(("", Unread(body, "the body is not JSON")),))
        found = _Found(body, suspect=True)
    try:
        entries = a_list(an_object(root, "the body").get("entry"), "entry")
        if not entries:
            raise Odd("the body has no entry")
    except Odd as odd:
        return Batch(unread=(("", Unread(body, str(odd))),))
    for entry in entries:
        _read_entry(entry, found)
    return Batch(tuple(found.messages), tuple(found.receipts), tuple(found.unread))


def _read_entry(entry: Any, found: _Found) -> None:
    try:
        changes = a_list(an_object(entry, "an entry").get("changes"), "changes")
        if not changes:
            raise Odd("an entry has no changes")
    except Odd as odd:
        found.unread.append(("", Unread(_bytes({"entry": [entry]}, found), str(odd))))
        return
    for change in changes:
        account = ""
        try:
            change = an_object(change, "a change")
            value = an_object(change.get("value"), "a change's value")
            account = _account(value)
            if change.get("field") != "messages":
                raise Odd(f"the webhook field {a_name(change.get('field'))} is not read")
            _read_value(account, value, entry, found)
        except Odd as odd:
            payload = _bytes({"entry": [{**entry, "changes": [change]}]}, found)
            found.unread.append((account, Unread(payload, str(odd))))


def _read_value(account: str, value: dict[str, Any], entry: dict[str, Any], found: _Found) -> None:
    messages = a_list(value.get("messages"), "messages")
    statuses = a_list(value.get("statuses"), "statuses")
    errors = a_list(value.get("errors"), "errors")
    contacts = a_list(value.get("contacts"), "contacts")
    if not (messages or statuses or errors):
        raise Odd("a change holds no messages, statuses or errors")
    for message in messages:
        try:
            _fit(message, found)
            inbound = _message(message, contacts, found)
            if not account:
                raise Odd("it does not say for which number it is")
            found.messages.append((account, inbound))
        except Odd as odd:
            _keep("messages", message, odd, account, value, entry, found)
    for status in statuses:
        try:
            _fit(status, found)
            receipt = _receipt(status)
            if not account:
                raise Odd("it does not say for which number it is")
            found.receipts.append((account, receipt))
        except Odd as odd:
            _keep("statuses", status, odd, account, value, entry, found)
    for error in errors:
        try:
            _fit(error, found)
            why = Odd(f"Meta reports: {said(an_object(error, 'an error'))}")
        except Odd as odd:
            why = odd
        _keep("errors", error, why, account, value, entry, found)


def _message(message: Any, contacts: list[Any], found: _Found) -> Inbound:
    message = an_object(message, "a message")
    provider_id = _id(message.get("id"))
    if "group_id" in message:
        raise Odd("groups are not served")
    contact = _contact_of(message, contacts)
    profile = an_object(contact.get("profile") or _NOBODY, "profile")
    if found.suspect:
        try:
            _fit(profile, found)
        except Odd:
            profile = _NOBODY
    context: Any = message.get("context")
    name = profile.get("name")
    return Inbound(
        provider_id=provider_id,
        sent_at=_time(message.get("timestamp")),
        identities=_identities(message, contact, profile),
        content=content(a_text(message.get("type"), "type"), message),
        profile_name=name[:_LONGEST_NAME] if isinstance(name, str) else "",
        reply_to=some_text(an_object(context, "context").get("id"), "context.id") if context else "",
    )


def _contact_of(message: dict[str, Any], contacts: list[Any]) -> dict[str, Any]:
    """The entry of `contacts` that names the sender. One that cannot be compared is his if it is alone."""
    phone, bsuid = message.get("from"), message.get("from_user_id")
    for contact in contacts:
        contact = an_object(contact, "a contact")
        wa_id, user_id = contact.get("wa_id"), contact.get("user_id")
        if (phone is not None and phone == wa_id) or (bsuid is not None and bsuid == user_id):
            return contact
        comparable = (phone is not None and wa_id is not None) or (bsuid is not None and user_id is not None)
        if not comparable and len(contacts) == 1:
            return contact
    return _NOBODY


def _identities(
    message: dict[str, Any], contact: dict[str, Any], profile: dict[str, Any]
) -> tuple[Identity, ...]:
    sender = some_text(message.get("from") or contact.get("wa_id"), "from").removeprefix("+")
    bsuid = some_text(message.get("from_user_id") or contact.get("user_id"), "from_user_id")
    identities: list[Identity] = []
    if sender.isascii() and sender.isdigit() and len(sender) <= 20:
        identities.append(Identity("phone", sender))
    elif not bsuid and "." in sender:
        bsuid = sender
    if bsuid and len(bsuid) <= 160 and bsuid.isascii() and bsuid.isprintable():
        identities.append(Identity("bsuid", bsuid))
    username = profile.get("username")
    if username and isinstance(username, str) and len(username) <= 64:
        identities.append(Identity("username", username.removeprefix("@")))
    if not identities:
        raise Odd("it does not say who sent it")
    return tuple(identities)


def _receipt(status: Any) -> Receipt:
    status = an_object(status, "a status")
    kind = a_text(status.get("status"), "status")
    if kind not in _STATUSES:
        raise Odd(f"the status {a_name(kind)} is not known")
    errors = a_list(status.get("errors"), "errors")
    error = an_object(errors[0], "error") if errors else None
    pricing: Any = status.get("pricing")
    return Receipt(
        provider_id=_id(status.get("id")),
        status=_STATUSES[kind],
        at=_time(status.get("timestamp")),
        tracker=_tracker(status.get("biz_opaque_callback_data")),
        error_code=a_name(str(error.get("code"))) if error else "",
        error=said(error) if error else "",
        pricing=an_object(pricing, "pricing") if pricing is not None else None,
    )


def _tracker(data: Any) -> UUID | None:
    """Our message id. Another program on the same number may have put anything there."""
    if not isinstance(data, str) or len(data) != 36:
        return None
    try:
        tracker = UUID(data)
    except ValueError:
        return None
    return tracker if str(tracker) == data.lower() else None


def _account(value: dict[str, Any]) -> str:
    metadata: Any = value.get("metadata")
    account = an_object(metadata, "metadata").get("phone_number_id") if metadata is not None else ""
    return account if isinstance(account, str) and a_name(account) != "?" else ""


def _id(value: Any) -> str:
    value = a_text(value, "id")
    if not 0 < len(value) <= _LONGEST_ID:
        raise Odd("its id is empty or too long")
    return value


def _time(value: Any) -> dt.datetime:
    seconds = -1
    if isinstance(value, int):
        seconds = value
    elif isinstance(value, str) and len(value) <= 12 and value.isascii() and value.isdigit():
        seconds = int(value)
    if not _EARLIEST <= seconds <= _LATEST:
        raise Odd("its timestamp is no time in this century")
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _fit(piece: Any, found: _Found) -> None:
    """Whether `piece` can be stored, looked at closely only where the body gives cause. Raises `Odd`."""
    if not found.suspect:
        return
    try:
        raw = orjson.dumps(piece)
    except orjson.JSONEncodeError:
        raise Odd("it holds text that is not Unicode, or a value that cannot be stored") from None
    if len(raw) > LARGEST_MESSAGE:
        raise Odd(f"it is larger than {LARGEST_MESSAGE} bytes")
    if _NUL.search(raw):
        raise Odd("it holds a NUL")


def _keep(
    key: str, piece: Any, odd: Odd, account: str, value: dict[str, Any], entry: dict[str, Any], found: _Found
) -> None:
    shared = {name: value[name] for name in ("messaging_product", "metadata", "contacts") if name in value}
    change = {"field": "messages", "value": {**shared, key: [piece]}}
    payload = _bytes({"entry": [{**entry, "changes": [change]}]}, found)
    source_id: Any = piece.get("id") if piece.__class__ is dict else ""
    if not isinstance(source_id, str) or not 0 < len(source_id) <= _LONGEST_ID or not source_id.isascii():
        source_id = ""
    found.unread.append((account, Unread(payload, str(odd), source_id.replace("\0", ""))))


def _bytes(piece: dict[str, Any], found: _Found) -> bytes:
    piece = {"object": "whatsapp_business_account", **piece}
    try:
        return orjson.dumps(piece)
    except orjson.JSONEncodeError:
        try:
            return json.dumps(piece).encode()
        except RecursionError:
            return found.body
