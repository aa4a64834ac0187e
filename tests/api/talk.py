"""A simulated number that is served while a test calls the API: what is posted reaches a bot."""

import asyncio
import datetime as dt
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from keys.seal import Sealer, unwrap
from runtime.engine import flows_engine
from runtime.process import run_number
from runtime.settings import RuntimeSettings
from schemas.messages import Identity, Inbound, Text
from store import inbox
from store.inbox import Place
from store.pool import Database, pool
from store.roles import url_for
from tests.live import MASTERS, Live
from tests.until import until

BOT = {
    "bot.yaml": (
        "chatloom: bot/v1\nid: talk\ntitle: Talk\nflows: [main, paid]\nfallback: main\n"
        "contact: {fields: {city: {type: string}}}\n"
    ),
    "flows/main.yaml": (
        "chatloom: flow/v1\nid: main\nsteps:\n"
        "  - {id: hi, action: send, with: {text: 'Say a word, {{ contact.name }}.'}}\n"
        "  - {id: ask, action: wait, with: {message: true}}\n"
        "  - {id: thanks, action: send, with: {text: 'You said {{ message.text }}.'}}\n"
    ),
    "flows/paid.yaml": (
        "chatloom: flow/v1\nid: paid\ntriggers:\n  - event: {name: order.paid}\nsteps:\n"
        "  - {id: tell, action: send, with: {text: 'Paid, thank you.'}}\n"
    ),
}
_count = itertools.count()


def sealer_of(url: str, number: UUID) -> Sealer:
    """That of a number's workspace."""
    with psycopg.connect(url) as db:
        row = db.execute(
            "SELECT workspace_id, wrapped FROM data_keys WHERE workspace_id ="
            " (SELECT workspace_id FROM numbers WHERE id = %s)",
            (number,),
        ).fetchone()
    assert row is not None
    return Sealer(unwrap(row[1], MASTERS, row[0]), row[0])


class Talk:
    """A number with a bot, in the operator's workspace."""

    def __init__(self, server: Live, api: httpx.Client, bot: dict[str, str] | None = None) -> None:
        self.server, self.api = server, api
        self.name = f"talk-{next(_count)}"
        files = {**(bot or BOT), "README.md": self.name}
        pushed = api.put(f"/api/v1/bots/{self.name}", json={"files": files})
        assert pushed.status_code == 201, pushed.text
        published = api.post(f"/api/v1/bots/{self.name}/versions/1/publish")
        assert published.status_code == 200, published.text
        body = {"name": self.name, "channel": "simulator", "bot": self.name}
        added = api.post("/api/v1/numbers", json=body)
        assert added.status_code == 201, added.text
        self.number = UUID(added.json()["id"])
        self.sealer = sealer_of(server.config.database_url, self.number)
        self.workspace = self.sealer.workspace_id
        self.runtime = Database(url_for(server.config.database_url, "runtime"))

    @property
    def place(self) -> str:
        return f"/api/v1/numbers/{self.name}/conversations"

    @contextmanager
    def served(self, home: Path, allow_private_targets: bool = False) -> Iterator[None]:
        """The number's process, in a thread with a loop of its own."""
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        settings = RuntimeSettings(
            self.runtime,
            home,
            home / "sessions",
            home / "live",
            redis_url=self.server.config.redis_url,
            allow_private_targets=allow_private_targets,
            poll_s=0.1,
            lease_s=3.0,
            renew_s=0.4,
        )
        number = run_number(settings, MASTERS, self.number, flows_engine(), stop)
        thread = threading.Thread(target=loop.run_until_complete, args=(number,))
        thread.start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()

    def hear(self, who: str, text: str, kind: str = "web", name: str = "Visitor") -> None:
        """A contact writes; durable when this returns."""
        message = Inbound(
            f"{who}.{next(_count)}", dt.datetime.now(dt.UTC), (Identity(kind, who),), Text(text), name
        )

        async def take() -> None:
            async with pool(self.runtime) as connections:
                place = Place(self.number, self.workspace)
                await inbox.accept(connections, {self.workspace: self.sealer}, [(place, message)])

        asyncio.run(take())

    def conversations(self) -> list[dict[str, Any]]:
        return self.api.get(self.place).json()["items"]

    def lines(self, conversation: str) -> list[tuple[str, str, str]]:
        """Who said what: direction, by, text."""
        items = self.api.get(f"{self.place}/{conversation}/transcript").json()["items"]
        return [(line["direction"], line["by"], line["body"].get("text", "")) for line in items]

    def until_said(self, text: str, conversation: str | None = None) -> str:
        """Wait until a conversation holds a message; which one."""
        found: list[str] = []

        def there() -> bool:
            keys = [conversation] if conversation else [row["id"] for row in self.conversations()]
            found[:] = [key for key in keys if any(line[2] == text for line in self.lines(key))]
            return bool(found)

        asyncio.run(until(there))
        return found[0]
