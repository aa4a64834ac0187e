"""The process of one number: wait for its lease, serve, and wait again: through pauses and outages."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from uuid import UUID

from keys.master import MasterKeys
from keys.seal import Sealer, unwrap
from runtime import owner
from runtime.duty import Duty, Ending
from runtime.engine import Engine
from runtime.settings import RuntimeSettings
from schemas.problems import NotFound
from sessions import registry
from sessions.driver import Account, Driver, Mark
from store import chores, leases, notify, numbers, sessions
from store.pool import Connection, connect, pool
from store.problems import DatabaseUnreachable

log = logging.getLogger(__name__)

DESK_S = 5.0  # how long chores and secrets wait for a connection, of which there are none until they ask


async def run_number(
    settings: RuntimeSettings,
    masters: MasterKeys,
    number_id: UUID,
    engine: Engine,
    stop: asyncio.Event,
    drivers: Callable[[str], type[Driver]] = registry.driver,
) -> Ending:
    """Serve a number until `stop`, through pauses and outages. Raises what cannot be waited out."""
    pause_s = owner.RECONNECT_S
    while not stop.is_set():
        try:
            ending = await _turn_of_duty(settings, masters, number_id, engine, stop, drivers)
        except DatabaseUnreachable as problem:
            log.warning("number %s cannot start: %s", number_id, problem)
            await owner.rest(stop, pause_s)
            pause_s = min(10.0, pause_s * 2)
            continue
        except NotFound:
            return Ending.REMOVED
        if ending is not Ending.PAUSED:
            return ending
        pause_s = owner.RECONNECT_S
    return Ending.STOPPED


async def _turn_of_duty(
    settings: RuntimeSettings,
    masters: MasterKeys,
    number_id: UUID,
    engine: Engine,
    stop: asyncio.Event,
    drivers: Callable[[str], type[Driver]],
) -> Ending:
    """From the wait for the lease to its end."""
    conn = await connect(settings.database, direct=True)
    try:
        row = await numbers.load(conn, number_id)
        if row.desired != "running":
            await numbers.report(conn, number_id, "paused")
            return await _until_wanted(conn, number_id, stop)
        tenure = await owner.obtain(settings, conn, number_id, row.workspace_id, 0, stop)
        if tenure is None:
            await conn.close()
            return Ending.STOPPED
    except BaseException:
        await conn.close()
        raise
    try:
        sealer = Sealer(
            unwrap(await numbers.data_key(conn, row.workspace_id), masters, row.workspace_id),
            row.workspace_id,
        )
        account = Account(row.id, row.account, row.settings, numbers.open_secrets(sealer, row))
        driver = drivers(row.channel)(account)
        mark = await sessions.mark(conn, number_id)
        await _make_partitions(conn)
    except BaseException:
        with contextlib.suppress(DatabaseUnreachable):
            await leases.release(conn, tenure.lease)
        await conn.close()
        raise
    async with pool(settings.database, least=0, most=2, wait_s=DESK_S) as desk:
        duty = Duty(settings, masters, row, tenure, sealer, driver, mark and Mark(*mark), engine, desk)
        return await duty.serve(conn, stop)


async def _make_partitions(conn: Connection) -> None:
    """Best effort, the jobs' worker makes them too: each number at its start, since there may be no worker."""
    try:
        await chores.make_partitions(conn)
    except DatabaseUnreachable as problem:
        log.warning("the partitions of the months ahead could not be made: %s", problem)


async def _until_wanted(conn: Connection, number_id: UUID, stop: asyncio.Event) -> Ending:
    """A paused number waits until it is wanted, or gone."""
    async with conn:
        await notify.listen(conn, notify.NUMBERS)
        while not stop.is_set():
            wanted = await numbers.wanted(conn, number_id)
            if wanted is None:
                return Ending.REMOVED
            if wanted.desired == "running":
                return Ending.PAUSED
            async for _ in notify.heard(conn, 1.0):
                pass
    return Ending.STOPPED
