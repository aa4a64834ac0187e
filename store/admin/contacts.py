"""Contacts as people and programs name them: by id, or as a channel does (blind index)."""

from uuid import UUID

from keys.seal import Sealer
from schemas.messages import Identity
from schemas.problems import NotFound
from store.admin.conversations import Place
from store.admin.desk import Session


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


async def places(session: Session, contact: UUID) -> list[Place]:
    """The conversations of a contact."""
    rows = await session.sql(
        "SELECT number_id, id FROM conversations WHERE contact_id = :contact ORDER BY number_id",
        contact=contact,
    )
    return [Place(*row) for row in rows]
