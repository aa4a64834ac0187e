"""Bots and their versions."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import col, select

from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.tables.bots import Bot, BotVersion
from schemas.tables.columns import now
from store.admin.desk import Session, unique
from store.admin.page import Cursor, Window, ordered


class OpenRun(NamedTuple):
    """A run under way, on a number that serves whatever is published."""

    number: UUID
    name: str
    conversation: UUID
    version: int


async def listed(session: Session, window: Window) -> tuple[list[Bot], Cursor | None]:
    """All."""
    by = {"name": [col(Bot.name)], "created_at": [col(Bot.id)]}
    return await ordered(session, select(Bot), by, window)


async def named(session: Session, name: str) -> Bot:
    """One, by name. Raises `NotFound`."""
    found = (await session.exec(select(Bot).where(col(Bot.name) == name))).first()
    if found is None:
        raise NotFound(what="bot", name=name)
    return found


async def by_ids(session: Session, keys: Iterable[UUID | None]) -> dict[UUID, Bot]:
    """Those with these ids, by id."""
    wanted = select(Bot).where(col(Bot.id).in_({key for key in keys if key}))
    return {bot.id: bot for bot in await session.exec(wanted)}


async def add(session: Session, workspace: UUID, name: str) -> Bot:
    """A bot without versions. Raises `Taken`."""
    bot = Bot(workspace_id=workspace, name=name)
    async with unique(session, "bot", name):
        session.add(bot)
    return bot


async def push(
    session: Session,
    workspace: UUID,
    name: str,
    files: dict[str, str],
    events: dict[str, Any],
    digest: str,
    message: str,
) -> tuple[Bot, BotVersion, bool]:
    """A new version of a bot, or the version whose content has this `digest` already (then False).

    `events`: the schemas of the events that it names.
    """
    bot = (await session.exec(select(Bot).where(col(Bot.name) == name).with_for_update())).first()
    if bot is None:
        bot = await add(session, workspace, name)
    same = await session.exec(
        select(BotVersion).where(col(BotVersion.bot_id) == bot.id, col(BotVersion.hash) == digest)
    )
    if found := same.first():
        return bot, found, False
    version = BotVersion(
        bot_id=bot.id,
        version=await last_version(session, bot) + 1,
        workspace_id=workspace,
        hash=digest,
        files=files,
        event_schemas=events,
        message=message,
    )
    async with unique(session, "bot", name):
        session.add(version)
    return bot, version, True


async def last_version(session: Session, bot: Bot) -> int:
    """The number of the newest version; 0: there is none."""
    last = select(func.max(BotVersion.version)).where(col(BotVersion.bot_id) == bot.id)
    return (await session.exec(last)).one() or 0


async def versions(session: Session, bot: Bot, window: Window) -> tuple[list[BotVersion], Cursor | None]:
    """The versions of a bot, without their files."""
    light = defer(BotVersion.files)  # pyright: ignore[reportArgumentType]
    wanted = select(BotVersion).where(col(BotVersion.bot_id) == bot.id).options(light)
    return await ordered(session, wanted, {"version": [col(BotVersion.version)]}, window)


async def version(session: Session, bot: Bot, number: int) -> BotVersion:
    """One version. Raises `NotFound`."""
    found = await session.get(BotVersion, (bot.id, number))
    if found is None:
        raise NotFound(what=f"version of bot {bot.name}", name=number)
    return found


async def publish(session: Session, bot: Bot, what: BotVersion) -> None:
    """Make a version the one that numbers without a pinned version run."""
    if what.published_at is None:
        what.published_at = now()
        session.add(what)
    bot.published_version = what.version
    session.add(bot)


async def open_runs(session: Session, bot: Bot, but: int) -> list[OpenRun]:
    """The open runs on other versions than `but`, of the numbers that serve whatever is published of a bot."""
    rows = await session.sql(
        "SELECT n.id, n.name, r.conversation_id, r.version FROM numbers n JOIN runs r ON r.number_id = n.id"
        " WHERE n.workspace_id = :workspace AND n.bot_id = :bot AND n.bot_version IS NULL AND n.removed_at IS NULL"
        " AND r.bot_id = :bot AND r.ended_at IS NULL AND r.version <> :but ORDER BY n.name, r.id",
        workspace=bot.workspace_id,
        bot=bot.id,
        but=but,
    )
    return [OpenRun(row.id, row.name, row.conversation_id, row.version) for row in rows]


async def states(session: Session, sealer: Sealer, runs: Sequence[OpenRun]) -> dict[UUID, bytes]:
    """The engine's state, as JSON, of the conversations of these runs."""
    rows = await session.sql(
        "SELECT c.id, c.state FROM unnest(CAST(:numbers AS uuid[]), CAST(:ids AS uuid[])) AS w (number, id)"
        " JOIN conversations c ON c.number_id = w.number AND c.id = w.id WHERE c.state IS NOT NULL",
        numbers=[run.number for run in runs],
        ids=[run.conversation for run in runs],
    )
    return {row.id: sealer.open("conversations", "state", row.id.bytes, row.state) for row in rows}


async def published_before(session: Session, bot: Bot) -> BotVersion | None:
    """The newest version below the published one that was published once."""
    older = select(BotVersion).where(
        col(BotVersion.bot_id) == bot.id,
        col(BotVersion.version) < (bot.published_version or 0),
        col(BotVersion.published_at).is_not(None),
    )
    return (await session.exec(older.order_by(col(BotVersion.version).desc()).limit(1))).first()
