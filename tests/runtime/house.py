"""A workspace with one number, a bot that answers in kind, and a channel that records: what runtime tests share."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import orjson
import psycopg
from pydantic import BaseModel

from flows.state import Frame, Run, State
from flows.turn import Turn, View
from keys.master import MasterKeys, key_id, new_master_key
from keys.seal import Sealer, new_data_key, wrap
from runtime.engine import Engine
from runtime.process import Ending, run_number
from runtime.settings import RuntimeSettings
from schemas.capabilities import Capabilities
from schemas.effects import CallWebhook, ChangeContact, Retry, Say, SetTimer, StartRun
from schemas.events import ActionDone, Event, Received, TimerFired, Undelivered
from schemas.ids import derived_id, new_event_id
from schemas.messages import Identity, Inbound, Outbound, Text, outgoing_codec
from sessions.driver import Account, OnMessage, OnReceipt, Sent
from sessions.settings import ChannelSettings
from store import inbox, notify
from store.inbox import Place
from store.pool import Database, connect, pool
from store.receipts import ReceiptRow
from store.roles import url_for
from tests.until import PATIENCE_S, until

QUICK: dict[str, Any] = {
    "lease_s": 3.0,
    "renew_s": 0.4,
    "poll_s": 0.2,
    "send_backoff_s": 0.02,
    "send_attempts": 3,
    "drain_s": 5.0,
    "allow_private_targets": True,
}


def advance(compiled: Any, state: State, event: Event, view: View) -> Turn:
    """A bot that counts and answers; some words make it ask for more, or break."""
    run = state.run or Run(
        derived_id(event.id, "run"),
        compiled,
        event.at,
        event.at,
        (Frame("talk", "echo", 0, event.at, {"n": 0}),),
    )
    frame = run.stack[-1]
    effects: list[Any] = []
    if state.run is None:
        effects.append(StartRun(run.id, "talk", compiled, "any"))

    def say(text: str) -> None:
        effects.append(Say(Text(text), id=derived_id(event.id, len(effects)), step="talk.echo"))

    match event:
        case Received(message=Inbound(content=Text(text=text))):
            frame = replace(frame, data={**frame.data, "n": frame.data["n"] + 1})
            word, _, rest = text.partition(" ")
            match word:
                case "boom":
                    raise RuntimeError("the engine broke")
                case "surrogate":
                    say("half \ud800")
                case "nul":
                    effects.append(StartRun(derived_id(event.id, "nul"), "a\0b", compiled, ""))
                case "huge":
                    frame = replace(frame, data={**frame.data, "blob": "x" * (view.limits.state_bytes + 1)})
                case "two":
                    say(f"{frame.data['n']}:first")
                    say(f"{frame.data['n']}:second")
                case "later":
                    effects.append(
                        SetTimer("nudge", event.at + dt.timedelta(seconds=float(rest)), frame.data["n"])
                    )
                case "name":
                    effects.append(ChangeContact({"name": rest}))
                case "hook":
                    effects.append(
                        CallWebhook(
                            "POST",
                            (rest,),
                            json={"n": frame.data["n"]},
                            has_body=True,
                            limit_s=0.5,
                            retry=Retry(3, 0.02, 0.1, 5.0),
                            id=derived_id(event.id, "hook"),
                            step="talk.hook",
                            visit=frame.data["n"],
                        )
                    )
                case _:
                    say(f"{frame.data['n']}:{text}{'' if event.throttled is None else ':' + event.throttled}")
        case TimerFired():
            say(f"timer {event.timer} {event.visit}")
        case ActionDone():
            say(f"hook {event.ok} {event.result.get('status', '')} {event.error}")
        case Undelivered():
            say(f"lost {event.code}")
        case _:
            say(event.kind)
    return Turn(State(run=replace(run, stack=(frame,))), tuple(effects), view)


def stays(old: Any, new: Any, state: State, event: Event, view: View) -> Turn:
    """No run goes on with another version."""
    return Turn(state, (), view)


ECHO = Engine(lambda files, version, declared: version, advance, stays)


class Channel:
    """What was sent, and how to answer: by text, a list of problems to raise first; `gate` holds all sends."""

    settings_model: type[BaseModel] = ChannelSettings

    def __init__(self, **capabilities: Any) -> None:
        self.capabilities = Capabilities("recorder", **capabilities)
        self.marked: list[tuple[str, bool]] = []
        self.sent: list[tuple[str, str, str]] = []
        self.tried: list[str] = []
        self.answers: dict[str, list[Exception]] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.changed = asyncio.Condition()
        self.on_message: OnMessage | None = None

    def texts(self, phone: str | None = None) -> list[str]:
        return [text for to, text, _ in self.sent if phone in (None, to)]

    async def until(self, holds: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(holds)

    def driver(self, _: str) -> type[Any]:
        owner = self

        class Recorder:
            channel: ClassVar[str] = "recorder"
            capabilities: ClassVar[Capabilities] = owner.capabilities
            settings_model: ClassVar[type[BaseModel]] = owner.settings_model
            secret_names: ClassVar[tuple[str, ...]] = ()

            def __init__(self, account: Account) -> None:
                self.account = account

            async def run(self, on_message: OnMessage, on_receipt: OnReceipt) -> None:
                owner.on_message = on_message
                await asyncio.Event().wait()

            async def send(self, message: Outbound) -> Sent:
                assert isinstance(message.body, Text)
                text = message.body.text
                async with owner.changed:
                    owner.tried.append(text)
                    owner.changed.notify_all()
                await owner.gate.wait()
                if problems := owner.answers.get(text):
                    raise problems.pop(0)
                async with owner.changed:
                    owner.sent.append((message.to[0].value, text, message.id))
                    owner.changed.notify_all()
                return Sent(f"p:{message.id}")

            async def mark_read(self, provider_id: str, typing: bool) -> None:
                owner.marked.append((provider_id, typing))

            async def close(self) -> None:
                """Nothing is held."""

        return Recorder


@dataclass
class House:
    """The database's side of one number."""

    url: str
    home: Path
    masters: MasterKeys
    sealer: Sealer
    workspace_id: UUID
    number_id: UUID
    bot_id: UUID
    counter: int = 0
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        return Place(self.number_id, self.workspace_id)

    def settings(self, **changes: Any) -> RuntimeSettings:
        folders = {"sessions": self.home / "sessions", "sessions_live": self.home / "live"}
        return RuntimeSettings(
            Database(self.url), self.home, **{**folders, **QUICK, **self.options, **changes}
        )

    def message(self, phone: str, text: str, provider_id: str = "") -> Inbound:
        self.counter += 1
        return Inbound(
            provider_id or f"m{self.counter:06d}",
            dt.datetime.now(dt.UTC),
            (Identity("phone", phone),),
            Text(text),
            f"P{phone}",
        )

    async def hear(self, *lines: tuple[str, str], wake: bool = True) -> None:
        """Contacts write; durable when this returns."""
        await self.take([self.message(phone, text) for phone, text in lines], wake=wake)

    async def take(
        self, messages: list[Inbound], receipts: list[ReceiptRow] | None = None, wake: bool = True
    ) -> None:
        async with pool(Database(self.url)) as connections:
            sealers = {self.workspace_id: self.sealer}
            await inbox.accept(connections, sealers, [(self.place, one) for one in messages], receipts or [])
            if wake:
                async with connections.connection() as conn:
                    await notify.notify(conn, [notify.channel(self.number_id)])

    async def report(self, provider_id: str, status: str) -> None:
        """The channel reports on a message."""
        at = dt.datetime.now(dt.UTC)
        await self.take([], [ReceiptRow(*self.place, None, provider_id, status, at)])

    async def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        conn = await connect(Database(self.url))
        async with conn:
            return await (await conn.execute(sql, params)).fetchall()  # type: ignore[arg-type]

    def write(self, sql: str, *params: Any) -> None:
        """As the owner of the tables."""
        with psycopg.connect(self.url.replace("chatloom_runtime", "chatloom_owner")) as db:
            db.execute(sql, params)  # type: ignore[arg-type]

    async def until(self, sql: str, expected: Any, timeout_s: float = PATIENCE_S) -> None:
        """Wait until a query's first value is as expected: the only way to see another process's commit."""
        conn = await connect(Database(self.url))

        async def holds() -> bool:
            row = await (await conn.execute(sql)).fetchone()  # type: ignore[arg-type]
            return row is not None and row[0] == expected

        async with conn:
            await until(holds, timeout_s)

    async def bodies(self) -> list[str]:
        """What the bot said, in the order of the transcript."""
        rows = await self.rows(
            "SELECT id, body FROM messages WHERE number_id = %s AND direction = 'out' "
            "ORDER BY created_at, conversation_id, place",
            self.number_id,
        )
        return [
            outgoing_codec.validate_json(self.sealer.open("messages", "body", one.bytes, body)).text  # type: ignore[union-attr]
            for one, body in rows
        ]

    @asynccontextmanager
    async def serve(self, channel: Channel, engine: Engine = ECHO, **changes: Any):
        """The number's process, as tasks of this one."""
        stop = asyncio.Event()
        task = asyncio.create_task(
            run_number(self.settings(**changes), self.masters, self.number_id, engine, stop, channel.driver)
        )
        try:
            yield task
        finally:
            stop.set()
            async with asyncio.timeout(PATIENCE_S):
                ending = await task
            assert ending in (Ending.STOPPED, Ending.PAUSED, Ending.LEASE_LOST, Ending.REMOVED)


def furnish(url: str, home: Path, settings: Mapping[str, Any] | None = None) -> House:
    """A workspace, its keys, a published bot and a number, in a database at head."""
    key = new_master_key()
    masters = MasterKeys(key_id(key), {key_id(key): key})
    workspace, number, bot = new_event_id(), new_event_id(), new_event_id()
    data_key = new_data_key()
    sealer = Sealer(data_key, workspace)
    given = {"throttle": "off", "max_sends": "off", "pair_limit": "off", **(settings or {})}
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("INSERT INTO workspaces (id, name) VALUES (%s, 'w')", (workspace,))
        db.execute(
            "INSERT INTO data_keys (workspace_id, wrapped, master_key_id) VALUES (%s, %s, %s)",
            (workspace, wrap(data_key, masters, workspace), masters.current),
        )
        db.execute(
            "INSERT INTO bots (id, workspace_id, name, published_version) VALUES (%s, %s, 'b', 1)",
            (bot, workspace),
        )
        db.execute(
            "INSERT INTO bot_versions (bot_id, version, workspace_id, hash, files, published_at)"
            " VALUES (%s, 1, %s, 'h', '{}', now())",
            (bot, workspace),
        )
        db.execute(
            "INSERT INTO numbers (id, workspace_id, name, channel, account, settings, secrets, bot_id)"
            " VALUES (%s, %s, %s, 'recorder', %s, %s, %s, %s)",
            (
                number, workspace, str(number), str(number), orjson.dumps(given).decode(),
                sealer.seal("numbers", "secrets", number.bytes, b"{}"), bot,
            ),
        )  # fmt: skip
    return House(url_for(url, "runtime"), home, masters, sealer, workspace, number, bot)
