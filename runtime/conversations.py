"""Conversations in memory: bounded, least recently used out, and never read back while they are held."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson

from flows.state import State, decode
from flows.turn import View, seen_of
from keys.seal import Sealer
from schemas.capabilities import Capabilities
from schemas.events import Event, OwnerWrote, Posted, Received
from schemas.ids import derived_id
from schemas.messages import Identity
from store import contacts, conversations
from store.conversations import conversation_id
from store.inbox import Pending
from store.leases import Lease
from store.pool import Connection

THROTTLE_WINDOW = dt.timedelta(minutes=1)


class Item(NamedTuple):
    """A row of the inbox, opened."""

    row: Pending
    plain: bytes
    event: Event


@dataclass(slots=True, eq=False)
class Conversation:
    """One number and one contact, as the last turn left them. `fresh`: the copy of the contact is not stored yet.

    `written`: when each field of `profile` was, by whoever did.
    """

    id: UUID
    contact_id: UUID
    identities: tuple[Identity, ...] = ()
    profile: dict[str, Any] = field(default_factory=dict[str, Any])
    profile_name: str = ""
    language: str = ""
    written: dict[str, str] = field(default_factory=dict[str, str])
    state: State = field(default_factory=State)
    view: View | None = None
    fresh: bool = True
    heard_since: dt.datetime | None = None
    heard: int = 0
    last_provider_id: str = ""
    last_in: dt.datetime | None = None

    def stored_contact(self) -> bytes:
        """The copy of the contact as it is kept with the conversation."""
        return orjson.dumps(
            {
                "profile": self.profile,
                "identities": [[one.kind, one.value] for one in self.identities],
                "name": self.profile_name,
                "language": self.language,
                "written": self.written,
            }
        )

    def seen(self, capabilities: Capabilities, number: dict[str, Any]) -> View:
        """What the engine sees of the contact."""
        if self.view is None:
            seen = seen_of(
                str(self.contact_id), self.profile, self.profile_name, self.language, self.identities
            )
            self.view = View(seen, number, capabilities)
        return self.view

    @property
    def zone(self) -> str:
        """The contact's time zone, as far as it is known."""
        zone = self.profile.get("timezone")
        return zone if isinstance(zone, str) else ""

    def change(self, fields: dict[str, Any], at: dt.datetime) -> dict[str, Any]:
        """Write fields of the profile's copy, but for those that somebody wrote later. Returns the written."""
        self.fresh = True
        return contacts.write(self.profile, self.written, fields, at)

    def throttled(self, at: dt.datetime, limit: float | None) -> Literal["first", "more"] | None:
        """Count a message: `first` beyond the limit of this minute, then `more`."""
        if limit is None:
            return None
        if self.heard_since is None or not self.heard_since <= at < self.heard_since + THROTTLE_WINDOW:
            self.heard_since, self.heard = at, 0
        self.heard += 1
        if self.heard <= limit:
            return None
        return "first" if self.heard - 1 <= limit else "more"


class Conversations:
    """Those that this process holds."""

    def __init__(self, sealer: Sealer, lease: Lease, most: int) -> None:
        self._sealer = sealer
        self._lease = lease
        self._most = most
        self._held: OrderedDict[UUID, Conversation] = OrderedDict()
        self._by_name: dict[Identity, UUID] = {}

    def __len__(self) -> int:
        return len(self._held)

    def get(self, conversation: UUID) -> Conversation | None:
        """One that is held."""
        return self._held.get(conversation)

    def forget(self, ids: Iterable[UUID]) -> None:
        """Drop what an uncommitted turn touched: it is read back when needed."""
        for one in ids:
            if (dropped := self._held.pop(one, None)) is not None:
                self._forget_names(dropped)

    def clear(self) -> None:
        """Drop all."""
        self._held.clear()
        self._by_name.clear()

    def lacks(self, items: Iterable[Item]) -> bool:
        """Whether some item's conversation is not held, or its contact not known under all of the names."""
        return any(
            not all(name in self._by_name for name in _named(item.event))
            if item.row.conversation_id is None
            else item.row.conversation_id not in self._held
            for item in items
        )

    async def fetch(self, conn: Connection, items: Sequence[Item]) -> None:
        """Read what `lacks` misses, and make contacts that are new. Raises `DatabaseUnreachable`, `RowsRefused`."""
        await self._meet(conn, items)
        wanted = {item.row.conversation_id or self._of(item.event) for item in items}
        await self.load_missing(conn, (one for one in wanted if one is not None))

    def of(self, items: Iterable[Item]) -> list[Conversation | None]:
        """The conversation of each item; None where the row names one that does not exist."""
        found: list[Conversation | None] = []
        for item in items:
            one = item.row.conversation_id or self._of(item.event)
            conversation = self._held.get(one) if one is not None else None
            if conversation is not None:
                self._held.move_to_end(conversation.id)
            found.append(conversation)
        return found

    def trim(self) -> None:
        """Let the least recently used go, down to the bound."""
        while len(self._held) > self._most:
            _, dropped = self._held.popitem(last=False)
            self._forget_names(dropped)

    async def load_missing(self, conn: Connection, ids: Iterable[UUID]) -> None:
        """Read those of `ids` that are not held."""
        if missing := [one for one in ids if one not in self._held]:
            await self.load(conn, missing)

    async def load(self, conn: Connection, ids: Iterable[UUID]) -> None:
        """Read conversations that are not held."""
        for row in await conversations.load(conn, self._sealer, self._lease, ids):
            copy: dict[str, Any] = orjson.loads(row.contact) if row.contact else {}
            self._hold(
                Conversation(
                    row.id,
                    row.contact_id,
                    tuple(Identity(kind, value) for kind, value in copy.get("identities", ())),
                    copy.get("profile", {}),
                    copy.get("name", ""),
                    copy.get("language", ""),
                    copy.get("written", {}),
                    decode(row.state) if row.state else State(),
                    fresh=False,
                    last_in=row.last_in_at,
                ),
                past=row.past,
            )

    async def _meet(self, conn: Connection, items: Sequence[Item]) -> None:
        """Find or make the contacts of messages whose senders are not held."""
        strangers: dict[tuple[Identity, ...], UUID] = {}
        for item in items:
            if item.row.conversation_id is None:
                names = _named(item.event)
                if names and not all(name in self._by_name for name in names):
                    strangers.setdefault(names, item.event.id)
        if not strangers:
            return
        known = await contacts.find(
            conn, self._sealer, self._lease, {name for names in strangers for name in names}
        )
        claims: dict[Identity, UUID] = {}
        new: list[UUID] = []
        for names, event_id in strangers.items():
            owner = next((known[name] for name in names if name in known), None)
            owner = owner or next((claims[name] for name in names if name in claims), None)
            if owner is None:
                owner = derived_id(event_id, "contact")
                new.append(owner)
            for name in names:
                if name not in known:
                    claims.setdefault(name, owner)
        if claims:
            known |= await contacts.claim(conn, self._sealer, self._lease, claims, new)
        await self._open_all(conn, strangers, known)

    async def _open_all(
        self, conn: Connection, strangers: Iterable[tuple[Identity, ...]], known: dict[Identity, UUID]
    ) -> None:
        number = self._lease.number_id
        owners = {names: next(known[name] for name in names if name in known) for names in strangers}
        places = {owner: conversation_id(number, owner) for owner in owners.values()}
        missing = {one for one in places.values() if one not in self._held}
        if missing:
            await self.load(conn, missing)
        absent = [owner for owner, place in places.items() if place not in self._held]
        if absent:  # unless one became his when contacts were merged
            became = await conversations.of_contacts(conn, self._lease, absent)
            places |= became
            await self.load_missing(conn, became.values())
            absent = [owner for owner in absent if places[owner] not in self._held]
        if absent:
            for profile in await contacts.profiles(conn, self._sealer, self._lease, absent):
                self._hold(
                    Conversation(
                        places[profile.contact_id],
                        profile.contact_id,
                        profile=orjson.loads(profile.fields) if profile.fields else {},
                        language=profile.language,
                        written=profile.written,
                        state=State(opted_out=profile.opted_out),
                    )
                )
        for names, owner in owners.items():
            conversation = self._held.get(places[owner])
            if conversation is None:
                continue
            added = tuple(name for name in names if name not in conversation.identities)
            if added:
                conversation.identities += added
                conversation.view = None
                conversation.fresh = True
            for name in names:
                self._by_name[name] = conversation.id

    def _of(self, event: Event) -> UUID | None:
        for name in _named(event):
            if (found := self._by_name.get(name)) is not None:
                return found
        return None

    def _hold(self, conversation: Conversation, *, past: bool = False) -> None:
        self._held[conversation.id] = conversation
        for name in () if past else conversation.identities:
            self._by_name[name] = conversation.id

    def _forget_names(self, dropped: Conversation) -> None:
        for name in dropped.identities:
            if self._by_name.get(name) == dropped.id:
                del self._by_name[name]


def _named(event: Event) -> tuple[Identity, ...]:
    """How the channel names the contact that an event is about."""
    match event:
        case Received():
            return event.message.identities
        case OwnerWrote():
            return event.message.to
        case Posted():
            return event.to
        case _:
            return ()
