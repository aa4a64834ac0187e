"""Schemas of the events that integrations post, by name."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.event_schemas import EventSchema
from store.admin.desk import Session, put
from store.admin.page import Cursor, Window, page


async def listed(session: Session, window: Window) -> tuple[list[EventSchema], Cursor | None]:
    """All, by name."""
    return await page(session, select(EventSchema), [col(EventSchema.name)], window)


async def every(session: Session) -> dict[str, dict[str, Any]]:
    """All schemas, by the events' names."""
    rows = await session.exec(select(EventSchema).order_by(col(EventSchema.name)))
    return {row.name: row.data_schema for row in rows}


async def of(session: Session, workspace: UUID, name: str) -> EventSchema | None:
    """That of an event, if there is one."""
    return await session.get(EventSchema, (workspace, name))


async def named(session: Session, workspace: UUID, name: str) -> EventSchema:
    """One. Raises `NotFound`."""
    if (row := await of(session, workspace, name)) is None:
        raise NotFound(what="event schema", name=name)
    return row


async def keep(session: Session, workspace: UUID, name: str, data_schema: dict[str, Any]) -> EventSchema:
    """Lay it down, in place of the one before."""
    row = EventSchema(workspace_id=workspace, name=name, data_schema=data_schema, updated_at=now())
    await put(session, row)
    return row
