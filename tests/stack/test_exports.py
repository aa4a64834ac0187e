"""Exports with real processes: a worker that is killed is replaced, and the file is whole."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import orjson
import psycopg

from tests.installation import Installation
from tests.until import until

CONTACTS = 3_000


def start_worker(installed: Installation) -> subprocess.Popen[bytes]:
    return installed.start("work", "-m", "cli.main", "work")


def test_a_killed_worker_is_replaced_and_the_file_is_whole(installed: Installation, tmp_path: Path) -> None:
    def shown(key: str) -> dict[str, Any]:
        with installed.client() as api:
            return api.get(f"/exports/{key}")

    async def scene() -> None:
        await installed.rows(
            "INSERT INTO contacts (id, workspace_id) SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,"
            " (SELECT id FROM workspaces LIMIT 1) FROM generate_series(1, %s) n RETURNING 1",
            CONTACTS,
        )
        key = orjson.loads(installed.call("exports", "start", "contacts", "--format", "jsonl", "--json"))[
            "id"
        ]
        async with await psycopg.AsyncConnection.connect(installed.database) as db:
            await db.execute("LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE")  # the worker does not get far
            first = start_worker(installed)
            await until(lambda: shown(key)["attempt"] == 1)
            installed.kill(first)
        second = start_worker(installed)
        try:
            assert (shown(key)["state"], shown(key)["attempt"]) == ("running", 1)  # its hold is not over
            over = "UPDATE jobs SET held_until = now() WHERE id = %s RETURNING 1"
            await installed.rows(over, key)
            await until(lambda: shown(key)["state"] not in ("waiting", "running"))
        finally:
            installed.kill(second)
        assert (shown(key)["state"], shown(key)["attempt"]) == ("done", 2), shown(key)["error"]
        to = tmp_path / "contacts.jsonl"
        installed.call("exports", "download", key, "--to", str(to))
        assert to.stat().st_mode & 0o777 == 0o600
        rows = [orjson.loads(line) for line in to.read_bytes().splitlines()]
        assert len(rows) == len({row["contact"] for row in rows}) >= CONTACTS
        await installed.rows(
            "DELETE FROM contacts WHERE id < '00000000-0001-0000-0000-000000000000' RETURNING 1"
        )

    asyncio.run(scene())
    assert [path.name for path in tmp_path.iterdir()] == ["contacts.jsonl"]
