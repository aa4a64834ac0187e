"""Custom actions, as integrations declare them; and which versions of bots use one."""

import datetime as dt
from typing import Any, NamedTuple

from sqlmodel import col, select

from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.custom_actions import CustomAction
from store.admin.desk import Session, unique
from store.admin.page import Cursor, Window, page
from store.custom_actions import open_secret, seal_secret

BOTH_SIGN = dt.timedelta(hours=24)


class Serving(NamedTuple):
    """A version of a bot that runs somewhere, or will."""

    bot: str
    version: int
    files: dict[str, str]
    events: dict[str, Any]


async def listed(session: Session, window: Window) -> tuple[list[CustomAction], Cursor | None]:
    """All, by name."""
    return await page(session, select(CustomAction), [col(CustomAction.name)], window)


async def every(session: Session) -> list[CustomAction]:
    """All, for checking a bot."""
    return list(await session.exec(select(CustomAction).order_by(col(CustomAction.name))))


async def named(session: Session, name: str, change: bool = False) -> CustomAction:
    """One; to `change` it, locked. Raises `NotFound`."""
    wanted = select(CustomAction).where(col(CustomAction.name) == name)
    row = (await session.exec(wanted.with_for_update() if change else wanted)).first()
    if row is None:
        raise NotFound(what="custom action", name=name)
    return row


async def add(session: Session, sealer: Sealer, row: CustomAction, secret: str) -> None:
    """Keep a new one. Raises `Taken`."""
    row.secret = seal_secret(sealer, row.id, secret)
    async with unique(session, "custom action", row.name):
        session.add(row)


def secrets_of(sealer: Sealer, row: CustomAction) -> list[str]:
    """What signs calls now."""
    found = [open_secret(sealer, row.id, row.secret)]
    if row.old_secret is not None and row.old_until is not None and row.old_until > now():
        found.append(open_secret(sealer, row.id, row.old_secret))
    return found


def renew_secret(row: CustomAction, sealer: Sealer, secret: str) -> None:
    """Give it a new secret; the one before signs too for a day."""
    row.old_secret, row.old_until = row.secret, now() + BOTH_SIGN
    row.secret = seal_secret(sealer, row.id, secret)


async def serving(session: Session, name: str) -> list[Serving]:
    """The versions that name it and are published, tried, pinned by a number, or have open runs."""
    rows = await session.sql(
        "SELECT b.name, v.version, v.files, v.event_schemas FROM bots b JOIN bot_versions v ON v.bot_id = b.id"
        " WHERE position(:name IN v.files::text) > 0 AND (v.version = b.published_version"
        " OR EXISTS (SELECT FROM canaries c WHERE c.bot_id = b.id AND c.ended_at IS NULL AND c.version = v.version)"
        " OR EXISTS (SELECT FROM numbers n WHERE n.bot_id = b.id AND n.removed_at IS NULL"
        " AND (n.bot_version = v.version OR EXISTS (SELECT FROM runs r WHERE r.number_id = n.id"
        " AND r.bot_id = b.id AND r.version = v.version AND r.ended_at IS NULL)))) ORDER BY 1, 2",
        name=name,
    )
    return [Serving(row.name, row.version, row.files, row.event_schemas) for row in rows]


def shape(row: CustomAction) -> tuple[str, dict[str, Any], list[str], dict[str, Any] | None, int]:
    """What the engine knows of it, in the order of `flows.custom.CustomAction.of`."""
    return row.name, row.input_schema, row.outcomes, row.result_schema, row.answer_within_s
