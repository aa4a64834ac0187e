"""What a door must know without asking: apps with their secrets, numbers by account, sealers by workspace.

Read whole, as role `door`, and kept in memory; `follow` reads it anew when somebody says that it changed
(`store.notify.NUMBERS`), and every few seconds.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from keys.master import MasterKeys
from keys.seal import Sealer, unwrap
from schemas.problems import Problem
from store.inbox import Place
from store.named_sql import query
from store.notify import NUMBERS, heard, listen
from store.pool import Connection, Database, connect
from store.problems import DatabaseUnreachable, problems

log = logging.getLogger(__name__)

POLL_S = 5.0
RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class KnownApp:
    """An app with its secrets in clear: those that count, and while they change those before."""

    id: UUID
    workspace_id: UUID
    channel: str
    secrets: tuple[Mapping[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """Where a number's rows go. `app_id` None: any app of its workspace may bring them."""

    place: Place
    app_id: UUID | None
    slots: int


@dataclass(frozen=True, slots=True)
class Directory:
    """One reading of it."""

    apps: Mapping[tuple[str, str], KnownApp]  # by channel and name
    numbers: Mapping[tuple[str, str], KnownNumber]  # by channel and account
    sealers: Mapping[UUID, Sealer]


class SealerShelf:
    """Sealers by workspace, kept as long as the wrapped key is the same."""

    def __init__(self, masters: MasterKeys) -> None:
        self._masters = masters
        self._kept: dict[UUID, tuple[bytes, Sealer]] = {}

    def of(self, workspace: UUID, wrapped: bytes) -> Sealer:
        """The workspace's sealer. Raises what `keys.seal.unwrap` does."""
        kept = self._kept.get(workspace)
        if kept is None or kept[0] != wrapped:
            kept = self._kept[workspace] = (
                wrapped,
                Sealer(unwrap(wrapped, self._masters, workspace), workspace),
            )
        return kept[1]


async def read(conn: Connection, shelf: SealerShelf) -> Directory:
    """Read it all. A workspace or an app that cannot be opened is left out and logged."""
    with problems():
        keys = await (await conn.execute(query("directory", "keys"))).fetchall()
        apps = await (await conn.execute(query("directory", "apps"))).fetchall()
        numbers = await (await conn.execute(query("directory", "numbers"))).fetchall()
    sealers: dict[UUID, Sealer] = {}
    for workspace, wrapped in keys:
        try:
            sealers[workspace] = shelf.of(workspace, bytes(wrapped))
        except Problem:
            log.exception("the data key of a workspace does not open", extra={"workspace": workspace})
    known: dict[tuple[str, str], KnownApp] = {}
    for app_id, workspace, name, channel, *sealed in apps:
        if workspace not in sealers:
            continue
        try:
            secrets = tuple(
                orjson.loads(sealers[workspace].open("apps", "secrets", app_id.bytes, bytes(each)))
                for each in sealed
                if each is not None
            )
        except Problem:
            log.exception("the secrets of an app do not open", extra={"app": name})
            continue
        known[channel, name] = KnownApp(app_id, workspace, channel, secrets)
    return Directory(
        known,
        {
            (channel, account): KnownNumber(Place(number_id, workspace), app_id, slots)
            for number_id, workspace, channel, account, app_id, slots in numbers
            if workspace in sealers
        },
        sealers,
    )


async def follow(database: Database, shelf: SealerShelf, changed: Callable[[Directory], None]) -> None:
    """Call `changed` with each new reading, until cancelled. While the database is away, the last one counts."""
    while True:
        try:
            conn = await connect(database, direct=True)
            async with conn:
                await listen(conn, NUMBERS)
                changed(await read(conn, shelf))
                while True:
                    async with aclosing(heard(conn, POLL_S)) as names:
                        async for _ in names:
                            break
                    changed(await read(conn, shelf))
        except DatabaseUnreachable as problem:
            log.warning("apps and numbers cannot be read anew: %s", problem)
            await asyncio.sleep(RETRY_S)
