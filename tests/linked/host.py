"""Runs the driver in a process of its own: orders on stdin, what becomes of them on stdout, as JSON lines.

Run as a module by `tests/whatsapp/nursery.py`, with the redirected copy of neonize first on its path. One argument: JSON with `home`, `number`,
`live`, `settings`, `mark`, `key`.
"""

import asyncio
import base64
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from keys.master import MasterKeys, key_id
from schemas.messages import FromOwner, Inbound, Media, Outbound, Outgoing, inbound_codec
from schemas.problems import Problem
from sessions.driver import Account, Erased, Health, Hosting, Mark, Receipt
from sessions.drivers.linked_device import LinkedDevice

events = os.fdopen(os.dup(1), "w", buffering=1)
outbound_codec: TypeAdapter[Outbound] = TypeAdapter(Outbound)
own_codec: TypeAdapter[FromOwner] = TypeAdapter(FromOwner)


def say(event: str, **more: Any) -> None:
    events.write(json.dumps({"event": event, **more}, default=str) + "\n")


class Host:
    def __init__(self, given: dict[str, Any]) -> None:
        key = base64.b64decode(given["key"])
        self.sent: dict[str, Outgoing] = {}
        self.driver = LinkedDevice(Account(UUID(given["number"]), "", given["settings"]))
        self.driver.attach(
            Hosting(
                Path(given["home"]) / given["number"],
                Path(given["live"]),
                MasterKeys(key_id(key), {key_id(key): key}),
                Mark(*given["mark"]) if given["mark"] else None,
                self.on_mark,
                self.on_health,
                self.on_own,
                self.recall,
                self.to_forget,
                self.on_forgotten,
            )
        )

    async def on_mark(self, mark: Mark) -> None:
        say("mark", generation=mark.generation, records=mark.records)

    def on_health(self, health: Health) -> None:
        say(
            "health",
            state=health.state,
            why=health.why.sentence,
            until=health.until,
            qr=health.qr,
            code=health.code,
            account=health.account,
        )

    async def on_own(self, message: FromOwner) -> None:
        say("own", **own_codec.dump_python(message, mode="json"))

    async def on_message(self, message: Inbound) -> None:
        say("message", **inbound_codec.dump_python(message, mode="json"))

    async def on_receipt(self, receipt: Receipt) -> None:
        say("receipt", id=receipt.provider_id, status=receipt.status, tracker=receipt.tracker)

    async def recall(self, provider_id: str) -> Outgoing | None:
        return self.sent.get(provider_id)

    async def to_forget(self) -> list[Erased]:
        return []

    async def on_forgotten(self, erased: Sequence[Erased]) -> None:
        assert not erased

    async def obey(self, order: dict[str, Any]) -> None:
        what = order.pop("do")
        try:
            match what:
                case "send":
                    message = outbound_codec.validate_python(order["message"])
                    sent = await self.driver.send(message)
                    self.sent[sent.provider_id] = message.body
                    say("sent", id=message.id, provider_id=sent.provider_id)
                case "fetch":
                    media = TypeAdapter(Media).validate_python(order["media"])
                    data = await self.driver.fetch(media, 1 << 20)
                    say("fetched", data=base64.b64encode(data).decode())
                case "upload":
                    ref = await self.driver.upload(base64.b64decode(order["data"]), order["mime"], "file")
                    say("uploaded", ref=ref)
                case "mark_read":
                    await self.driver.mark_read(order["id"], order["typing"])
                    say("marked", id=order["id"])
                case "deafen":
                    # as a kill would: the library has confirmed what it tells us from now on, and we never get it
                    self.driver._link._held.client._tell = lambda *_: None  # type: ignore[union-attr]
                    say("obeyed", order=what)
                case _:
                    await getattr(self.driver, what)(**order)
                    say("obeyed", order=what)
        except Problem as problem:
            say(
                "problem",
                order=what,
                code=problem.code,
                vendor_code=getattr(problem, "vendor_code", ""),
                maybe_sent=getattr(problem, "maybe_sent", False),
                text=str(problem),
                id=order.get("message", {}).get("id", ""),
            )


async def main() -> None:
    host = Host(json.loads(sys.argv[1]))
    running = asyncio.create_task(host.driver.run(host.on_message, host.on_receipt))
    orders: set[asyncio.Task[None]] = set()
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    reading = asyncio.create_task(reader.readline())
    while not running.done():
        await asyncio.wait((reading, running), return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            break
        line = reading.result()
        if not line or json.loads(line)["do"] == "stop":
            break
        task = asyncio.create_task(host.obey(json.loads(line)))
        orders.add(task)
        task.add_done_callback(orders.discard)
        reading = asyncio.create_task(reader.readline())
    if running.done():
        running.result()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    say("stopped")


if __name__ == "__main__":
    logging.basicConfig(level="INFO")
    asyncio.run(main())
    os._exit(0)  # the library's threads do not all end
