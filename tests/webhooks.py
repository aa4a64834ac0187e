"""Webhook POSTs as Meta sends them: bodies, their signatures, and whole requests signed beforehand for load."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

JSON = dict[str, Any]

AT = 1_767_225_600  # 2026-01-01, for payloads whose time does not matter


def envelope(
    account: str,
    *,
    messages: Sequence[JSON] = (),
    statuses: Sequence[JSON] = (),
    contacts: Sequence[JSON] = (),
) -> JSON:
    """One POST for one number."""
    value: JSON = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": account},
    }
    for key, pieces in (("contacts", contacts), ("messages", messages), ("statuses", statuses)):
        if pieces:
            value[key] = list(pieces)
    change = {"value": value, "field": "messages"}
    return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]}


def inbound(account: str, wa_id: str, content: JSON, wamid: str, *, name: str = "Ana", at: int = AT) -> bytes:
    """One message of any kind; `content` holds `type`, its payload and, for a reply, `context`."""
    message = {"from": wa_id, "id": wamid, "timestamp": str(at), **content}
    contact = {"profile": {"name": name}, "wa_id": wa_id}
    return orjson.dumps(envelope(account, messages=[message], contacts=[contact]))


def inbound_text(
    account: str, wa_id: str, text: str, wamid: str, *, name: str = "Ana", at: int = AT
) -> bytes:
    """One text message."""
    return inbound(account, wa_id, {"type": "text", "text": {"body": text}}, wamid, name=name, at=at)


def button_reply(
    account: str, wa_id: str, id: str, title: str, wamid: str, *, reply_to: str = "", at: int = AT
) -> bytes:
    """A tap on a reply button."""
    return _reply("button_reply", account, wa_id, {"id": id, "title": title}, wamid, reply_to, at)


def list_reply(
    account: str, wa_id: str, id: str, title: str, wamid: str, *, reply_to: str = "", at: int = AT
) -> bytes:
    """A tap on a list's row."""
    return _reply("list_reply", account, wa_id, {"id": id, "title": title}, wamid, reply_to, at)


def status(
    provider_id: str,
    kind: str,
    *,
    tracker: str = "",
    to: str = "",
    at: int = AT,
    errors: Sequence[JSON] = (),
) -> JSON:
    """One delivery report, for `statuses`."""
    report: JSON = {"id": provider_id, "status": kind, "timestamp": str(at), "recipient_id": to}
    if tracker:
        report["biz_opaque_callback_data"] = tracker
    if errors:
        report["errors"] = list(errors)
    return report


def statuses(account: str, reports: Iterable[JSON]) -> bytes:
    """One POST of delivery reports."""
    return orjson.dumps(envelope(account, statuses=list(reports)))


def signature(body: bytes, secret: str) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def signed(body: bytes, secret: str) -> dict[str, str]:
    """The headers with which Meta sends `body`."""
    return {"Content-Type": "application/json", "X-Hub-Signature-256": signature(body, secret)}


def signed_request(body: bytes, secret: str, path: str, host: str) -> bytes:
    """A whole HTTP/1.1 request, ready to be written to a socket."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: {signature(body, secret)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _reply(kind: str, account: str, wa_id: str, reply: JSON, wamid: str, reply_to: str, at: int) -> bytes:
    content: JSON = {"type": "interactive", "interactive": {"type": kind, kind: reply}}
    if reply_to:
        content["context"] = {"from": "15550001111", "id": reply_to}
    return inbound(account, wa_id, content, wamid, at=at)
