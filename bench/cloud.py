"""Chatloom end to end, with Meta played on the same machine: `python -m bench.cloud [--quick] [--json FILE]`.

One `chatloom serve`, one number's process, the embedded PostgreSQL with fsync on. Signed webhooks come in over
keep-alive connections; the Graph stub answers after 50 ms and reports `sent` 200 ms later. Conversations are
those of `bench/bots/orders`: five turns whose answers depend on what was said before.

Reply time is from a webhook's first byte written to our request read at the stub. The processor is shared by
everything: database, stub and load too.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any

import orjson
import psycopg
import uvloop

from bench import machine
from bench.load import Line, Load, Room, Shot, dial, shots
from store.child import wait_until
from tests.installation import ROOT, SECRET, Installation

BOT = ROOT / "bench/bots/orders"
LATENCY_MS = 50
SENT_AFTER_MS = 200
MOST_WAITING = 400  # unanswered messages while the rate is measured
COUNT_EVERY_S = 0.02
DRAIN_S = 60.0


@dataclass(frozen=True)
class Size:
    """How long and how often to measure."""

    seconds: float = 10.0
    rounds: int = 3
    warm_s: float = 3.0
    contacts: int = 1_000
    stored: tuple[int, ...] = (10, 1_000, 100_000)
    numbers: tuple[int, ...] = (1, 10, 100)
    snapshot_s: float = 60.0


QUICK = Size(
    seconds=2.0, rounds=1, warm_s=1.0, contacts=100, stored=(10, 1_000), numbers=(1, 3), snapshot_s=4.0
)


@dataclass
class Stage:
    """What is running: the installation, its numbers, the stub."""

    house: Installation
    graph: Popen[bytes]
    graph_port: int
    control: Line
    accounts: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    numbers_root: int = 0  # the number's process, or their supervisor
    said: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    runs: int = 0

    @property
    def processes(self) -> list[int]:
        """Those that serve numbers, the largest first; with a supervisor and its fork server the last two."""
        return sorted(machine.family(self.numbers_root), key=machine.rss_mb, reverse=True)

    async def ask(self, path: str) -> Any:
        """What the stub's control says."""
        raw = f"GET /control{path} HTTP/1.1\r\nHost: stub\r\n\r\n".encode()
        return orjson.loads((await self.control.request(raw))[1])

    async def taken(self) -> int:
        """How many replies the stub has taken."""
        return int(await self.ask("/count"))

    async def until_taken(self, count: int, seconds: float = DRAIN_S) -> None:
        """Wait until the stub has taken so many. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while await self.taken() < count:  # noqa: ASYNC110  another process's count
                await asyncio.sleep(COUNT_EVERY_S)

    async def reset(self) -> None:
        """Let the stub forget what it took."""
        body = b'{"reset": true}'
        head = f"POST /control HTTP/1.1\r\nHost: stub\r\nContent-Length: {len(body)}\r\n\r\n"
        await self.control.request(head.encode() + body)

    def talk(self, contacts: Sequence[str], count: int) -> list[Shot]:
        """The next `count` webhooks of these contacts."""
        self.runs += 1
        first = self.said[contacts[0]]
        made = shots(
            f"127.0.0.1:{self.house.port}",
            self.accounts,
            contacts,
            count,
            f"{os.getpid()}.{self.runs}",
            first,
        )
        turns = -(-count // len(contacts))
        self.said[contacts[0]] += turns
        return made


def contacts(count: int, group: int = 0) -> list[str]:
    """Phone numbers of a group's contacts."""
    return [f"39{group:03}{index:08}" for index in range(count)]


@asynccontextmanager
async def stage(numbers: int = 1, per_process: int = 10) -> AsyncGenerator[Stage]:
    """A fresh installation that serves so many numbers."""
    with tempfile.TemporaryDirectory(prefix="chatloom-bench-") as folder:
        async with Installation(
            Path(folder) / "home", environment={"CHATLOOM_LOG_LEVEL": "warning"}
        ) as house:
            graph = house.start(
                "graph", "-m", "tests.graph", "--latency-ms", str(LATENCY_MS), "--door", house.door,
                "--secret", SECRET, "--sent-after-ms", str(SENT_AFTER_MS), "--delivered-after-ms", "-1",
            )  # fmt: skip
            said = await asyncio.to_thread(_first_line, house.home / "graph.log")
            port = int(said["base_url"].split(":")[2].split("/")[0])
            here = Stage(house, graph, port, await dial("127.0.0.1", port))
            house.add_app()
            bot = house.add_bot(BOT)
            for index in range(numbers):
                here.accounts.append(f"1000{index:06}")
                here.numbers.append(house.add_number(here.accounts[-1], said["base_url"], bot))
            if numbers == 1:
                here.numbers_root = house.start_number(here.numbers[0]).pid
            else:
                here.numbers_root = house.start_supervisor(per_process).pid
            await house.until_online(here.numbers)
            yield here
            here.control.close()


async def sustained(here: Stage, people: Sequence[str], size: Size) -> dict[str, Any]:
    """Messages/s, answered, while never more than some wait for their reply; with each process's share of CPU."""
    seconds = size.warm_s + size.seconds * size.rounds
    await here.reset()
    prepared = here.talk(people, int(seconds * 4_000))
    room = Room(MOST_WAITING)
    rates: list[float] = []
    shares: list[dict[str, float]] = []
    async with Load(here.house.port) as load:
        sending = asyncio.create_task(load.as_room_allows(prepared, room))
        counting = asyncio.create_task(_count(here, room))
        await asyncio.sleep(size.warm_s)
        for _ in range(size.rounds):
            before, cpu, began = await room.counted(), _cpu(here), time.monotonic()
            await asyncio.sleep(size.seconds)
            took = time.monotonic() - began
            rates.append((await room.counted() - before) / took)
            now = _cpu(here)
            shares.append({name: 100 * (now[name] - cpu[name]) / took for name in now})
        room.close()
        sent = await sending
        counting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await counting
    await here.until_taken(sent)
    here.said[people[0]] += -(-sent // len(people)) - -(-len(prepared) // len(people))
    await _check(here, prepared[:sent])
    # A circle that was broken off is finished, so that the next one begins with every contact at the same line.
    if rest := -sent % len(people):
        async with Load(here.house.port) as load:
            await load.at_rate(prepared[sent : sent + rest], 500)
        await here.until_taken(sent + rest)
    return {
        "messages_per_s": round(statistics.median(rates)),
        "rounds": [round(rate) for rate in rates],
        "cpu_percent": {name: round(statistics.median(one[name] for one in shares)) for name in shares[0]},
        "cpu_us_a_message": {
            name: round(
                statistics.median(1e4 * one[name] / rate for one, rate in zip(shares, rates, strict=True))
            )
            for name in shares[0]
        },
    }


async def latency(here: Stage, people: Sequence[str], per_s: int, size: Size) -> dict[str, Any]:
    """Reply and answer times at a rate: medians over rounds of each round's percentiles, in ms."""
    replies: list[list[float]] = []
    answers: list[list[float]] = []
    shares: list[dict[str, float]] = []
    for _ in range(size.rounds):
        await here.reset()
        count = -(-int(per_s * size.seconds) // len(people)) * len(people)
        prepared = here.talk(people, count)
        cpu, began = _cpu(here), time.monotonic()
        async with Load(here.house.port, connections=256) as load:
            await load.at_rate(prepared, per_s)
        took, now = time.monotonic() - began, _cpu(here)
        await here.until_taken(count)
        shares.append({name: 100 * (now[name] - cpu[name]) / took for name in now})
        at: dict[str, list[int]] = defaultdict(list)
        for to, at_ns in await here.ask("/times?since=0"):
            at[to].append(at_ns)
        heard: dict[str, int] = defaultdict(int)
        pairs: list[float] = []
        for shot in prepared:
            assert shot.status == 200, shot.status
            pairs.append((at[shot.contact][heard[shot.contact]] - shot.sent_ns) / 1e6)
            heard[shot.contact] += 1
        assert {to: len(times) for to, times in at.items()} == heard
        replies.append(pairs)
        answers.append([(shot.answered_ns - shot.sent_ns) / 1e6 for shot in prepared])
    return {
        "per_s": per_s,
        "reply_ms": _percentiles(replies),
        "door_ms": _percentiles(answers),
        "cpu_percent": {name: round(statistics.median(one[name] for one in shares)) for name in shares[0]},
    }


async def by_stored(size: Size) -> list[dict[str, Any]]:
    """How the cost grows with the conversations that are stored; each is spoken to in turn."""
    found: list[dict[str, Any]] = []
    for count in size.stored:
        async with stage() as here:
            people = contacts(count)
            async with Load(here.house.port) as load:
                room = Room(2_000)
                counting = asyncio.create_task(_count(here, room))
                sent = await load.as_room_allows(here.talk(people, count), room)
                await here.until_taken(sent, 300)
                counting.cancel()
            quiet = await latency(here, people if count <= 1_000 else people[:1_000], 100, size)
            found.append(
                {
                    "stored": count,
                    "reply_ms_at_100": quiet["reply_ms"],
                    **await sustained(here, people, size),
                    "rss_mb": round(machine.rss_mb(here.processes[0])),
                }
            )
    return found


async def by_numbers(size: Size) -> list[dict[str, Any]]:
    """How the cost grows with the numbers served, ten a process; what each says when all are quiet."""
    found: list[dict[str, Any]] = []
    for count in size.numbers:
        async with stage(count, per_process=10) as here:
            people = contacts(max(count, size.contacts))
            before, began = _cpu(here), time.monotonic()
            await asyncio.sleep(size.seconds)
            quiet = sum((_cpu(here)[name] - before[name]) for name in ("numbers", "postgres"))
            idle = 100 * quiet / (time.monotonic() - began)
            slow = await latency(here, people, 100, size)
            found.append(
                {
                    "numbers": count,
                    "processes": max(1, -(-count // 10)),
                    "idle_cpu_percent": round(idle, 1),
                    "reply_ms_at_100": slow["reply_ms"],
                    **await sustained(here, people, size),
                    "rss_mb_a_process": round(machine.rss_mb(here.processes[0])),
                }
            )
    return found


async def with_snapshot(here: Stage, people: Sequence[str], size: Size) -> dict[str, Any]:
    """Latency at 500/s before and after a while of traffic under an old snapshot that holds vacuum back."""
    before = await latency(here, people, 500, size)
    async with await psycopg.AsyncConnection.connect(here.house.database) as held:
        await held.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await held.execute("SELECT count(*) FROM inbox")
        count = int(size.snapshot_s * 500) // len(people) * len(people)
        await here.reset()
        async with Load(here.house.port) as load:
            await load.at_rate(here.talk(people, count), 500)
        await here.until_taken(count)
        after = await latency(here, people, 500, size)
        rate = await sustained(here, people, size)
    return {
        "seconds": size.snapshot_s,
        "reply_ms_before": before["reply_ms"],
        "reply_ms_after": after["reply_ms"],
        "messages_per_s_after": rate["messages_per_s"],
    }


async def measure(size: Size, parts: Sequence[str]) -> dict[str, Any]:
    """All figures, or those of the parts that are named."""
    found: dict[str, Any] = {"machine": machine.described()}
    async with stage() as here:
        version = await here.house.rows("SHOW server_version")
        found["machine"]["postgresql"] = version[0][0].split()[0]
        people = contacts(size.contacts)
        number = here.processes[0]
        found["rss_mb_at_start"] = round(machine.rss_mb(number), 1)
        for part in parts:
            match part:
                case "sustained":
                    found[part] = await sustained(here, people, size)
                case "latency":
                    found[part] = [await latency(here, people, rate, size) for rate in (100, 1_000)]
                case "snapshot":
                    found[part] = await with_snapshot(here, people, size)
                case _:
                    continue
            print(f"{part}: {json.dumps(found[part])}", flush=True)
        found["rss_mb"] = round(machine.rss_mb(number), 1)
        found["pss_mb"] = round(machine.pss_mb(number), 1)
    if "stored" in parts:
        found["stored"] = await by_stored(size)
        print(f"stored: {json.dumps(found['stored'])}", flush=True)
    if "numbers" in parts:
        found["numbers"] = await by_numbers(size)
        print(f"numbers: {json.dumps(found['numbers'])}", flush=True)
    return found


PARTS = ("sustained", "latency", "snapshot", "stored", "numbers")


def table(found: dict[str, Any]) -> str:
    """The figures for people, beside what was aimed at."""
    lines = [f"{'figure':<52}{'measured':>12}{'target':>10}"]

    def line(name: str, value: Any, target: str = "") -> None:
        lines.append(f"{name:<52}{value!s:>12}{target:>10}")

    if one := found.get("sustained"):
        line("messages/s, answered", one["messages_per_s"], "≥ 1500")
        for name, share in one["cpu_percent"].items():
            each = one["cpu_us_a_message"][name]
            line(f"  CPU of {name}: % of a core; µs a message", f"{share}; {each}")
    for one in found.get("latency", ()):
        many = one["per_s"] > 100
        reply, door = one["reply_ms"], one["door_ms"]
        line(f"reply at {one['per_s']}/s, p50 ms", reply["p50"], "" if many else "≤ 8")
        line(f"reply at {one['per_s']}/s, p99 ms", reply["p99"], "≤ 100" if many else "≤ 30")
        line(f"webhook answered at {one['per_s']}/s, p99 ms", door["p99"], "≤ 50" if many else "")
    line("RSS of the number's process, MB", found["rss_mb"], "≤ 110")
    if one := found.get("snapshot"):
        line("reply at 500/s, p99 ms, before an old snapshot", one["reply_ms_before"]["p99"])
        line(f"  after {one['seconds']:.0f} s under it", one["reply_ms_after"]["p99"])
        line("  messages/s under it", one["messages_per_s_after"])
    for one in found.get("stored", ()):
        line(f"{one['stored']} conversations: messages/s", one["messages_per_s"])
        line("  reply at 100/s, p50 / p99 ms", _pair(one["reply_ms_at_100"]))
    for one in found.get("numbers", ()):
        line(f"{one['numbers']} numbers in {one['processes']} processes: messages/s", one["messages_per_s"])
        line("  reply at 100/s, p50 / p99 ms", _pair(one["reply_ms_at_100"]))
        line("  CPU when all are quiet, % of a core", one["idle_cpu_percent"])
        line("  RSS of the largest process, MB", one["rss_mb_a_process"])
    return "\n".join(lines)


def main() -> None:
    """Measure, print a table, and write the figures if asked."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a smoke run, under a minute")
    asked.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked.add_argument("--seconds", type=float, help="of each round")
    asked.add_argument("--json", type=Path, help="write the figures here too")
    given = asked.parse_args()
    size = QUICK if given.quick else Size()
    if given.seconds:
        size = Size(seconds=given.seconds)
    found = uvloop.run(measure(size, given.parts))
    print(table(found))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


def _first_line(log: Path) -> dict[str, Any]:
    if not wait_until(lambda: log.exists() and b"\n" in log.read_bytes(), 60):
        raise TimeoutError(log)
    return orjson.loads(log.read_bytes().split(b"\n")[0])


async def _count(here: Stage, room: Room) -> None:
    line = await dial("127.0.0.1", here.graph_port)
    raw = b"GET /control/count HTTP/1.1\r\nHost: stub\r\n\r\n"
    try:
        while True:
            room.replied(int((await line.request(raw))[1]))
            await asyncio.sleep(COUNT_EVERY_S)
    finally:
        line.close()


async def _check(here: Stage, sent: Sequence[Shot]) -> None:
    """Each message was taken, and answered once."""
    assert all(shot.status == 200 for shot in sent)
    count = await here.ask("")
    assert count["taken"] == len(sent), (count, len(sent))
    assert count["duplicates"] == 0, count


def _cpu(here: Stage) -> dict[str, float]:
    house = here.house
    assert house.server is not None
    assert house.postgres is not None
    assert house.postgres.pid is not None
    ours = {
        "serve": machine.cpu_s(house.server.pid),
        "numbers": machine.cpu_s(here.numbers_root, family=True),
        "postgres": machine.cpu_s(house.postgres.pid, family=True),
        "stub": machine.cpu_s(here.graph.pid),
        "load": time.process_time(),
    }
    return {**ours, "anything else": max(0.0, machine.busy_s() - sum(ours.values()))}


def _percentiles(rounds: Sequence[Sequence[float]]) -> dict[str, float]:
    def median(of: int) -> float:
        return round(statistics.median(statistics.quantiles(one, n=100)[of - 1] for one in rounds), 1)

    return {"p50": median(50), "p95": median(95), "p99": median(99), "max": round(max(map(max, rounds)), 1)}


def _pair(times: dict[str, float]) -> str:
    return f"{times['p50']} / {times['p99']}"


if __name__ == "__main__":
    main()
