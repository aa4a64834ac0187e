"""Canaries: a version that a share of a bot's new runs gets, and how its runs end beside the others'."""

from typing import Literal, NamedTuple

from sqlmodel import col, select

from schemas.ids import first_id
from schemas.tables.bots import Bot, Canary
from schemas.tables.columns import now
from store.admin.desk import Session

How = Literal["promoted", "aborted", "replaced"]  # replaced: by another publish


class Ended(NamedTuple):
    """How many runs of a version ended how; `how` is empty for those that are open."""

    version: int
    how: str
    runs: int


async def latest(session: Session, bot: Bot) -> Canary | None:
    """The open one, else the last."""
    wanted = select(Canary).where(col(Canary.bot_id) == bot.id)
    return (await session.exec(wanted.order_by(col(Canary.started_at).desc()).limit(1))).first()


async def opened(session: Session, bot: Bot) -> Canary | None:
    """The open one."""
    wanted = select(Canary).where(col(Canary.bot_id) == bot.id, col(Canary.ended_at).is_(None))
    return (await session.exec(wanted)).first()


async def start(session: Session, canary: Canary) -> None:
    """Keep a new one, for who holds the bot, which has none open."""
    session.add(canary)
    await session.flush()


def end(session: Session, canary: Canary, how: How, by: str) -> None:
    """It is over: new runs get what is published."""
    canary.ended_at, canary.how, canary.ended_by = now(), how, by
    session.add(canary)


async def runs(session: Session, canary: Canary) -> list[Ended]:
    """The runs of both versions that began while it was open, on numbers that serve whatever is published."""
    rows = await session.sql(
        "SELECT r.version, CASE WHEN r.ended_at IS NULL THEN '' ELSE r.how END AS how, count(*) AS runs"
        " FROM numbers n JOIN runs r ON r.number_id = n.id AND r.id >= :first AND r.id < :last"
        " WHERE n.workspace_id = :workspace AND n.bot_id = :bot AND n.bot_version IS NULL"
        " AND r.bot_id = :bot AND r.version IN (:version, :base) GROUP BY 1, 2",
        workspace=canary.workspace_id,
        bot=canary.bot_id,
        version=canary.version,
        base=canary.base_version,
        first=first_id(canary.started_at),
        last=first_id(canary.ended_at or now()),
    )
    return [Ended(row.version, row.how, row.runs) for row in rows]
