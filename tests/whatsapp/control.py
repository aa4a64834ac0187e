"""The HTTP side of an emulator in a process of its own: what a test or the sandbox's page asks of phones.

Everything lies below a secret path, on loopback. The page holds no state: it is sent the whole state at
each change.
"""

import asyncio
import json
import secrets
import struct
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from tests.whatsapp import kinds, login
from tests.whatsapp.binary import GROUPS, Jid
from tests.whatsapp.faults import Fault, Moment
from tests.whatsapp.media import SpoiledFile
from tests.whatsapp.phones import Phone
from tests.whatsapp.refusals import Refused
from tests.whatsapp.screen import Shown
from tests.whatsapp.server import Emulator

PAGE = Path(__file__).with_name("page")
MOST_PHONES = 10
MOST_SHOWN = 200
PAUSE_S = 0.03  # changes that come together are shown together
NAMES = ("Shop", "Ada", "Bruno", "Chiara", "Deniz", "Elif", "Farid", "Greta", "Hugo", "Ines")
FIRST_NUMBER = 4915112345670
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
FILES = {
    "": "text/html",
    "sandbox.css": "text/css",
    "sandbox.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
Body = dict[str, Any]


class Unfit(Exception):
    """What was asked cannot be; the sentence is for who asked."""


class Control:
    """`wish` is called with what the page wants of the product: to show a code, by which means."""

    def __init__(self, emulator: Emulator, wish: Callable[[Body], None]) -> None:
        self._emulator = emulator
        self._wish = wish
        self._key = secrets.token_urlsafe(16)
        self._screen: Body = {}  # what the product shows: the state of its number, a code
        self._host = ""

    def show(self, screen: Body) -> None:
        """What the product's screen shows now."""
        self._screen = screen
        self._emulator.changed.tell()

    async def start(self) -> tuple[web.AppRunner, str]:
        """The server, and the address of the page."""
        app = web.Application(middlewares=[self._guard])
        root = f"/{self._key}"
        for name in FILES:
            app.router.add_get(f"{root}/{name}", self._file)
        app.router.add_get(f"{root}/api/state", self._state_once)
        app.router.add_get(f"{root}/api/events", self._events)
        app.router.add_get(f"{root}/api/phones/{{number}}/files/{{id}}", self._download)
        app.router.add_post(f"{root}/api/{{what:pair|faults|phones|groups}}", self._ask)
        app.router.add_post(f"{root}/api/phones/{{number}}/{{action}}", self._ask)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        self._host = f"127.0.0.1:{port}"
        return runner, f"http://{self._host}{root}/"

    def add(self, name: str = "", number: str = "") -> Phone:
        """One more phone. Raises Unfit."""
        phones = self._emulator.phones
        if len(phones) >= MOST_PHONES:
            raise Unfit(f"There can be {MOST_PHONES} phones.")
        number = number or str(FIRST_NUMBER + len(phones))
        if not number.isdigit() or not 7 <= len(number) <= 15:
            raise Unfit("A number has 7 to 15 digits, with country code and without signs.")
        try:
            phone = self._emulator.phone(number, name or NAMES[len(phones)])
        except ValueError:
            raise Unfit(f"There is a phone with the number {number} already.") from None
        self._emulator.changed.tell()
        return phone

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """No other site's page can reach us: not by another name, not without saying JSON."""
        if request.host != self._host:
            raise web.HTTPMisdirectedRequest(headers=HEADERS)
        if request.method == "POST" and request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(headers=HEADERS)
        return await handler(request)

    async def _file(self, request: web.Request) -> web.Response:
        name = request.path.rpartition("/")[2]
        data = (PAGE / (name or "sandbox.html")).read_bytes()
        return web.Response(body=data, content_type=FILES[name], charset="utf-8", headers=HEADERS)

    async def _state_once(self, request: web.Request) -> web.Response:
        return web.json_response(self._state(), headers=HEADERS)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, each the whole state."""
        response = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        changed = self._emulator.changed
        try:
            while True:
                count = changed.count
                await response.write(b"data: " + json.dumps(self._state()).encode() + b"\n\n")
                await changed.after(count)
                await asyncio.sleep(PAUSE_S)
        except ConnectionResetError:
            return response  # who reads has gone

    async def _download(self, request: web.Request) -> web.Response:
        phone = self._phone(request.match_info["number"])
        for chat in phone.screen.chats:
            shown = phone.screen.find(chat, request.match_info["id"])
            if shown is not None and shown.kind == "image":
                part = kinds.unwrapped(shown.message).imageMessage
                kind = part.mimetype if part.mimetype in ("image/png", "image/jpeg") else "image/png"
                try:
                    return web.Response(
                        body=phone.download(shown.message), content_type=kind, headers=HEADERS
                    )
                except SpoiledFile:
                    break
        raise web.HTTPNotFound(headers=HEADERS)

    async def _ask(self, request: web.Request) -> web.Response:
        try:
            body: Any = await request.json()
            if not isinstance(body, dict):
                raise Unfit("The body is no JSON object.")
            answer = self._do(request.match_info, cast(Body, body))
        except (Unfit, Refused, ValueError, KeyError) as error:
            said = error.why if isinstance(error, Refused) else str(error)
            if isinstance(error, KeyError):
                said = f"There is no such thing: {error.args[0]}."
            return web.json_response({"error": said}, status=422, headers=HEADERS)
        return web.json_response(answer, headers=HEADERS)

    def _do(self, path: Any, body: Body) -> Body:
        match path.get("what"):
            case "phones":
                return {"number": self.add(body.get("name", ""), body.get("number", "")).account.number}
            case "groups":
                members = [self._phone(number) for number in body["members"]]
                return {"group": str(self._emulator.make_group(body["subject"], *members).jid)}
            case "pair":
                self._wish({"wish": "pair", "phone": str(body.get("phone", ""))})
                return {}
            case "faults":
                self._fault(**body)
                return {}
            case _:
                answer = self._act(self._phone(path["number"]), path["action"], body)
                self._emulator.changed.tell()
                return answer

    def _phone(self, number: str) -> Phone:
        return self._emulator.phones[self._emulator.account(number).at()]

    def _act(self, phone: Phone, action: str, body: Body) -> Body:
        """One thing that the phone's owner does."""
        match action:
            case "send":
                return {
                    "id": phone.say(self._chat(body["to"]), self._message(phone, body), body.get("id", ""))
                }
            case "react":
                chat = self._chat(body["to"])
                return {"id": phone.react(chat, phone.target(chat, body["id"]), body["emoji"])}
            case "edit":
                return {"id": phone.edit(self._chat(body["to"]), body["id"], body["text"])}
            case "delete":
                return {"id": phone.delete(self._chat(body["to"]), body["id"])}
            case "vote":
                return {"id": phone.vote(self._chat(body["to"]), body["id"], *body["options"])}
            case "read":
                for message_id in body["ids"]:
                    phone.read(self._chat(body["to"]), message_id)
            case "typing":
                phone.type(self._chat(body["to"]), "composing" if body["typing"] else "paused")
            case "away" if body["away"]:
                phone.go_away()
            case "away":
                phone.come_back()
            case "scan":
                phone.scan(body.get("code") or self._screen.get("qr") or "")
            case "type":
                phone.type_code(body["code"])
            case "unlink":
                self._emulator.remove(phone.account.at(int(body["device"])))
            case _:
                raise Unfit(f"A phone cannot {action}.")
        return {}

    def _chat(self, to: str) -> str | Jid:
        return Jid(to.removesuffix(f"@{GROUPS}"), GROUPS) if to.endswith(f"@{GROUPS}") else to

    def _message(self, phone: Phone, body: Body) -> Any:
        match body.get("kind", "text"):
            case "text":
                quoted = body.get("quotes")
                quotes = phone.target(self._chat(body["to"]), quoted) if quoted else None
                if not str(body["text"]).strip():
                    raise Unfit("There is nothing to send.")
                return kinds.text(str(body["text"])[:65536], quotes)
            case "image":
                uploaded = phone.upload(picture(phone.account.number), "image", "image/png")
                return kinds.media("image", uploaded, caption=str(body.get("text", "")))
            case "location":
                return kinds.location(52.5163, 13.3777, "Brandenburger Tor", "Pariser Platz, Berlin")
            case "contact":
                return kinds.contacts((phone.account.name, phone.account.number))
            case "poll":
                return kinds.poll(str(body["text"]), *body["options"], most=int(body.get("most", 1)))
            case kind:
                raise Unfit(f"A phone here cannot send a message of kind {kind}.")

    def _fault(
        self,
        messages: list[Body] | None = None,
        drops: list[str] | None = None,
        logins: list[int] | None = None,
        device: str = "",
        happens: str = "",
        **plan: Any,
    ) -> None:
        """What is to go wrong: with the next messages, moments and logins; or now, with a linked device."""
        server = self._emulator
        server.plan.messages.extend(Fault(**fault) for fault in messages or ())
        server.plan.drops.extend(Moment(moment) for moment in drops or ())
        server.plan.logins.extend(login.failure(reason) for reason in logins or ())
        for name, value in plan.items():
            if name not in ("refs", "spoil_pairing", "ask_passkey"):
                raise Unfit(f"There is no fault called {name}.")
            setattr(server.plan, name, value)
        if happens:
            number, _, index = device.partition(":")
            now = {
                "cut": server.cut,
                "silence": server.go_silent,
                "replace": server.replace,
                "restart": server.restart,
                "remove": server.remove,
            }
            now[happens](server.account(number).at(int(index)))

    def _state(self) -> Body:
        phones = list(self._emulator.phones.values())
        return {"screen": self._screen, "phones": [self._seen(phone, phones) for phone in phones]}

    def _seen(self, phone: Phone, phones: list[Phone]) -> Body:
        """What a phone shows."""
        screen, account = phone.screen, phone.account
        others = {other.jid: other.account for other in phones}
        chats = [
            {
                "to": others[chat].number if chat in others else str(chat),
                "name": others[chat].name if chat in others else self._emulator.group(chat).subject,
                "typing": screen.typing.get(chat, ""),
                "messages": [self._line(shown, others) for shown in screen.shown(chat)[-MOST_SHOWN:]],
            }
            for chat in screen.chats
        ]
        linked = [
            {"device": number, "online": account.at(number) in self._emulator.connections}
            for number in sorted(account.devices.keys() - {0})
        ]
        return {
            "number": account.number,
            "name": account.name,
            "away": phone.away,
            "linked": linked,
            "notices": phone.notices.all[-1:],
            "chats": chats,
        }

    def _line(self, shown: Shown, others: dict[Jid, Any]) -> Body:
        line: Body = {
            "id": shown.id,
            "mine": shown.mine,
            "by": others[shown.sender].name if shown.sender in others else "",
            "kind": shown.kind,
            "text": shown.text,
            "at": shown.at,
            "ticks": shown.ticks,
            "edited": shown.edited,
            "reactions": sorted(shown.reactions.values()),
        }
        inside = kinds.unwrapped(shown.message)
        if shown.kind == "poll":
            chosen = [option for votes in shown.votes.values() for option in votes]
            line["options"] = [
                {"name": option, "votes": chosen.count(option)} for option in kinds.options_of(inside)
            ]
        if shown.kind == "location":
            line["address"] = inside.locationMessage.address
        if shown.kind == "document":
            line["text"] = inside.documentMessage.fileName or shown.text
        context = inside.extendedTextMessage.contextInfo
        if context.stanzaID:
            line["quote"] = kinds.text_of(context.quotedMessage)
        return line


def picture(seed: str) -> bytes:
    """A small PNG of stripes, different for each seed."""
    base = zlib.crc32(seed.encode())
    red, green, blue = (base >> shift & 127 for shift in (0, 8, 16))
    rows = b"".join(
        b"\0" + b"".join(bytes((red + x % 64, green + y % 96, blue + (x + y) % 128)) for x in range(160))
        for y in range(120)
    )
    head = struct.pack(">IIBBBBB", 160, 120, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
        for tag, data in chunks
    )
