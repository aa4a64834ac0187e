"""Drafts: what a bot's folder is between two versions, with the states that it lately had.

A bot that has no draft yet has the files of its newest version as one. Tags name contents; the caller makes them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlmodel import col, select

from schemas.tables.bots import Bot, BotVersion
from store.admin.desk import Session
from store.admin.page import Cursor, CursorUnfit, Window

_MOST_SEQ = 2_147_483_647
KEPT = 50  # states, the newest
KEPT_OLDER = 200  # of those before: the last of every ten minutes


@dataclass(frozen=True, slots=True)
class Draft:
    """A state of a bot's draft. `seq` 0: nobody has saved one, these are the newest version's files."""

    seq: int
    files: Mapping[str, str]
    base_version: int | None
    at: dt.datetime
    by: str


@dataclass(frozen=True, slots=True)
class Saved:
    """Files to be kept as a state, with the tags of each and of all."""

    files: Mapping[str, str]
    manifest: Mapping[str, str]
    etag: str


@dataclass(frozen=True, slots=True)
class State:
    """What a draft once was, without its files."""

    seq: int
    etag: str
    at: dt.datetime
    by: str
    base_version: int | None


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who changed files of a draft, and when last."""

    name: str
    files: list[str]
    last: dt.datetime


async def held(session: Session, name: str) -> Bot | None:
    """The bot of that name, which nobody else can save or publish until the transaction ends."""
    wanted = select(Bot).where(col(Bot.name) == name).with_for_update(key_share=True)
    return (await session.exec(wanted)).first()


async def current(session: Session, bot: Bot) -> Draft:
    """The draft."""
    rows = await session.sql(
        "SELECT seq, manifest, base_version, at, by FROM draft_states WHERE bot_id = :bot ORDER BY seq DESC LIMIT 1",
        bot=bot.id,
    )
    if (row := rows.first()) is not None:
        return Draft(row.seq, await _texts(session, bot, row.manifest), row.base_version, row.at, row.by)
    newest = select(BotVersion).where(col(BotVersion.bot_id) == bot.id)
    version = (await session.exec(newest.order_by(col(BotVersion.version).desc()).limit(1))).first()
    if version is None:
        return Draft(0, {}, None, bot.created_at, "")
    return Draft(0, version.files, version.version, version.created_at, "")


async def save(
    session: Session, bot: Bot, seen: Draft, before: Saved, after: Saved, by: str, base_version: int | None
) -> Draft:
    """Keep `after` as the draft, where `seen` (with the tags `before`) was it. For who holds the bot."""
    seq = seen.seq
    if seq == 0 and seen.files:
        seq = 1
        await _insert(session, bot, seq, before, seen.by, seen.base_version)
    seq += 1
    await _insert(session, bot, seq, after, by, base_version)
    if seq > KEPT:
        await _thin(session, bot, seq - KEPT)
    return await current(session, bot)


async def states(session: Session, bot: Bot, window: Window) -> tuple[list[State], Cursor | None]:
    """The states that are kept, the newest first. Raises `CursorUnfit`."""
    below = _seq(window.after) if window.after is not None else _MOST_SEQ
    rows = await session.sql(
        "SELECT seq, etag, at, by, base_version FROM draft_states WHERE bot_id = :bot AND seq < :below"
        " ORDER BY seq DESC LIMIT :limit",
        bot=bot.id,
        below=below,
        limit=window.limit + 1,
    )
    found = [State(row.seq, row.etag, row.at, row.by, row.base_version) for row in rows]
    if len(found) <= window.limit:
        return found, None
    found.pop()
    return found, window.cursor(found[-1].seq)


async def at_state(session: Session, bot: Bot, seq: int) -> dict[str, str] | None:
    """The files that a state had; None: it is not kept."""
    rows = await session.sql(
        "SELECT manifest FROM draft_states WHERE bot_id = :bot AND seq = :seq", bot=bot.id, seq=seq
    )
    row = rows.first()
    return None if row is None else await _texts(session, bot, row[0])


async def authors(session: Session, bot: Bot, since: dt.datetime) -> list[Author]:
    """Who saved which files of the draft after a moment, the latest first."""
    rows = await session.sql(
        "SELECT who_name, array_agg(DISTINCT path ORDER BY path) AS files, max(at) AS last"
        " FROM audit, jsonb_array_elements_text(changes -> 'files') AS path"
        " WHERE target_id = :bot AND action = 'draft.save' AND at > :since"
        " GROUP BY who_name ORDER BY last DESC",
        bot=str(bot.id),
        since=since,
    )
    return [Author(row.who_name, row.files, row.last) for row in rows]


async def became(session: Session, bot: Bot, draft: Draft, version: int) -> None:
    """Note that the draft is now that version."""
    await session.sql(
        "UPDATE draft_states SET base_version = :version WHERE bot_id = :bot AND seq = :seq",
        bot=bot.id,
        seq=draft.seq,
        version=version,
    )


async def state(session: Session, bot: Bot, etag: str) -> dict[str, str] | None:
    """The files that a draft with this tag had, if that is still known."""
    rows = await session.sql(
        "SELECT manifest FROM draft_states WHERE bot_id = :bot AND etag = :etag ORDER BY seq DESC LIMIT 1",
        bot=bot.id,
        etag=etag,
    )
    row = rows.first()
    return None if row is None else await _texts(session, bot, row[0])


async def text(session: Session, bot: Bot, tag: str) -> str | None:
    """The text with this tag, if it is still known."""
    rows = await session.sql(
        "SELECT text FROM draft_texts WHERE bot_id = :bot AND tag = :tag", bot=bot.id, tag=tag
    )
    row = rows.first()
    return None if row is None else row[0]


async def _thin(session: Session, bot: Bot, older: int) -> None:
    """Of the states up to `older` only the last of every ten minutes stays, and of these the newest."""
    gone = await session.sql(
        "WITH aged AS (SELECT seq, row_number() OVER (ORDER BY seq DESC) AS place,"
        " lead(at) OVER (ORDER BY seq) AS next_at, at FROM draft_states WHERE bot_id = :bot AND seq <= :older)"
        " DELETE FROM draft_states s USING aged WHERE s.bot_id = :bot AND s.seq = aged.seq AND (aged.place > :most"
        " OR date_bin('10 minutes', aged.at, 'epoch') = date_bin('10 minutes', aged.next_at, 'epoch'))"
        " RETURNING s.manifest",
        bot=bot.id,
        older=older,
        most=KEPT_OLDER,
    )
    tags = sorted({tag for row in gone for tag in row.manifest.values()})
    await session.sql(
        "DELETE FROM draft_texts WHERE bot_id = :bot AND tag = ANY(:tags) AND tag NOT IN (SELECT each.value"
        " FROM draft_states s, jsonb_each_text(s.manifest) AS each WHERE s.bot_id = :bot)",
        bot=bot.id,
        tags=tags,
    )


def _seq(after: Cursor) -> int:
    try:
        return int(after[0])
    except (IndexError, ValueError) as error:
        raise CursorUnfit() from error


async def _texts(session: Session, bot: Bot, manifest: Mapping[str, str]) -> dict[str, str]:
    rows = await session.sql(
        "SELECT tag, text FROM draft_texts WHERE bot_id = :bot AND tag = ANY(:tags)",
        bot=bot.id,
        tags=list(set(manifest.values())),
    )
    known: dict[str, str] = {row.tag: row.text for row in rows}
    return {path: known[tag] for path, tag in manifest.items()}


async def _insert(
    session: Session, bot: Bot, seq: int, what: Saved, by: str, base_version: int | None
) -> None:
    texts = {what.manifest[path]: text for path, text in what.files.items()}
    await session.sql(
        "INSERT INTO draft_texts (bot_id, workspace_id, tag, text)"
        " SELECT :bot, :workspace, t.* FROM unnest(CAST(:tags AS text[]), CAST(:texts AS text[])) AS t"
        " ON CONFLICT DO NOTHING",
        bot=bot.id,
        workspace=bot.workspace_id,
        tags=list(texts),
        texts=list(texts.values()),
    )
    await session.sql(
        "INSERT INTO draft_states (bot_id, seq, workspace_id, etag, manifest, base_version, by)"
        " VALUES (:bot, :seq, :workspace, :etag, CAST(:manifest AS jsonb), :base, :by)",
        bot=bot.id,
        seq=seq,
        workspace=bot.workspace_id,
        etag=what.etag,
        manifest=orjson.dumps(what.manifest).decode(),
        base=base_version,
        by=by,
    )
