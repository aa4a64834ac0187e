"""Which versions a number holds compiled: as many as a batch needs, and the deployed one without a gap."""

import asyncio
import datetime as dt
import threading
from collections.abc import Sequence

import psycopg

from runtime.serving import MOST_HELD, Serving
from store.custom_actions import Declared
from store.numbers import Pushed, Wanted
from store.pool import Database, connect
from tests.runtime.house import House, advance, stays
from tests.until import PATIENCE_S, until


def push(house: House, versions: range) -> None:
    with psycopg.connect(house.url.replace("chatloom_runtime", "chatloom_owner")) as db:
        for version in versions:
            db.execute(
                "INSERT INTO bot_versions (bot_id, version, workspace_id, hash, files)"
                " VALUES (%s, %s, %s, %s, '{}')",
                (house.bot_id, version, house.workspace_id, f"h{version}"),
            )


def test_all_versions_that_a_batch_needs_are_held_together(house: House) -> None:
    needed = set(range(1, MOST_HELD + 4))
    push(house, range(2, MOST_HELD + 4))

    async def scene() -> None:
        serving = Serving(lambda files, version, declared: f"v{version}", advance, stays)
        async with await connect(Database(house.url)) as conn:
            await serving.deploy(conn, Wanted("running", house.bot_id, 1))
            await serving.ensure(conn, needed)
            assert [one for one in sorted(needed) if serving.compiled(one) is None] == []
            await serving.ensure(conn, {2})
            assert sum(serving.compiled(one) is not None for one in needed) == MOST_HELD
            assert serving.compiled(1) is not None

    asyncio.run(scene())


def test_what_is_served_stays_held_while_it_is_compiled_anew(house: House) -> None:
    goes_on = threading.Event()
    begun: list[int] = []

    def slow(pushed: Pushed, version: int, declared: Sequence[Declared]) -> str:
        begun.append(version)
        if len(begun) > 1:
            assert goes_on.wait(PATIENCE_S)
        return f"v{version}, compilation {len(begun)}"

    async def scene() -> None:
        serving = Serving(slow, advance, stays)
        async with await connect(Database(house.url)) as conn:
            await serving.deploy(conn, Wanted("running", house.bot_id, 1))
            changed = Wanted("running", house.bot_id, 1, actions_at=dt.datetime.now(dt.UTC))
            deploying = asyncio.create_task(serving.deploy(conn, changed))
            await until(lambda: len(begun) == 2)
            meanwhile = serving.compiled(1)
            goes_on.set()
            await deploying
            assert meanwhile == "v1, compilation 1"
            assert serving.compiled(1) == "v1, compilation 2"

    asyncio.run(scene())
