"""Contacts as people and programs see them: found by id, by tag, or by how a channel names them (blind index)."""

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.ids import new_event_id
from schemas.messages import Identity
from schemas.problems import NotFound
from store import contacts
from store.admin.conversations import Place, opened
from store.admin.desk import Session
from store.admin.page import Cursor, Window, typed

NOWHERE = UUID(int=0)  # the number and the conversation of a change that none of them made


class Contact(NamedTuple):
    """A contact. `profile`: his fields; `written`: when each was."""

    id: UUID
    profile: dict[str, Any]
    language: str
    tags: list[str]
    opted_out: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    written: dict[str, str]


class Filter(NamedTuple):
    """Which contacts are wanted. None: whatever it is."""

    tag: str | None = None
    language: str | None = None
    opted_out: bool | None = None
    updated_since: dt.datetime | None = None
    id: UUID | None = None

    def given(self) -> dict[str, Any]:
        """What is asked for, by name."""
        return {name: value for name, value in self._asdict().items() if value is not None}


class Talk(NamedTuple):
    """A conversation of a contact. `serves`: its number is in service. `name`: what the channel calls him."""

    contact_id: UUID
    number_id: UUID
    number: str
    id: UUID
    status: str
    opted_out: bool
    serves: bool
    name: str


_COLUMNS = "id, profile, language, tags, opted_out, created_at, updated_at, written"
_WHERE = {
    "tag": "tags @> ARRAY[:tag]::text[]",
    "language": "language = :language",
    "opted_out": "opted_out = :opted_out",
    "updated_since": "updated_at >= :updated_since",
    "id": "id = :id",
}
_SORTED: dict[str, dict[str, type]] = {
    "created_at": {"id": UUID},
    "updated_at": {"updated_at": dt.datetime, "id": UUID},
}


async def listed(
    session: Session, sealer: Sealer, wanted: Filter, window: Window
) -> tuple[list[Contact], Cursor | None]:
    """Those who were not merged into another."""
    given = wanted.given()
    where = [_WHERE[name] for name in given]
    by = _SORTED[window.column]
    if window.after is not None:
        given |= {
            f"last_{name}": value for name, value in zip(by, typed(window.after, *by.values()), strict=True)
        }
        last = ", ".join(f":last_{name}" for name in by)
        where.append(f"({', '.join(by)}) {'<' if window.descends else '>'} ({last})")
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM contacts"
        f" WHERE {' AND '.join(['workspace_id = :workspace', 'merged_into IS NULL', *where])}"
        f" ORDER BY {', '.join(f'{name} DESC' if window.descends else name for name in by)} LIMIT :limit",
        workspace=sealer.workspace_id,
        limit=window.limit + 1,
        **given,
    )
    found = [_contact(sealer, tuple(row)) for row in rows]
    if len(found) <= window.limit:
        return found, None
    return found[:-1], window.cursor(*(getattr(found[-2], name) for name in by))


async def shown(session: Session, sealer: Sealer, key: UUID, change: bool = False) -> Contact:
    """One, or whom he was merged into; held until the end of the transaction if he is to change. Raises `NotFound`."""
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM contacts"
        " WHERE id = coalesce((SELECT k.merged_into FROM contacts k WHERE k.id = :id), :id)"
        + (" FOR UPDATE" if change else ""),
        id=key,
    )
    if (row := rows.first()) is None:
        raise NotFound(what="contact", name=str(key))
    return _contact(sealer, tuple(row))


async def talks(session: Session, sealer: Sealer, keys: Collection[UUID]) -> list[Talk]:
    """The conversations of contacts, and of those who were merged into them, by number."""
    rows = await session.sql(
        "SELECT coalesce(k.merged_into, k.id), c.number_id, n.name, c.id, c.status, c.opted_out,"
        " n.removed_at IS NULL, c.contact"
        " FROM contacts k JOIN conversations c ON c.contact_id = k.id JOIN numbers n ON n.id = c.number_id"
        " WHERE k.id = ANY(:contacts) OR k.merged_into = ANY(:contacts) ORDER BY n.name, c.id",
        contacts=list(keys),
    )
    return [
        Talk._make((*row[:-1], str(opened(sealer, "contact", row[3], row[-1]).get("name") or "")))
        for row in map(tuple, rows)
    ]


async def change(
    session: Session, sealer: Sealer, contact: Contact, fields: dict[str, Any], tags: list[str] | None
) -> Contact:
    """Write fields (None clears one) and tags, for who holds the contact.

    The profile has them at once; `contact_changes` brings the fields to the copies in his conversations.
    """
    at = contacts.after(contact.written, fields, dt.datetime.now(dt.UTC))
    profile, written = dict(contact.profile), dict(contact.written)
    contacts.write(profile, written, fields, at)
    await session.sql(
        "UPDATE contacts SET profile = :profile, language = :language, tags = :tags,"
        " written = CAST(:written AS jsonb), updated_at = now() WHERE id = :id",
        id=contact.id,
        profile=sealer.seal("contacts", "profile", contact.id.bytes, orjson.dumps(profile)),
        language=str(profile.get("language") or ""),
        tags=contact.tags if tags is None else tags,
        written=orjson.dumps(written).decode(),
    )
    if fields:
        key = new_event_id()
        await session.sql(
            "INSERT INTO contact_changes (number_id, id, workspace_id, contact_id, conversation_id, fields, at)"
            " VALUES (:nowhere, :id, :workspace, :contact, :nowhere, :fields, :at)",
            nowhere=NOWHERE,
            id=key,
            workspace=sealer.workspace_id,
            contact=contact.id,
            fields=sealer.seal("contact_changes", "fields", key.bytes, orjson.dumps(fields)),
            at=at,
        )
    return await shown(session, sealer, contact.id)


async def make(session: Session, sealer: Sealer, name: Identity) -> UUID:
    """A contact who has not written yet, by the name that a channel will give him; or who has that name by now."""
    key, blind = new_event_id(), sealer.blind(name.kind, name.value)
    await session.sql(
        "INSERT INTO contacts (id, workspace_id) VALUES (:id, :workspace)",
        id=key,
        workspace=sealer.workspace_id,
    )
    done = await session.sql(
        "INSERT INTO identities (workspace_id, blind, kind, contact_id, value)"
        " VALUES (:workspace, :blind, :kind, :id, :value) ON CONFLICT DO NOTHING",
        workspace=sealer.workspace_id,
        blind=blind,
        kind=name.kind,
        id=key,
        value=sealer.seal("identities", "value", blind, name.value.encode()),
    )
    if done.rowcount == 1:
        return key
    await session.sql("DELETE FROM contacts WHERE id = :id", id=key)
    found = await of_identity(session, sealer, name)
    if found is None:
        raise NotFound(what="contact", name=str(key))
    return found


async def opt_out(session: Session, contact: UUID, opted_out: bool) -> None:
    """What conversations that he has not begun yet begin with."""
    await session.sql(
        "UPDATE contacts SET opted_out = :opted_out, updated_at = now() WHERE id = :id",
        opted_out=opted_out,
        id=contact,
    )


async def of_identity(session: Session, sealer: Sealer, name: Identity) -> UUID | None:
    """The contact whom a channel names so."""
    rows = await session.sql(
        "SELECT coalesce(k.merged_into, k.id) FROM identities i JOIN contacts k ON k.id = i.contact_id"
        " WHERE i.workspace_id = :workspace AND i.blind = :blind",
        workspace=sealer.workspace_id,
        blind=sealer.blind(name.kind, name.value),
    )
    return rows.scalar()


async def found(session: Session, key: UUID) -> UUID:
    """The id of one that is there, or of whom he was merged into. Raises `NotFound`."""
    rows = await session.sql("SELECT coalesce(merged_into, id) FROM contacts WHERE id = :id", id=key)
    if (found := rows.scalar()) is None:
        raise NotFound(what="contact", name=str(key))
    return found


async def identities(session: Session, sealer: Sealer, contact: UUID) -> list[Identity]:
    """How channels name a contact."""
    rows = await session.sql(
        "SELECT i.kind, i.blind, i.value FROM contacts k JOIN identities i ON i.contact_id = k.id"
        " WHERE k.id = :contact OR k.merged_into = :contact ORDER BY i.kind, i.blind",
        contact=contact,
    )
    return [
        Identity(kind, sealer.open("identities", "value", bytes(blind), bytes(value)).decode())
        for kind, blind, value in map(tuple, rows)
    ]


async def places(session: Session, contact: UUID) -> list[Place]:
    """The conversations of a contact."""
    rows = await session.sql(
        "SELECT number_id, id FROM conversations WHERE contact_id = :contact ORDER BY number_id",
        contact=contact,
    )
    return [Place(*row) for row in rows]


def _contact(sealer: Sealer, row: tuple[Any, ...]) -> Contact:
    key, profile, *others = row
    said = orjson.loads(sealer.open("contacts", "profile", key.bytes, bytes(profile))) if profile else {}
    return Contact(key, said, *others)
