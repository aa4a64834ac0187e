"""Linking a device, from the codes that it shows until the server knows it."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.whatsapp import login, pairing, pairing_code
from tests.whatsapp.accounts import Account
from tests.whatsapp.binary import SERVER, Malformed, Node
from tests.whatsapp.connection import Connection
from tests.whatsapp.faults import Faults, Moment
from tests.whatsapp.phones import Phone
from tests.whatsapp.record import Record
from tests.whatsapp.refusals import BAD_REQUEST, NOT_ALLOWED, NOT_FOUND, Refused

MOST_LINKED = 4


class Server(Protocol):
    """What linking needs of the server."""

    plan: Faults
    refusals: Record[str]

    def message_id(self) -> str: ...
    def finish(self, connection: Connection, last: Node) -> None: ...


@dataclass
class Pairing:
    """A client that shows codes, and after one was taken the account that it joins."""

    connection: Connection
    hello: pairing_code.Hello | None = None  # it also shows a code to type
    hello_ref: str = ""
    phone: Phone | None = None  # which has typed the code
    account: Account | None = None
    device: int = 0
    request: str = ""
    signed: bytes = b""


class Linking:
    """The clients that want to be linked."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._by_ref: dict[str, Pairing] = {}

    def offer(self, connection: Connection) -> None:
        """Give codes to a client without an account."""
        refs = [f"2@{os.urandom(24).hex()}" for _ in range(self._server.plan.refs)]
        self._by_ref.update(dict.fromkeys(refs, Pairing(connection)))
        connection.send(pairing.pair_device(self._server.message_id(), refs))

    def forget(self, connection: Connection) -> None:
        """The client has gone: its codes are worth nothing."""
        self._by_ref = {
            ref: found for ref, found in self._by_ref.items() if found.connection is not connection
        }

    def link(self, phone: Phone, code: pairing.Code, sign: Callable[[int], bytes]) -> None:
        """A phone has scanned a code. Raises Refused for one that nobody shows."""
        found = self._by_ref.get(code.ref)
        if found is None or found.account is not None:
            raise Refused(NOT_FOUND, "a code that nobody shows")
        if found.connection.noise != code.noise:
            raise Refused(NOT_ALLOWED, "the code's noise key is not that of the connection")
        account = phone.account
        if len(account.devices) > MOST_LINKED:
            raise Refused(NOT_ALLOWED, f"this account has {MOST_LINKED} linked devices already")
        if self._server.plan.ask_passkey:
            attrs = {"from": SERVER, "type": "passkey_prologue_request", "id": self._server.message_id()}
            found.connection.send(Node("notification", attrs | {"t": str(int(time.time()))}))
            return
        found.account = account
        found.device = account.last_device = max(account.last_device, *account.devices) + 1
        found.request = self._server.message_id()
        found.signed = sign(found.device)
        sent = pairing.spoiled(found.signed) if self._server.plan.spoil_pairing else found.signed
        found.connection.send(pairing.pair_success(found.request, account, found.device, sent))

    def type_code(self, phone: Phone, typed: Callable[[pairing_code.Hello], pairing_code.Typed]) -> None:
        """A phone has typed the code of a device that wants to link to it. Raises Refused when none does."""
        number = phone.account.number
        found = next((p for p in self._by_ref.values() if p.hello and p.hello.phone == number), None)
        if found is None or found.hello is None or found.account is not None:
            raise Refused(NOT_FOUND, "no device wants to link with a code to this phone")
        found.phone = phone
        phone.typed = typed(found.hello)
        now = int(time.time())
        found.connection.send(phone.typed.notification(self._server.message_id(), found.hello_ref, now))

    def take_code(self, connection: Connection, request: Node) -> list[Node]:
        """The stages of linking by a code, before login. Raises Refused."""
        found = self._of(connection)
        if found is None:
            raise Refused(NOT_ALLOWED, "a code of a connection that shows none")
        if request.text("stage") == "companion_hello":
            found.hello = pairing_code.read_hello(request, connection.noise)
            found.hello_ref = f"3@{os.urandom(24).hex()}"
            self._by_ref[found.hello_ref] = found
            return [pairing_code.hello_reply(found.hello_ref)]
        if request.data("link_code_pairing_ref").decode() != found.hello_ref:
            raise Refused(NOT_FOUND, "another reference than was given")
        phone = found.phone
        if request.text("stage") != "companion_finish" or phone is None or phone.typed is None:
            raise Refused(BAD_REQUEST, "a stage out of its turn")
        try:
            identity, secret = phone.typed.finish(request)
        except pairing_code.WrongCode as error:
            phone.notices.add(str(error))
            return []
        phone.scan_code(pairing.Code(found.hello_ref, connection.noise, identity, secret))
        return []

    def take_answer(self, connection: Connection, reply: Node) -> None:
        """The client's answer to `pair-success`. Raises Refused or Malformed."""
        found = self._of(connection)
        if found is None or found.request != reply.attrs.get("id") or not found.account:
            return
        if reply.attrs.get("type") == "error":
            # Left to the client to close, as after the server's own last word.
            connection.over = True
            self._server.refusals.add("the client did not accept the pairing")
            return
        if self._server.plan.drops_at(Moment.paired):
            connection.drop()
            return
        registration = connection.registration
        if registration is None:
            raise Malformed("pairing without registration")
        found.account.devices[found.device] = pairing.finish(
            reply, found.account, found.device, registration, connection.noise, found.signed
        )
        self.forget(connection)
        self._server.finish(connection, login.stream_error("515"))  # it closes, and comes back to log in

    def _of(self, connection: Connection) -> Pairing | None:
        return next((found for found in self._by_ref.values() if found.connection is connection), None)
