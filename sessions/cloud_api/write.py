"""One message to one request body for `POST /{phone-number-id}/messages`.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/messages.
"""

from typing import Any

from schemas.messages import (
    Button,
    Buttons,
    ContactCard,
    Contacts,
    LinkButton,
    ListMenu,
    Location,
    Media,
    OpenForm,
    Outbound,
    Outgoing,
    Reaction,
    Template,
    Text,
)
from sessions.driver import Rejected

_CAPTIONED = frozenset({"image", "video", "document"})


def write(message: Outbound) -> dict[str, Any]:
    """The request for one message. Our id travels as `biz_opaque_callback_data` and returns in each status.

    A phone goes in `to`; a contact who shows us none is addressed by his BSUID in `recipient`.
    Raises `Rejected` for what has no address, or for media that are neither uploaded nor public.
    """
    body = message.body
    request: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_address(message),
        "biz_opaque_callback_data": message.id,
        **_content(body),
    }
    if message.reply_to and not isinstance(body, Reaction):
        request["context"] = {"message_id": message.reply_to}
    return request


def write_read_mark(provider_id: str, typing: bool) -> dict[str, Any]:
    """The request that marks a message as read, and shows "typing" for at most 25 seconds."""
    request: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": provider_id,
    }
    if typing:
        request["typing_indicator"] = {"type": "text"}
    return request


def _address(message: Outbound) -> dict[str, str]:
    for kind, key in (("phone", "to"), ("bsuid", "recipient")):
        for identity in message.to:
            if identity.kind == kind:
                return {key: identity.value}
    raise Rejected("no_address", "the contact has neither a phone number nor a business-scoped id")


def _content(body: Outgoing) -> dict[str, Any]:
    match body:
        case Text():
            text: dict[str, Any] = {"body": body.text}
            if body.preview:
                text["preview_url"] = True
            return {"type": "text", "text": text}
        case Buttons():
            replies = [{"type": "reply", "reply": {"id": b.id, "title": b.title}} for b in body.buttons]
            return _interactive("button", body, {"buttons": replies})
        case ListMenu():
            sections = [
                {**_given(title=section.title), "rows": [_row(row) for row in section.rows]}
                for section in body.sections
            ]
            return _interactive("list", body, {"button": body.open_label, "sections": sections})
        case LinkButton():
            parameters = {"display_text": body.label, "url": body.url}
            return _interactive("cta_url", body, {"name": "cta_url", "parameters": parameters})
        case OpenForm():
            parameters = {
                "flow_message_version": "3",
                "flow_token": body.token,
                "flow_id": body.form,
                "flow_cta": body.label,
                "flow_action": "navigate",
                "flow_action_payload": {"screen": body.screen},
            }
            action = {"name": "flow", "parameters": parameters}
            return {
                "type": "interactive",
                "interactive": {"type": "flow", "body": {"text": body.text}, "action": action},
            }
        case Media():
            return {"type": body.kind, body.kind: _media(body)}
        case Template():
            template: dict[str, Any] = {"name": body.name, "language": {"code": body.language}}
            if body.components:
                template["components"] = list(body.components)
            return {"type": "template", "template": template}
        case Location():
            place = {"latitude": body.latitude, "longitude": body.longitude}
            return {"type": "location", "location": {**place, **_given(name=body.name, address=body.address)}}
        case Contacts():
            return {"type": "contacts", "contacts": [_card(card) for card in body.contacts]}
        case Reaction():
            return {"type": "reaction", "reaction": {"message_id": body.to_provider_id, "emoji": body.emoji}}


def _interactive(kind: str, body: Buttons | ListMenu | LinkButton, action: dict[str, Any]) -> dict[str, Any]:
    interactive: dict[str, Any] = {"type": kind, "body": {"text": body.text}, "action": action}
    if body.header:
        interactive["header"] = {"type": "text", "text": body.header}
    if body.footer:
        interactive["footer"] = {"text": body.footer}
    return {"type": "interactive", "interactive": interactive}


def _row(row: Button) -> dict[str, str]:
    return {"id": row.id, "title": row.title, **_given(description=row.description)}


def _media(media: Media) -> dict[str, Any]:
    sent: dict[str, Any]
    if media.provider_ref:
        sent = {"id": media.provider_ref}
    elif media.link:
        sent = {"link": media.link}
    else:
        raise Rejected("no_media", "the file is neither uploaded nor at a public address")
    if media.kind in _CAPTIONED:
        sent.update(_given(caption=media.caption))
    if media.kind == "document":
        sent.update(_given(filename=media.filename))
    if media.kind == "audio" and media.voice:
        sent["voice"] = True
    return sent


def _card(card: ContactCard) -> dict[str, Any]:
    # Meta wants one more part of the name beside `formatted_name`.
    sent: dict[str, Any] = {"name": {"formatted_name": card.name, "first_name": card.name}}
    if card.phones:
        sent["phones"] = [{"phone": phone} for phone in card.phones]
    if card.emails:
        sent["emails"] = [{"email": email} for email in card.emails]
    if card.organization:
        sent["org"] = {"company": card.organization}
    return sent


def _given(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
