"""The supervisor: a process a number, light, started again when it ends, drained when it leaves."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg

from runtime.supervisor import Supervisor
from tests.runtime.house import House

ROOT = Path(__file__).parents[2]
HELLO = {
    "bot.yaml": "chatloom: bot/v1\nid: hello\ntitle: Hello\nflows: [hello]\nfallback: hello\n",
    "flows/hello.yaml": "chatloom: flow/v1\nid: hello\nsteps:\n  - {id: hi, action: send, with: {text: Hello}}\n",
}


def test_what_the_forkserver_loads_holds_no_engine_and_no_driver() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.runtime.loaded"], cwd=ROOT, timeout=60, check=True, capture_output=True
    )
    names: list[str] = json.loads(told.stdout)
    assert "runtime.child" in names
    for heavy in ("neonize", "cel_expr_python", "sqlmodel", "sqlalchemy", "fastapi", "typer"):
        assert not [name for name in names if name.partition(".")[0] == heavy], heavy
    assert not [name for name in names if name.startswith("sessions.drivers.")]


def _resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


async def _supervised(house: House) -> None:
    with psycopg.connect(house.url.replace("chatloom_runtime", "chatloom_owner"), autocommit=True) as db:
        db.execute("UPDATE numbers SET desired = 'paused' WHERE id <> %s", (house.number_id,))
        db.execute("UPDATE numbers SET channel = 'simulator' WHERE id = %s", (house.number_id,))
        db.execute(
            "INSERT INTO bot_versions (bot_id, version, workspace_id, hash, files, published_at)"
            " VALUES (%s, 2, %s, 'h2', %s, now())",
            (house.bot_id, house.workspace_id, psycopg.types.json.Jsonb(HELLO)),
        )
        db.execute("UPDATE bots SET published_version = 2 WHERE id = %s", (house.bot_id,))
    supervisor = Supervisor(house.settings(look_s=30.0), house.masters)
    stop = asyncio.Event()
    task = asyncio.create_task(supervisor.run(stop))
    state = f"SELECT state FROM numbers WHERE id = '{house.number_id}'"
    sent = f"SELECT count(*) FROM messages WHERE number_id = '{house.number_id}' AND status = 'sent'"
    await house.until(state, "online")
    await house.hear(("1", "a"))
    await house.until(sent, 1)
    pid = supervisor.running()[house.number_id]
    assert _resident_mb(pid) < 110
    os.kill(pid, signal.SIGKILL)
    await house.hear(("1", "b"))
    await house.until(sent, 2, 20)
    assert supervisor.running()[house.number_id] != pid
    stop.set()
    await asyncio.wait_for(task, 20)
    await house.until(state, "stopped")
    assert supervisor.running() == {}


def test_a_number_is_kept_running(house: House) -> None:
    asyncio.run(_supervised(house))
