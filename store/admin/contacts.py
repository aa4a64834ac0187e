"""Contacts as people and programs see them: found by id, by tag, or by how a channel names them (blind index)."""

import datetime as dt
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.ids import new_event_id
from schemas.messages import Identity
from schemas.problems import NotFound
from store.admin.desk import Session
from store.admin.page import Cursor, Window, cursor, typed

NOWHERE = UUID(int=0)  # the number and the conversation of a change that none of them made


class Contact(NamedTuple):
    """A contact. `profile`: his fields."""

    id: UUID
    profile: dict[str, Any]
    language: str
    tags: list[str]
    opted_out: bool
    created_at: dt.datetime
    updated_at: dt.datetime


class Talk(NamedTuple):
    """A conversation of a contact."""

    number_id: UUID
    id: UUID
    status: str


_COLUMNS = "id, profile, language, tags, opted_out, created_at, updated_at"


async def listed(
    session: Session, sealer: Sealer, workspace: UUID, tag: str | None, window: Window
) -> tuple[list[Contact], Cursor | None]:
    """The latest first; those with a tag, or all."""
    before = typed(window.after, UUID)[0] if window.after else None
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM contacts WHERE workspace_id = :workspace"
        + (" AND tags @> ARRAY[:tag]::text[]" if tag else "")
        + (" AND id < :before" if before else "")
        + " ORDER BY id DESC LIMIT :limit",
        workspace=workspace,
        limit=window.limit + 1,
        **({"tag": tag} if tag else {}),
        **({"before": before} if before else {}),
    )
    found = [_contact(sealer, tuple(row)) for row in rows]
    if len(found) <= window.limit:
        return found, None
    return found[:-1], cursor(found[-2].id)


async def of_identity(session: Session, sealer: Sealer, name: Identity) -> UUID | None:
    """The contact whom a channel names so."""
    rows = await session.sql(
        "SELECT contact_id FROM identities WHERE workspace_id = :workspace AND blind = :blind",
        workspace=sealer.workspace_id,
        blind=sealer.blind(name.kind, name.value),
    )
    return rows.scalar()


async def found(session: Session, key: UUID) -> UUID:
    """The id of one that is there. Raises `NotFound`."""
    rows = await session.sql("SELECT id FROM contacts WHERE id = :id", id=key)
    if rows.first() is None:
        raise NotFound(what="contact", name=str(key))
    return key


async def shown(session: Session, sealer: Sealer, key: UUID, change: bool = False) -> Contact:
    """One, held until the end of the transaction if he is to change. Raises `NotFound`."""
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM contacts WHERE id = :id" + (" FOR UPDATE" if change else ""), id=key
    )
    if (row := rows.first()) is None:
        raise NotFound(what="contact", name=str(key))
    return _contact(sealer, tuple(row))


async def identities(session: Session, sealer: Sealer, contact: UUID) -> list[Identity]:
    """How channels name a contact."""
    rows = await session.sql(
        "SELECT kind, blind, value FROM identities WHERE contact_id = :contact ORDER BY kind, blind",
        contact=contact,
    )
    return [
        Identity(kind, sealer.open("identities", "value", bytes(blind), bytes(value)).decode())
        for kind, blind, value in map(tuple, rows)
    ]


async def places(session: Session, contact: UUID) -> list[Talk]:
    """The conversations of a contact."""
    rows = await session.sql(
        "SELECT number_id, id, status FROM conversations WHERE contact_id = :contact ORDER BY number_id",
        contact=contact,
    )
    return [Talk(*row) for row in rows]


async def change(
    session: Session,
    sealer: Sealer,
    workspace: UUID,
    contact: Contact,
    fields: dict[str, Any],
    tags: list[str] | None,
) -> Contact:
    """Write fields (None clears one) and tags. Fields go to the contact's conversations by `contact_changes`."""
    profile = {name: value for name, value in {**contact.profile, **fields}.items() if value is not None}
    await session.sql(
        "UPDATE contacts SET profile = :profile, language = :language, tags = :tags, updated_at = now()"
        " WHERE id = :id",
        id=contact.id,
        profile=sealer.seal("contacts", "profile", contact.id.bytes, orjson.dumps(profile)),
        language=str(profile.get("language") or ""),
        tags=contact.tags if tags is None else tags,
    )
    if fields:
        key = new_event_id()
        await session.sql(
            "INSERT INTO contact_changes"
            " (number_id, id, workspace_id, contact_id, conversation_id, fields, at)"
            " VALUES (:nowhere, :id, :workspace, :contact, :nowhere, :fields, now())",
            nowhere=NOWHERE,
            id=key,
            workspace=workspace,
            contact=contact.id,
            fields=sealer.seal("contact_changes", "fields", key.bytes, orjson.dumps(fields)),
        )
    return await shown(session, sealer, contact.id)


async def opt_out(session: Session, contact: UUID, opted_out: bool) -> None:
    """What the next conversation with him begins with."""
    await session.sql(
        "UPDATE contacts SET opted_out = :opted_out, updated_at = now() WHERE id = :id",
        opted_out=opted_out,
        id=contact,
    )


def _contact(sealer: Sealer, row: tuple[Any, ...]) -> Contact:
    key, profile, *others = row
    said = orjson.loads(sealer.open("contacts", "profile", key.bytes, bytes(profile))) if profile else {}
    return Contact(key, said, *others)
