"""The supervisor: numbers in processes, light, started again when they fail, drained when it leaves."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from keys.seal import Sealer
from runtime.supervisor import Patience, Supervisor, resident_mb
from schemas.ids import new_event_id
from tests.runtime.house import House
from tests.until import until

ROOT = Path(__file__).parents[2]
HELLO = {
    "bot.yaml": "chatloom: bot/v1\nid: hello\ntitle: Hello\nflows: [hello]\nfallback: hello\n",
    "flows/hello.yaml": "chatloom: flow/v1\nid: hello\nsteps:\n  - {id: hi, action: send, with: {text: Hello}}\n",
}
QUICKLY = Patience(first_pause_s=0.1, longest_pause_s=0.2)
LONG = {"lease_s": 600.0, "look_s": 30.0}  # who waits for the lease to run out, waits too long


def test_what_the_forkserver_loads_holds_no_engine_no_driver_and_no_thread() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.runtime.loaded"], cwd=ROOT, timeout=60, check=True, capture_output=True
    )
    loaded: dict[str, Any] = json.loads(told.stdout)
    names: list[str] = loaded["modules"]
    assert "runtime.child" in names
    for heavy in ("neonize", "cel_expr_python", "sqlmodel", "sqlalchemy", "fastapi", "typer"):
        assert not [name for name in names if name.partition(".")[0] == heavy], heavy
    assert not [name for name in names if name.startswith("sessions.drivers.")]
    assert loaded["threads"] == 1
    assert loaded["sockets_of_the_net"] == 0


class Street:
    """The numbers of a database: simulated, with a bot that says hello."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._admin = house.url.replace("chatloom_runtime", "chatloom_owner")
        self.write("UPDATE numbers SET desired = 'paused'")
        files = psycopg.types.json.Jsonb(HELLO)
        self.write(
            "INSERT INTO bot_versions (bot_id, version, workspace_id, hash, files, published_at)"
            " VALUES (%s, 2, %s, 'h2', %s, now())",
            house.bot_id, house.workspace_id, files,
        )  # fmt: skip
        self.write("UPDATE bots SET published_version = 2 WHERE id = %s", house.bot_id)

    def write(self, sql: str, *params: Any) -> None:
        """What an admin does: written, and told."""
        with psycopg.connect(self._admin, autocommit=True) as db:
            db.execute(sql, params)  # type: ignore[arg-type]
            db.execute("SELECT pg_notify('chatloom_numbers', '')")

    def add(self, version: int | None = None, channel: str = "simulator") -> UUID:
        """A number more. Version 1 of the bot is empty, and cannot be served."""
        number = new_event_id()
        secrets = Sealer.seal(self.house.sealer, "numbers", "secrets", number.bytes, b"{}")
        self.write(
            "INSERT INTO numbers (id, workspace_id, name, channel, account, settings, secrets, bot_id, bot_version)"
            " VALUES (%s, %s, %s, %s, %s, '{}', %s, %s, %s)",
            number, self.house.workspace_id, str(number), channel, str(number), secrets, self.house.bot_id, version,
        )  # fmt: skip
        return number

    async def state(self, number: UUID) -> tuple[str, str]:
        return (await self.house.rows("SELECT state, state_why FROM numbers WHERE id = %s", number))[0]  # type: ignore[return-value]

    async def until_state(self, number: UUID, state: str, timeout_s: float = 30) -> None:
        await self.house.until(f"SELECT state FROM numbers WHERE id = '{number}'", state, timeout_s)

    async def until_session(self, number: UUID, state: str) -> None:
        await self.house.until(f"SELECT state FROM sessions WHERE number_id = '{number}'", state, 30)

    async def until_online(self, numbers: Collection[UUID], timeout_s: float = 30) -> None:
        for number in numbers:
            await self.until_state(number, "online", timeout_s)

    @asynccontextmanager
    async def supervised(
        self, share: int = 1, patience: Patience = QUICKLY, **settings: Any
    ) -> AsyncGenerator[Supervisor]:
        """A host's supervisor, as a task of this process."""
        supervisor = Supervisor(
            self.house.settings(**{**LONG, **settings}), self.house.masters, share, patience=patience
        )
        stop = asyncio.Event()
        task = asyncio.create_task(supervisor.run(stop))
        try:
            yield supervisor
        finally:
            stop.set()
            await asyncio.wait_for(task, 40)
        assert supervisor.running() == {}

    def other_host(self, share: int = 1, **settings: Any) -> subprocess.Popen[bytes]:
        """A host's supervisor, in a process and a group of its own."""
        masters = self.house.masters
        given = {
            "url": self.house.url,
            "home": str(self.house.home),
            "key_id": masters.current,
            "key": masters.keys[masters.current].hex(),
            "share": share,
            "settings": {**LONG, **settings},
        }
        command = [sys.executable, "-m", "tests.runtime.process_of_a_supervisor", json.dumps(given)]
        return subprocess.Popen(command, cwd=ROOT, start_new_session=True)


def shares(supervisor: Supervisor) -> list[int]:
    """How many numbers each process has, sorted."""
    return sorted(Counter(supervisor.running().values()).values())


@pytest.fixture
def street(house: House) -> Street:
    return Street(house)


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder for open sessions."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder)


async def _kept_running(street: Street) -> None:
    house = street.house
    street.write(
        "UPDATE numbers SET channel = 'simulator', desired = 'running' WHERE id = %s", house.number_id
    )
    sent = f"SELECT count(*) FROM messages WHERE number_id = '{house.number_id}' AND status = 'sent'"
    async with street.supervised() as supervisor:
        await street.until_online([house.number_id])
        await house.hear(("1", "a"))
        await house.until(sent, 1)
        pid = supervisor.running()[house.number_id]
        assert 20 < resident_mb(pid) < 110
        os.kill(pid, signal.SIGKILL)
        await house.hear(("1", "b"))
        await house.until(sent, 2, 30)
        assert supervisor.running()[house.number_id] != pid
    assert await street.state(house.number_id) == ("stopped", "")


def test_a_number_is_kept_running_and_need_not_wait_for_its_dead_self(street: Street) -> None:
    asyncio.run(_kept_running(street))


async def _packed(street: Street) -> None:
    numbers = [street.add() for _ in range(5)]
    async with street.supervised(share=3) as supervisor:
        await street.until_online(numbers)
        assert shares(supervisor) == [2, 3]
        numbers.append(street.add())
        await street.until_online(numbers)
        assert shares(supervisor) == [3, 3]
        before = supervisor.running()
        left = numbers[0]
        street.write("UPDATE numbers SET desired = 'paused' WHERE id = %s", left)
        await street.until_state(left, "paused")
        await until(lambda: left not in supervisor.running())
        new = street.add()
        await street.until_online([new])
        after = supervisor.running()
        assert after == {**{one: pid for one, pid in before.items() if one != left}, new: before[left]}


def test_numbers_share_processes_and_new_ones_fill_them(street: Street) -> None:
    asyncio.run(_packed(street))


async def _failing(street: Street) -> None:
    good, bad = street.add(), street.add(version=1)
    async with street.supervised(share=2, patience=Patience(3, 60, 0.1, 0.1)) as supervisor:
        await street.until_online([good])
        before = supervisor.running()[good]
        await until(lambda: bad not in supervisor.running())

        async def given_up() -> bool:
            return "Given up after 3 failures" in (await street.state(bad))[1]

        await until(given_up, 30)
        assert (await street.state(bad))[0] == "failed"
        [(code, facts)] = await street.house.rows(
            "SELECT why_code, why_facts FROM numbers WHERE id = %s", bad
        )
        assert (code, facts["failures"], facts["minutes"]) == ("number.given_up", 3, 1)
        assert facts["cause_code"] == "flow.not_valid"
        assert "there is no bot.yaml" in facts["cause"]
        street.write("UPDATE numbers SET bot_version = NULL WHERE id = %s", bad)  # and told: no order yet
        new = street.add()
        await street.until_online([new])
        assert await given_up()
        street.write("UPDATE numbers SET state = 'stopped', state_why = '' WHERE id = %s", bad)
        await street.until_online([bad])
        assert supervisor.running()[good] == before
        assert (await street.state(good))[0] == "online"


def test_a_number_that_fails_is_given_up_until_it_is_ordered_and_the_others_do_not_notice(
    street: Street,
) -> None:
    asyncio.run(_failing(street))


async def _halved(street: Street) -> None:
    numbers = [street.add() for _ in range(4)]
    async with street.supervised(share=4) as supervisor:
        await street.until_online(numbers)
        assert shares(supervisor) == [4]
        for expected in ([2, 2], [1, 1, 2]):
            os.kill(supervisor.running()[numbers[0]], signal.SIGKILL)
            await until(lambda expected=expected: shares(supervisor) == expected, 30)
            await street.until_online(numbers)


@pytest.mark.drill
def test_the_numbers_of_a_process_that_died_come_back_in_halves(street: Street) -> None:
    asyncio.run(_halved(street))


async def _too_large(street: Street) -> None:
    numbers = [street.add() for _ in range(2)]
    async with street.supervised(share=2, patience=Patience(3, 60, 0.1, 0.1), memory_mb=1) as supervisor:

        async def given_up() -> bool:
            states = [await street.state(number) for number in numbers]
            return all("CHATLOOM_PROCESS_MEMORY_MB; given up" in why for _, why in states)

        await until(given_up, 60)
        await until(lambda: not supervisor.running())


@pytest.mark.drill
def test_a_process_that_holds_too_much_is_drained(street: Street) -> None:
    asyncio.run(_too_large(street))


async def _stuck(street: Street) -> None:
    number, other = street.add(), street.add()
    async with street.supervised(drain_s=0.5) as supervisor:
        await street.until_online([number, other])
        os.kill(supervisor.running()[number], signal.SIGSTOP)
    held = await street.house.rows(
        "SELECT count(*) FROM leases WHERE number_id = ANY(%s) AND expires_at > now()", [number, other]
    )
    assert held == [(0,)]


@pytest.mark.drill
def test_a_child_that_does_not_leave_is_killed_and_its_lease_freed(street: Street) -> None:
    asyncio.run(_stuck(street))


async def _moves(street: Street, leave: Callable[[subprocess.Popen[bytes]], None], lease_s: float) -> None:
    """One host serves, another waits; the first leaves."""
    number = street.add()
    sent = f"SELECT count(*) FROM messages WHERE number_id = '{number}' AND status = 'sent'"
    street.house.number_id = number
    first = street.other_host(lease_s=lease_s)
    try:
        await street.until_online([number])
        async with street.supervised(lease_s=lease_s) as second:
            await until(lambda: number in second.running())
            await street.house.hear(("1", "a"))
            await street.house.until(sent, 1)
            leave(first)
            await street.house.hear(("1", "b"))
            await street.house.until(sent, 2, 30)
            epochs = await street.house.rows("SELECT epoch FROM leases WHERE number_id = %s", number)
            assert epochs == [(2,)]
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()


@pytest.mark.drill
def test_a_number_moves_when_its_host_stops(street: Street) -> None:
    asyncio.run(_moves(street, lambda host: host.terminate(), 600.0))


@pytest.mark.drill
def test_a_number_moves_when_its_supervisor_is_killed(street: Street) -> None:
    """The children see the end of the pipe, and leave."""
    asyncio.run(_moves(street, lambda host: host.kill(), 600.0))


@pytest.mark.drill
def test_a_number_moves_within_the_lease_when_its_host_dies(street: Street) -> None:
    asyncio.run(_moves(street, lambda host: os.killpg(host.pid, signal.SIGKILL), 3.0))


async def _linked(street: Street, memory: Path) -> None:
    """The Go library is loaded after the fork, by several numbers of one process, and does not keep it from ending."""
    first, second = (street.add(channel="linked_device") for _ in range(2))
    async with street.supervised(share=2, sessions_live=memory) as supervisor:
        for number in (first, second):
            await street.until_session(number, "unlinked")
        assert shares(supervisor) == [2]
        pid = supervisor.running()[first]
        assert resident_mb(pid) < 170
        os.kill(pid, signal.SIGKILL)
        for number in (first, second):
            failed = f"SELECT count(*) FROM session_states WHERE number_id = '{number}' AND state = 'failed'"
            await street.house.until(failed, 1, 30)
            await street.until_session(number, "unlinked")
        pid = supervisor.running()[second]
        street.write("UPDATE numbers SET desired = 'paused' WHERE id = %s", first)
        await street.until_state(first, "paused")
        await until(lambda: supervisor.running() == {second: pid})
    assert (await street.state(second))[0] == "stopped"


def test_numbers_that_link_phones_share_a_process_and_leave_it(street: Street, memory: Path) -> None:
    asyncio.run(_linked(street, memory))
