"""A publish and the runs that are open: a restart begins with what is published, though nobody told of it yet."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any

import psycopg

from flows.state import State
from flows.turn import Turn, View
from runtime.engine import Engine
from schemas.events import Event, Restarted
from schemas.ids import new_event_id
from store import notify
from store.inbox import row_of
from tests.runtime.house import Channel, House, advance, stays


@dataclass(frozen=True)
class Seen:
    """The versions that events met, by kind."""

    met: list[tuple[str, int]]

    def advance(self, compiled: Any, state: State, event: Event, view: View) -> Turn:
        self.met.append((event.kind, compiled))
        return advance(compiled, state, event, view)


def publish_and_restart(house: House) -> None:
    """In one transaction, as the API does it; only the inbox is told of."""
    with psycopg.connect(house.url.replace("chatloom_runtime", "chatloom_owner")) as db:
        db.execute(
            "INSERT INTO bot_versions (bot_id, version, workspace_id, hash, files, published_at)"
            " VALUES (%s, 2, %s, 'h2', '{}', now())",
            (house.bot_id, house.workspace_id),
        )
        db.execute("UPDATE bots SET published_version = 2 WHERE id = %s", (house.bot_id,))
        found = db.execute("SELECT id FROM conversations WHERE number_id = %s", (house.number_id,)).fetchone()
        assert found is not None
        event = Restarted(new_event_id(), dt.datetime.now(dt.UTC), "Ana")
        row = row_of(house.place, f"api:{event.id}", found[0], event)
        db.execute(
            "INSERT INTO inbox (number_id, source_id, workspace_id, event_id, conversation_id, kind, received_at,"
            " payload) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                house.number_id,
                row.source_id,
                house.workspace_id,
                row.event_id,
                found[0],
                row.kind,
                row.received_at,
                house.sealer.seal("inbox", "payload", row.event_id.bytes, row.plain),
            ),
        )
        db.execute("SELECT pg_notify(%s, '')", (notify.channel(house.number_id),))


async def begins_anew_on_what_is_published(house: House) -> None:
    channel, seen = Channel(), Seen([])
    async with house.serve(channel, Engine(lambda files, version, declared: version, seen.advance, stays)):
        await house.hear(("1", "hello"))
        await channel.until(lambda: len(channel.sent) == 1)
        await asyncio.to_thread(publish_and_restart, house)
        await channel.until(lambda: len(channel.sent) == 2)
    assert seen.met == [("received", 1), ("restarted", 2)]


def test_a_restart_begins_on_what_is_published(house: House) -> None:
    asyncio.run(begins_anew_on_what_is_published(house))
