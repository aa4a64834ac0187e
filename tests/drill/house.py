"""What the drills share: an installation whose processes are killed, and Meta, who keeps writing to it.

A contact sends numbered lines and `bench/bots/echo` repeats each, so a transcript shows what was lost, doubled
or out of order. A webhook that is not answered 200 is delivered again, as Meta does.
"""

import asyncio
import contextlib
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import aiohttp

from tests.graph import Graph
from tests.installation import ROOT, SECRET, Installation
from tests.webhooks import inbound_text, signed

BOT = ROOT / "bench/bots/echo"
NOTING = ROOT / "tests/drill/noting"  # answers as echo does, and leaves a note and a task with each
AGAIN_S = 0.05
PATIENCE_S = 120.0  # nothing is timed here: a busy machine may take long

_accounts = itertools.count(200_000_001)


class Meta:
    """Webhooks in, until each was taken. `accepted` are (contact, line), in the order of each contact."""

    def __init__(self, installed: Installation, stub: Graph, account: str) -> None:
        self.account = account
        self._installed = installed
        self._stub = stub
        self.accepted: list[tuple[str, str]] = []
        self._lines: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)
        self.tries = 0
        self.refused: Counter[int] = Counter()

    async def __aenter__(self) -> "Meta":
        timeout = aiohttp.ClientTimeout(total=30)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def post(self, body: bytes) -> int:
        """One delivery: the status, or 0 where nobody answered."""
        self.tries += 1
        try:
            async with self._session.post(
                self._installed.door, data=body, headers=signed(body, SECRET)
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        self.refused[status] += status != 200
        return status

    async def say(self, contact: str, line: str, limit_s: float = PATIENCE_S) -> None:
        """Deliver a contact's line again and again until it is taken."""
        body = inbound_text(
            self.account, contact, line, f"wamid.{self.account}.{contact}.{line}", at=int(time.time())
        )
        async with asyncio.timeout(limit_s):
            while await self.post(body) != 200:  # noqa: ASYNC110  as Meta repeats
                await asyncio.sleep(AGAIN_S)
        self.accepted.append((contact, line))

    async def chat(self, contacts: int, until: asyncio.Event, most_lines: int = 10_000) -> None:
        """So many contacts write, each its next line when the last was taken, until the event.

        They pause while many lines, three a contact, are not answered yet.
        """

        async def one(contact: str) -> None:
            for _ in range(most_lines):
                await self._stub.until(
                    lambda: until.is_set() or len(self.accepted) - len(self._stub.taken) < 3 * contacts,
                    PATIENCE_S,
                )
                if until.is_set():
                    return
                await self.say(contact, f"line {next(self._lines[contact])}")

        async with asyncio.TaskGroup() as group:
            for index in range(contacts):
                group.create_task(one(f"3900{index:08}"))


@dataclass(frozen=True)
class House:
    """A number of an installation, the stub that its messages go to, and Meta."""

    installed: Installation
    stub: Graph
    meta: Meta
    number: str

    async def start(self) -> Popen[bytes]:
        """A process for the number, which is online when this returns."""
        owners = await self.owners()
        process = self.installed.start_number(self.number)
        await self.until_owned(owners)
        await self.installed.until_online([self.number])
        return process

    async def owners(self) -> int:
        """The lease's epoch: how many owners the number has had. 0: none yet."""
        rows = await self.installed.rows("SELECT epoch FROM leases WHERE number_id = %s", self.number)
        return rows[0][0] if rows else 0

    async def until_owned(self, after: int) -> None:
        """Wait for an owner later than the `after`-th."""
        sql = "SELECT EXISTS (SELECT FROM leases WHERE epoch > %s AND number_id = %s)"
        await self.installed.until(sql, after, self.number, timeout_s=PATIENCE_S)

    async def until_taken(self, more: int) -> None:
        """Wait until the stub has taken so many messages more. Says what is stuck when that fails."""
        enough = len(self.stub.taken) + more
        try:
            await self.stub.until(lambda: len(self.stub.taken) >= enough, PATIENCE_S)
        except TimeoutError:
            raise AssertionError(await self._stuck()) from None

    async def settled(self) -> None:
        """Wait until nothing of the number waits: no event, no message. Says what is stuck when that fails."""
        try:
            await self.installed.until(
                "SELECT NOT EXISTS (SELECT FROM inbox WHERE number_id = %s AND done_at IS NULL)"
                " AND NOT EXISTS (SELECT FROM outbox WHERE number_id = %s)",
                self.number, self.number,
                timeout_s=PATIENCE_S,
            )  # fmt: skip
        except TimeoutError:
            raise AssertionError(await self._stuck()) from None

    async def _stuck(self) -> str:
        rows = await self.installed.rows(
            "SELECT 'inbox', kind, done_at IS NULL, count(*) FROM inbox WHERE number_id = %s GROUP BY 2, 3"
            " UNION ALL SELECT 'outbox', state || ' ' || error_code, true, count(*) FROM outbox WHERE number_id = %s"
            " GROUP BY 2 UNION ALL SELECT 'quarantine', kind, true, count(*) FROM quarantine GROUP BY 2",
            self.number, self.number,
        )  # fmt: skip
        log = self.installed.log(f"number-{self.number[-8:]}")[-2000:]
        refused = dict(self.meta.refused)
        return f"accepted {len(self.meta.accepted)}, taken {len(self.stub.taken)}, {refused=}, {rows=}\n{log}"

    async def check_all_answered_once(self) -> None:
        """Every accepted line was answered, once and in order, and nothing waits."""
        told = self.expected()
        await self.stub.until(lambda: len(self.stub.taken) >= len(self.meta.accepted), PATIENCE_S)
        await self.settled()
        replies = self.replies()
        wrong = {
            contact: (replies.get(contact), told.get(contact))
            for contact in replies.keys() | told.keys()
            if replies.get(contact) != told.get(contact)
        }
        assert wrong == {}, "contacts, with what they were told and should have been"

    def replies(self) -> dict[str, list[str]]:
        """What each contact was told, in the order in which Meta took it."""
        said: dict[str, list[str]] = {}
        for taken in self.stub.taken:
            said.setdefault(taken.to, []).append(taken.text)
        return said

    def expected(self) -> dict[str, list[str]]:
        """What each contact is to be told."""
        told: dict[str, list[str]] = {}
        for contact, line in self.meta.accepted:
            told.setdefault(contact, []).append(f"You said: {line}")
        return told


@asynccontextmanager
async def house(
    installed: Installation, settle_after_s: float = 20, bot: Path = BOT, **graph: Any
) -> AsyncGenerator[House]:
    """A new number that is not started yet, and a stub that reports to the door."""
    account = str(next(_accounts))
    async with (
        Graph(**{"latency_s": 0.02, "door": installed.door, "secret": SECRET, **graph}) as stub,
        Meta(installed, stub, account) as meta,
    ):
        number = installed.add_number(
            account, stub.base_url, installed.add_bot(bot), settle_after=settle_after_s
        )
        try:
            yield House(installed, stub, meta, number)
        finally:
            await asyncio.to_thread(installed.end_numbers)


def first_of_each(lines: list[str]) -> list[str]:
    """The lines without repeats, in the order of their first coming."""
    return list(dict.fromkeys(lines))


async def counted_doubles(installed: Installation) -> int:
    """How many sends the processes of this home say they may have doubled."""
    async with aiohttp.ClientSession() as session, session.get(f"{installed.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return sum(
        int(float(line.split()[-1])) for line in lines if line.startswith("chatloom_doubled_possible_total")
    )


@asynccontextmanager
async def beside(work: Awaitable[Any], end: Callable[[], Any]) -> AsyncGenerator[None]:
    """Run `work` beside the block, then call `end` and wait for it."""
    task = asyncio.ensure_future(work)
    try:
        yield
        end()
        await task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
