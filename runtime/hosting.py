"""What a number does for a driver that holds a session of its own, linked with a phone.

The driver gets its folders, its keys and the highest mark of its vault. What it says of its health goes to
the database in the order in which it was said, and to those who watch. What admins order is taken from the
database, each order once, and what came of it is written. While the database is away the session goes on
into its spool, orders wait, and what was said is written when it is back.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import cast
from uuid import UUID

from keys.master import MasterKeys
from keys.seal import Sealer
from runtime import metrics
from runtime.owner import RECONNECT_S, rest
from runtime.session import Session
from runtime.settings import RuntimeSettings
from schemas.messages import FromOwner, Outgoing, outgoing_codec
from schemas.problems import Problem, Refused
from schemas.reasons import Reason, reason
from sessions.driver import Driver, Erased, Health, Hosting, Linking, Mark
from store import messages, sessions
from store.leases import Lease
from store.live import Live
from store.pool import Connection, Pool, lent
from store.problems import DatabaseUnreachable
from store.sessions import UNLINKED, Order, Said, ToForget

log = logging.getLogger(__name__)

MOST_UNWRITTEN = 256
ORDER_S = 60.0
GOODBYE_S = 10.0
ONLINE = ("online", "timelocked")


class OrderStale(Refused):
    """Nobody was there to take the order in time."""

    code = "session.order_stale"
    sentence = "The order waited for more than two minutes, so it was not carried out. Repeat it if it is still wanted."


class OrderInterrupted(Refused):
    """The process that took the order ended."""

    code = "session.order_interrupted"
    sentence = "The number's process ended while it carried the order out. Look at the session, then repeat the order."


class SessionClosed(Refused):
    """The session is not open at this moment."""

    code = "session.closed"
    sentence = "The session is not open: {why}. Mend that, then restart it."


class SessionSilent(Refused):
    """The session did not take the order."""

    code = "session.silent"
    sentence = "The session did not take the order within {seconds:.0f} s. Restart it."


def links(driver: Driver | type[Driver]) -> bool:
    """Whether a channel's session is linked with a phone and hosted here."""
    return hasattr(driver, "attach")


class Host:
    """One number's. `on_online` is called when the session says that it is online."""

    def __init__(
        self,
        settings: RuntimeSettings,
        masters: MasterKeys,
        driver: Driver,
        session: Session,
        sealer: Sealer,
        lease: Lease,
        mark: Mark | None,
        silent_s: int | None,
        desk: Pool,
        live: Live,
        on_online: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._driver = cast("Linking", driver)
        self._session = session
        self._sealer = sealer
        self._lease = lease
        self._silent_s = silent_s
        self._desk = desk
        self._live = live
        self._on_online = on_online
        self._unwritten: deque[Said] = deque(maxlen=MOST_UNWRITTEN)
        self._some = asyncio.Event()
        self._writing = asyncio.Lock()
        self._ordered = asyncio.Event()
        self._unlinked = asyncio.Event()
        self._forgetting: set[UUID] = set()  # for whom it was told to open anew
        self._settled: set[UUID] = set()  # of whom the number has let go, as of the last opening
        self._spoke = asyncio.Event()  # since it runs, so it takes orders
        folder = str(lease.number_id)
        self._driver.attach(
            Hosting(
                vault=settings.sessions / folder,
                live=settings.sessions_live / folder,
                masters=masters,
                mark=mark,
                on_mark=self._remember,
                on_health=self._heard,
                on_own=self._owner_wrote,
                recall=self._recall,
                to_forget=self._to_forget,
                on_forgotten=self._forgot,
            )
        )

    def _heard(self, health: Health) -> None:
        self._spoke.set()
        self.say(health)

    def say(self, health: Health) -> None:
        """Take what is said of the session. Returns at once."""
        now = dt.datetime.now(dt.UTC)
        said = Said(
            health.state,
            health.why,
            now,
            health.until,
            health.account,
            health.qr,
            health.code,
            self._driver.spool_depth,
        )
        if self._unwritten and self._unwritten[-1][:2] == said[:2] and len(self._unwritten) > 1:
            self._unwritten.pop()  # the same again, newer; the first may be on its way
        self._unwritten.append(said)
        self._some.set()
        metrics.state_of(self._lease.number_id, health.state)
        if health.state in ONLINE:
            self._on_online()
        if health.state in UNLINKED:
            self._unlinked.set()
        else:
            self._unlinked.clear()

    def begin(self) -> None:
        """Before the driver runs: what is shown must not be what a process said that died."""
        self.say(Health("connecting", reason("session.opening")))

    def fell(self, state: str, why: Reason) -> None:
        """The driver's `run` ended. When it runs again it speaks for itself."""
        self._spoke.clear()
        if state in ("logged_out", "paused", "offline"):
            self.say(Health(state, why))

    async def tell(self) -> None:
        """Write what is said, until cancelled. Raises `LeaseLost`."""
        while True:
            await self._some.wait()
            self._some.clear()
            await self._write()

    async def obey(self) -> None:
        """Carry out what is ordered, until cancelled. Raises `LeaseLost`."""
        while True:
            self._ordered.clear()
            for order in await self._orders():
                code, error = await self._carry_out(order)
                await self._write()
                await self._lasting(
                    lambda conn, order=order, code=code, error=error: sessions.finish_order(
                        conn, self._lease, order.id, code, error
                    )
                )
                self._live.publish_number(self._lease.workspace_id, self._lease.number_id)
            await self._forget()
            await rest(self._ordered, self._settings.look_s)

    def wake(self) -> None:
        """An order may be there."""
        self._ordered.set()

    async def measure(self, conn: Connection) -> None:
        """Write what people see but nobody waits for."""
        await sessions.note_spool(conn, self._lease.number_id, self._driver.spool_depth)

    async def end(self, conn: Connection, state: str, why: Reason) -> None:
        """The last word, after the driver has closed. Raises `LeaseLost`, `DatabaseUnreachable`."""
        for said in self._unwritten:
            await sessions.say(conn, self._sealer, self._lease, said)
        self._unwritten.clear()
        await sessions.say(conn, self._sealer, self._lease, Said(state, why, dt.datetime.now(dt.UTC)))
        self._live.publish_number(self._lease.workspace_id, self._lease.number_id)

    async def forsake(self) -> None:
        """The number was removed: unlink it as far as the channel can be reached, and destroy its keys."""
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._driver.log_out()
                await self._unlinked.wait()
        except (Problem, TimeoutError) as error:
            log.warning(
                "removed number %s could not log out: %s", self._lease.number_id, type(error).__name__
            )

    # What the session says.

    async def _write(self) -> None:
        """Write what is unwritten, waiting while the database is away."""
        async with self._writing:
            while self._unwritten:
                said = self._unwritten[0]
                await self._lasting(
                    lambda conn, said=said: sessions.say(conn, self._sealer, self._lease, said)
                )
                if self._unwritten and self._unwritten[0] is said:
                    self._unwritten.popleft()
                self._live.publish_number(self._lease.workspace_id, self._lease.number_id)

    async def _lasting(self, work: Callable[[Connection], Awaitable[None]]) -> None:
        """Do `work` on a connection, again and again while the database is away."""
        while True:
            try:
                async with lent(self._desk, self._lease.number_id) as conn:
                    await work(conn)
                    return
            except DatabaseUnreachable as problem:
                log.info("the session of %s cannot be written: %s", self._lease.number_id, problem.code)
                await asyncio.sleep(RECONNECT_S)

    # What admins order.

    async def _orders(self) -> list[Order]:
        try:
            async with lent(self._desk, self._lease.number_id) as conn:
                return await sessions.take_orders(conn, self._sealer, self._lease)
        except DatabaseUnreachable:
            return []

    async def _carry_out(self, order: Order) -> tuple[str, str]:
        """The code and the sentence of what went wrong; empty where it was begun."""
        log.info("number %s is to %s", self._lease.number_id, order.kind)
        try:
            if order.begun:
                raise OrderInterrupted
            if order.stale:
                raise OrderStale
            await asyncio.wait_for(self._do(order), ORDER_S)
        except Problem as problem:
            return problem.code, str(problem)
        except TimeoutError:
            silent = SessionSilent(seconds=ORDER_S)
            return silent.code, str(silent)
        except Exception as error:
            log.exception("number %s could not %s", self._lease.number_id, order.kind)
            return (
                "misuse",
                f"Something went wrong on our side ({type(error).__name__}). The log has the details.",
            )
        return "", ""

    async def _do(self, order: Order) -> None:
        if not self._session.open:
            if order.kind != "restart":
                raise SessionClosed(why=self._session.why.sentence or "it is being opened")
            self._session.again()
            return
        await self._spoke.wait()
        match order.kind:
            case "pair":
                await self._driver.pair(order.args.get("phone", ""))
            case "stop_pairing":
                await self._driver.stop_pairing()
            case "log_out":
                await self._driver.log_out()
            case _:
                await self._driver.restart()

    # Contacts who were erased.

    async def _forget(self) -> None:
        """Have the session opened anew where it is to forget somebody of whom the number has let go."""
        if not (self._session.open and self._spoke.is_set()):
            return  # it forgets when it opens
        wanted = {one.contact for one in await self._erased() if one.settled}
        if wanted - self._forgetting:
            self._forgetting |= wanted
            try:
                await self._driver.restart()
            except Refused as problem:
                self._forgetting -= wanted
                log.info("the session of %s forgets later: %s", self._lease.number_id, problem.code)

    async def _erased(self) -> list[ToForget]:
        try:
            async with lent(self._desk, self._lease.number_id) as conn:
                return await sessions.to_forget(conn, self._sealer, self._lease.number_id)
        except DatabaseUnreachable:
            return []  # looked for again

    async def _to_forget(self) -> list[Erased]:
        found = await self._erased()
        self._settled = {one.contact for one in found if one.settled}
        return [Erased(one.contact, one.names) for one in found]

    async def _forgot(self, erased: Sequence[Erased]) -> None:
        gone = [one.contact for one in erased if one.contact in self._settled]
        self._forgetting.difference_update(gone)
        if gone:
            log.info("the session of %s has forgotten %d contacts", self._lease.number_id, len(gone))
            with contextlib.suppress(DatabaseUnreachable):  # it is done once more
                async with lent(self._desk, self._lease.number_id) as conn:
                    await sessions.forgot(conn, self._lease.number_id, gone)

    # What the driver asks for.

    async def _remember(self, mark: Mark) -> None:
        await self._lasting(lambda conn: sessions.remember(conn, self._lease, mark.generation, mark.records))

    async def _owner_wrote(self, message: FromOwner) -> None:
        await self._session.owner_wrote(message, self._silent_s)

    async def _recall(self, provider_id: str) -> Outgoing | None:
        async with lent(self._desk, self._lease.number_id) as conn:
            body = await messages.recall(conn, self._sealer, self._lease, provider_id)
        return None if body is None else outgoing_codec.validate_json(body)
