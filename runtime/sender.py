"""The sender: hands committed messages to the channel, and says what became of them.

Each conversation is a lane: its messages go one after another; lanes go side by side, higher priority first,
within the channel's limits. A message is handed over only when a commit says that it may be on its way
(`sending`): the turn that makes it writes that at once where a slot is free, else a mark rides in the ledger.

What is in doubt (marked, and then the process died, or the channel broke off in the middle) is told apart by
what the channel can do. Its message id is ours: sent again at once. It reports under our tracker: the lane
waits 20 s for a report that settles it, then sends again and counts a possible double. Neither: sent again,
and counted.

On a channel with a send policy (`runtime.conduct`), what is first in a lane is asked about before it is marked: it
may go, or wait, or is refused. Then each message is marked alone, and goes as a person would send it.
"""

import asyncio
import datetime as dt
import heapq
import itertools
import logging
from collections.abc import Iterable, Mapping
from functools import partial
from uuid import UUID

from runtime import metrics, retrying
from runtime.conduct import Conduct, Show, later
from runtime.lane import MOST_IN_ONE_MARK, Lane, Letter
from runtime.ledger import Ledger
from runtime.media import Uploads
from runtime.owner import Tenure, clock
from runtime.policy import Refuse, Wait
from runtime.settings import Pace, RuntimeSettings
from schemas.messages import Outbound
from sessions.driver import Driver, LoggedOut, Rejected, Throttled, Unreachable
from store.messages import Taken
from store.outbox import Failed, Requeued

log = logging.getLogger(__name__)

LONGEST_HOLD_S = 600.0  # then the policy is asked again: clocks are set, and settings change


class Sender:
    """One number's. `run` nothing: it lives from calls and its own tasks; `drain` ends it."""

    def __init__(
        self,
        driver: Driver,
        ledger: Ledger,
        tenure: Tenure,
        settings: RuntimeSettings,
        pace: Pace,
        on_typing: Show | None = None,
        conduct: Conduct | None = None,
        uploads: Uploads | None = None,
    ) -> None:
        self._driver = driver
        self._ledger = ledger
        self._tenure = tenure
        self._settings = settings
        self._pace = pace
        self._on_typing = on_typing
        self._conduct = conduct
        self._uploads = uploads
        self._lanes: dict[UUID, Lane] = {}
        self._ready: list[tuple[int, int, Lane]] = []
        self._order = itertools.count()
        rate = pace.sends_per_s
        self._slots = settings.most_sending if rate is None else min(settings.most_sending, max(4, int(rate)))
        self._next_at = 0.0
        self._halted_until = 0.0
        self._pump_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closes = asyncio.Event()
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._logged_out = False
        self._admitted = asyncio.Event()
        self._known: dict[UUID, Letter] = {}
        self._spacing = conduct.spacing if conduct is not None else 0.0
        channel = driver.channel
        self._sent_count = metrics.sends.labels(channel, "sent")
        self._out_count = metrics.messages.labels("out", channel)
        self._seconds = metrics.send_seconds.labels(channel)

    # What the turn loop calls.

    def claim(self, conversation_id: UUID, count: int) -> int:
        """How many of `count` new messages may begin as `sending`. Those that may hold a slot: `post` or `forgo`."""
        if self._conduct is not None:
            return 0
        if self._slots <= 0 or self._closes.is_set() or self._halted_until > clock() or self._logged_out:
            return 0
        if (lane := self._lanes.get(conversation_id)) is None:
            lane = self._lanes[conversation_id] = Lane(conversation_id)
        elif lane.busy or lane.letters or lane.wait_until > clock():
            return 0
        allowed = min(count, MOST_IN_ONE_MARK, lane.allowance(self._pace))
        if allowed > 0:
            lane.busy = True
            self._slots -= 1
        return allowed

    def forgo(self, conversation_id: UUID) -> None:
        """The turn that claimed a slot was not committed."""
        lane = self._lanes[conversation_id]
        self._free(lane)

    def post(self, letters: Iterable[Letter]) -> None:
        """Take committed messages. Those that are marked fly now; they were claimed."""
        launch: dict[UUID, Lane] = {}
        for letter in letters:
            lane = self._lanes.get(letter.conversation_id)
            if lane is None:
                lane = self._lanes[letter.conversation_id] = Lane(letter.conversation_id)
            lane.letters.append(letter)
            self._known[letter.id] = letter
            if letter.marked:
                launch[lane.id] = lane
            elif not lane.busy:
                self._offer(lane)
        for lane in launch.values():
            self._launch(lane)
        self._pump()

    def resume(self, letters: Iterable[Letter]) -> None:
        """Take messages that were read back: at a start, or after the database was away.

        Those already here are left alone. `doubtful` ones may have been sent by a process that died.
        """
        waits: set[UUID] = set()
        for letter in letters:
            if letter.id in self._known:
                continue
            lane = self._lanes.setdefault(letter.conversation_id, Lane(letter.conversation_id))
            lane.letters.append(letter)
            self._known[letter.id] = letter
            if self._may_be_reported(letter):
                waits.add(lane.id)
        for lane in self._lanes.values():
            if lane.id in waits:
                self._wait(lane, self._pace.settle_after_s)
            elif lane.waits():
                self._offer(lane)
        self._pump()

    def heard(self, when: Mapping[UUID, dt.datetime]) -> None:
        """Contacts wrote: what the policy held back may be an answer now."""
        if self._conduct is None:
            return
        for conversation_id, at in when.items():
            lane = self._lanes.get(conversation_id)
            if lane is not None:
                lane.heard_at = later(lane.heard_at, at)
                if lane.polite:
                    self._stop_waiting(lane)
                    self._offer(lane)

    def settle(self, message_id: UUID) -> None:
        """A report says that the channel has this message: if it still waits here, it is done."""
        letter = self._known.get(message_id)
        lane = self._lanes.get(letter.conversation_id) if letter else None
        if letter is None or lane is None or letter not in lane.letters:
            return
        letter.settled = True
        if lane.busy:
            return  # its flight sees it
        self._settled(lane, letter)
        if lane.letters and self._may_be_reported(lane.letters[0]):
            return  # its own report is still to come
        self._stop_waiting(lane)
        self._offer(lane)
        self._pump()

    def forget(self, conversation_id: UUID) -> None:
        """A contact is erased: what waits for him is not sent. What is on its way ends by itself."""
        lane = self._lanes.get(conversation_id)
        if lane is None:
            return
        for letter in list(lane.letters)[1 if lane.busy else 0 :]:
            lane.letters.remove(letter)
            self._known.pop(letter.id, None)
        self._stop_waiting(lane)

    def holds(self) -> set[UUID]:
        """The messages that are here, or whose end waits in the ledger."""
        return set(self._known)

    @property
    def waiting(self) -> int:
        return len(self._known)

    async def until_logged_out(self) -> None:
        """Returns when the channel says that our access has ended; raises what a lane failed with."""
        await asyncio.shield(self._ended)

    async def until_admitted(self) -> None:
        """Returns when the access that had ended was renewed."""
        await self._admitted.wait()

    def admit(self) -> None:
        """The session is online, perhaps for an admin renewed our access: what waits for that goes at once."""
        if self._logged_out:
            self._logged_out = False
            self._ended = asyncio.get_running_loop().create_future()
            self._admitted.set()
        self._halted_until = 0.0
        for lane in list(self._lanes.values()):
            if lane.wake is not None and lane.letters and not lane.letters[0].doubtful:
                self._stop_waiting(lane)
                self._offer(lane)
        self._pump()

    async def drain(self, limit_s: float) -> None:
        """Begin no more sends, wait for those in flight, and put the rest back as queued."""
        self._closes.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=limit_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        now = dt.datetime.now(dt.UTC)
        for lane in self._lanes.values():
            self._stop_waiting(lane)
            for letter in lane.letters:
                if letter.marked and not letter.doubtful:
                    self._requeue(letter, now)
        if self._pump_timer is not None:
            self._pump_timer.cancel()

    def _may_be_reported(self, letter: Letter) -> bool:
        """Whether a report may yet say that the channel has this message."""
        can = self._driver.capabilities
        return letter.doubtful and can.tracker and not can.own_message_id

    # Lanes.

    def _offer(self, lane: Lane) -> None:
        if lane.waits():
            lane.ready = True
            heapq.heappush(self._ready, (-lane.letters[0].priority, next(self._order), lane))
        elif lane.spent(self._spacing):
            self._lanes.pop(lane.id, None)

    def _pump(self) -> None:
        """Mark what may go, as far as slots and limits allow."""
        if self._closes.is_set() or self._logged_out:
            return
        now = clock()
        if self._halted_until > now:
            self._pump_at(self._halted_until - now)
            return
        while self._ready and self._slots > 0:
            _, _, lane = heapq.heappop(self._ready)
            lane.ready = False
            if not lane.letters or lane.busy:
                continue
            if self._conduct is not None and not self._may_go(self._conduct, lane, lane.letters[0]):
                continue
            most = MOST_IN_ONE_MARK if self._conduct is None else 1
            allowed = min(lane.allowance(self._pace), most, len(lane.letters))
            if allowed <= 0:
                self._wait(lane, lane.allowed_in(self._pace))
                continue
            lane.busy = True
            self._slots -= 1
            letters = list(itertools.islice(lane.letters, allowed))
            self._ledger.page.sending.extend((one.id, one.attempt + 1) for one in letters)
            self._ledger.then(lambda lane=lane, letters=letters: self._marked(lane, letters))
            self._ledger.touch(urgent=True)

    def _marked(self, lane: Lane, letters: list[Letter]) -> None:
        for letter in letters:
            letter.marked = True
            if self._closes.is_set() and not letter.doubtful:
                self._requeue(letter, dt.datetime.now(dt.UTC))
        self._launch(lane)

    def tidy(self) -> None:
        """Forget lanes in which nothing is left to remember."""
        for lane in list(self._lanes.values()):
            if lane.spent(self._spacing):
                del self._lanes[lane.id]

    def _launch(self, lane: Lane) -> None:
        task = asyncio.create_task(self._fly(lane))
        self._tasks.add(task)
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._ended.done():
            self._ended.set_exception(error)

    def _wait(self, lane: Lane, pause_s: float) -> None:
        self._stop_waiting(lane)
        lane.wait_until = clock() + pause_s
        lane.wake = asyncio.get_running_loop().call_later(pause_s, self._wake, lane)

    def _wake(self, lane: Lane) -> None:
        lane.wake = None
        lane.wait_until = 0.0
        lane.polite = False
        self._offer(lane)
        self._pump()

    def _stop_waiting(self, lane: Lane) -> None:
        if lane.wake is not None:
            lane.wake.cancel()
            lane.wake = None
        lane.wait_until = 0.0
        lane.polite = False

    def _free(self, lane: Lane) -> None:
        lane.busy = False
        self._slots += 1
        self._offer(lane)
        if self._ready:
            self._pump()

    def _pump_at(self, pause_s: float) -> None:
        if self._pump_timer is not None:
            self._pump_timer.cancel()
        self._pump_timer = asyncio.get_running_loop().call_later(pause_s + 0.001, self._pump)

    def _may_go(self, conduct: Conduct, lane: Lane, letter: Letter) -> bool:
        """Ask about what is first in a lane. If it may not go: the lane waits, or the message is refused."""
        if letter.doubtful:
            return True  # it was asked about when it was first marked
        now = dt.datetime.now(dt.UTC)
        decision = conduct.ask(lane, letter, now)
        match decision:
            case Refuse():
                self._lost(lane, letter, decision.code, decision.why, dead=False)
                self._offer(lane)
                return False
            case Wait():
                conduct.explain(letter, decision)
                letter.fresh_at = now
                self._wait(lane, min(decision.seconds, LONGEST_HOLD_S))
                lane.polite = True
                return False
            case _:
                if decision.new:
                    conduct.introduce(lane.id, now)
                return True

    # One lane's flight.

    async def _fly(self, lane: Lane) -> None:
        """Send the lane's marked messages in order, until one must wait."""
        try:
            while lane.letters and lane.letters[0].marked and not self._closes.is_set():
                if not await self._send(lane, lane.letters[0]):
                    break
        finally:
            self._free(lane)

    async def _send(self, lane: Lane, letter: Letter) -> bool:
        """One try. True: the lane goes on with the next."""
        if self._conduct is not None:
            await self._conduct.behave(lane, letter, self._closes)
        await self._pace_number()
        if not self._tenure.alive():
            await self._tenure.until_alive()
        if self._closes.is_set():
            return False
        if letter.settled:
            self._settled(lane, letter)
            return True
        if self._halted_until > clock():
            self._put_back(lane, self._halted_until - clock())
            return False
        letter.attempt += 1
        if letter.doubtful:
            letter.doubtful = False
            if not self._driver.capabilities.own_message_id:
                metrics.doubled.labels(self._driver.channel).inc()
        lane.spend(self._pace)
        if letter.typing_for and self._on_typing is not None and self._conduct is None:
            await self._on_typing(letter.typing_for)
        began = clock()
        try:
            if self._uploads is not None:
                letter.body = await self._uploads.ready(letter.body)
            sent = await self._driver.send(
                Outbound(str(letter.id), letter.to, letter.body, letter.reply_to, letter.attempt)
            )
        except Throttled as problem:
            return self._throttled(lane, letter, problem)
        except Unreachable as problem:
            return self._unreachable(lane, letter, problem)
        except Rejected as problem:
            self._count("rejected")
            self._lost(lane, letter, problem.vendor_code, problem.why, dead=False)
            return True
        except LoggedOut as problem:
            self._count("logged_out")
            log.error("the channel ended our access: %s", problem.code)
            self._logged_out = True
            self._admitted.clear()
            if not self._ended.done():
                self._ended.set_result(None)
            self._put_back(lane, 0.0)
            return False
        except asyncio.CancelledError:
            letter.doubtful = True
            raise
        except Exception as error:
            log.exception("the driver of %s failed", self._driver.channel)
            return self._unreachable(lane, letter, Unreachable(type(error).__name__, maybe_sent=True))
        lane.sent_at = clock()
        self._seconds.observe(lane.sent_at - began)
        self._sent_count.inc()
        self._out_count.inc()
        lane.letters.popleft()
        self._forget(letter)
        self._ledger.page.sent.append(Taken(letter.id, sent.provider_id, dt.datetime.now(dt.UTC)))
        self._ledger.touch()
        return True

    def _throttled(self, lane: Lane, letter: Letter, problem: Throttled) -> bool:
        self._count("throttled")
        if retrying.is_too_old(self._settings, letter):
            self._lost(lane, letter, problem.code, str(problem), dead=True)
            return True
        if problem.scope == "new":
            if self._conduct is None or not self._conduct.is_to_new(letter):
                self._lost(lane, letter, problem.code, str(problem), dead=False)
                return True
            pause = self._conduct.hold_new(problem)
        else:
            pause = retrying.throttled_s(self._settings, letter, problem)
            if problem.scope != "pair":
                self._halted_until = max(self._halted_until, clock() + pause)
        self._put_back(lane, pause, problem.code, str(problem))
        return False

    async def _pace_number(self) -> None:
        if self._pace.sends_per_s is None:
            return
        now = clock()
        at = max(self._next_at, now)
        self._next_at = at + 1 / self._pace.sends_per_s
        if at > now:
            await asyncio.sleep(at - now)

    def _unreachable(self, lane: Lane, letter: Letter, problem: Unreachable) -> bool:
        self._count("unreachable")
        if letter.attempt >= self._settings.send_attempts or retrying.is_too_old(self._settings, letter):
            self._lost(lane, letter, problem.code, str(problem), dead=True)
            return True
        pause = retrying.backoff_s(self._settings, letter)
        if problem.maybe_sent and not self._driver.capabilities.own_message_id:
            letter.doubtful = True
            if self._may_be_reported(letter):
                pause = max(pause, self._pace.settle_after_s)
        self._put_back(lane, pause, problem.code, str(problem))
        return False

    def _put_back(self, lane: Lane, pause_s: float, code: str = "", error: str = "") -> None:
        """The lane waits; what was marked is queued again, but for what is in doubt."""
        due = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=pause_s)
        for place, letter in enumerate(lane.letters):
            if letter.marked and not letter.doubtful:
                self._requeue(letter, due, code if place == 0 else "", error if place == 0 else "")
            letter.marked = False
        if not self._closes.is_set():
            self._wait(lane, pause_s)

    def _requeue(self, letter: Letter, due: dt.datetime, code: str = "", error: str = "") -> None:
        self._ledger.page.requeued.append(Requeued(letter.id, letter.attempt, due, code, error))
        self._ledger.touch()

    def _settled(self, lane: Lane, letter: Letter) -> None:
        lane.letters.remove(letter)
        self._forget(letter)
        self._ledger.page.settled.append(letter.id)
        self._ledger.touch()

    def _lost(self, lane: Lane, letter: Letter, code: str, error: str, *, dead: bool) -> None:
        lane.letters.popleft()
        self._forget(letter)
        if dead:
            metrics.dead_letters.labels(self._driver.channel).inc()
        now = dt.datetime.now(dt.UTC)
        self._ledger.page.failed.append(Failed(letter.id, letter.attempt, code, error, now, dead))
        self._ledger.touch(urgent=True)

    def _forget(self, letter: Letter) -> None:
        """The letter is known until its end is committed, so that reading back does not bring it again."""
        self._ledger.then(partial(self._known.pop, letter.id, None))

    def _count(self, how: str) -> None:
        metrics.sends.labels(self._driver.channel, how).inc()
