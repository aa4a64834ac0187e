"""Phones played by the emulator: an account's own, which links devices, and those of contacts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from google.protobuf.message import DecodeError

from tests.whatsapp import pairing, pairing_code, signal_protocol
from tests.whatsapp.accounts import Account, Device, SignedPreKey
from tests.whatsapp.binary import PHONES, Attrs, Jid, Node
from tests.whatsapp.curve import TYPE
from tests.whatsapp.installed import e2e
from tests.whatsapp.record import Record
from tests.whatsapp.signal_protocol import Bundle, CannotRead, Keys, Session

PREKEYS = 30


@dataclass(frozen=True)
class Received:
    """A message that a phone could read. `copy_for` is set when an own linked device sent it to someone."""

    id: str
    sender: Jid
    text: str
    message: Any
    copy_for: str = ""


@dataclass(frozen=True)
class Receipt:
    """A tick: `kind` is empty for delivered, else `read`, `inactive`, `retry`, and so on."""

    id: str
    sender: Jid
    kind: str


class Server(Protocol):
    """What a phone needs of the server."""

    def account(self, number: str) -> Account: ...
    def bundle(self, jid: Jid) -> Bundle: ...
    def relay(self, to: Jid, node: Node) -> None: ...
    def link(self, phone: "Phone", code: pairing.Code, sign: Callable[[int], bytes]) -> None: ...
    def type_code(
        self, phone: "Phone", typed: Callable[[pairing_code.Hello], pairing_code.Typed]
    ) -> None: ...
    def message_id(self) -> str: ...


class Phone:
    """Device 0 of an account."""

    def __init__(self, server: Server, account: Account) -> None:
        self.server = server
        self.account = account
        self.keys = Keys(
            one_time={number: signal_protocol.new_key_pair() for number in range(1, PREKEYS + 1)}
        )
        self.sessions: dict[Jid, list[Session]] = {}
        self.messages: Record[Received] = Record(f"messages of {account.name}")
        self.receipts: Record[Receipt] = Record(f"receipts of {account.name}")
        self.unread: Record[str] = Record(f"unreadable messages of {account.name}")
        self.repeats: list[str] = []
        self.notices: Record[str] = Record(f"what the phone of {account.name} tells its owner")
        self.typed: pairing_code.Typed | None = None
        self.ticks = True  # whether it confirms what it gets
        self.sent: dict[str, bytes] = {}  # for who asks again
        signature = self.keys.identity.sign(TYPE + self.keys.signed.public)
        signed = SignedPreKey(1, self.keys.signed.public, signature)
        device = Device(0, self.keys.identity.public, self.keys.registration, signed)
        device.one_time = {number: pair.public for number, pair in self.keys.one_time.items()}
        device.seen = set(device.one_time)
        account.devices[0] = device
        account.signing = self.keys.identity.public

    @property
    def jid(self) -> Jid:
        return self.account.at()

    def scan(self, text: str) -> None:
        """Link the device that shows this QR code."""
        self.scan_code(pairing.read_code(text))

    def scan_code(self, code: pairing.Code) -> None:
        self.server.link(self, code, lambda index: pairing.sign_device(self.keys.identity, code, index))

    def type_code(self, code: str) -> None:
        """Link the device that shows this code of eight characters; a wrong one is a notice.

        Raises pairing_code.WrongCode for what cannot be a code, Refused when no device shows any.
        """
        self.server.type_code(self, lambda hello: pairing_code.Typed(code, hello, self.keys.identity))

    def send(self, number: str, text: str, message_id: str = "", *, spoil: bool = False) -> str:
        """Write to a number, encrypted for each of its devices; the message's id.

        `spoil` alters the ciphertexts, so that they cannot be read; who asks again gets a good one.
        """
        message_id = message_id or self.server.message_id()
        to = self.server.account(number)
        plain = e2e.Message(conversation=text).SerializeToString()
        self.sent[message_id] = plain
        for device in to.devices:
            self.send_to(to.at(device), plain, message_id, spoil=spoil)
        copy = e2e.Message(
            deviceSentMessage={"destinationJID": str(to.at()), "message": e2e.Message(conversation=text)}
        ).SerializeToString()
        for device in self.account.devices.keys() - {0}:
            self.send_to(self.account.at(device), copy, message_id, to)
        return message_id

    def send_to(
        self, to: Jid, plain: bytes, message_id: str, copy_for: Account | None = None, *, spoil: bool = False
    ) -> None:
        """Write to one device."""
        kind, data = self._session(to).encrypt(signal_protocol.pad(plain), self.keys)
        if spoil:
            message = signal_protocol.inner(data)[1] if kind == "pkmsg" else data
            data = data.replace(message, message[:-1] + bytes([message[-1] ^ 1]))
        attrs = {
            "from": self.jid,
            "sender_pn": self.account.at(server=PHONES),
            "id": message_id,
            "t": str(int(time.time())),
            "type": "text",
            "notify": self.account.name,
        }
        if copy_for is not None:
            attrs |= {"recipient": copy_for.at(), "peer_recipient_pn": copy_for.at(server=PHONES)}
        self.server.relay(to, Node("message", attrs, [Node("enc", {"v": "2", "type": kind}, data)]))

    def read(self, number: str, message_id: str) -> None:
        """Show two blue ticks."""
        self._confirm(self.server.account(number), message_id, "read")

    def ask_again(self, message: Received) -> None:
        """As when the message could not be read: a retry receipt."""
        attrs: Attrs = {"from": self.jid, "id": message.id, "t": str(int(time.time())), "type": "retry"}
        retry = Node("retry", {"id": message.id, "t": attrs["t"], "count": "1", "v": "1"})
        registration = Node("registration", content=self.keys.registration.to_bytes(4, "big"))
        self.server.relay(message.sender, Node("receipt", attrs, [retry, registration]))

    def take(self, node: Node) -> None:
        """What the server brings."""
        sender = node.jid("from")
        if node.tag == "receipt":
            items = node.child("list")
            ids = [node.text("id"), *(item.text("id") for item in (items.children if items else []))]
            for message_id in ids:
                self.receipts.add(Receipt(message_id, sender, str(node.attrs.get("type", ""))))
            if node.attrs.get("type") == "retry" and node.text("id") in self.sent:
                self.send_to(sender, self.sent[node.text("id")], node.text("id"))
        elif node.tag == "message":
            self._take_message(node, sender)

    def _take_message(self, node: Node, sender: Jid) -> None:
        message_id, enc = node.text("id"), node.child("enc")
        if enc is None or not isinstance(enc.content, bytes):
            raise CannotRead("a message without <enc>")
        try:
            plain = self._decrypt(sender, enc.text("type"), enc.content)
            message = e2e.Message.FromString(signal_protocol.unpad(plain))
        except signal_protocol.Repeated:
            self.repeats.append(message_id)
            return
        except (CannotRead, DecodeError) as error:
            self.unread.add(f"{message_id}: {error}")
            return
        sent = message.deviceSentMessage if message.HasField("deviceSentMessage") else None
        inside = sent.message if sent else message
        text = inside.conversation or inside.extendedTextMessage.text
        self.messages.add(Received(message_id, sender, text, inside, sent.destinationJID if sent else ""))
        author = node.attrs.get("sender_pn", sender)
        if self.ticks and sent is None and isinstance(author, Jid):
            self._confirm(self.server.account(author.user), message_id, "")

    def _confirm(self, to: Account, message_id: str, kind: str) -> None:
        attrs = {"from": self.jid, "id": message_id, "t": str(int(time.time())), "type": kind}
        for device in to.devices:
            self.server.relay(to.at(device), Node("receipt", dict(attrs)))

    def _session(self, to: Jid) -> Session:
        sessions = self.sessions.setdefault(to, [])
        if not sessions:
            sessions.append(signal_protocol.opened(self.keys, self.server.bundle(to)))
        return sessions[0]

    def _decrypt(self, sender: Jid, kind: str, data: bytes) -> bytes:
        sessions = self.sessions.setdefault(sender, [])
        if kind == "pkmsg":
            base, message = signal_protocol.inner(data)
            if all(session.base != base for session in sessions):
                session, message = signal_protocol.answered(self.keys, data)
                sessions.insert(0, session)
            data = message
        for session in list(sessions):
            try:
                plain = session.decrypt(data)
            except signal_protocol.Repeated:
                raise
            except CannotRead:
                continue
            sessions.remove(session)
            sessions.insert(0, session)
            return plain
        raise CannotRead("no session fits")
