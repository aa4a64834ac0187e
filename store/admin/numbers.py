"""Numbers, as people set them up. What runs them writes `state`; here a failed one is only set free again."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlmodel import col, select

from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.reasons import Reason
from schemas.tables.bots import Bot
from schemas.tables.columns import now
from schemas.tables.numbers import Number
from store.admin.desk import Session, unique
from store.admin.page import Cursor, Window, cursor, ordered, typed
from store.notify import NUMBERS


async def listed(session: Session, window: Window) -> tuple[list[Number], Cursor | None]:
    """Those that were not removed."""
    there = select(Number).where(col(Number.removed_at).is_(None))
    by = {"name": [col(Number.name)], "created_at": [col(Number.id)]}
    return await ordered(session, there, by, window)


async def ids(session: Session) -> list[UUID]:
    """All that are there."""
    return list(await session.exec(select(Number.id).where(col(Number.removed_at).is_(None))))


async def by_ids(session: Session, keys: Iterable[UUID]) -> dict[UUID, Number]:
    """Those with these ids, by id."""
    return {row.id: row for row in await session.exec(select(Number).where(col(Number.id).in_(set(keys))))}


async def named(session: Session, name: str) -> Number:
    """One, by name or id. Raises `NotFound`."""
    there = select(Number).where(col(Number.removed_at).is_(None))
    found = (await session.exec(there.where(col(Number.name) == name))).first()
    if found is None:
        try:
            found = (await session.exec(there.where(col(Number.id) == UUID(name)))).first()
        except ValueError:
            found = None
    if found is None:
        raise NotFound(what="number", name=name)
    return found


class Change(NamedTuple):
    """What became of a number. `desired` is running, paused or removed."""

    seq: int
    desired: str
    state: str
    why: Reason
    at: dt.datetime


async def states(session: Session, number: Number, window: Window) -> tuple[list[Change], Cursor | None]:
    """The history of a number's state, the latest first."""
    before = typed(window.after, int)[0] if window.after else 2**63 - 1
    rows = await session.sql(
        "SELECT seq, desired, state, why, why_code, why_facts, at FROM number_states"
        " WHERE number_id = :number AND seq < :before ORDER BY seq DESC LIMIT :limit",
        number=number.id,
        before=min(max(before, 0), 2**63 - 1),
        limit=window.limit + 1,
    )
    found = [
        Change(seq, desired, state, Reason(why, code, facts), at)
        for seq, desired, state, why, code, facts, at in (tuple(row) for row in rows)
    ]
    if len(found) <= window.limit:
        return found, None
    return found[:-1], cursor(found[-2].seq)


class Removal(NamedTuple):
    """What removing a number would do: what is never sent or processed any more, and what stays."""

    unsent: int
    unprocessed: int
    timers: int
    calls: int
    open_runs: int
    linked: bool
    conversations: int


async def removal(session: Session, number: Number) -> Removal:
    """Counts; nothing is changed."""
    of = "WHERE number_id = :number"
    rows = await session.sql(
        f"SELECT (SELECT count(*) FROM outbox {of}), (SELECT count(*) FROM inbox {of} AND done_at IS NULL),"
        f" (SELECT count(*) FROM timers {of}),"
        f" (SELECT count(*) FROM action_calls {of} AND state IN ('queued', 'running')),"
        f" (SELECT count(*) FROM runs {of} AND ended_at IS NULL),"
        f" EXISTS (SELECT FROM sessions {of} AND account IS NOT NULL), (SELECT count(*) FROM conversations {of})",
        number=number.id,
    )
    return Removal(*rows.one())


def secret_names(sealer: Sealer, number: Number) -> list[str]:
    """The names of a number's secrets."""
    return sorted(orjson.loads(sealer.open("numbers", "secrets", number.id.bytes, number.secrets)))


async def by_id(session: Session, key: UUID) -> Number:
    """One in service, by id. Raises `NotFound`."""
    found = await session.get(Number, key)
    if found is None or found.removed_at is not None:
        raise NotFound(what="number", name=str(key))
    return found


async def add(session: Session, sealer: Sealer, number: Number, secrets: dict[str, str]) -> Number:
    """Keep a new number with its secrets sealed. Raises `Taken`."""
    number.secrets = sealer.seal("numbers", "secrets", number.id.bytes, orjson.dumps(secrets))
    async with unique(session, "number", number.name):
        session.add(number)
    return number


async def set_secrets(session: Session, sealer: Sealer, number: Number, secrets: dict[str, str]) -> None:
    """Replace those secrets that are given; the others stay."""
    place = ("numbers", "secrets", number.id.bytes)
    kept = orjson.loads(sealer.open(*place, number.secrets))
    number.secrets = sealer.seal(*place, orjson.dumps({**kept, **secrets}))
    session.add(number)


async def remove(session: Session, name: str) -> None:
    """Take a number out of service for good. Its conversations stay; its secrets go."""
    number = await named(session, name)
    number.removed_at = now()
    number.desired = "paused"
    number.secrets = b""
    session.add(number)


def try_again(number: Number) -> None:
    """Let a number that failed be tried again: it was changed, or somebody said that it should go on."""
    if number.state == "failed":
        number.state, number.state_since = "stopped", now()
        number.state_why, number.why_code, number.why_facts = "", "", {}


async def try_again_with(session: Session, bot: Bot) -> None:
    """The same for the numbers that serve what is published of a bot."""
    await session.sql(
        "UPDATE numbers SET state = 'stopped', state_why = '', why_code = '', why_facts = '{}', state_since = now()"
        " WHERE state = 'failed' AND bot_id = :bot AND bot_version IS NULL",
        bot=bot.id,
    )


async def serving(session: Session, bot: str) -> list[Number]:
    """The numbers that serve a bot."""
    wanted = select(Number).join(Bot, col(Bot.id) == col(Number.bot_id))
    return list(await session.exec(wanted.where(col(Bot.name) == bot, col(Number.removed_at).is_(None))))


async def tell(session: Session, about: UUID) -> None:
    """Wake whoever keeps a list of numbers, bots or apps, once this transaction has committed.

    `about`: the number, the bot or the workspace whose numbers look at their rows anew.
    """
    await session.sql("SELECT pg_notify(:name, :about)", name=NUMBERS, about=str(about))
