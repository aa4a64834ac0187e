"""Templates, as they were read from channels."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import col, select

from schemas.tables.message_templates import MessageTemplate
from schemas.tables.numbers import Number
from store.admin.desk import Session
from store.admin.page import Cursor, Window, page

APPROVED = "APPROVED"


async def listed(
    session: Session, number: UUID, status: str | None, window: Window
) -> tuple[list[MessageTemplate], Cursor | None]:
    """Those of a number, by name and language."""
    wanted = select(MessageTemplate).where(col(MessageTemplate.number_id) == number)
    if status is not None:
        wanted = wanted.where(col(MessageTemplate.status) == status)
    return await page(session, wanted, [col(MessageTemplate.name), col(MessageTemplate.language)], window)


async def names(session: Session, numbers: Iterable[Number]) -> frozenset[str] | None:
    """The approved templates that all of these numbers have. None: not known of each, so none is looked for."""
    found: list[frozenset[str]] = []
    for number in numbers:
        rows = await session.exec(
            select(MessageTemplate.name, MessageTemplate.status).where(
                col(MessageTemplate.number_id) == number.id
            )
        )
        each = list(rows)
        if not each:
            return None
        found.append(frozenset(name for name, status in each if status == APPROVED))
    return frozenset.intersection(*found) if found else None


async def keep(session: Session, number: UUID, rows: Iterable[MessageTemplate]) -> int:
    """These are a number's templates now, and no others. Returns how many."""
    await session.sql("DELETE FROM message_templates WHERE number_id = :number", number=number)
    one_each = {(row.name, row.language): row for row in rows}
    session.add_all(one_each.values())
    await session.flush()
    return len(one_each)
