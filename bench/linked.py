"""Linked numbers: the real client against an emulated WhatsApp on the same machine, `python -m bench.linked`.

`[--quick] [--json FILE]`. The emulated server and all phones live in this process, so their share of the
processor is "load". The send policy is off: it would make a number wait on purpose. Every answer is counted
where a contact's phone has decrypted it.
"""

import argparse
import asyncio
import json
import re
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvloop

from bench import machine
from tests.installation import ROOT, Installation
from tests.whatsapp.phones import Phone
from tests.whatsapp.redirect import NOWHERE, redirect
from tests.whatsapp.server import Emulator, emulator

BOT = ROOT / "bench/bots/echo"
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
AT_ONCE = {"policy": "off", "throttle": "off", "max_sends": "off"}
TOGETHER = 10  # numbers that are linked at the same time
PATIENCE_S = 300.0


@dataclass(frozen=True)
class Size:
    """How long and how much to measure."""

    seconds: float = 10.0
    rounds: int = 3
    contacts: int = 100
    starts: int = 5
    numbers: tuple[int, ...] = (1, 20, 100)
    idle_s: float = 30.0


QUICK = Size(seconds=3.0, rounds=1, contacts=10, starts=1, numbers=(1, 3), idle_s=3.0)


@dataclass
class Stage:
    """An installation whose numbers are linked with emulated phones."""

    house: Installation
    whatsapp: Emulator
    numbers: list[str]
    phones: list[Phone]
    root: int = 0  # the number's process, or their supervisor

    @property
    def process(self) -> int:
        """The process that serves the numbers: the largest."""
        return max(machine.family(self.root), key=machine.rss_mb)

    async def until_online(self) -> None:
        """Wait until all sessions say that they are online."""
        await self.house.until(
            "SELECT count(*) = %s FROM sessions WHERE state = 'online'",
            len(self.numbers),
            timeout_s=PATIENCE_S,
        )


@asynccontextmanager
async def stage(count: int) -> AsyncGenerator[Stage]:
    """So many linked numbers in one process, all online."""
    with (
        tempfile.TemporaryDirectory(prefix="chatloom-bench-") as folder,
        tempfile.TemporaryDirectory(dir=MEMORY) as live,
    ):
        copy = Path(folder) / "neonize"
        copy.mkdir()
        redirected = redirect(copy)
        environment = {
            **redirected.environment,
            "HTTPS_PROXY": NOWHERE,
            "HTTP_PROXY": NOWHERE,
            "CHATLOOM_SESSIONS_LIVE": live,
            "CHATLOOM_LOG_LEVEL": "warning",
            "PYTHONDONTWRITEBYTECODE": "",  # as where it is installed: modules are not compiled at each start
        }
        try:
            async with (
                emulator(redirected) as whatsapp,
                Installation(Path(folder) / "home", environment=environment) as house,
            ):
                bot = house.add_bot(BOT)
                here = Stage(house, whatsapp, [], [])
                with house.client() as api:
                    for index in range(count):
                        body = {"name": f"linked-{index}", "channel": "linked_device", "bot": bot}
                        here.numbers.append(api.post("/numbers", {**body, "settings": AT_ONCE})["id"])
                        here.phones.append(whatsapp.phone(f"39333{index:07}", f"Owner {index}"))
                start(here)
                await link(here)
                yield here
        finally:
            redirected.close()


def start(here: Stage) -> None:
    """Start the process of the numbers."""
    if len(here.numbers) == 1:
        here.root = here.house.start_number(here.numbers[0]).pid
    else:
        here.root = here.house.start_supervisor(len(here.numbers)).pid


async def link(here: Stage) -> None:
    """Show each number's code to its phone, some at a time."""
    gate = asyncio.Semaphore(TOGETHER)

    async def one(api: httpx.AsyncClient, number: str, phone: Phone) -> None:
        place = f"/numbers/{number}/session"
        async with gate, asyncio.timeout(PATIENCE_S):
            while (await api.get(place)).json()["state"] != "unlinked":  # noqa: ASYNC110  another process's state
                await asyncio.sleep(0.05)
            (await api.post(f"{place}/pair", json={})).raise_for_status()
            scanned = ""
            async with api.stream("GET", f"{place}/events", params={"follow": True}) as stream:
                async for line in stream.aiter_lines():
                    said = json.loads(line[6:]) if line.startswith("data: ") else {}
                    if said.get("qr") and said["qr"] != scanned:
                        scanned = said["qr"]
                        phone.scan(scanned)
                    if said.get("state") == "online":
                        return

    with here.house.client() as known:
        headers = known._headers()
    async with (
        httpx.AsyncClient(
            base_url=f"{here.house.url}/api/v1", headers=headers, timeout=60, trust_env=False
        ) as api,
        asyncio.TaskGroup() as group,
    ):
        for number, phone in zip(here.numbers, here.phones, strict=True):
            group.create_task(one(api, number, phone))


async def starting(here: Stage, size: Size) -> dict[str, Any]:
    """From the start of a linked number's process to its session being online. In s."""
    times: list[float] = []
    for _ in range(size.starts):
        here.house.end_numbers()
        await here.house.until("SELECT NOT EXISTS (SELECT FROM sessions WHERE state = 'online')")
        began = time.monotonic()
        start(here)
        await here.until_online()
        times.append(time.monotonic() - began)
    return {"online_s": round(statistics.median(times), 2), "each_s": [round(one, 2) for one in times]}


async def talking(here: Stage, size: Size) -> dict[str, Any]:
    """Turns/s of one number: each contact writes again when it was answered. With each process's CPU."""
    people = [here.whatsapp.phone(f"39444{index:07}", f"Contact {index}") for index in range(size.contacts)]
    owner = here.phones[0].account.number
    answered = 0
    enough = asyncio.Event()

    async def one(phone: Phone) -> None:
        nonlocal answered
        line = 0
        while not enough.is_set():
            phone.send(owner, f"line {line}")
            answer = await phone.messages.wait()
            assert answer.text == f"You said: line {line}", answer.text
            answered += 1
            line += 1

    rates: list[float] = []
    async with asyncio.TaskGroup() as group:
        for phone in people:
            group.create_task(one(phone))
        while answered < 2 * len(people):  # noqa: ASYNC110  until sessions are set up
            await asyncio.sleep(0.05)
        cpu, first = _cpu(here), answered
        for _ in range(size.rounds):
            before, began = answered, time.monotonic()
            await asyncio.sleep(size.seconds)
            rates.append((answered - before) / (time.monotonic() - began))
        used, turns = _cpu(here), answered - first
        enough.set()
    assert all(not phone.unread.all for phone in people)
    return {
        "turns_per_s": round(statistics.median(rates)),
        "rounds": [round(rate) for rate in rates],
        "contacts": len(people),
        "cpu_us_a_turn": {name: round(1e6 * (used[name] - cpu[name]) / turns) for name in used},
        "seal_ms_p99": await seal_p99(here),
    }


async def seal_p99(here: Stage) -> float | None:
    """The bucket in which the 99th percentile of sealing a commit lies: its upper bound, in ms."""
    async with httpx.AsyncClient(trust_env=False) as client:
        page = (await client.get(f"{here.house.url}/metrics")).text
    found = re.findall(r'chatloom_session_seal_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\S+)', page)
    counts: dict[float, float] = {}
    for bound, count in found:
        counts[float(bound)] = counts.get(float(bound), 0.0) + float(count)
    most = max(counts.values(), default=0.0)
    return next((1000 * bound for bound in sorted(counts) if most and counts[bound] >= 0.99 * most), None)


async def memory(here: Stage, size: Size) -> dict[str, Any]:
    """What so many linked numbers take when nobody writes."""
    before, began = _cpu(here), time.monotonic()
    await asyncio.sleep(size.idle_s)
    took, now = time.monotonic() - began, _cpu(here)
    return {
        "numbers": len(here.numbers),
        "rss_mb": round(machine.rss_mb(here.process), 1),
        "idle_cpu_percent": round(100 * (now["numbers"] - before["numbers"]) / took, 1),
        "idle_postgres_cpu_percent": round(100 * (now["postgres"] - before["postgres"]) / took, 1),
    }


def _cpu(here: Stage) -> dict[str, float]:
    assert here.house.postgres is not None
    assert here.house.postgres.pid is not None
    return {
        "numbers": machine.cpu_s(here.root, family=True),
        "postgres": machine.cpu_s(here.house.postgres.pid, family=True),
        "load": time.process_time(),
    }


async def measure(size: Size) -> dict[str, Any]:
    """All figures."""
    found: dict[str, Any] = {"memory": []}
    for count in size.numbers:
        async with stage(count) as here:
            found["memory"].append(await memory(here, size))
            print(f"memory: {json.dumps(found['memory'][-1])}", flush=True)
            if count == 1:
                found["start"] = await starting(here, size)
                print(f"start: {json.dumps(found['start'])}", flush=True)
                found["talk"] = await talking(here, size)
                print(f"talk: {json.dumps(found['talk'])}", flush=True)
    few, many = found["memory"][0], found["memory"][-1]
    if many["numbers"] > few["numbers"]:
        more = (many["rss_mb"] - few["rss_mb"]) / (many["numbers"] - few["numbers"])
        found["mb_a_further_number"] = round(more, 2)
    return found


def table(found: dict[str, Any]) -> str:
    """The figures for people, beside what was aimed at."""
    rows: list[tuple[str, Any, str]] = [
        ("linked: start to online, s", found["start"]["online_s"], "≤ 1.5"),
        ("linked: turns/s of one number", found["talk"]["turns_per_s"], "≥ 200"),
        ("linked: sealing a commit, p99 ms, at most", found["talk"]["seal_ms_p99"], "≤ 5"),
    ]
    for one in found["memory"]:
        target = {1: "≤ 150"}.get(one["numbers"], "")
        rows.append((f"linked: RSS of a process with {one['numbers']}, MB", one["rss_mb"], target))
        target = "≤ 5" if one["numbers"] == 100 else ""
        rows.append(("  CPU when all are quiet, % of a core", one["idle_cpu_percent"], target))
    if "mb_a_further_number" in found:
        rows.append(("  MB for each further number", found["mb_a_further_number"], "≤ 3"))
    return "\n".join(f"{name:<52}{value!s:>12}{target:>10}" for name, value, target in rows)


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print a table, and write the figures if asked."""
    asked = argparse.ArgumentParser(prog="python -m bench.linked", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a smoke run, under a minute")
    asked.add_argument("--json", type=Path, help="write the figures here too")
    given = asked.parse_args(words)
    found = {"machine": machine.described(), **uvloop.run(measure(QUICK if given.quick else Size()))}
    print(table(found))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
