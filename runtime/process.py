"""A number in its process: wait for its lease, serve, and wait again: through pauses and outages."""

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
from runtime.premises import Premises, premises
from runtime.settings import RuntimeSettings
from schemas.problems import NotFound
from sessions import registry
from sessions.driver import Account, Driver, Mark
from store import chores, leases, numbers, sessions
from store.pool import Connection, lent
from store.problems import DatabaseUnreachable

log = logging.getLogger(__name__)

PAUSED_LOOK_S = 1.0  # also how long a paused number may take to leave


async def run_number(
    settings: RuntimeSettings,
    masters: MasterKeys,
    number_id: UUID,
    engine: Engine,
    stop: asyncio.Event,
    drivers: Callable[[str], type[Driver]] = registry.driver,
) -> Ending:
    """Serve a number, alone in its process, until `stop`. Raises what cannot be waited out."""
    async with premises(settings) as here:
        return await serve_number(settings, masters, number_id, engine, here, stop, drivers)


async def serve_number(
    settings: RuntimeSettings,
    masters: MasterKeys,
    number_id: UUID,
    engine: Engine,
    here: Premises,
    stop: asyncio.Event,
    drivers: Callable[[str], type[Driver]] = registry.driver,
) -> Ending:
    """Serve one of a process's numbers until `stop`, through pauses and outages. Raises what cannot be waited out."""
    pause_s = owner.RECONNECT_S
    while not stop.is_set():
        try:
            ending = await _turn_of_duty(settings, masters, number_id, engine, here, stop, drivers)
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
    here: Premises,
    stop: asyncio.Event,
    drivers: Callable[[str], type[Driver]],
) -> Ending:
    """From the wait for the lease to its end."""
    async with lent(here.desk, number_id) as conn:
        row = await numbers.load(conn, number_id)
        if row.desired != "running":
            await numbers.report(conn, number_id, "paused")
    if row.desired != "running":
        return await _until_wanted(here, number_id, stop)
    tenure = await owner.obtain(settings, here.desk, number_id, row.workspace_id, 0, stop)
    if tenure is None:
        return Ending.STOPPED
    try:
        async with lent(here.desk, number_id) as conn:
            sealer = Sealer(
                unwrap(await numbers.data_key(conn, row.workspace_id), masters, row.workspace_id),
                row.workspace_id,
            )
            account = Account(row.id, row.account, row.settings, numbers.open_secrets(sealer, row))
            driver = drivers(row.channel)(account)
            mark = await sessions.mark(conn, number_id)
            await _make_partitions(conn)
        duty = Duty(settings, masters, row, tenure, sealer, driver, mark and Mark(*mark), engine, here)
    except BaseException:
        with contextlib.suppress(DatabaseUnreachable):
            async with lent(here.desk, number_id) as conn:
                await leases.release(conn, tenure.lease)
        raise
    return await duty.serve(stop)


async def _make_partitions(conn: Connection) -> None:
    """Best effort, the jobs' worker makes them too: each number at its start, since there may be no worker."""
    try:
        await chores.make_partitions(conn)
    except DatabaseUnreachable as problem:
        log.warning("the partitions of the months ahead could not be made: %s", problem)


async def _until_wanted(here: Premises, number_id: UUID, stop: asyncio.Event) -> Ending:
    """A paused number waits until it is wanted, or gone."""
    while not stop.is_set():
        news = here.keeper.news(number_id)  # before the look: what changes during it is looked at again
        async with lent(here.desk, number_id) as conn:
            wanted = await numbers.wanted(conn, number_id)
        if wanted is None:
            return Ending.REMOVED
        if wanted.desired == "running":
            return Ending.PAUSED
        await owner.rest(news, PAUSED_LOOK_S)
    return Ending.STOPPED
