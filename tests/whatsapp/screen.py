"""What a phone shows: each message once, without those deleted for everyone, edits applied."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag

from tests.whatsapp import kinds
from tests.whatsapp.binary import Jid

TICKS = ("", "sent", "delivered", "read")


@dataclass
class Shown:
    """A message in a chat. `ticks` are those under one's own messages."""

    id: str
    chat: Jid
    sender: Jid
    mine: bool
    kind: str
    text: str
    message: Any
    at: float = field(default_factory=time.time)
    ticks: str = ""
    edited: bool = False
    deleted: bool = False
    reactions: dict[Jid, str] = field(default_factory=dict[Jid, str])
    votes: dict[Jid, list[str]] = field(default_factory=dict[Jid, list[str]])


class Screen:
    """The chats of one phone, by the other side's address or the group's."""

    def __init__(self, owner: Jid, changed: Callable[[], None]) -> None:
        self._owner = owner
        self._changed = changed
        self._chats: dict[Jid, dict[str, Shown]] = {}
        self._early: list[tuple[Jid, Jid, Any]] = []  # about messages that have not come yet
        self.typing: dict[Jid, str] = {}

    @property
    def chats(self) -> list[Jid]:
        return list(self._chats)

    def shown(self, chat: Jid) -> list[Shown]:
        """What can be read in a chat now, in order."""
        return [shown for shown in self._chats.get(chat, {}).values() if not shown.deleted]

    def texts(self, chat: Jid) -> list[str]:
        return [shown.text for shown in self.shown(chat)]

    def find(self, chat: Jid, message_id: str) -> Shown | None:
        return self._chats.get(chat, {}).get(message_id)

    def put(self, message_id: str, chat: Jid, sender: Jid, message: Any) -> None:
        """A message that came or that was sent: shown, or applied to the one that it is about."""
        self._changed()
        sender = sender.whole
        kind = kinds.kind_of(message)
        if kind == "protocol":
            return
        if kind in ("revoke", "edit", "reaction", "vote"):
            if not self._apply(chat, sender, kind, message):
                self._early.append((chat, sender, message))
            return
        messages = self._chats.setdefault(chat, {})
        if message_id in messages:
            return
        mine = sender == self._owner
        shown = Shown(message_id, chat, sender, mine, kind, kinds.text_of(message), message)
        messages[message_id] = shown
        self.typing.pop(chat, None)
        early, self._early = self._early, []
        self._early = [e for e in early if not self._apply(e[0], e[1], kinds.kind_of(e[2]), e[2])]

    def tick(self, chat: Jid, message_id: str, ticks: str) -> None:
        """Ticks only ever grow."""
        shown = self.find(chat, message_id)
        if shown is not None and TICKS.index(ticks) > TICKS.index(shown.ticks):
            shown.ticks = ticks
            self._changed()

    def types(self, chat: Jid, state: str) -> None:
        """The other side types, records, or has paused."""
        if state == "paused":
            self.typing.pop(chat, None)
        else:
            self.typing[chat] = state
        self._changed()

    def _apply(self, chat: Jid, sender: Jid, kind: str, message: Any) -> bool:
        """Whether the message that it is about is here."""
        inside = kinds.unwrapped(message)
        about = {
            "reaction": lambda: inside.reactionMessage.key,
            "vote": lambda: inside.pollUpdateMessage.pollCreationMessageKey,
        }.get(kind, lambda: inside.protocolMessage.key)()
        shown = self.find(chat, about.ID)
        if shown is None:
            return False
        if kind == "revoke" and shown.sender == sender:
            shown.deleted = True
        elif kind == "edit" and shown.sender == sender:
            shown.text, shown.edited = kinds.text_of(message), True
        elif kind == "reaction" and inside.reactionMessage.text:
            shown.reactions[sender] = inside.reactionMessage.text
        elif kind == "reaction":
            shown.reactions.pop(sender, None)
        elif kind == "vote":
            secret = shown.message.messageContextInfo.messageSecret
            try:
                voted = kinds.opened_vote(
                    inside.pollUpdateMessage, shown.message, shown.sender, sender, secret
                )
            except InvalidTag:
                return True
            shown.votes[sender] = voted
        return True
