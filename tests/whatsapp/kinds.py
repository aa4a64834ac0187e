"""The kinds of messages, as WhatsApp's apps put them together, and what is read from them.

What the library's protobuf modules define is not typed, hence `Any`.
"""

import hashlib
import os
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.whatsapp.binary import GROUPS, Jid
from tests.whatsapp.installed import e2e

WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "editedMessage",
)
MEDIA = {
    "image": "imageMessage",
    "video": "videoMessage",
    "audio": "audioMessage",
    "document": "documentMessage",
    "sticker": "stickerMessage",
}
KINDS = {
    "conversation": "text",
    "extendedTextMessage": "text",
    **{named: kind for kind, named in MEDIA.items()},
    "locationMessage": "location",
    "contactMessage": "contact",
    "contactsArrayMessage": "contacts",
    "reactionMessage": "reaction",
    "pollUpdateMessage": "vote",
}
POLLS = ("pollCreationMessage", "pollCreationMessageV2", "pollCreationMessageV3")
WITHOUT_SECRET = ("reactionMessage", "pollUpdateMessage", "encReactionMessage")


@dataclass(frozen=True)
class Target:
    """A message that another one is about: a quote, a reaction, an edit, a deletion, a vote."""

    id: str
    sender: Jid
    message: Any = None

    def key(self, by: Jid, chat: Jid) -> dict[str, Any]:
        """How `by` names it in `chat`."""
        mine = self.sender.whole == by.whole
        named: dict[str, Any] = {"remoteJID": str(chat), "fromMe": mine, "ID": self.id}
        return named | ({"participant": str(self.sender.whole)} if chat.server == GROUPS and not mine else {})


def text(body: str, quotes: Target | None = None, mentions: tuple[Jid, ...] = ()) -> Any:
    """Plain text; a quote or a mention makes it an `extendedTextMessage`."""
    if quotes is None and not mentions:
        return e2e.Message(conversation=body)
    context: dict[str, Any] = {"mentionedJID": [str(jid) for jid in mentions]}
    if quotes is not None:
        quoted = quotes.message or e2e.Message(conversation="")
        context |= {"stanzaID": quotes.id, "participant": str(quotes.sender.whole), "quotedMessage": quoted}
    return e2e.Message(extendedTextMessage={"text": body, "contextInfo": context})


def media(kind: str, uploaded: dict[str, Any], **more: Any) -> Any:
    """A message with a file; `kind` is one of MEDIA, `uploaded` what `Phone.upload` gave."""
    return e2e.Message(**{MEDIA[kind]: uploaded | more})


def location(latitude: float, longitude: float, name: str = "", address: str = "") -> Any:
    at = {"degreesLatitude": latitude, "degreesLongitude": longitude, "name": name, "address": address}
    return e2e.Message(locationMessage=at)


def contacts(*named: tuple[str, str]) -> Any:
    """Contact cards, each (name, phone number)."""
    cards = [{"displayName": name, "vcard": _vcard(name, number)} for name, number in named]
    if len(cards) == 1:
        return e2e.Message(contactMessage=cards[0])
    return e2e.Message(contactsArrayMessage={"displayName": f"{len(cards)} contacts", "contacts": cards})


def _vcard(name: str, number: str) -> str:
    lines = (
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"N:;{name};;;",
        f"FN:{name}",
        f"TEL;type=CELL;waid={number}:+{number}",
        "END:VCARD",
    )
    return "\n".join(lines)


def reaction(key: dict[str, Any], emoji: str) -> Any:
    """An empty emoji takes the reaction back."""
    return e2e.Message(
        reactionMessage={"key": key, "text": emoji, "senderTimestampMS": int(time.time() * 1000)}
    )


def poll(question: str, *options: str, most: int = 1) -> Any:
    named = "pollCreationMessageV3" if most == 1 else "pollCreationMessage"
    choices = [{"optionName": option} for option in options]
    return e2e.Message(**{named: {"name": question, "options": choices, "selectableOptionsCount": most}})


def edit(key: dict[str, Any], instead: Any) -> Any:
    change = {
        "key": key,
        "type": e2e.ProtocolMessage.MESSAGE_EDIT,
        "editedMessage": instead,
        "timestampMS": int(time.time() * 1000),
    }
    return e2e.Message(editedMessage={"message": e2e.Message(protocolMessage=change)})


def revoke(key: dict[str, Any]) -> Any:
    return e2e.Message(protocolMessage={"key": key, "type": e2e.ProtocolMessage.REVOKE})


def view_once(message: Any) -> Any:
    return e2e.Message(viewOnceMessageV2={"message": message})


def ephemeral(message: Any) -> Any:
    """As in a chat with disappearing messages."""
    return e2e.Message(ephemeralMessage={"message": message})


def vote(key: dict[str, Any], poll_sender: Jid, voter: Jid, secret: bytes, *options: str) -> Any:
    """Sealed under the poll's message secret; hashes name the options that were chosen."""
    chosen = e2e.PollVoteMessage(selectedOptions=[_hash(option) for option in options])
    iv = os.urandom(12)
    sealer, about = _vote_key(key["ID"], poll_sender, voter, secret)
    sealed = sealer.encrypt(iv, chosen.SerializeToString(), about)
    return e2e.Message(
        pollUpdateMessage={
            "pollCreationMessageKey": key,
            "vote": {"encPayload": sealed, "encIV": iv},
            "senderTimestampMS": int(time.time() * 1000),
        }
    )


def opened_vote(update: Any, poll_message: Any, poll_sender: Jid, voter: Jid, secret: bytes) -> list[str]:
    """The options that a vote names. Raises cryptography's InvalidTag for another secret."""
    opener, about = _vote_key(update.pollCreationMessageKey.ID, poll_sender, voter, secret)
    plain = opener.decrypt(update.vote.encIV, update.vote.encPayload, about)
    chosen = set(e2e.PollVoteMessage.FromString(plain).selectedOptions)
    return [option for option in options_of(poll_message) if _hash(option) in chosen]


def options_of(message: Any) -> list[str]:
    for named in POLLS:
        if message.HasField(named):
            return [option.optionName for option in getattr(message, named).options]
    return []


def with_secret(message: Any) -> Any:
    """Give it a message secret, as the apps do, where it has none. The given message stays as it is."""
    if any(message.HasField(named) for named in WITHOUT_SECRET):
        return message
    if message.messageContextInfo.messageSecret:
        return message
    out = e2e.Message()
    out.CopyFrom(message)
    out.messageContextInfo.messageSecret = os.urandom(32)
    return out


def unwrapped(message: Any) -> Any:
    """What is inside of its wrappers."""
    for field, part in message.ListFields():
        if field.name in WRAPPERS:
            return unwrapped(part.message)
    return message


def kind_of(message: Any) -> str:
    """One word for what it is: `text`, `image`, `poll`, `edit`, `revoke`, and so on."""
    inside = unwrapped(message)
    if inside.HasField("protocolMessage"):
        names = {e2e.ProtocolMessage.REVOKE: "revoke", e2e.ProtocolMessage.MESSAGE_EDIT: "edit"}
        return names.get(inside.protocolMessage.type, "protocol")
    for field, _ in inside.ListFields():
        if field.name in KINDS:
            return KINDS[field.name]
    return "poll" if options_of(inside) else "other"


def text_of(message: Any) -> str:
    """The words in it that a person reads."""
    inside = unwrapped(message)
    if said := inside.conversation or inside.extendedTextMessage.text:
        return said
    if inside.HasField("protocolMessage") and inside.protocolMessage.HasField("editedMessage"):
        return text_of(inside.protocolMessage.editedMessage)
    for named in POLLS:
        if inside.HasField(named):
            return getattr(inside, named).name
    for named in MEDIA.values():
        if inside.HasField(named):
            return getattr(getattr(inside, named), "caption", "")
    if inside.HasField("reactionMessage"):
        return inside.reactionMessage.text
    if inside.HasField("locationMessage"):
        return inside.locationMessage.name
    if inside.HasField("contactMessage"):
        return inside.contactMessage.displayName
    return ""


def attributes(message: Any) -> tuple[dict[str, str], dict[str, str]]:
    """What a message's node says in clear: on `<message>`, and on `<enc>`."""
    kind = kind_of(message)
    outer = {"type": {"poll": "poll", "vote": "poll", "reaction": "reaction"}.get(kind, "text")}
    inner: dict[str, str] = {}
    if kind in MEDIA or kind in ("contact", "contacts"):
        outer["type"] = "media"
        inner["mediatype"] = {"contact": "vcard", "contacts": "contact_array"}.get(kind, kind)
    if kind == "audio" and unwrapped(message).audioMessage.PTT:
        inner["mediatype"] = "ptt"
    if kind == "revoke":
        outer["edit"] = "7"
    if kind == "edit":
        outer["edit"] = "1"
    if kind in ("revoke", "edit", "reaction", "vote"):
        inner["decrypt-fail"] = "hide"
    return outer, inner


def _hash(option: str) -> bytes:
    return hashlib.sha256(option.encode()).digest()


def _vote_key(poll_id: str, poll_sender: Jid, voter: Jid, secret: bytes) -> tuple[AESGCM, bytes]:
    info = f"{poll_id}{poll_sender.whole}{voter.whole}Poll Vote".encode()
    return AESGCM(HKDF(SHA256(), 32, None, info).derive(secret)), f"{poll_id}\0{voter.whole}".encode()
