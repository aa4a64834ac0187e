"""Orders to erase contacts."""

import datetime as dt
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.ids import new_event_id
from schemas.problems import NotFound
from store.admin import contacts
from store.admin.desk import Session
from store.admin.page import Cursor, Window, cursor, typed
from store.inbox import ERASED, erased_source
from store.notify import channel, orders_channel


class Erasure(NamedTuple):
    """An order, and what has become of it. `removed`: how many rows went, by table.

    `pending`: the numbers whose linked phone's session has not forgotten him yet.
    """

    id: UUID
    ordered_by: str
    ordered_at: dt.datetime
    swept_at: dt.datetime | None
    closed_at: dt.datetime | None
    removed: dict[str, int]
    pending: list[str]


_COLUMNS = (
    "id, ordered_by, ordered_at, swept_at, closed_at, removed, ARRAY(SELECT n.name FROM session_erasures s"
    " JOIN numbers n ON n.id = s.number_id WHERE s.contact_id = erasures.id AND s.done_at IS NULL"
    " AND n.removed_at IS NULL ORDER BY n.name)"
)


async def listed(session: Session, workspace: UUID, window: Window) -> tuple[list[Erasure], Cursor | None]:
    """The latest contacts first."""
    given: dict[str, Any] = {}
    if window.after is not None:
        given["before"] = typed(window.after, UUID)[0]
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM erasures WHERE workspace_id = :workspace"
        + (" AND id < :before" if given else "")
        + " ORDER BY id DESC LIMIT :limit",
        workspace=workspace,
        limit=window.limit + 1,
        **given,
    )
    found = [Erasure(*row) for row in rows]
    if len(found) <= window.limit:
        return found, None
    return found[:-1], cursor(found[-2].id)


async def shown(session: Session, key: UUID) -> Erasure:
    """One. Raises `NotFound`."""
    rows = await session.sql(f"SELECT {_COLUMNS} FROM erasures WHERE id = :id", id=key)
    if (row := rows.first()) is None:
        raise NotFound(what="erasure", name=str(key))
    return Erasure(*row)


async def order(session: Session, sealer: Sealer, contact: UUID, by: str) -> Erasure:
    """Take a contact and his names away, and leave the rest to numbers and workers. Raises `NotFound`."""
    contact = (await contacts.shown(session, sealer, contact, change=True)).id
    names = [[one.kind, one.value] for one in await contacts.identities(session, sealer, contact)]
    talks = await contacts.talks(session, sealer, [contact])
    await session.sql(
        "INSERT INTO erasures (id, workspace_id, ordered_by, places, names)"
        " VALUES (:id, :workspace, :by, CAST(:places AS jsonb), :names)",
        id=contact,
        workspace=sealer.workspace_id,
        by=by,
        places=orjson.dumps([[str(one.number_id), str(one.id)] for one in talks]).decode(),
        names=sealer.seal("erasures", "names", contact.bytes, orjson.dumps(names)),
    )
    await session.sql(
        "DELETE FROM identities WHERE contact_id IN"
        " (SELECT id FROM contacts WHERE id = :contact OR merged_into = :contact)",
        contact=contact,
    )
    await session.sql("DELETE FROM contacts WHERE id = :contact", contact=contact)
    told: set[UUID] = set()
    for talk in talks:
        if talk.serves:
            # Who was merged into him may have another conversation with the same number.
            source = erased_source(talk.id if talk.number_id in told else contact)
            told.add(talk.number_id)
            await session.sql(
                "INSERT INTO inbox"
                " (number_id, source_id, workspace_id, event_id, conversation_id, kind, received_at, payload)"
                " VALUES (:number, :source, :workspace, :event, :conversation, :kind, now(), '')",
                number=talk.number_id,
                source=source,
                workspace=sealer.workspace_id,
                event=new_event_id(),
                conversation=talk.id,
                kind=ERASED,
            )
            await session.sql("SELECT pg_notify(:name, '')", name=channel(talk.number_id))
    linked = await session.sql(
        "INSERT INTO session_erasures (contact_id, number_id, workspace_id)"
        " SELECT :contact, s.number_id, s.workspace_id FROM sessions s JOIN numbers n ON n.id = s.number_id"
        " WHERE s.workspace_id = :workspace AND s.vault_generation IS NOT NULL AND s.account IS NOT NULL"
        " AND n.removed_at IS NULL RETURNING number_id",
        contact=contact,
        workspace=sealer.workspace_id,
    )
    for (number,) in linked.all():
        await session.sql("SELECT pg_notify(:name, '')", name=orders_channel(number))
    return await shown(session, contact)
