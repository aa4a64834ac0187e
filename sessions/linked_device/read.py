"""One event of the library to messages and receipts. Pure.

What whatsmeow unwraps (ephemeral, view-once, edits) arrives unwrapped. What only serves the protocol gives
nothing; what a person did and we cannot read gives `Unsupported` under WhatsApp's own name for it.
Sources: whatsmeow's proto/waE2E and types/events; the fields are those of neonize's `Neonize.proto`.
"""

import base64
import binascii
import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from typing import Any

from schemas.messages import (
    Button,
    Buttons,
    Choice,
    ContactCard,
    Contacts,
    Content,
    Deleted,
    Edited,
    FromOwner,
    Identity,
    Inbound,
    ListMenu,
    Location,
    Media,
    MediaKind,
    Outgoing,
    Reaction,
    Text,
    Unsupported,
)
from sessions.driver import Receipt, Rejected
from sessions.linked_device.protobufs import e2e

PEOPLE = {"lid": "lid", "s.whatsapp.net": "phone", "hosted": "phone", "hosted.lid": "lid"}
GROUPS = "g.us"
_FILE = "wa:"  # how a `provider_ref` begins

# waE2E.ProtocolMessage.Type
_REVOKE, _EDIT = 0, 14

# Neonize.Receipt.ReceiptType; INACTIVE is "delivered" of a device that nobody looks at.
_RECEIPTS = {1: "delivered", 4: "read", 6: "read", 9: "delivered"}
_HIDE = 2  # Neonize.UndecryptableMessage.DecryptFailModeT: nobody would miss it (a reaction, a vote)

_MEDIA: dict[str, MediaKind] = {
    "imageMessage": "image",
    "videoMessage": "video",
    "ptvMessage": "video",
    "audioMessage": "audio",
    "documentMessage": "document",
    "stickerMessage": "sticker",
}
_FILE_FIELDS = ("URL", "directPath", "mediaKey", "fileEncSHA256", "fileSHA256", "fileLength", "mimetype")

# Fields beside the content, and messages by which clients talk among themselves.
_BESIDE = frozenset({"messageContextInfo", "senderKeyDistributionMessage", "deviceSentMessage"})
_SILENT = frozenset(
    {
        "fastRatchetKeySenderKeyDistributionMessage",
        "keepInChatMessage",
        "pinInChatMessage",
        "stickerSyncRmrMessage",
        "encReactionMessage",
        "encCommentMessage",
        "encEventResponseMessage",
        "albumMessage",  # says how many pictures follow; each comes by itself
        "placeholderMessage",
        "messageHistoryBundle",
        "messageHistoryNotice",
        "groupRootKeyShare",
        "rootSecretDistributeMessage",
        "pollResultSnapshotMessage",
        "pollResultSnapshotMessageV3",
        "callLogMesssage",
    }
)


@dataclass(frozen=True, slots=True)
class Vote:
    """A contact's vote, still sealed: `inbound` lacks its content, `poll` is the poll's provider id."""

    inbound: Inbound
    poll: str


def read_message(event: Any, groups: bool = False) -> Inbound | FromOwner | Vote | None:
    """What a `Neonize.Message` says, or None for what is no message to us."""
    info, source = event.Info, event.Info.MessageSource
    if info.Category == "peer":
        return None
    chat = source.Chat
    in_group = chat.Server == GROUPS
    if (in_group and not groups) or not (in_group or chat.Server in PEOPLE):
        return None  # groups by setting; statuses, channels and broadcasts never
    name, part = _part(event.Message)
    content = _content(name, part)
    if content is None and name != "pollUpdateMessage":
        return None
    sent_at = dt.datetime.fromtimestamp(info.Timestamp / 1000, dt.UTC)
    reply_to = (
        part.contextInfo.stanzaID if "contextInfo" in getattr(part, "DESCRIPTOR", _NO).fields_by_name else ""
    )
    who = people(source.Sender, source.SenderAlt)
    if source.IsFromMe:
        to = _group(chat) if in_group else people(chat, source.RecipientAlt)
        if content is None or isinstance(content, Reaction | Edited | Deleted):
            return None
        if not to or chat.User == source.Sender.User:
            return None  # a note to himself
        return FromOwner(info.ID, sent_at, to, content)
    if not who:
        return None
    inbound = Inbound(
        info.ID,
        sent_at,
        _group(chat) if in_group else who,
        content or Unsupported("vote"),
        "" if info.Pushname == "-" else info.Pushname,
        reply_to,
        who[0] if in_group else None,
    )
    return Vote(inbound, part.pollCreationMessageKey.ID) if content is None else inbound


def read_unreadable(event: Any, groups: bool = False) -> Inbound | None:
    """What a `Neonize.UndecryptableMessage` leaves to show. Its id is not the message's, which may yet come."""
    info, source = event.Info, event.Info.MessageSource
    chat = source.Chat
    in_group = chat.Server == GROUPS
    if source.IsFromMe or (event.DecryptFailMode == _HIDE and not event.IsUnavailable):
        return None
    if (in_group and not groups) or not (in_group or chat.Server in PEOPLE):
        return None
    who = people(source.Sender, source.SenderAlt)
    if not who:
        return None
    why = (
        "It can only be seen on the phone, for example because it may be viewed once."
        if event.IsUnavailable
        else "It could not be decrypted; its sender's phone was asked for it again."
    )
    return Inbound(
        f"{info.ID}:unreadable",
        dt.datetime.fromtimestamp(info.Timestamp / 1000, dt.UTC),
        _group(chat) if in_group else who,
        Unsupported("unavailable" if event.IsUnavailable else "undecryptable", why),
        "" if info.Pushname == "-" else info.Pushname,
        participant=who[0] if in_group else None,
    )


def read_receipt(event: Any) -> tuple[Receipt, ...]:
    """The delivery reports in a `Neonize.Receipt`."""
    status = _RECEIPTS.get(event.Type)
    if status is None or event.MessageSource.IsFromMe:
        return ()
    at = dt.datetime.fromtimestamp(event.Timestamp, dt.UTC)
    return tuple(Receipt(provider_id, status, at) for provider_id in event.MessageIDs)


def people(one: Any, other: Any) -> tuple[Identity, ...]:
    """A person by two of WhatsApp's addresses, LID first."""
    found = {PEOPLE[jid.Server]: jid.User for jid in (one, other) if jid.Server in PEOPLE and jid.User}
    return tuple(Identity(kind, found[kind]) for kind in ("lid", "phone") if kind in found)


def secret_in(event: Any) -> bytes:
    """The secret that a message carries, or nothing."""
    secret: bytes = event.Message.messageContextInfo.messageSecret
    return secret or event.Raw.messageContextInfo.messageSecret


def voted(inbound: Inbound, hashes: list[bytes], asked: Outgoing | None) -> Inbound | None:
    """A vote as the choice of what we asked. None when it was taken back; a poll that we do not know is named."""
    if not hashes:
        return None
    rows: tuple[Button, ...] = ()
    if isinstance(asked, Buttons):
        rows = asked.buttons
    elif isinstance(asked, ListMenu):
        rows = tuple(row for section in asked.sections for row in section.rows)
    for row in rows:
        if hashlib.sha256(row.title.encode()).digest() == hashes[-1]:
            return replace(inbound, content=Choice(row.id, row.title))
    return replace(
        inbound, content=Unsupported("vote", "It is a vote in a poll that this number did not ask.")
    )


def file_ref(name: str, part: Any) -> str:
    """What is needed to fetch a file, as text for `Media.provider_ref`."""
    message = e2e().Message()
    slim = getattr(message, "videoMessage" if name == "ptvMessage" else name)
    for field in _FILE_FIELDS:
        setattr(slim, field, getattr(part, field))
    return _FILE + base64.urlsafe_b64encode(message.SerializeToString()).decode()


def file_of(ref: str) -> Any:
    """The `waE2E.Message` of a `file_ref`. Raises `Rejected` for any other text."""
    try:
        if not ref.startswith(_FILE):
            raise ValueError("not a file's address")
        return e2e().Message.FromString(base64.b64decode(ref[len(_FILE) :], b"-_", validate=True))
    except Exception as error:
        if isinstance(error, ValueError | binascii.Error) or type(error).__name__ == "DecodeError":
            raise Rejected("no_media", "the file's address is not one of this channel's") from error
        raise


class _NoFields:
    fields_by_name: frozenset[str] = frozenset()


_NO = _NoFields()


def _part(message: Any) -> tuple[str, Any]:
    """The one field that a message is about, out of its wrappers; ("", None) when there is none."""
    while True:
        fields = [(field.name, value) for field, value in message.ListFields() if field.name not in _BESIDE]
        if not fields:
            return "", None
        name, part = fields[0]
        if getattr(part, "DESCRIPTOR", _NO) is _future_proof() and part.HasField("message"):
            message = part.message
            continue
        return name, part


def _future_proof() -> Any:
    return e2e().FutureProofMessage.DESCRIPTOR


def _content(name: str, part: Any) -> Content | None:
    if name in _MEDIA:
        return _media(name, part)
    match name:
        case "" | "pollUpdateMessage":
            return None
        case "conversation":
            return Text(part)
        case "extendedTextMessage":
            return Text(part.text, preview=bool(part.matchedText))
        case "protocolMessage":
            return _protocol(part)
        case "reactionMessage":
            return Reaction(part.text, part.key.ID)
        case "locationMessage":
            return Location(part.degreesLatitude, part.degreesLongitude, part.name, part.address)
        case "liveLocationMessage":
            return Location(part.degreesLatitude, part.degreesLongitude, part.caption)
        case "contactMessage":
            return Contacts((_card(part),))
        case "contactsArrayMessage":
            return Contacts(tuple(_card(one) for one in part.contacts))
        case "buttonsResponseMessage":
            return Choice(part.selectedButtonID, part.selectedDisplayText)
        case "listResponseMessage":
            return Choice(part.singleSelectReply.selectedRowID, part.title, part.description)
        case "templateButtonReplyMessage":
            return Choice(part.selectedID, part.selectedDisplayText)
        case _:
            return None if name in _SILENT else Unsupported(name)


def _protocol(part: Any) -> Content | None:
    if part.type == _REVOKE:
        return Deleted(part.key.ID)
    if part.type == _EDIT:
        name, inner = _part(part.editedMessage)
        content = _content(name, inner)
        words = (
            content.text
            if isinstance(content, Text)
            else content.caption
            if isinstance(content, Media)
            else ""
        )
        return Edited(part.key.ID, words)
    return None


def _media(name: str, part: Any) -> Media:
    fields = part.DESCRIPTOR.fields_by_name
    return Media(
        _MEDIA[name],
        part.mimetype,
        part.caption if "caption" in fields else "",
        (part.fileName or part.title) if "fileName" in fields else "",
        provider_ref=file_ref(name, part),
        sha256=base64.b64encode(part.fileSHA256).decode(),
        voice="PTT" in fields and part.PTT,
    )


def _card(part: Any) -> ContactCard:
    """A vCard's name, numbers, addresses and organization; WhatsApp's own clients write version 3.0."""
    name, organization = part.displayName, ""
    phones: list[str] = []
    emails: list[str] = []
    for line in part.vcard.replace("\r\n ", "").replace("\n ", "").splitlines():
        head, _, value = line.partition(":")
        key = head.split(";")[0].split(".")[-1].upper()
        if key == "TEL":
            phones.append(value.strip())
        elif key == "EMAIL":
            emails.append(value.strip())
        elif key == "ORG":
            organization = value.strip().strip(";")
        elif key == "FN" and not name:
            name = value.strip()
    return ContactCard(name, tuple(phones), tuple(emails), organization)


def _group(chat: Any) -> tuple[Identity, ...]:
    return (Identity("group", chat.User),)
