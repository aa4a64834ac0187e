"""What the drills share: an installation whose processes are killed, and Meta, who keeps writing to it.

A contact sends numbered lines and `bench/bots/echo` repeats each, so a transcript shows what was lost, doubled
or out of order. A webhook that is not answered 200 is delivered again, as Meta does.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.graph import Graph
from tests.installation import ROOT, SECRET, Installation
from tests.webhooks import inbound_text, signed

ACCOUNT = "100000000001"
BOT = ROOT / "bench/bots/echo"
AGAIN_S = 0.05


class Meta:
    """Webhooks in, until each was taken. `accepted` are (contact, line), in the order of each contact."""

    def __init__(self, house: Installation, stub: Graph) -> None:
        self._house = house
        self._stub = stub
        self.accepted: list[tuple[str, str]] = []
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
                self._house.door, data=body, headers=signed(body, SECRET)
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        self.refused[status] += status != 200
        return status

    async def say(self, contact: str, line: str, limit_s: float = 120) -> None:
        """Deliver a contact's line again and again until it is taken."""
        body = inbound_text(ACCOUNT, contact, line, f"wamid.{contact}.{line}", at=int(time.time()))
        async with asyncio.timeout(limit_s):
            while await self.post(body) != 200:  # noqa: ASYNC110  as Meta repeats
                await asyncio.sleep(AGAIN_S)
        self.accepted.append((contact, line))

    async def chat(self, contacts: int, until: asyncio.Event, most_lines: int = 10_000) -> None:
        """So many contacts write, each its next line when the last was taken, until the event.

        They pause while many lines, three a contact, are not answered yet.
        """

        async def one(contact: str) -> None:
            for line in range(most_lines):
                await self._stub.until(
                    lambda: until.is_set() or len(self.accepted) - len(self._stub.taken) < 3 * contacts, 120
                )
                if until.is_set():
                    return
                await self.say(contact, f"line {line}")

        async with asyncio.TaskGroup() as group:
            for index in range(contacts):
                group.create_task(one(f"3900{index:08}"))


@asynccontextmanager
async def house(
    tmp_path: Path, settle_after_s: float = 20, **graph: Any
) -> AsyncGenerator[tuple[Installation, Graph, str]]:
    """A server, one number that is not started yet, and a stub that reports to the door."""
    async with (
        Installation(tmp_path / "h") as installed,
        Graph(**{"latency_s": 0.02, "door": installed.door, "secret": SECRET, **graph}) as stub,
    ):
        installed.add_app()
        bot = installed.add_bot(BOT)
        number = installed.add_number(ACCOUNT, stub.base_url, bot, settle_after=settle_after_s)
        yield installed, stub, number


async def settled(installed: Installation, number: str, timeout_s: float = 90) -> None:
    """Wait until nothing of a number waits: no event, no message. Says what is stuck when that fails."""
    try:
        await installed.until(
            "SELECT NOT EXISTS (SELECT FROM inbox WHERE number_id = %s AND done_at IS NULL)"
            " AND NOT EXISTS (SELECT FROM outbox WHERE number_id = %s)",
            number, number,
            timeout_s=timeout_s,
        )  # fmt: skip
    except TimeoutError:
        stuck = await installed.rows(
            "SELECT 'inbox', kind, count(*) FROM inbox WHERE done_at IS NULL GROUP BY kind"
            " UNION ALL SELECT 'outbox', state || ' ' || error_code, count(*) FROM outbox GROUP BY state, error_code"
        )
        raise AssertionError(f"stuck: {stuck}") from None


def replies(stub: Graph) -> dict[str, list[str]]:
    """What each contact was told, in the order in which Meta took it."""
    said: dict[str, list[str]] = {}
    for taken in stub.taken:
        said.setdefault(taken.to, []).append(taken.text)
    return said


def first_of_each(lines: list[str]) -> list[str]:
    """The lines without repeats, in the order of their first coming."""
    return list(dict.fromkeys(lines))


def expected(meta: Meta) -> dict[str, list[str]]:
    """What each contact is to be told."""
    told: dict[str, list[str]] = {}
    for contact, line in meta.accepted:
        told.setdefault(contact, []).append(f"You said: {line}")
    return told


async def epoch(installed: Installation, number: str) -> int:
    """The number's lease: how many owners it has had. 0: none yet."""
    rows = await installed.rows("SELECT epoch FROM leases WHERE number_id = %s", number)
    return rows[0][0] if rows else 0


async def until_owned(installed: Installation, number: str, after: int, timeout_s: float = 60) -> None:
    """Wait for an owner later than the `after`-th."""
    sql = "SELECT epoch > %s FROM leases WHERE number_id = %s"
    await installed.until(sql, after, number, timeout_s=timeout_s)


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
