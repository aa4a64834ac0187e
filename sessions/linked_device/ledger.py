"""What the session's own database says of messages: the secrets that whatsmeow commits before anything happens.

Its table `whatsmeow_message_secrets` has (our_jid, chat_jid, sender_jid, message_id, key): a row for each outgoing
message before it goes on the wire, and for each incoming one before it is handed over (send.go, message.go,
store/sqlstore/upgrades). `whatsmeow_lid_map` has (lid, pn).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from schemas.messages import Identity
from sessions.linked_device import tag
from sessions.linked_device.ratchets import Step, step_of
from sessions.linked_device.read import PEOPLE

Select = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]

_OURS = "our_jid = (SELECT jid FROM whatsmeow_device LIMIT 1)"
_PAIRS_HELD = 10_000
_SERVERS = {"lid": "lid", "phone": "s.whatsapp.net", "group": "g.us"}


@dataclass(frozen=True, slots=True)
class Missed:
    """An incoming message of which only this is left."""

    provider_id: str
    chat: str
    sender: str


class Secrets:
    """Questions to the open session's database. All of them block for a moment. From any thread."""

    def __init__(self, select: Select, key: bytes) -> None:
        self._select = select
        self._key = key
        self._account: tuple[str, str] | None = None
        self._pairs: dict[tuple[str, str], str] = {}

    def secret_of(self, message_id: UUID) -> bytes:
        return tag.secret_of(self._key, message_id)

    def ours(self, secret: bytes) -> UUID | None:
        """Our message that a secret stands for."""
        return tag.message_of(self._key, secret) if secret else None

    def account(self) -> tuple[str, str] | None:
        """The linked account's phone and LID as digits, if one is linked."""
        if self._account is None:
            self._account = self._linked()
        return self._account

    def _linked(self) -> tuple[str, str] | None:
        if not self._select("SELECT 1 FROM sqlite_master WHERE name = 'whatsmeow_device'", ()):
            return None
        rows = self._select("SELECT jid, lid FROM whatsmeow_device LIMIT 1", ())
        found = (_user(rows[0][0]), _user(rows[0][1] or "")) if rows else None
        return found if found is None or all(found) else None

    def tries(self, message_id: UUID, to: Sequence[Identity]) -> list[str]:
        """The ids under which our message was about to go out, oldest first."""
        chats = [f"{one.value}@{_SERVERS[one.kind]}" for one in self.complete(to) if one.kind in _SERVERS]
        marks = ", ".join("?" for _ in chats)
        rows = self._select(
            f"SELECT message_id FROM whatsmeow_message_secrets WHERE {_OURS} AND chat_jid IN ({marks}) "  # noqa: S608
            "AND key = ? ORDER BY rowid",
            (*chats, self.secret_of(message_id)),
        )
        return [row[0] for row in rows]

    def sent_as(self, provider_id: str, chats: Sequence[str], senders: Sequence[str]) -> UUID | None:
        """Our message behind a provider's id."""
        secret = self.secret(provider_id, chats, senders)
        return self.ours(secret) if secret else None

    def secret(self, provider_id: str, chats: Sequence[str], senders: Sequence[str]) -> bytes | None:
        rows = self._select(
            f"SELECT key FROM whatsmeow_message_secrets WHERE {_OURS} "  # noqa: S608
            f"AND chat_jid IN ({', '.join('?' for _ in chats)}) "
            f"AND sender_jid IN ({', '.join('?' for _ in senders)}) AND message_id = ?",
            (*chats, *senders, provider_id),
        )
        return rows[0][0] if rows else None

    def steps(self, to: Sequence[Identity]) -> dict[str, Step]:
        """How far the ratchets to a contact's devices have come. A group has none of its own."""
        lid = next((one.value for one in self.complete(to) if one.kind == "lid"), "")
        if not lid:
            return {}
        rows = self._select(
            f"SELECT their_id, session FROM whatsmeow_sessions WHERE {_OURS} "  # noqa: S608
            "AND their_id >= ? AND their_id < ?",
            (f"{lid}_1:", f"{lid}_1;"),
        )
        found = ((their_id, step_of(session)) for their_id, session in rows)
        return {their_id: step for their_id, step in found if step is not None}

    def complete(self, identities: Sequence[Identity]) -> tuple[Identity, ...]:
        """A person's LID and phone, as far as the session knows them; LID first."""
        known = {one.kind: one.value for one in identities}
        if "lid" in known and "phone" not in known:
            known |= self._other(
                "lid", known["lid"], "phone", "SELECT pn FROM whatsmeow_lid_map WHERE lid = ?"
            )
        elif "phone" in known and "lid" not in known:
            known |= self._other(
                "phone", known["phone"], "lid", "SELECT lid FROM whatsmeow_lid_map WHERE pn = ?"
            )
        order = {"lid": 0, "phone": 1}
        return tuple(
            Identity(kind, value)
            for kind, value in sorted(known.items(), key=lambda one: order.get(one[0], 2))
        )

    def _other(self, kind: str, value: str, wanted: str, query: str) -> dict[str, str]:
        other = self._pairs.get((kind, value))
        if other is None:
            rows = self._select(query, (value,))
            if not rows:
                return {}
            if len(self._pairs) >= _PAIRS_HELD:
                self._pairs.clear()
            other = self._pairs[kind, value] = rows[0][0]
        return {wanted: other}

    def missed_since(self, anchor: str) -> list[Missed]:
        """Incoming messages that came after the one called `anchor`. Nothing when the anchor is not known."""
        rows = self._select(
            f"SELECT message_id, chat_jid, sender_jid FROM whatsmeow_message_secrets WHERE {_OURS} "  # noqa: S608
            "AND rowid > (SELECT max(rowid) FROM whatsmeow_message_secrets WHERE message_id = ?) ORDER BY rowid",
            (anchor,),
        )
        own = {user for user in self.account() or () if user}
        return [
            Missed(message_id, chat, sender) for message_id, chat, sender in rows if _user(sender) not in own
        ]

    def newest(self) -> str:
        """The message whose secret was stored last, or nothing."""
        rows = self._select(
            f"SELECT message_id FROM whatsmeow_message_secrets WHERE {_OURS} ORDER BY rowid DESC LIMIT 1",  # noqa: S608
            (),
        )
        return rows[0][0] if rows else ""


def identity_of(jid: str) -> Identity | None:
    """A person or group by WhatsApp's way of writing an address."""
    user, _, server = jid.partition("@")
    kind = "group" if server == "g.us" else PEOPLE.get(server)
    return Identity(kind, _user(user)) if kind and user else None


def _user(jid: str) -> str:
    return jid.partition("@")[0].partition(":")[0].partition(".")[0]
