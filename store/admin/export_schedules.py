"""Schedules of exports, as people see them."""

from sqlmodel import col, select

from schemas.problems import NotFound
from schemas.tables.export_schedules import ExportSchedule
from store.admin.desk import Session, unique
from store.admin.page import Cursor, Window, page


async def listed(session: Session, window: Window) -> tuple[list[ExportSchedule], Cursor | None]:
    """All, by name."""
    return await page(session, select(ExportSchedule), [col(ExportSchedule.name)], window)


async def named(session: Session, name: str, *, change: bool = False) -> ExportSchedule:
    """One, `change`: held until the transaction ends. Raises `NotFound`."""
    wanted = select(ExportSchedule).where(col(ExportSchedule.name) == name)
    row = (await session.exec(wanted.with_for_update() if change else wanted)).first()
    if row is None:
        raise NotFound(what="export schedule", name=name)
    return row


async def add(session: Session, row: ExportSchedule) -> None:
    """Keep a new one. Raises `Taken`."""
    async with unique(session, "export schedule", row.name):
        session.add(row)
