"""The emulated server: who is connected, and what becomes of each node."""

import asyncio
import itertools
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.whatsapp import accounts, groups, login, media, messages, pairing, pairing_code, usync
from tests.whatsapp.accounts import Account, Accounts
from tests.whatsapp.binary import GROUPS, SERVER, Attrs, Jid, Malformed, Node
from tests.whatsapp.connection import Connection
from tests.whatsapp.curve import new_key_pair
from tests.whatsapp.faults import Fault, Faults, Moment
from tests.whatsapp.groups import Group
from tests.whatsapp.linking import Linking
from tests.whatsapp.noise import BadHandshake
from tests.whatsapp.phones import Phone
from tests.whatsapp.record import Changes, Record
from tests.whatsapp.redirect import Redirected
from tests.whatsapp.refusals import (
    BAD_MESSAGE,
    BAD_REQUEST,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_IMPLEMENTED,
    Closed,
    Refused,
    require,
)
from tests.whatsapp.signal_protocol import Bundle

# How long a refused login takes to be refused: loopback is quicker than any network. neonize 0.5.2 reads its own
# account right after it has connected, and crashes when a refusal has deleted that by then (main.go, FetchMe).
NETWORK_S = 0.3


class Emulator:
    """The server on loopback. Everything happens in one event loop; nothing is kept after it."""

    def __init__(self, redirected: Redirected) -> None:
        self._redirected = redirected
        self._static = new_key_pair()
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self.accounts = Accounts()
        self.changed = Changes()
        self.phones: dict[Jid, Phone] = {}
        self.connections: dict[Jid, Connection] = {}
        self.nodes: Record[Node] = Record("nodes")
        self.refusals: Record[str] = Record("refusals")
        self.gone: Record[Jid | None] = Record("connections that ended")
        self.plan = Faults()  # what is to go wrong
        self.faults = self.plan.messages
        self.login_failures = self.plan.logins
        self.linking = Linking(self)
        self.groups: dict[Jid, Group] = {}
        self.media = media.Store(redirected.media_port, self.refusals.add)
        self.watching: dict[Jid, set[Jid]] = {}  # who wants to know whether that account is online
        self._open: set[Connection] = set()

    async def start(self) -> None:
        """Listen on the port that the redirected library dials."""
        app = web.Application()
        app.router.add_get("/ws/chat", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self._redirected.port))
        await web.SockSite(self._runner, listening).start()
        await self.media.start(media.certificate_of(self._redirected.folder))

    async def stop(self) -> None:
        for connection in list(self._open):
            connection.drop()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.media.stop()

    def phone(self, number: str, name: str) -> Phone:
        """A new account with a phone."""
        account = Account(number, f"9{number[::-1]}", name)
        self.accounts.add(account)
        phone = self.phones[account.at()] = Phone(self, account)
        return phone

    def make_group(self, subject: str, *members: Phone) -> Group:
        """A new group, made by the first of its members."""
        group = Group(f"1203630{next(self._numbers):011}", subject, [phone.account for phone in members])
        self.groups[group.jid] = group
        return group

    def group(self, jid: Jid) -> Group:
        return self.groups[jid]

    def account(self, number: str) -> Account:
        account = self.accounts.find(Jid(number))
        if account is None:
            raise KeyError(f"no account {number}")
        return account

    def message_id(self) -> str:
        return f"3EB0{next(self._numbers):018X}"

    def bundle(self, jid: Jid) -> Bundle:
        device = self.accounts.device(jid)
        number = next(iter(device.one_time), None)
        one_time = b"" if number is None else device.one_time.pop(number)
        signed = device.signed
        return Bundle(device.identity, signed.id, signed.public, signed.signature, number, one_time)

    def relay(self, to: Jid, node: Node) -> None:
        """Bring a node to a device: at once, or when it is back."""
        if to in self.phones:
            self.phones[to].take(node)
            return
        device = self.accounts.device(to)
        device.waiting[_waiting_key(node.tag, node)] = node
        self.pass_by(to, node)

    def pass_by(self, to: Jid, node: Node) -> None:
        """Bring a node to a device if it is there now."""
        if to in self.phones:
            self.phones[to].take(node)
            return
        connection = self.connections.get(to)
        if connection is not None and connection.active:
            connection.send(node)

    def appear(self, account: Account, node: Node) -> None:
        """Tell those who watch the account that it is online or not."""
        for watcher in self.watching.get(account.at(), set()):
            self.pass_by(watcher, Node(node.tag, dict(node.attrs)))

    def link(self, phone: Phone, code: pairing.Code, sign: Callable[[int], bytes]) -> None:
        self.linking.link(phone, code, sign)

    def type_code(self, phone: Phone, typed: Callable[[pairing_code.Hello], pairing_code.Typed]) -> None:
        self.linking.type_code(phone, typed)

    def remove(self, jid: Jid) -> None:
        """The owner unlinks a device on the phone."""
        account = self.account_of(jid)
        del account.devices[jid.device]
        self._end(jid, login.stream_error("401", "device_removed"))

    def go_silent(self, jid: Jid) -> None:
        """A black hole: the connection stays open, and nothing comes through it any more."""
        self.connections[jid].silent = True

    def cut(self, jid: Jid) -> None:
        """Break the connection."""
        self.connections[jid].drop()

    def replace(self, jid: Jid) -> None:
        """As when the same session connects elsewhere."""
        self._end(jid, login.stream_error(conflict="replaced"))

    def restart(self, jid: Jid) -> None:
        """As when the server restarts: the client is to come back."""
        self._end(jid, login.stream_error("503"))

    def account_of(self, jid: Jid) -> Account:
        account = self.accounts.find(jid)
        if account is None:
            raise KeyError(str(jid))
        return account

    def _end(self, jid: Jid, last: Node) -> None:
        connection = self.connections.pop(jid, None)
        if connection is not None:
            self.finish(connection, last)

    def finish(self, connection: Connection, last: Node) -> None:
        """The last word. What sends the client back (5xx) also closes; else the client is left to close.

        A close that overtakes the handling of a final error would make the client come back.
        """
        connection.active, connection.over = False, True
        connection.send(last)
        if str(last.attrs.get("code") or last.attrs.get("reason")).startswith("50"):
            connection.close()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(max_msg_size=1 << 24, compress=False)
        await websocket.prepare(request)
        connection = Connection(request, websocket)
        self._open.add(connection)
        writing = asyncio.create_task(connection.write())
        try:
            await self._talk(connection)
        except (BadHandshake, Malformed, Refused) as error:
            self.refusals.add(str(error))
        except Exception as error:
            self.refusals.add(f"the emulator broke: {error!r}")
            raise
        finally:
            jid = connection.jid
            if jid is not None and self.connections.get(jid) is connection:
                del self.connections[jid]
            self._open.discard(connection)
            self.linking.forget(connection)
            self.gone.add(jid)
            self.changed.tell()
            connection.close()
            await writing
        return websocket

    async def _talk(self, connection: Connection) -> None:
        payload = await connection.shake_hands(self._static, self._redirected.root)
        if self.plan.drops_at(Moment.handshake):
            connection.drop()
            return
        connection.registration = login.registration(payload)
        if connection.registration is not None:
            self.linking.offer(connection)
            if self.plan.drops_at(Moment.offer):
                connection.drop()
        else:
            await self._admit(connection, payload)
        async for node in connection.nodes():
            self.nodes.add(node)
            if not connection.over and not connection.silent:
                self._take(connection, node)

    async def _admit(self, connection: Connection, payload: object) -> None:
        if self.login_failures:
            await asyncio.sleep(NETWORK_S)
            self.finish(connection, self.login_failures.popleft())
            return
        if self.plan.drops_at(Moment.login):
            connection.drop()
            return
        try:
            account, device = login.known_device(self.accounts, payload, connection.noise)
        except Closed as closed:
            self.refusals.add(str(closed))
            await asyncio.sleep(NETWORK_S)
            self.finish(connection, closed.last)
            return
        jid = account.at(device.id)
        self._end(jid, login.stream_error(conflict="replaced"))
        connection.account, connection.device = account, device
        self.connections[jid] = connection
        self.changed.tell()
        connection.send(login.success(account, device))

    def _take(self, connection: Connection, node: Node) -> None:
        match node.tag:
            case "iq" if node.attrs.get("type") in ("result", "error"):
                self.linking.take_answer(connection, node)
            case "iq":
                self._answer(connection, node)
            case "message":
                self._take_message(connection, node)
            case "receipt":
                self._take_receipt(connection, node)
            case "ack":
                self._forget(connection, node.text("class"), node)
            case "presence" | "chatstate":
                try:
                    take = self._take_presence if node.tag == "presence" else self._take_typing
                    take(connection, node)
                except (Refused, Malformed) as error:  # nothing is said, as nothing is answered
                    self.refusals.add(f"{node.tag}: {error}")
            case "ib":
                require(node.children, "an <ib> with something in it")
            case _:
                raise Malformed(f"<{node.tag}> is not for a server")

    def _answer(self, connection: Connection, request: Node) -> None:
        attrs: Attrs = {"from": SERVER, "id": request.text("id"), "type": "result"}
        try:
            to = request.jid("to")
            require(to == SERVER or to.server == GROUPS, "an iq for the server")
            attrs["from"] = to
            content = self._result(connection, request)
        except (Refused, Malformed) as error:
            code = error.code if isinstance(error, Refused) else BAD_REQUEST
            self.refusals.add(f"iq {request.attrs.get('xmlns')}: {error}")
            error_node = Node("error", {"code": str(code), "text": str(error)})
            connection.send(Node("iq", attrs | {"type": "error"}, [error_node]))
            return
        connection.send(Node("iq", attrs, content or None))
        if request.attrs.get("xmlns") == "passive" and request.child("active"):
            if self.plan.drops_at(Moment.active):
                connection.drop()
                return
            self._activate(connection)

    def _result(self, connection: Connection, request: Node) -> list[Node]:
        device = connection.device
        child_tag = request.children[0].tag if request.children else ""
        if device is None and child_tag == pairing_code.TAG and request.attrs.get("xmlns") == "md":
            return self.linking.take_code(connection, request.children[0])
        if device is None and request.attrs.get("xmlns") == "w:p":
            return []
        if device is None:
            raise Refused(NOT_ALLOWED, "not logged in")
        child = request.children[0].tag if request.children else ""
        match request.text("xmlns"), request.text("type"), child:
            case "encrypt", "get", "count":
                return [Node("count", {"value": str(len(device.one_time))})]
            case "encrypt", "set", _:
                if self.plan.drops_at(Moment.upload):
                    connection.drop()
                    return []
                accounts.upload(device, request)
                return []
            case "encrypt", "get", "key":
                wanted = [user.jid("jid") for user in request.children[0].children]
                return [
                    Node("list", content=[accounts.bundle(self.accounts.device(jid), jid) for jid in wanted])
                ]
            case "passive", "set", "active" | "passive":
                return []
            case "usync", "get", "usync":
                return [usync.answer(self.accounts, request.children[0])]
            case "w:g2", "get", _:
                account = self.account_of(self._jid(connection))
                return groups.answer(self.groups, account, request.jid("to"), request.children[0])
            case "w:sync:app:state", "set", "sync":
                return [self.phones[self._jid(connection).whole].settings.answer(request.children[0])]
            case "w:m", "set", "media_conn":
                return [self.media.connection()]
            case "w:p", "get", _:
                return []
            case "privacy", "get", "privacy":
                return [Node("privacy", content=[Node("category", {"name": "readreceipts", "value": "all"})])]
            case "privacy", "set", "tokens":
                return []
            case "md", "set", "remove-companion-device":
                own = self._jid(connection)
                if request.children[0].jid("jid") not in (
                    own,
                    Jid(self.account_of(own).number, device=own.device),
                ):
                    raise Refused(NOT_ALLOWED, "a device may remove itself only")
                asyncio.get_running_loop().call_soon(self.remove, own)
                return []
            case unknown:
                raise Refused(NOT_IMPLEMENTED, f"{unknown}")

    def _activate(self, connection: Connection) -> None:
        connection.active = True
        device = connection.device
        waiting = list(device.waiting.values()) if device else []
        if waiting:
            connection.send(login.offline_preview(len(waiting)))
        for number, node in enumerate(waiting):
            node.attrs["offline"] = str(number)
            connection.send(node)
        connection.send(login.offline_done(len(waiting)))
        if device is not None and not device.welcomed:
            device.welcomed = True
            own = self._jid(connection)
            self.phones[own.whole].welcome(own)

    def _take_message(self, connection: Connection, message: Node) -> None:
        account, device = connection.account, connection.device
        if account is None or device is None:
            raise Refused(NOT_ALLOWED, "not logged in")
        if self.plan.drops_at(Moment.send):
            connection.drop()
            return
        fault = self.faults.popleft() if self.faults else Fault()
        try:
            outgoing = messages.fan_out(self.accounts, self.groups, account, device, message)
        except (Refused, Malformed) as error:
            self.refusals.add(f"message: {error}")
            connection.send(messages.acknowledgement(message, BAD_MESSAGE))
            return
        if fault.error:
            connection.send(messages.acknowledgement(message, fault.error))
            return
        if not fault.drop and not fault.silent:
            connection.send(messages.acknowledgement(message))
        # once that is written: a server does not wait for phones, which decrypt on machines of their own
        asyncio.get_running_loop().call_soon(self._hand_out, outgoing)
        if fault.drop:
            connection.drop()

    def _hand_out(self, outgoing: messages.Outgoing) -> None:
        for to, node in outgoing:
            self.relay(to, node)

    def _take_receipt(self, connection: Connection, receipt: Node) -> None:
        account, device = connection.account, connection.device
        if account is None or device is None:
            raise Refused(NOT_ALLOWED, "not logged in")
        if self.plan.drops_at(Moment.receive):
            connection.drop()
            return
        if receipt.attrs.get("type") not in ("read", "read-self", "played"):
            self._forget(connection, "message", receipt)
        connection.send(messages.receipt_acknowledgement(receipt))
        for to, node in messages.receipt_for(self.accounts, account, device, receipt):
            if to != account.at(device.id):
                self.relay(to, node)

    def _take_presence(self, connection: Connection, presence: Node) -> None:
        """A client says that it is there, or wants to know of somebody else."""
        own = self._jid(connection)
        kind = presence.text("type")
        if kind in ("subscribe", "unsubscribe"):
            watchers = self.watching.setdefault(self._known(presence.jid("to")).at(), set())
            watchers.add(own) if kind == "subscribe" else watchers.discard(own)
            return
        require(kind in ("available", "unavailable"), "a presence")
        presence.text("name")
        account = self.account_of(own)
        self.appear(account, Node("presence", {"from": account.at(), "type": kind}))

    def _take_typing(self, connection: Connection, typing: Node) -> None:
        own, chat = self._jid(connection), typing.jid("to")
        require([child.tag in ("composing", "paused") for child in typing.children] == [True], "typing")
        if chat.server == GROUPS:
            members = groups.member_of(self.groups, self.account_of(own), chat).members
            to = [member.at() for member in members if member.at() != own.whole]
            attrs: Attrs = {"from": chat, "participant": own}
        else:
            to = [self._known(chat).at()]
            attrs = {"from": own.whole}
        for phone in to:
            self.pass_by(phone, Node("chatstate", dict(attrs), typing.content))

    def _known(self, jid: Jid) -> Account:
        """As `account_of`, for what a client names. Raises Refused."""
        account = self.accounts.find(jid)
        if account is None:
            raise Refused(NOT_FOUND, f"no account {jid}")
        return account

    def _jid(self, connection: Connection) -> Jid:
        if connection.jid is None:
            raise Refused(NOT_ALLOWED, "not logged in")
        return connection.jid

    def _forget(self, connection: Connection, kind: str, answer: Node) -> None:
        if connection.device is not None:
            connection.device.waiting.pop(_waiting_key(kind, answer), None)


def _waiting_key(kind: str, node: Node) -> str:
    """By it an acknowledgement finds what it is for: a message by its id, a receipt also by type and sender."""
    if kind == "message":
        return f"message {node.text('id')}"
    origin = node.attrs.get("participant") or node.attrs.get("from" if node.tag == kind else "to")
    return f"{kind} {node.text('id')} {node.attrs.get('type', '')} {origin}"


@asynccontextmanager
async def emulator(redirected: Redirected) -> AsyncGenerator[Emulator]:
    server = Emulator(redirected)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
