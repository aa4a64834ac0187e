"""Meta's Graph API on loopback: takes messages, answers after a while, reports back, and fails on request.

A raw asyncio protocol, since the benchmark runs it on the machine that it measures. In a test:

    async with Graph() as graph:
        ...  # settings={"base_url": graph.base_url}
        await graph.until(lambda: len(graph.taken) == 3)

As a program, `python -m tests.graph --port 9100 --door http://127.0.0.1:8000/hooks/cloud_api/app --secret s`
prints its address as one JSON line and runs until it is told to end. `POST /control` sets what a test sets by
attribute, `GET /control` counts, `GET /control/taken?since=N` lists what it took, `GET /control/times?since=N`
only when and to whom, `GET /control/count` how many.
"""

import argparse
import asyncio
import random
import signal
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

import aiohttp
import orjson

from tests.until import PATIENCE_S
from tests.webhooks import button_reply, envelope, inbound, inbound_text, list_reply, signed, signed_request
from tests.webhooks import status as report

__all__ = [
    "Fault",
    "Graph",
    "Taken",
    "button_reply",
    "envelope",
    "inbound",
    "inbound_text",
    "list_reply",
    "signed",
    "signed_request",
]

VERSION = "v25.0"
_STATUS_OF = {0: 401, 190: 401, 10: 403, 368: 403, 131031: 403, 4: 429, 80007: 429, 130429: 429, 131056: 429}
_STATUS_OF |= {1: 500, 2: 503, 131000: 500, 131016: 503}


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that Meta took: in which order, when (monotonic ns), and what it was."""

    order: int
    at_ns: int
    account: str
    to: str
    kind: str
    text: str
    tracker: str
    provider_id: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """How a request fails.

    `how`: `error` (an answer with `status` and, if not None, Graph's `code`), `hang` (no answer),
    `drop_before` and `drop_after` (the connection breaks before or after the message was taken),
    `late_500` (taken, and answered as if not), `no_id` (taken, and the answer lacks the id).
    """

    how: str = "error"
    code: int | None = None
    status: int = 500
    details: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, name: str | int) -> "Fault":
        """A fault by its short name: `hang`, an HTTP status such as 500, or one of Graph's codes."""
        text = str(name)
        if not text.isdigit():
            return cls(text)
        number = int(text)
        if 400 <= number < 600:
            return cls(status=number)
        return cls(code=number, status=_STATUS_OF.get(number, 400))


@dataclass
class Graph:
    """The stub. Every attribute may be changed while it runs."""

    latency_s: float = 0.05
    token: str = ""  # if set, any other token is answered with 190
    door: str = ""  # where statuses go; empty: nowhere
    secret: str = ""
    sent_after_s: float = 0.0
    delivered_after_s: float | None = 0.1
    withhold_statuses: bool = False
    fraction_500: float = 0.0
    fault: Fault | None = None  # for every message
    fault_for: dict[str, Fault] = field(default_factory=dict[str, Fault])  # by recipient
    next_faults: deque[Fault] = field(default_factory=deque[Fault])  # one a message, before all others
    media_address: str = ""  # said to be where every file is, instead of here
    status_batch_s: float = 0.02
    status_batch: int = 100
    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1

    taken: list[Taken] = field(default_factory=list[Taken], init=False)
    read_marks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]], init=False)
    templates: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    media: dict[str, tuple[bytes, str]] = field(default_factory=dict[str, tuple[bytes, str]], init=False)
    requests: int = field(default=0, init=False)
    refused: int = field(default=0, init=False)
    reported: int = field(default=0, init=False)
    door_failures: int = field(default=0, init=False)

    async def __aenter__(self) -> Self:
        self._random = random.Random(self.seed)
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._waiting = 0
        self._connections: set[_Connection] = set()
        self._due: list[deque[tuple[float, Taken, str]]] = [deque(), deque()]
        self._server = await self._loop.create_server(lambda: _Connection(self), self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._reporter = asyncio.create_task(self._report())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reporter.cancel()
        await asyncio.wait([self._reporter])
        self._server.close()
        for connection in list(self._connections):
            connection.abort()
        await self._server.wait_closed()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a number's `base_url` is set to."""
        return f"{self.origin}/{VERSION}"

    def to(self, recipient: str) -> list[Taken]:
        """What was taken for one recipient, in order."""
        return [taken for taken in self.taken if taken.to == recipient]

    def duplicates(self) -> dict[str, int]:
        """Trackers that were taken more than once, and how often."""
        return {tracker: n for tracker, n in Counter(t.tracker for t in self.taken).items() if n > 1}

    async def until(self, true: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
        """Wait until `true()`, looked at after each request and report. Raises `TimeoutError`."""
        self._waiting += 1
        try:
            async with asyncio.timeout(timeout_s):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        finally:
            self._waiting -= 1

    def add_media(self, data: bytes, mime: str) -> str:
        """Hold a file that a contact sent; its id goes into the webhook."""
        media_id = str(900_000_000 + len(self.media))
        self.media[media_id] = (data, mime)
        return media_id

    def control(self, changes: dict[str, Any]) -> None:
        """Set attributes by name. `fault`, `fault_for` and `next_faults` take short names of faults."""
        for name, value in changes.items():
            match name:
                case "reset":
                    self.taken.clear()
                    self.read_marks.clear()
                    self.requests = self.refused = self.reported = self.door_failures = 0
                case "fault":
                    self.fault = Fault.of(value) if value is not None else None
                case "fault_for":
                    self.fault_for = {to: Fault.of(fault) for to, fault in value.items()}
                case "next_faults":
                    self.next_faults = deque(Fault.of(fault) for fault in value)
                case (
                    "latency_s"
                    | "token"
                    | "door"
                    | "secret"
                    | "sent_after_s"
                    | "delivered_after_s"
                    | ("withhold_statuses" | "fraction_500" | "status_batch_s" | "status_batch")
                ):
                    setattr(self, name, value)
                case _:
                    raise KeyError(name)

    def counts(self) -> dict[str, Any]:
        """What happened so far, in numbers."""
        return {
            "requests": self.requests,
            "taken": len(self.taken),
            "refused": self.refused,
            "reported": self.reported,
            "door_failures": self.door_failures,
            "statuses_waiting": sum(len(due) for due in self._due),
            "duplicates": len(self.duplicates()),
            "cpu_s": time.process_time(),
        }

    def handle(
        self, connection: "_Connection", method: bytes, target: bytes, head: bytes, body: bytes
    ) -> None:
        """Answer one request, now or later."""
        at_ns = time.monotonic_ns()
        path, _, query = target.decode("latin-1").partition("?")
        parts = path.strip("/").split("/")
        if parts[0] == "control":
            self._handle_control(connection, method, parts, query, body)
            return
        self.requests += 1
        if self.token and f"authorization: bearer {self.token}".encode().lower() not in head.lower():
            self._refuse(connection, Fault.of(190))
        elif method == b"POST" and parts[-1] == "messages":
            self._handle_message(connection, parts[-2], at_ns, body)
        elif method == b"GET" and parts[-1] == "message_templates":
            self._answer(connection, self._templates_page(query))
        elif method == b"POST" and parts[-1] == "media":
            head_line = next(
                line for line in head.split(b"\r\n") if line.lower().startswith(b"content-type:")
            )
            media_id = self.add_media(*_uploaded(head_line, body))
            self._answer(connection, {"id": media_id})
        elif method == b"GET" and parts[0] == "files" and parts[-1] in self.media:
            data, mime = self.media[parts[-1]]
            connection.answer(200, data, mime)
        elif method == b"GET" and parts[-1] in self.media:
            data, mime = self.media[parts[-1]]
            url = self.media_address or f"{self.origin}/files/{parts[-1]}"
            place = {"messaging_product": "whatsapp", "url": url, "mime_type": mime, "file_size": len(data)}
            self._answer(connection, {**place, "id": parts[-1]})
        else:
            self._refuse(connection, Fault(code=100, status=404))
        if self._waiting:
            self._changed.set()

    def _templates_page(self, query: str) -> dict[str, Any]:
        """Two a page, as Meta pages: by a cursor."""
        first = int(dict(parse_qsl(query)).get("after", "0"))
        page: dict[str, Any] = {"data": self.templates[first : first + 2]}
        if first + 2 < len(self.templates):
            page["paging"] = {"cursors": {"after": str(first + 2)}, "next": "https://graph.example/"}
        return page

    def connected(self, connection: "_Connection") -> None:
        """A connection was opened."""
        self._connections.add(connection)

    def disconnected(self, connection: "_Connection") -> None:
        """A connection was closed."""
        self._connections.discard(connection)

    def _handle_message(self, connection: "_Connection", account: str, at_ns: int, raw: bytes) -> None:
        body: dict[str, Any] = orjson.loads(raw)
        if body.get("status") == "read":
            self.read_marks.append(body)
            self._answer(connection, {"success": True})
            return
        to = body.get("to") or body.get("recipient") or ""
        fault = self._fault(to)
        how = fault.how if fault else ""
        if fault and how == "error":
            self._refuse(connection, fault)
            return
        if how == "hang":
            return
        if how == "drop_before":
            connection.abort()
            return
        taken = self._take(account, to, at_ns, body)
        if how == "drop_after":
            connection.abort()
        elif how == "late_500":
            self._refuse(connection, Fault.of(500))
        else:
            messages = [] if how == "no_id" else [{"id": taken.provider_id}]
            contacts = [{"input": to, "wa_id": to}]
            answer = {"messaging_product": "whatsapp", "contacts": contacts, "messages": messages}
            self._answer(connection, answer)

    def _fault(self, to: str) -> Fault | None:
        if self.next_faults:
            return self.next_faults.popleft()
        if self.fault or self.fault_for:
            return self.fault_for.get(to, self.fault)
        if self.fraction_500 and self._random.random() < self.fraction_500:
            return Fault.of(500)
        return None

    def _take(self, account: str, to: str, at_ns: int, body: dict[str, Any]) -> Taken:
        order = len(self.taken)
        taken = Taken(
            order=order,
            at_ns=at_ns,
            account=account,
            to=to,
            kind=body.get("type", ""),
            text=_text(body),
            tracker=body.get("biz_opaque_callback_data", ""),
            provider_id=f"wamid.graph.{self.port}.{at_ns:x}.{order}",
            body=body,
        )
        self.taken.append(taken)
        if self.door and not self.withhold_statuses:
            now = self._loop.time()
            self._due[0].append((now + self.sent_after_s, taken, "sent"))
            if self.delivered_after_s is not None:
                self._due[1].append((now + self.delivered_after_s, taken, "delivered"))
        return taken

    def _refuse(self, connection: "_Connection", fault: Fault) -> None:
        self.refused += 1
        answer: dict[str, Any] = {}
        if fault.code is not None:
            answer["error"] = {
                "message": f"(#{fault.code}) Something is wrong",
                "type": "OAuthException",
                "code": fault.code,
                "error_data": {"messaging_product": "whatsapp", "details": fault.details},
                "fbtrace_id": "stub",
            }
        self._answer(connection, answer, fault.status, fault.headers)

    def _answer(
        self,
        connection: "_Connection",
        answer: dict[str, Any],
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        body = orjson.dumps(answer)
        if self.latency_s:
            self._loop.call_later(
                self.latency_s, connection.answer, status, body, "application/json", headers
            )
        else:
            connection.answer(status, body, "application/json", headers)

    def _handle_control(
        self, connection: "_Connection", method: bytes, parts: list[str], query: str, body: bytes
    ) -> None:
        if parts[1:] == ["taken"]:
            since = int(query.partition("since=")[2] or 0)
            rows = [asdict(taken) for taken in self.taken[since:]]
            connection.answer(200, orjson.dumps(rows), "application/json")
            return
        if parts[1:] == ["times"]:
            since = int(query.partition("since=")[2] or 0)
            times = [(taken.to, taken.at_ns) for taken in self.taken[since:]]
            connection.answer(200, orjson.dumps(times), "application/json")
            return
        if parts[1:] == ["count"]:
            connection.answer(200, str(len(self.taken)).encode(), "application/json")
            return
        if method == b"POST":
            self.control(orjson.loads(body))
        connection.answer(200, orjson.dumps(self.counts()), "application/json")

    async def _report(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while True:
                await asyncio.sleep(self.status_batch_s)
                now = self._loop.time()
                for due in self._due:
                    while due and due[0][0] <= now:
                        batch = [
                            due.popleft() for _ in range(min(self.status_batch, len(due))) if due[0][0] <= now
                        ]
                        if not await self._post(session, batch):
                            due.extendleft(reversed(batch))
                            break

    async def _post(self, session: aiohttp.ClientSession, batch: list[tuple[float, Taken, str]]) -> bool:
        at = int(time.time())
        by_account: dict[str, list[dict[str, Any]]] = {}
        for _, taken, kind in batch:
            reports = by_account.setdefault(taken.account, [])
            reports.append(report(taken.provider_id, kind, tracker=taken.tracker, to=taken.to, at=at))
        whole = envelope("")
        whole["entry"] = [
            envelope(account, statuses=reports)["entry"][0] for account, reports in by_account.items()
        ]
        body = orjson.dumps(whole)
        try:
            async with session.post(self.door, data=body, headers=signed(body, self.secret)) as response:
                taken_up = response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            taken_up = False
        if taken_up:
            self.reported += len(batch)
        else:
            self.door_failures += 1
        self._changed.set()
        return taken_up


class _Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, one request at a time."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._unread = b""
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._graph.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._busy = True
        self._graph.disconnected(self)

    def data_received(self, data: bytes) -> None:
        self._unread = self._unread + data if self._unread else data
        if not self._busy:
            self._next()

    def answer(self, status: int, body: bytes, mime: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Write the answer, and go on with what came meanwhile."""
        if self._transport.is_closing():
            return
        more = "".join(f"{name}: {value}\r\n" for name, value in headers) if headers else ""
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {mime}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        self._transport.write(head.encode() + body)
        self._busy = False
        if self._unread:
            self._next()

    def abort(self) -> None:
        """Break the connection."""
        self._transport.abort()

    def _next(self) -> None:
        end = self._unread.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._unread[:end]
        at = head.lower().find(b"\r\ncontent-length:")
        length = int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._unread) < end + 4 + length:
            return
        body = self._unread[end + 4 : end + 4 + length]
        self._unread = self._unread[end + 4 + length :]
        method, target, _ = head.split(b"\r\n", 1)[0].split(b" ")
        self._busy = True
        self._graph.handle(self, method, target, head, body)


def _text(body: dict[str, Any]) -> str:
    kind = body.get("type", "")
    content = body.get(kind)
    if not isinstance(content, dict):
        return ""
    match kind:
        case "text":
            return content.get("body", "")
        case "interactive":
            return content.get("body", {}).get("text", "")
        case _:
            return content.get("caption") or content.get("name") or ""


def _uploaded(content_type: bytes, body: bytes) -> tuple[bytes, str]:
    """The file of a multipart form, and its type."""
    boundary = content_type.partition(b"boundary=")[2].strip(b' "\r\n')
    for part in body.split(b"--" + boundary):
        head, _, data = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            mime = head.lower().partition(b"content-type:")[2].split(b"\r\n", 1)[0].strip()
            return data.removesuffix(b"\r\n"), mime.decode()
    return b"", ""


async def _serve(arguments: argparse.Namespace) -> None:
    graph = Graph(
        port=arguments.port,
        latency_s=arguments.latency_ms / 1000,
        door=arguments.door,
        secret=arguments.secret,
        sent_after_s=arguments.sent_after_ms / 1000,
        delivered_after_s=arguments.delivered_after_ms / 1000 if arguments.delivered_after_ms >= 0 else None,
        withhold_statuses=arguments.no_statuses,
        fraction_500=arguments.fraction_500,
    )
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with graph:
        print(
            orjson.dumps({"base_url": graph.base_url, "control": f"{graph.origin}/control"}).decode(),
            flush=True,
        )
        await ended.wait()


def main() -> None:
    """Run the stub as a program."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.graph", description="Meta's Graph API on loopback."
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--door", default="", help="where signed statuses go; empty: nowhere")
    parser.add_argument("--secret", default="", help="the app's secret that signs them")
    parser.add_argument("--sent-after-ms", type=float, default=0)
    parser.add_argument("--delivered-after-ms", type=float, default=100, help="below 0: never")
    parser.add_argument("--no-statuses", action="store_true")
    parser.add_argument("--fraction-500", type=float, default=0)
    import uvloop

    uvloop.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
