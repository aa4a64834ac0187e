"""A server for tests: the whole HTTP side on a free port of loopback, in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from admin_api.services import Config
from cli.listening import address, listen
from cli.serving import serve
from keys.master import MasterKeys, key_id
from tests.cheap import CHEAP

KEY = "clk_of-the-tests"
MASTER = bytes(range(32))
MASTERS = MasterKeys(key_id(MASTER), {key_id(MASTER): MASTER})


@dataclass(frozen=True)
class Live:
    """A running server."""

    url: str
    config: Config

    def client(self, key: str | None = KEY, **options: Any) -> httpx.Client:
        """An HTTP client; with `key` None it is nobody's."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False, **options)


@contextmanager
def live(database_url: str, **options: Any) -> Iterator[Live]:
    """Serve `database_url` until the block ends."""
    unless_told = {
        "media": Path("/nowhere"),
        "exports": Path("/nowhere"),
        "password_cost": CHEAP,
        "account_tries": 0,
        "address_tries": 0,
    }
    config = Config(
        database_url=database_url, masters=MASTERS, operator_key=KEY, **{**unless_told, **options}
    )
    listener = listen("127.0.0.1", 0)
    url = address(listener)
    ready = threading.Event()
    failed: list[BaseException] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        try:
            loop.run_until_complete(serve(config, listener, stop, ready.set))
        except BaseException as error:
            failed.append(error)
        finally:
            loop.close()
            listener.close()
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait()
    if failed:
        thread.join()
        raise failed[0]
    try:
        yield Live(url, config)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
    if failed:
        raise failed[0]
