"""The declared fields of contacts, by name."""

from uuid import UUID

from sqlmodel import col, select

from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.contact_fields import ContactField
from store.admin.desk import Session, put
from store.admin.page import Cursor, Window, page


async def listed(session: Session, window: Window) -> tuple[list[ContactField], Cursor | None]:
    """All, by name."""
    return await page(session, select(ContactField), [col(ContactField.name)], window)


async def every(session: Session) -> dict[str, ContactField]:
    """All of the workspace."""
    return {row.name: row for row in await session.exec(select(ContactField))}


async def named(session: Session, workspace: UUID, name: str) -> ContactField:
    """One. Raises `NotFound`."""
    if (row := await session.get(ContactField, (workspace, name))) is None:
        raise NotFound(what="contact field", name=name)
    return row


async def keep(session: Session, field: ContactField) -> ContactField:
    """Declare it, in place of what was declared before."""
    field.updated_at = now()
    await put(session, field)
    return field
