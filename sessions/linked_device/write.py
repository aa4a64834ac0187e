"""One message to what WhatsApp carries between phones (`waE2E.Message`). Pure.

Menus arrive as numbered text already (`flows/fit.py`); where the number's `choices` are polls, they arrive as
`Buttons` and become one. Source of the fields: whatsmeow's proto/waE2E.
"""

import re
from dataclasses import dataclass
from typing import Any

from schemas.messages import (
    Button,
    Buttons,
    ContactCard,
    Contacts,
    Identity,
    LinkButton,
    ListMenu,
    Location,
    Media,
    OpenForm,
    Outgoing,
    Reaction,
    Template,
    Text,
)
from sessions.driver import Rejected
from sessions.linked_device.protobufs import common, e2e, neonize
from sessions.linked_device.read import file_of

POLL_OPTIONS = 12
POLL_LEAST = 2
_SERVERS = {"lid": "lid", "phone": "s.whatsapp.net", "group": "g.us"}
_DIGITS = re.compile(r"\d{1,20}(?:-\d{1,20})?")
_MENTION = re.compile(r"@(\d{5,20})\b")
_REVOKE = 0  # waE2E.ProtocolMessage.Type


@dataclass(frozen=True, slots=True)
class Quoted:
    """A message to quote: its id, who wrote it (a whole address), and what it said, as far as we know."""

    provider_id: str
    author: str
    message: Any = None


def address(to: tuple[Identity, ...]) -> Any:
    """The `Neonize.JID` that a message goes to: LID before phone. Raises `Rejected` for who has neither."""
    for kind, server in _SERVERS.items():
        for identity in to:
            if identity.kind == kind and _DIGITS.fullmatch(identity.value):
                return jid(identity.value, server)
    raise Rejected("no_address", "the contact has no LID, phone number or group on WhatsApp")


def jid(user: str, server: str) -> Any:
    return neonize().JID(User=user, Server=server, Device=0, RawAgent=0, Integrator=0, IsEmpty=False)


def text_of(one: Any) -> str:
    """A `Neonize.JID` as WhatsApp writes it, without the device."""
    return f"{one.User}@{one.Server}"


def write(
    body: Outgoing, chat: Any, secret: bytes, quoted: Quoted | None = None, target_is_ours: bool = False
) -> Any:
    """The `waE2E.Message`. Media must have been uploaded. Raises `Rejected` for what this channel cannot carry.

    `target_is_ours`: a reaction is to a message that this number sent.
    """
    pb = e2e()
    message = pb.Message()
    context = _context(body, chat, quoted)
    match body:
        case Text() if context is None:
            message.conversation = body.text
        case Text():
            message.extendedTextMessage.text = body.text
        case Media():
            _put_media(message, body)
        case Location():
            message.locationMessage.MergeFrom(
                pb.LocationMessage(
                    degreesLatitude=body.latitude,
                    degreesLongitude=body.longitude,
                    name=body.name,
                    address=body.address,
                )
            )
        case Contacts(contacts=(card,)):
            message.contactMessage.MergeFrom(_contact(card))
        case Contacts():
            message.contactsArrayMessage.displayName = f"{len(body.contacts)} contacts"
            message.contactsArrayMessage.contacts.extend(_contact(card) for card in body.contacts)
        case Reaction():
            key = common().MessageKey(remoteJID=text_of(chat), fromMe=target_is_ours, ID=body.to_provider_id)
            message.reactionMessage.MergeFrom(pb.ReactionMessage(key=key, text=body.emoji))
        case Buttons() if POLL_LEAST <= len(body.buttons) <= POLL_OPTIONS:
            poll = message.pollCreationMessage
            poll.name = _framed(body.header, body.text, body.footer)
            poll.options.extend(pb.PollCreationMessage.Option(optionName=one.title) for one in body.buttons)
            poll.selectableOptionsCount = 1
        case Buttons():
            _put_text(message, _framed(body.header, _numbered(body.text, body.buttons), body.footer), context)
        case ListMenu():
            rows = tuple(row for section in body.sections for row in section.rows)
            _put_text(message, _framed(body.header, _numbered(body.text, rows), body.footer), context)
        case LinkButton():
            text = _framed(body.header, f"{body.text}\n\n{body.label}: {body.url}", body.footer)
            _put_text(message, text, context)
        case OpenForm():
            raise Rejected("open_form", "forms of WhatsApp are opened by the Cloud API only")
        case Template():
            raise Rejected("template", "templates are sent by the Cloud API only")
    for _, part in message.ListFields():
        if context is not None and hasattr(part, "contextInfo"):
            part.contextInfo.MergeFrom(context)
    message.messageContextInfo.messageSecret = secret
    return message


def revoke(chat: Any, provider_id: str) -> Any:
    """The `waE2E.Message` that takes one of ours back."""
    pb = e2e()
    key = common().MessageKey(remoteJID=text_of(chat), fromMe=True, ID=provider_id)
    return pb.Message(protocolMessage=pb.ProtocolMessage(type=_REVOKE, key=key))


def nothing(chat: Any) -> Any:
    """A `waE2E.Message` that shows nothing: a reaction taken back from a message that there is not."""
    pb = e2e()
    key = common().MessageKey(remoteJID=text_of(chat), fromMe=True, ID="3EB0000000000000000000")
    return pb.Message(reactionMessage=pb.ReactionMessage(key=key, text=""))


def _put_text(message: Any, text: str, context: Any) -> None:
    if context is None:
        message.conversation = text
    else:
        message.extendedTextMessage.text = text


def _context(body: Outgoing, chat: Any, quoted: Quoted | None) -> Any:
    """Whom a text mentions (`@digits`, in groups) and what it quotes; None for neither."""
    mentioned: list[str] = []
    if chat.Server == "g.us" and isinstance(body, Text | Media):
        words = body.text if isinstance(body, Text) else body.caption
        mentioned = [f"{digits}@s.whatsapp.net" for digits in dict.fromkeys(_MENTION.findall(words))]
    if quoted is None and not mentioned:
        return None
    context = e2e().ContextInfo(mentionedJID=mentioned)
    if quoted is not None:
        context.stanzaID = quoted.provider_id
        context.participant = quoted.author
        context.quotedMessage.MergeFrom(quoted.message or e2e().Message(conversation=""))
    return context


def _put_media(message: Any, body: Media) -> None:
    uploaded = file_of(body.provider_ref)
    given = next((part for _, part in uploaded.ListFields()), None)
    if given is None:
        raise Rejected("no_media", "the file was not uploaded")
    part = getattr(message, f"{body.kind}Message")
    fields = part.DESCRIPTOR.fields_by_name
    for field in ("URL", "directPath", "mediaKey", "fileEncSHA256", "fileSHA256", "fileLength"):
        setattr(part, field, getattr(given, field))
    part.mimetype = body.mime or given.mimetype
    if body.caption and "caption" in fields:
        part.caption = body.caption
    if "fileName" in fields:
        part.fileName = part.title = body.filename or "file"
    if "PTT" in fields:
        part.PTT = body.voice


def _contact(card: ContactCard) -> Any:
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:;{_one_line(card.name)};;;", f"FN:{_one_line(card.name)}"]
    if card.organization:
        lines.append(f"ORG:{_one_line(card.organization)};")
    for phone in card.phones:
        digits = re.sub(r"\D", "", phone)
        lines.append(f"TEL;type=CELL;waid={digits}:{_one_line(phone)}")
    lines += [f"EMAIL:{_one_line(email)}" for email in card.emails]
    return e2e().ContactMessage(displayName=card.name, vcard="\n".join([*lines, "END:VCARD"]))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _numbered(text: str, rows: tuple[Button, ...]) -> str:
    lines = [
        f"{place}. {row.title}" + (f" – {row.description}" if row.description else "")
        for place, row in enumerate(rows, start=1)
    ]
    return "\n".join([text, "", *lines] if text else lines)


def _framed(header: str, text: str, footer: str) -> str:
    return "\n\n".join(piece for piece in (header, text, footer) if piece)
