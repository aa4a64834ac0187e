"""The background jobs, on a real database: what contacts are known by, partitions, and old inbox rows."""

import asyncio
import datetime as dt
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from jobs import contact_changes, inbox_pruning, partitions
from jobs.job import Desk
from keys.master import load_master_keys
from store.directory import SealerShelf
from store.notify import Notifier
from store.pool import Database, pool
from store.roles import url_for
from tests.installation import Installation
from tests.stack.stage import served, write_bot

LEARN = """{id: learn, action: branch, with: {cases: {name: "message.text.startsWith('name ')"}}, then: {name: keep, else: say}}"""
KEEP = '{id: keep, action: set, with: {contact: {name: "message.text.substring(5)"}}}'
SAY = '{id: say, action: send, with: {text: "You are {{ contact.name }}"}, next: stop}'
TABLES = ("events", "messages", "message_refs", "message_words")


@asynccontextmanager
async def desk(installed: Installation, *, allow_private: bool = False) -> AsyncGenerator[Desk]:
    """What jobs work with, in this process."""
    async with pool(Database(url_for(installed.database, "runtime"))) as connections:
        notifier = Notifier(connections)
        masters = load_master_keys(installed.home, os.environ, create=False)
        shelf = SealerShelf(masters)
        yield Desk(connections, shelf, notifier, masters, installed.home, allow_private)
        await notifier.close()


def test_what_one_number_learns_of_a_contact_reaches_the_other(
    installed: Installation, tmp_path: Path
) -> None:
    async def scene() -> None:
        name = installed.add_bot(write_bot(tmp_path, "names", LEARN, KEEP, SAY))
        async with served(installed, name) as one, served(installed, name) as other:
            contact = "3907"
            assert await one.ask(contact, "hello") == ["You are Ana"]
            assert await other.ask(contact, "hello") == ["You are Ana"]
            assert (await one.ask(contact, "name Berta"))[-1] == "You are Berta"
            await installed.until(
                "SELECT EXISTS (SELECT FROM contact_changes WHERE number_id = %s)", one.number
            )
            async with desk(installed) as at:
                assert not await contact_changes.do(at)
            assert await one.rows("SELECT id FROM contact_changes WHERE number_id = %s") == []
            changed = "SELECT EXISTS (SELECT FROM events WHERE number_id = %s AND kind = 'contact_changed')"
            await installed.until(changed, other.number)
            assert await one.rows(changed) == [(False,)]
            assert (await other.ask(contact, "who am I?"))[-1] == "You are Berta"
        async with served(installed, name) as third:
            assert await third.ask(contact, "hello") == ["You are Berta"]

    asyncio.run(scene())


def test_partitions_are_made_once(installed: Installation) -> None:
    async def scene() -> None:
        last = dt.date.today().replace(day=1)
        for _ in range(3):
            last = (last + dt.timedelta(days=32)).replace(day=1)
        names = [f"{table}_y{last:%Y}m{last:%m}" for table in TABLES]
        there = "SELECT count(*) FROM pg_inherits WHERE inhrelid::regclass::text = ANY(%s)"
        async with await psycopg.AsyncConnection.connect(installed.database, autocommit=True) as db:
            for name in names:
                await db.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
        assert await installed.rows(there, names) == [(0,)]
        async with desk(installed) as at:
            for _ in range(2):
                await partitions.do(at)
                assert await installed.rows(there, names) == [(len(TABLES),)]

    asyncio.run(scene())


def test_the_inbox_forgets_what_was_processed_long_ago(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        async with served(installed, write_bot(tmp_path, "forgets", SAY)) as line:
            for text in ("old", "young", "waiting"):
                await line.ask("3901", text)
            ids = await line.rows(
                "SELECT source_id FROM inbox WHERE number_id = %s ORDER BY received_at, seq"
            )
            set_done = "UPDATE inbox SET done_at = {} WHERE number_id = %s AND source_id = %s RETURNING 1"
            for (source,), done in zip(
                ids, ("now() - interval '36 days'", "now() - interval '34 days'", "NULL"), strict=True
            ):
                await installed.rows(set_done.format(done), line.number, source)
            async with desk(installed) as at:
                assert not await inbox_pruning.do(at)
            left = await line.rows(
                "SELECT source_id FROM inbox WHERE number_id = %s ORDER BY received_at, seq"
            )
            assert left == ids[1:]

    asyncio.run(scene())
