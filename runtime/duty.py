"""The parts of a number under one lease: composed, run side by side, and left in good order.

To leave (SIGTERM, a pause): take no more events, let sends in flight end, put the rest back as queued, close
the session, flush the ledger, release the lease. When the lease is lost, the session stops first, and nothing
is flushed.
"""

import asyncio
import contextlib
import datetime as dt
import gc
import logging
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from keys.master import MasterKeys
from keys.seal import Sealer
from runtime import media, metrics, owner, watch
from runtime.actions import Actions
from runtime.batches import Batches, Number
from runtime.conduct import Conduct
from runtime.effects import Work
from runtime.engine import Engine
from runtime.hosting import Host, links
from runtime.keeper import Charge
from runtime.lane import Letter
from runtime.ledger import Ledger
from runtime.media import Fetches, Uploads
from runtime.owner import Tenure
from runtime.premises import Premises
from runtime.sender import Sender
from runtime.serving import Serving
from runtime.session import Session
from runtime.settings import Pace, RuntimeSettings
from runtime.timers import Timers
from runtime.turns import TurnLoop
from schemas.messages import outgoing_codec
from schemas.reasons import NONE, Reason, of_error, reason
from sessions.driver import Driver, Mark
from sessions.settings import SendPolicy
from store import (
    action_calls,
    custom_actions,
    inbox,
    leases,
    notify,
    numbers,
    outbox,
    policies,
    quarantine,
    receipts,
)
from store.custom_actions import Target
from store.inbox import Place
from store.media import Media
from store.numbers import NumberRow
from store.pool import Connection, lent
from store.problems import DatabaseUnreachable, LeaseLost
from store.quarantine import QuarantineRow

log = logging.getLogger(__name__)


class Ending(StrEnum):
    """Why serving a number ended."""

    STOPPED = "stopped"
    PAUSED = "paused"
    REMOVED = "removed"
    LEASE_LOST = "lease_lost"


class Duty:
    """The parts of a number under one lease."""

    def __init__(
        self,
        settings: RuntimeSettings,
        masters: MasterKeys,
        row: NumberRow,
        tenure: Tenure,
        sealer: Sealer,
        driver: Driver,
        mark: Mark | None,
        engine: Engine,
        premises: Premises,
    ) -> None:
        self._settings = settings
        self._row = row
        self._tenure = tenure
        self._sealer = sealer
        self._driver = driver
        self._keeper = premises.keeper
        self._live = premises.live
        self._desk = desk = premises.desk
        lease = tenure.lease
        place = Place(lease.number_id, lease.workspace_id, lease.slot)
        channel_settings: Any = driver.settings_model.model_validate(dict(row.settings))
        pace = Pace.of(channel_settings, driver.capabilities)
        self._ledger = Ledger()
        self._session = Session(driver, place, self._ledger, self._report, self._put_aside)
        self._rules = channel_settings if isinstance(channel_settings, SendPolicy) else None
        self._conduct: Conduct | None = None
        if self._rules is not None and self._rules.policy == "on":
            self._conduct = Conduct(
                self._rules,
                self._ledger,
                driver.channel,
                self._session.show_seen,
                self._session.show_typing,
            )
        blobs = Media(settings.home / "media", lease.workspace_id, sealer)
        self._sender = Sender(
            driver,
            self._ledger,
            tenure,
            settings,
            pace,
            self._session.show_typing,
            self._conduct,
            Uploads(driver, blobs),
        )
        self._serving = Serving(engine.compile, engine.advance, engine.migrate)
        self._timers = Timers(lease, self._ledger)
        self._actions = Actions(settings, tenure, self._ledger, sealer, self._secrets, self._target)
        self._fetches = Fetches(
            settings,
            tenure,
            self._ledger,
            driver,
            blobs,
            desk,
            lambda one: self._changed({one: ("message",)}),
        )
        self._host: Host | None = None
        if links(driver):
            self._host = Host(
                settings,
                masters,
                driver,
                self._session,
                sealer,
                lease,
                mark,
                getattr(channel_settings, "after_owner_wrote", None),
                desk,
                self._live,
                self._sender.admit,
            )
        self._again = asyncio.Event()
        self._looking = False
        self._ending = Ending.STOPPED
        self._first = True
        number = Number(row.name, driver.capabilities, driver.channel, self._fetches.able)
        self._batches = Batches(settings, lease, sealer, desk, self._serving, number, pace)
        self._loop = TurnLoop(
            settings,
            tenure,
            sealer,
            self._ledger,
            self._sender,
            self._batches,
            premises,
            on_committed=self._committed,
            read_back=self._read_back,
        )

    async def serve(self, stop: asyncio.Event) -> Ending:
        """Run everything until `stop`, a pause, or the loss of the lease."""
        number = str(self._row.id)
        tasks: dict[str, asyncio.Task[Any]] = {
            "lease": asyncio.create_task(self._tenure.until_ended()),
        }
        loop = self._loop
        self._keeper.take(Charge(self._tenure, self._heard, self._concerns, loop.glance, loop.look_from))
        try:
            await self._start()
            if self._host is not None:
                self._host.begin()
            tasks |= {
                "turns": asyncio.create_task(self._loop.run()),
                "timers": asyncio.create_task(self._timers.run()),
                "actions": asyncio.create_task(self._actions.run()),
                "fetches": asyncio.create_task(self._fetches.run()),
                "session": asyncio.create_task(self._session.run()),
                "chores": asyncio.create_task(self._chores()),
                "logged_out": asyncio.create_task(self._logged_out()),
            }
            if self._host is not None:
                tasks["told"] = asyncio.create_task(self._host.tell())
                tasks["orders"] = asyncio.create_task(self._host.obey())
            metrics.lease_held.labels(number).set(1)
            stopping = asyncio.create_task(stop.wait())
            ended, _ = await asyncio.wait((*tasks.values(), stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            for task in ended - {stopping}:
                if task.exception() is not None:
                    raise task.exception() or AssertionError
            await self._drain(tasks)
            return self._ending
        except LeaseLost:
            log.warning("number %s has another owner now", number)
            await _cancel(tasks.pop("session", None))
            return Ending.LEASE_LOST
        except BaseException as error:
            await _cancel(tasks.pop("session", None))
            if not isinstance(error, asyncio.CancelledError):
                await self._driver.close()
                await self._let_go("failed", of_error(error))
            raise
        finally:
            self._keeper.leave(self._tenure)
            metrics.lease_held.labels(number).set(0)
            for task in tasks.values():
                await _cancel(task)
            await self._driver.close()

    async def _start(self) -> None:
        async with lent(self._desk, self._row.id) as conn:
            wanted = await numbers.wanted(conn, self._row.id)
            if wanted is not None:
                await self._serving.deploy(conn, wanted)
                self._batches.wanted = wanted.told
            await self._read_back(conn)
            self._first = False
            _leave_alone_what_stays()
            if self._host is None:
                await numbers.report(conn, self._row.id, "online")
                self._live.publish_number(self._row.workspace_id, self._row.id)
                metrics.state_of(self._row.id, "online")

    async def _drain(self, tasks: dict[str, asyncio.Task[Any]]) -> None:
        """Leave in good order, within the time allowed."""
        until = asyncio.get_running_loop().time() + self._settings.drain_s
        self._loop.stop()
        if self._host is not None and await self._removed():
            self._ending = Ending.REMOVED
            await self._host.forsake()
        for name in ("timers", "actions", "fetches", "chores", "told", "orders"):
            await _cancel(tasks.pop(name, None))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._sender.drain(self._settings.drain_s * 0.8)
                await _cancel(tasks.pop("session"))  # what is being sent needs it
                self._loop.finish()
                await tasks["turns"]
        await _cancel(tasks.pop("session", None))
        await self._driver.close()  # an heir needs what it holds
        await self._let_go("paused" if self._ending is Ending.PAUSED else "stopped")

    async def _let_go(self, state: str, why: Reason = NONE) -> None:
        """Say how it ended and free the number."""
        metrics.state_of(self._row.id, state)
        try:
            async with lent(self._desk) as conn:
                if self._host is not None:
                    await self._host.end(conn, state, why)
                await numbers.report(conn, self._row.id, state, why)
                self._keeper.leave(self._tenure)  # else it might renew what is given back: an heir would wait
                await leases.release(conn, self._tenure.lease)
            self._live.publish_number(self._row.workspace_id, self._row.id)
        except DatabaseUnreachable:
            log.warning("the lease of %s runs out by itself", self._row.id)

    async def _removed(self) -> bool:
        """Whether the number was taken out of service: its supervisor may stop us before we have heard."""
        try:
            async with lent(self._desk) as conn:
                return await numbers.wanted(conn, self._row.id) is None
        except DatabaseUnreachable:
            return False

    def _heard(self, channel: str) -> None:
        if channel in ("", notify.NUMBERS):
            self._again.set()
        if self._host is not None and channel in ("", notify.orders_channel(self._row.id)):
            self._host.wake()
        if channel == notify.outbox_channel(self._row.id):
            self._loop.read_again()
        elif channel != notify.NUMBERS:
            self._loop.wake()

    def _concerns(self, about: UUID) -> bool:
        """Whether a change of this number, bot or workspace matters here; what changes during a look does."""
        here = self._row.id, self._row.workspace_id, self._serving.bot_id
        return self._looking or about in here

    def _committed(self, work: Work) -> None:
        if work.rows.timers_set or work.rows.timers_cancelled:
            self._timers.committed(work.rows.timers_set.values(), work.rows.timers_cancelled)
        for conversation_id, effect, at in work.calls:
            self._actions.begin(conversation_id, effect, at)
        for fetch, at in work.fetches:
            self._fetches.begin(fetch, at)
        for conversation_id in work.erased:
            for part in (self._timers, self._actions, self._fetches, self._sender):
                part.forget(conversation_id)
        if work.erased and self._host is not None:
            self._host.wake()  # its session may forget them now
        self._changed(work.changed)

    def _changed(self, conversations: Mapping[UUID, Iterable[str]]) -> None:
        self._live.publish(self._row.workspace_id, self._row.id, conversations)

    async def _read_back(self, conn: Connection) -> None:
        """Take in what the database holds: at a start, after it was away, and now and then. What is here stays.

        Only between commits of the turn loop, so that nothing is on its way from there to here.
        """
        await self._timers.load(conn)
        calls = await action_calls.unfinished(conn, self._sealer, self._tenure.lease)
        self._actions.resume([call for call in calls if call.kind != media.KIND])
        self._fetches.resume([call for call in calls if call.kind == media.KIND])
        await self._read_outbox(conn)

    async def _read_outbox(self, conn: Connection) -> None:
        if self._conduct is not None:
            since = dt.datetime.now(dt.UTC) - self._conduct.known_for
            self._conduct.stand(await policies.load(conn, self._tenure.lease, since))
        here = self._sender.holds()
        rows = [row for row in await outbox.load(conn, self._sealer, self._tenure.lease, here) if row.body]
        await self._batches.conversations.load_missing(conn, {row.conversation_id for row in rows})
        letters: list[Letter] = []
        for row in rows:
            conversation = self._batches.conversations.get(row.conversation_id)
            if conversation is not None:
                letters.append(
                    Letter(
                        row.message_id,
                        row.conversation_id,
                        conversation.identities,
                        outgoing_codec.validate_json(row.body),
                        row.reply_to,
                        row.priority,
                        row.attempt,
                        row.created_at,
                        doubtful=self._first and row.state == "sending",
                        by_person=bool(row.by),
                        heard_at=conversation.last_in,
                        zone=conversation.zone,
                    )
                )
        self._batches.conversations.trim()
        self._sender.resume(letters)

    async def _chores(self) -> None:
        """Every half minute, and when the numbers changed: versions, pauses, gauges, what came near."""
        while True:
            self._again.clear()  # before the look: what changes during it is looked at again
            self._looking = True
            try:
                async with lent(self._desk) as conn:
                    if not await self._look(conn):
                        return
            except DatabaseUnreachable as problem:
                log.info("chores wait: %s", problem)
            self._looking = False
            await owner.rest(self._again, self._settings.look_s)

    async def _look(self, conn: Connection) -> bool:
        """Whether the number goes on."""
        wanted = await numbers.wanted(conn, self._row.id)
        if wanted is None or wanted.desired != "running":
            self._ending = Ending.REMOVED if wanted is None else Ending.PAUSED
            return False
        await self._serving.deploy(conn, wanted)
        self._batches.wanted = wanted.told
        self._sender.tidy()
        await self._measure(conn)
        if self._rules is not None:
            grace_s, channel = self._settings.report_grace_s, self._driver.channel
            await watch.look(
                conn, self._tenure.lease, self._ledger, self._rules, grace_s, channel, self._loop.read_again
            )
        if self._host is not None:
            await self._host.measure(conn)
        self._loop.wake()
        return True

    async def _measure(self, conn: Connection) -> None:
        lease, number = self._tenure.lease, str(self._row.id)
        depth, oldest = await inbox.depth(conn, lease)
        self._loop.look_from(oldest, await receipts.oldest(conn, lease))
        metrics.inbox_depth.labels(number).set(depth)
        metrics.inbox_oldest.labels(number).set(_age(oldest))
        out = await outbox.depth(conn, lease)
        metrics.outbox_depth.labels(number).set(out.waiting)
        metrics.outbox_oldest.labels(number).set(_age(out.oldest))
        metrics.outbox_dead.labels(number).set(out.dead)
        metrics.active_runs.labels(number).set(await numbers.open_runs(conn, self._row.id))

    async def _logged_out(self) -> None:
        while True:
            await self._sender.until_logged_out()
            if self._host is None:
                await self._report("logged_out", reason("number.access_ended"))
            await self._sender.until_admitted()

    async def _put_aside(self, row: QuarantineRow) -> None:
        """Keep aside what came and cannot be stored; waits while the database is away."""
        metrics.quarantined.labels(row.kind).inc()
        while True:
            try:
                async with lent(self._desk) as conn:
                    return await quarantine.insert(conn, {row.workspace_id: self._sealer}, [row])
            except DatabaseUnreachable:
                await asyncio.sleep(owner.RECONNECT_S)

    async def _report(self, state: str, why: Reason) -> None:
        """What becomes of the session; a hosted one says itself when it is online."""
        if self._host is not None:
            return self._host.fell(state, why)
        metrics.state_of(self._row.id, state)
        try:
            async with lent(self._desk) as conn:
                await numbers.report(conn, self._row.id, state, why)
            self._live.publish_number(self._row.workspace_id, self._row.id)
        except DatabaseUnreachable:
            log.info("state %s of %s is not written", state, self._row.id)

    async def _target(self, action: str) -> Target | None:
        async with lent(self._desk) as conn:
            return await custom_actions.target(conn, self._sealer, self._row.workspace_id, action)

    async def _secrets(self, names: set[str]) -> dict[str, str]:
        async with lent(self._desk) as conn:
            return await numbers.flow_secrets(conn, self._sealer, self._row.workspace_id, names)


def _leave_alone_what_stays() -> None:
    """Keep modules and compiled bots out of the collector's rounds.

    A full round over what a loaded number holds takes tens of milliseconds, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()


async def _cancel(task: asyncio.Task[Any] | None) -> None:
    if task is None:
        return
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _age(since: dt.datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (dt.datetime.now(dt.UTC) - since).total_seconds())
