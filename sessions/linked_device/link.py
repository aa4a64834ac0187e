"""The link: keeps one client up while the vault is open, and says what it is in.

One coroutine takes what the client tells and what is ordered, one after another, and nothing else changes the
state. What must happen by a moment (a code runs out, a try again) is the one alarm.

The library comes back by itself after a lost connection. Not by itself: a first connection that failed, a ban,
an unknown refusal (tried again with growing pauses); a session that is stuck (opened anew after 1, 2, 4 … 30
minutes); a session that another process took (never fought for: a person decides); a removed device (its keys
are destroyed).
"""

import asyncio
import datetime as dt
import itertools
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from schemas.problems import Problem
from schemas.reasons import Reason, of_error, reason
from sessions import metrics
from sessions.driver import Health
from sessions.linked_device import faults, health
from sessions.linked_device.client import CallFailed, Client, Told
from sessions.linked_device.inflow import Inflow
from sessions.linked_device.ledger import Secrets
from sessions.linked_device.protobufs import neonize
from sessions.linked_device.worker import Worker
from sessions.vault import OpenVault, SpoolFull

log = logging.getLogger(__name__)

CONNECT_PAUSES_S = (1, 2, 4, 8, 15, 30, 60)
REFUSED_PAUSES_S = (60, 300, 1800)
STUCK_PAUSES_S = (60, 120, 240, 480, 960, 1800)
FAULT_PAUSE_S = 60
KEEP_ALIVES = 3  # unanswered in a row: about 90 s
LOGIN_S = 60.0  # from a scanned code to being online
GRACE_S = 5.0
HISTORY_S = 10.0  # the library stores what came at linking in the background
STOP_S = 5.0
FINISH_S = 3.0
_SPOOLED = frozenset({Told.MESSAGE, Told.RECEIPT, Told.UNREADABLE})
# Never the same name twice in a process: the library ends a client by its name, and a late end would hit the next one.
_clients = itertools.count(1)


class Ending(Enum):
    """Why the vault is to be closed."""

    RESTART = auto()
    LOGGED_OUT = auto()  # on the phone, or by WhatsApp
    UNLINKED = auto()  # by us


class NotOnline(Exception):
    """There is no connection over which anything could be sent."""


@dataclass(eq=False)
class Held:
    """One client, with its threads. `sends` is one at a time, as in the library."""

    client: Client
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))  # one is sent, one is next
    sends: Worker = field(default_factory=lambda: Worker("whatsapp-send"))
    calls: Worker = field(default_factory=lambda: Worker("whatsapp-call"))
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    callable: bool = False  # it has told something, so calls do not crash the library


@dataclass(frozen=True, slots=True)
class _Pair:
    phone: str


@dataclass(frozen=True, slots=True)
class _Stuck:
    held: Held
    why: Reason


class Link:
    """For one opening of the vault. `say` gets each change of health."""

    def __init__(
        self, vault: OpenVault, name: str, secrets: Secrets, inflow: Inflow, say: Callable[[Health], None]
    ) -> None:
        self._vault = vault
        self._name = name
        self._secrets = secrets
        self._inflow = inflow
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._mail: asyncio.Queue[tuple[Held | None, Any, bytes]] = asyncio.Queue()
        self._alarm: tuple[float, Callable[[], None]] | None = None
        self._held: Held | None = None
        self._online = asyncio.Event()
        self._failures = 0
        self._stuck_times = 0
        self._pairing: _Pair | None = None
        self._codes = 0
        self._fresh = False  # linked just now: the vault is not bound to the account yet
        self._locked_until = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self.last_event = 0.0

    # What the driver calls.

    def pair(self, phone: str) -> None:
        self._mail.put_nowait((None, _Pair(phone), b""))

    def stop_pairing(self) -> None:
        self._mail.put_nowait((None, "stop_pairing", b""))

    def restart(self) -> None:
        self._mail.put_nowait((None, Ending.RESTART, b""))

    def log_out(self) -> None:
        self._mail.put_nowait((None, "log_out", b""))

    def stuck(self, held: Held, why: Reason) -> None:
        """A send got no answer, and nothing else came since."""
        self._mail.put_nowait((held, _Stuck(held, why), b""))

    def timelocked(self) -> None:
        """WhatsApp refuses sends to new contacts for a time."""
        self._locked_until = self._loop.time() + faults.TIMELOCK_S
        if self._online.is_set():
            self._say_online()

    def fault(self, problem: Problem) -> None:
        """The session cannot be kept any more: stop, and say so."""
        self._mail.put_nowait((None, problem, b""))

    async def online(self, within_s: float) -> Held:
        """The client, once it is online. Raises `NotOnline`."""
        if not self._online.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._online.wait()
        if self._held is None or not self._online.is_set():
            raise NotOnline
        return self._held

    @property
    def account(self) -> tuple[str, str]:
        """The linked phone and LID as digits, or nothing."""
        return self._secrets.account() or ("", "")

    # The state.

    async def run(self, idle: Health) -> Ending:
        """Hold the session up until it must be opened anew, or there is none any more.

        `idle`: what is said while no phone is linked.
        """
        if self._secrets.account() is not None:
            self._connect()
        else:
            self._say(idle)
        try:
            while True:
                ending = await self._step()
                if ending is not None:
                    return ending
        finally:
            for task in self._tasks:
                task.cancel()
            await self._let_finish()
            await self._drop()

    async def _step(self) -> Ending | None:
        held, what, data = await self._next()
        if held is not None and held is not self._held:
            if what is Told.ENDED:
                held.ended.set()
            return None
        match what:
            case Told():
                assert held is not None
                return await self._told(held, what, data)
            case _Pair():
                await self._begin_pairing(what)
            case "stop_pairing":
                if self._pairing is not None:
                    await self._drop()
                    self._say(health.unlinked())
            case "log_out":
                return await self._log_out()
            case _Stuck():
                await self._is_stuck(what.why)
            case Problem():
                metrics.disconnects.labels("paused").inc()
                await self._drop()
                self._at(FAULT_PAUSE_S, self.restart)
                self._say(health.paused(of_error(what), self.account[0]))
            case Ending():
                return what
            case None:
                self._ring()
            case _:
                raise AssertionError(what)
        return None

    async def _next(self) -> tuple[Held | None, Any, bytes]:
        if self._alarm is None:
            return await self._mail.get()
        try:
            async with asyncio.timeout_at(self._alarm[0]):
                return await self._mail.get()
        except TimeoutError:
            return None, None, b""

    def _ring(self) -> None:
        if self._alarm is not None:
            _, act = self._alarm
            self._alarm = None
            act()

    def _at(self, pause_s: float, act: Callable[[], None]) -> dt.datetime:
        self._alarm = self._loop.time() + pause_s, act
        return _in(pause_s)

    # One client.

    def _connect(self) -> None:
        self._say(health.connecting(self.account[0]))
        self._begin()

    def _begin(self) -> None:
        """A new client; what it tells is spooled at once, on its own thread, or put into the mail."""

        def tell(told: Told, data: bytes) -> None:
            with suppress(RuntimeError):  # the loop has ended; what was to be kept is in the spool
                if told in _SPOOLED:
                    try:
                        self._vault.spool.append(bytes([told]) + data)
                    except SpoolFull as problem:
                        self._loop.call_soon_threadsafe(self._mail.put_nowait, (held, problem, b""))
                    self._loop.call_soon_threadsafe(self._came)
                else:
                    self._loop.call_soon_threadsafe(self._mail.put_nowait, (held, told, data))

        client = Client(self._vault.database, f"{self._name}-{next(_clients)}", tell)
        held = self._held = Held(client)
        client.start()

    def _came(self) -> None:
        self.last_event = self._loop.time()
        self._inflow.wake()

    async def _let_finish(self) -> None:
        """Let what is being sent be confirmed, so that the next process has nothing in doubt."""
        if self._held is not None and self._online.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(FINISH_S):
                    await self._held.sends.do(lambda: None)

    async def _drop(self) -> None:
        """Stop the client, if there is one; what it still tells is not heard."""
        self._online.clear()
        self._pairing, self._alarm = None, None
        held, self._held = self._held, None
        if held is None:
            return
        await asyncio.to_thread(held.client.stop, self._vault.let_go)
        held.sends.close()
        held.calls.close()

    async def _told(self, held: Held, told: Told, data: bytes) -> Ending | None:
        self.last_event = self._loop.time()
        held.callable = held.callable or told is not Told.ENDED
        match told:
            case Told.CODE:
                self._show_code(held, data.decode())
            case Told.PAIRING_ENDED:
                await self._pairing_ended(data.decode())
            case Told.PAIRED:
                self._fresh = True
            case Told.CONNECTED:
                await self._is_online(held)
            case Told.DISCONNECTED:
                self._is_offline()
            case Told.ENDED:
                held.ended.set()
                await self._could_not_connect(data.decode(errors="replace"))
            case Told.KEEP_ALIVE_LOST:
                if neonize().KeepAliveTimeout.FromString(data).ErrorCount >= KEEP_ALIVES:
                    await self._is_stuck(reason("session.unanswered", questions=KEEP_ALIVES))
            case Told.REPLACED:
                metrics.disconnects.labels("conflict").inc()
                await self._drop()
                self._say(health.conflict(self.account[0]))
            case Told.LOGGED_OUT:
                metrics.disconnects.labels("logged_out").inc()
                return Ending.LOGGED_OUT
            case Told.BANNED:
                await self._is_banned(neonize().TemporaryBan.FromString(data))
            case Told.CONNECT_FAILURE:
                refusal = neonize().ConnectFailure.FromString(data).Reason
                await self._is_refused(reason("session.refused", reason=refusal))
            case Told.OUTDATED:
                await self._is_refused(reason("session.outdated"))
            case Told.STREAM_ERROR:
                metrics.disconnects.labels("stream_error").inc()
            case Told.OFFLINE_DONE:
                self._inflow.caught_up.set()
            case Told.HISTORY:
                self._later(HISTORY_S, self._inflow.skip_history)
            case _:
                pass
        return None

    async def _is_online(self, held: Held) -> None:
        if not self._vault.hooked:
            await self._drop()
            self._say(health.paused(reason("session.unsealed")))
            return
        if self._fresh:
            await asyncio.to_thread(self._vault.renew)
            self._fresh = False
        await held.calls.do(held.client.show_ticks)
        self._pairing, self._alarm, self._failures = None, None, 0
        metrics.connects.inc()
        self._online.set()
        self._say_online()
        self._later(STUCK_PAUSES_S[-1], self._forget_stuck)

    def _say_online(self) -> None:
        left = self._locked_until - self._loop.time()
        phone = self.account[0]
        self._say(health.timelocked(phone, _in(left)) if left > 0 else health.online(phone))

    def _is_offline(self) -> None:
        if self._pairing is not None or self._held is None:
            return  # the QR channel says it in its own words
        metrics.disconnects.labels("connection").inc()
        self._online.clear()
        self._say(health.offline(self.account[0], reason("session.connection_down")))

    async def _could_not_connect(self, why: str) -> None:
        pairing = self._pairing
        await self._drop()
        log.warning("the session could not connect: %s", type_of(why))
        if pairing is not None:
            self._say(health.unlinked("session.unreachable_pairing"))
            return
        pause = CONNECT_PAUSES_S[min(self._failures, len(CONNECT_PAUSES_S) - 1)]
        self._failures += 1
        until = self._at(pause, self._begin)
        self._say(health.offline(self.account[0], reason("session.unreachable"), until))

    async def _is_refused(self, why: Reason) -> None:
        metrics.disconnects.labels("refused").inc()
        await self._drop()
        pause = REFUSED_PAUSES_S[min(self._failures, len(REFUSED_PAUSES_S) - 1)]
        self._failures += 1
        self._say(health.offline(self.account[0], why, self._at(pause, self._connect)))

    async def _is_banned(self, ban: Any) -> None:
        metrics.disconnects.labels("banned").inc()
        await self._drop()
        until = self._at(ban.Expire, self._connect) if ban.Expire else None
        if until is None:
            self._at(REFUSED_PAUSES_S[-1], self._connect)
        self._say(health.banned(self.account[0], ban.Code, until))

    async def _is_stuck(self, why: Reason) -> None:
        metrics.disconnects.labels("stuck").inc()
        await self._drop()
        pause = STUCK_PAUSES_S[min(self._stuck_times, len(STUCK_PAUSES_S) - 1)]
        self._stuck_times += 1
        self._say(health.stuck(self.account[0], why, self._at(pause, self._connect)))

    async def _forget_stuck(self) -> None:
        self._stuck_times = 0

    # Pairing.

    async def _begin_pairing(self, pair: _Pair) -> None:
        if self.account[0]:
            return  # it is linked; the driver has said so
        await self._drop()
        self._pairing, self._codes = pair, 0
        self._say(health.connecting())
        self._begin()

    def _show_code(self, held: Held, qr: str) -> None:
        if self._pairing is None:
            return
        self._codes += 1
        if self._pairing.phone:
            if self._codes == 1:
                self._later(0, lambda: self._ask_for_code(held))
            return
        shown = health.FIRST_CODE_S if self._codes == 1 else health.NEXT_CODE_S
        self._at(shown + GRACE_S, self._codes_ran_out)
        self._say(health.pairing(until=_in(shown), qr=qr))

    async def _ask_for_code(self, held: Held) -> None:
        phone = self._pairing.phone if self._pairing else ""
        try:
            code = await held.calls.do(lambda: held.client.pair_phone(phone))
        except CallFailed:
            if held is self._held:
                await self._drop()
                self._say(health.unlinked("session.no_code"))
            return
        if held is self._held and self._pairing is not None:
            until = self._at(health.TYPED_CODE_S, self._codes_ran_out)
            self._say(health.pairing(until=until, code=code))

    def _codes_ran_out(self) -> None:
        self._mail.put_nowait((self._held, Told.PAIRING_ENDED, health.RAN_OUT.encode()))

    async def _pairing_ended(self, word: str) -> None:
        if word == "success":
            self._fresh = True
            self._say(health.connecting())
            self._at(LOGIN_S, self._login_failed)
            return
        if self._pairing is not None:
            if word == "timeout" and not self._pairing.phone and self._codes >= health.CODES:
                word = health.RAN_OUT
            await self._drop()
            self._say(health.pairing_ended(word))

    def _login_failed(self) -> None:
        self._mail.put_nowait((None, Ending.RESTART, b""))

    async def _log_out(self) -> Ending:
        held = self._held
        if held is not None and self._online.is_set():
            with suppress(
                CallFailed, TimeoutError
            ):  # out of reach: the owner can still remove it on the phone
                await asyncio.wait_for(held.calls.do(held.client.log_out), STOP_S)
        return Ending.UNLINKED

    def _later(self, pause_s: float, act: Callable[[], Any]) -> None:
        async def do() -> None:
            await asyncio.sleep(pause_s)
            await act()

        task = asyncio.create_task(do())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def type_of(words: str) -> str:
    """What kind of failure the library's words are, without what they name."""
    known = ("no such host", "connection refused", "timeout", "reset", "certificate", "unreachable", "EOF")
    return next((one for one in known if one in words), "another failure")


def _in(seconds: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
