"""Phones played by the emulator: an account's own, which links devices, and those of contacts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from google.protobuf.message import DecodeError

from tests.whatsapp import kinds, media, pairing, pairing_code, sender_keys, signal_protocol
from tests.whatsapp.accounts import Account, Device, SignedPreKey
from tests.whatsapp.app_state import Settings
from tests.whatsapp.binary import GROUPS, PHONES, Attrs, Jid, Node
from tests.whatsapp.curve import TYPE
from tests.whatsapp.groups import Group
from tests.whatsapp.installed import e2e
from tests.whatsapp.kinds import Target
from tests.whatsapp.record import Changes, Record
from tests.whatsapp.screen import Screen, Shown
from tests.whatsapp.sender_keys import OtherSenderKey, SenderKey
from tests.whatsapp.signal_protocol import Bundle, CannotRead, Keys, Session

PREKEYS = 30


@dataclass(frozen=True)
class Received:
    """A message that a phone could read. `copy_for` is set when an own linked device sent it to someone."""

    id: str
    chat: Jid
    sender: Jid
    kind: str
    text: str
    message: Any
    copy_for: str = ""


@dataclass(frozen=True)
class Receipt:
    """A tick: `kind` is empty for delivered, else `read`, `inactive`, `retry`, and so on."""

    id: str
    sender: Jid
    kind: str


@dataclass(frozen=True)
class Sent:
    """What the phone sent, kept for who asks again."""

    plain: bytes
    chat: Jid
    outer: dict[str, str]
    inner: dict[str, str]


class Server(Protocol):
    """What a phone needs of the server."""

    media: media.Store
    changed: Changes

    def account(self, number: str) -> Account: ...
    def account_of(self, jid: Jid) -> Account: ...
    def group(self, jid: Jid) -> Group: ...
    def bundle(self, jid: Jid) -> Bundle: ...
    def relay(self, to: Jid, node: Node) -> None: ...
    def pass_by(self, to: Jid, node: Node) -> None: ...
    def appear(self, account: Account, node: Node) -> None: ...
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
        self.group_keys: dict[Jid, SenderKey] = {}
        self.other_group_keys: dict[tuple[Jid, Jid], list[OtherSenderKey]] = {}
        self.messages: Record[Received] = Record(f"messages of {account.name}")
        self.receipts: Record[Receipt] = Record(f"receipts of {account.name}")
        self.unread: Record[str] = Record(f"unreadable messages of {account.name}")
        self.notices: Record[str] = Record(f"what the phone of {account.name} tells its owner")
        self.typing: Record[tuple[Jid, str]] = Record(f"who types to {account.name}")
        self.repeats: list[str] = []
        self.screen = Screen(account.at(), server.changed.tell)
        self.settings = Settings(account.name)
        self.typed: pairing_code.Typed | None = None
        self.ticks = True  # whether it confirms what it gets
        self.away = False
        self._waiting: list[Node] = []  # for when it is back
        self._unsent: list[Callable[[], object]] = []
        self.sent: dict[str, Sent] = {}
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

    def send(self, to: str | Jid, text: str, message_id: str = "", *, spoil: bool = False) -> str:
        """Write to a number or a group; the message's id."""
        return self.say(to, kinds.text(text), message_id, spoil=spoil)

    def say(self, to: str | Jid, message: Any, message_id: str = "", *, spoil: bool = False) -> str:
        """Send any message to a number or a group, encrypted for each of the devices; its id.

        `spoil` alters the ciphertexts, so that they cannot be read; who asks again gets a good one.
        While away it is sent when the phone is back.
        """
        message_id = message_id or self.server.message_id()
        message = kinds.with_secret(message)
        chat = self.chat(to)
        self.screen.put(message_id, chat, self.jid, message)
        outer, inner = kinds.attributes(message)
        sent = self.sent[message_id] = Sent(message.SerializeToString(), chat, outer, inner)
        if self.away:
            self._unsent.append(lambda: self._dispatch(message_id, sent, message, spoil))
        else:
            self._dispatch(message_id, sent, message, spoil)
        return message_id

    def chat(self, to: str | Jid) -> Jid:
        """The chat with a number, or a group's."""
        if isinstance(to, str):
            return self.server.account(to).at()
        return to.whole if to.server == GROUPS else self.server.account_of(to).at()

    def shown(self, to: str | Jid) -> list[Shown]:
        """What can be read in the chat with a number or in a group."""
        return self.screen.shown(self.chat(to))

    def upload(self, data: bytes, kind: str, mimetype: str) -> dict[str, Any]:
        """Put a file on the server; what its message has to say of it."""
        sealed = media.seal(data, kind)
        path = self.server.media.put(sealed.data, kind)
        return {
            "URL": f"https://mmg.whatsapp.net{path}",
            "directPath": path,
            "mimetype": mimetype,
            "mediaKey": sealed.key,
            "mediaKeyTimestamp": int(time.time()),
            "fileSHA256": sealed.plain_hash,
            "fileEncSHA256": sealed.hash,
            "fileLength": sealed.length,
        }

    def download(self, message: Any) -> bytes:
        """The file of a message. Raises media.SpoiledFile."""
        inside = kinds.unwrapped(message)
        kind = kinds.kind_of(message)
        part = getattr(inside, kinds.MEDIA[kind])
        return media.unseal(self.server.media.get(part.directPath), kind, part)

    def react(self, to: str | Jid, about: Target, emoji: str) -> str:
        return self.say(to, kinds.reaction(about.key(self.jid, self.chat(to)), emoji))

    def edit(self, to: str | Jid, message_id: str, text: str) -> str:
        key = Target(message_id, self.jid).key(self.jid, self.chat(to))
        return self.say(to, kinds.edit(key, kinds.text(text)))

    def delete(self, to: str | Jid, message_id: str) -> str:
        """Delete an own message for everyone."""
        return self.say(to, kinds.revoke(Target(message_id, self.jid).key(self.jid, self.chat(to))))

    def vote(self, to: str | Jid, poll_id: str, *options: str) -> str:
        """Choose in a poll that the phone shows. Raises KeyError for one that it does not."""
        chat = self.chat(to)
        poll = self.screen.find(chat, poll_id)
        if poll is None:
            raise KeyError(poll_id)
        key = Target(poll_id, poll.sender).key(self.jid, chat)
        secret = poll.message.messageContextInfo.messageSecret
        return self.say(to, kinds.vote(key, poll.sender, self.jid, secret, *options))

    def target(self, to: str | Jid, message_id: str) -> Target:
        """A message that the phone shows, to quote it or react to it. Raises KeyError."""
        shown = self.screen.find(self.chat(to), message_id)
        if shown is None:
            raise KeyError(message_id)
        return Target(shown.id, shown.sender, shown.message)

    def type(self, to: str | Jid, state: str = "composing", media: str = "") -> None:
        """Show the other side that something is being typed (or `paused`), or with `audio` recorded."""
        chat = self.chat(to)
        group = chat.server == GROUPS
        attrs: Attrs = {"from": chat, "participant": self.jid} if group else {"from": self.jid}
        node = Node("chatstate", attrs, [Node(state, {"media": media})])
        for device in self._devices(chat):
            self.server.pass_by(device, node)

    def appear(self, online: bool) -> None:
        """Come online or go, for those who watch."""
        attrs: Attrs = {"from": self.jid, "type": "available" if online else "unavailable"}
        self.server.appear(self.account, Node("presence", attrs if online else attrs | {"last": _now()}))

    def read(self, to: str | Jid, message_id: str) -> None:
        """Show two blue ticks under a message to its sender."""
        chat = self.chat(to)
        shown = self.screen.find(chat, message_id)
        author = shown.sender if shown is not None and not shown.mine else chat
        self._confirm(self.server.account_of(author), chat, message_id, "read")

    def go_away(self) -> None:
        """Lose the connection: what comes waits at the server."""
        self.away = True

    def come_back(self) -> None:
        self.away = False
        waiting, self._waiting = self._waiting, []
        for node in waiting:
            self.take(node)
        unsent, self._unsent = self._unsent, []
        for send in unsent:
            send()

    def ask_again(self, message: Received) -> None:
        """As when the message could not be read: a retry receipt."""
        attrs = self._receipt(message.chat, message.id, "retry")
        retry = Node("retry", {"id": message.id, "t": _now(), "count": "1", "v": "1"})
        registration = Node("registration", content=self.keys.registration.to_bytes(4, "big"))
        self.server.relay(message.sender, Node("receipt", attrs, [retry, registration]))

    def take(self, node: Node) -> None:
        """What the server brings."""
        if self.away:
            if node.tag != "chatstate":
                self._waiting.append(node)
            return
        sender = node.jid("participant" if "participant" in node.attrs else "from")
        if node.tag == "receipt":
            self._take_receipt(node, sender)
        elif node.tag == "message":
            self._take_message(node, sender)
        elif node.tag == "chatstate":
            self._take_typing(node, sender)

    def welcome(self, device: Jid) -> None:
        """Give a new linked device the key to the account's settings."""
        self.tell(device, self.settings.share())

    def tell(self, to: Jid, message: Any) -> None:
        """A message from the phone to one of its own linked devices about the account itself."""
        message_id = self.server.message_id()
        kind, data = self._encrypted(to, message.SerializeToString())
        attrs = self._sender(self.jid, message_id, {"type": "text"}) | {"category": "peer"}
        self.server.relay(to, Node("message", attrs, [Node("enc", {"v": "2", "type": kind}, data)]))

    def _dispatch(self, message_id: str, sent: Sent, message: Any, spoil: bool) -> None:
        if sent.chat.server == GROUPS:
            self._send_to_group(message_id, sent, spoil)
        else:
            for device in self._devices(sent.chat):
                self._send_to(device, message_id, sent, spoil=spoil)
            copy = e2e.Message(
                deviceSentMessage={"destinationJID": str(sent.chat), "message": message},
                messageContextInfo=message.messageContextInfo,
            ).SerializeToString()
            to = self.server.account_of(sent.chat)
            names: Attrs = {"recipient": to.at(), "peer_recipient_pn": to.at(server=PHONES)}
            for device in self.account.devices.keys() - {0}:
                self._send_to(self.account.at(device), message_id, sent, copy, names)
        self.screen.tick(sent.chat, message_id, "sent")

    def _send_to(
        self,
        to: Jid,
        message_id: str,
        sent: Sent,
        plain: bytes = b"",
        names: Attrs | None = None,
        *,
        spoil: bool = False,
    ) -> None:
        """Write to one device."""
        kind, data = self._encrypted(to, plain or sent.plain)
        if spoil:
            message = signal_protocol.inner(data)[1] if kind == "pkmsg" else data
            data = data.replace(message, message[:-1] + bytes([message[-1] ^ 1]))
        attrs = self._sender(self.jid, message_id, sent.outer) | (names or {})
        enc = Node("enc", {"v": "2", "type": kind, **sent.inner}, data)
        self.server.relay(to, Node("message", attrs, [enc]))

    def _send_to_group(self, message_id: str, sent: Sent, spoil: bool) -> None:
        key = self.group_keys.setdefault(sent.chat, SenderKey())
        distribution = e2e.Message(
            senderKeyDistributionMessage={
                "groupID": str(sent.chat),
                "axolotlSenderKeyDistributionMessage": key.distribution(),
            }
        ).SerializeToString()
        data = key.encrypt(signal_protocol.pad(sent.plain))
        if spoil:
            data = data[:-1] + bytes([data[-1] ^ 1])
        common = Node("enc", {"v": "2", "type": "skmsg", **sent.inner}, data)
        attrs = self._sender(sent.chat, message_id, sent.outer)
        for device in self._devices(sent.chat):
            kind, sealed = self._encrypted(device, distribution)
            encs = [Node("enc", {"v": "2", "type": kind}, sealed), common]
            self.server.relay(device, Node("message", dict(attrs), encs))

    def _sender(self, origin: Jid, message_id: str, outer: dict[str, str]) -> Attrs:
        attrs: Attrs = {"from": origin, "id": message_id, "t": _now(), "notify": self.account.name}
        names = ("participant_pn", "sender_pn")
        if origin.server == GROUPS:
            attrs |= {"participant": self.jid, "addressing_mode": "lid"}
        attrs[names[0] if origin.server == GROUPS else names[1]] = self.account.at(server=PHONES)
        return attrs | outer

    def _devices(self, chat: Jid) -> list[Jid]:
        """Where a message for a chat goes: all devices of the others; in a group also one's own linked ones."""
        if chat.server != GROUPS:
            to = self.server.account_of(chat)
            return [to.at(device) for device in to.devices]
        members = self.server.group(chat).members
        devices = [member.at(device) for member in members for device in member.devices]
        return [device for device in devices if device != self.jid]

    def _encrypted(self, to: Jid, plain: bytes) -> tuple[str, bytes]:
        sessions = self.sessions.setdefault(to, [])
        if not sessions:
            sessions.append(signal_protocol.opened(self.keys, self.server.bundle(to)))
        return sessions[0].encrypt(signal_protocol.pad(plain), self.keys)

    def _take_receipt(self, node: Node, sender: Jid) -> None:
        items = node.child("list")
        ids = [node.text("id"), *(item.text("id") for item in (items.children if items else []))]
        kind = str(node.attrs.get("type", ""))
        origin = node.jid("from").whole
        for message_id in ids:
            self.receipts.add(Receipt(message_id, sender, kind))
            if sender.whole != self.jid:
                self.screen.tick(
                    origin, message_id, {"read": "read", "played": "read"}.get(kind, "delivered")
                )
        again = self.sent.get(node.text("id"))
        if kind == "retry" and again is not None:
            if (
                node.child("keys") is not None
            ):  # its session is gone: whatsmeow says so from the second time on
                opened = signal_protocol.opened(self.keys, self.server.bundle(sender))
                self.sessions.setdefault(sender, []).insert(0, opened)
            self._send_again(node.text("id"), again, sender)

    def _send_again(self, message_id: str, sent: Sent, to: Jid) -> None:
        """To a device that could not read it: directly, in a group with the sender key."""
        if sent.chat.server != GROUPS:
            self._send_to(to, message_id, sent)
            return
        message = e2e.Message.FromString(sent.plain)
        message.senderKeyDistributionMessage.groupID = str(sent.chat)
        key = self.group_keys[sent.chat].distribution()
        message.senderKeyDistributionMessage.axolotlSenderKeyDistributionMessage = key
        kind, data = self._encrypted(to, message.SerializeToString())
        attrs = self._sender(sent.chat, message_id, sent.outer)
        self.server.relay(to, Node("message", attrs, [Node("enc", {"v": "2", "type": kind}, data)]))

    def _take_typing(self, node: Node, sender: Jid) -> None:
        chat = node.jid("from").whole
        child = node.children[0]
        state = "recording" if child.attrs.get("media") == "audio" else child.tag
        self.typing.add((sender, state))
        self.screen.types(chat, state)

    def _take_message(self, node: Node, sender: Jid) -> None:
        message_id, origin = node.text("id"), node.jid("from").whole
        recipient = node.attrs.get("recipient")
        chat = recipient.whole if isinstance(recipient, Jid) else origin
        message = None
        for enc in node.children:
            if enc.tag != "enc":
                continue
            try:
                read = self._read(sender, chat, enc)
            except signal_protocol.Repeated:
                self.repeats.append(message_id)
                return
            except (CannotRead, DecodeError) as error:
                self.unread.add(f"{message_id}: {error}")
                return
            message = read if kinds.kind_of(read) != "other" or message is None else message
        if message is None:
            raise CannotRead("a message without <enc>")
        sent = message.deviceSentMessage if message.HasField("deviceSentMessage") else None
        inside = sent.message if sent else message
        self.screen.put(message_id, chat, sender, inside)
        copy_for = sent.destinationJID if sent else ""
        kind, text = kinds.kind_of(inside), kinds.text_of(inside)
        self.messages.add(Received(message_id, chat, sender, kind, text, inside, copy_for))
        if self.ticks and sent is None and sender.whole != self.jid:
            self._confirm(self.server.account_of(sender), chat, message_id, "")

    def _read(self, sender: Jid, chat: Jid, enc: Node) -> Any:
        """Decrypt one <enc>. Raises CannotRead, Repeated, DecodeError."""
        if not isinstance(enc.content, bytes):
            raise CannotRead("an <enc> without bytes")
        if enc.text("type") == "skmsg":
            plain = self._decrypt_for_all(sender, chat, enc.content)
        else:
            plain = self._decrypt(sender, enc.text("type"), enc.content)
        message = e2e.Message.FromString(signal_protocol.unpad(plain))
        if message.HasField("senderKeyDistributionMessage"):
            given = message.senderKeyDistributionMessage.axolotlSenderKeyDistributionMessage
            key = sender_keys.distributed(given)
            keys = self.other_group_keys.setdefault((chat, sender), [])
            if all(known.id != key.id for known in keys):
                keys.insert(0, key)
        return message

    def _confirm(self, to: Account, chat: Jid, message_id: str, kind: str) -> None:
        attrs = self._receipt(chat, message_id, kind)
        for device in to.devices:
            self.server.relay(to.at(device), Node("receipt", dict(attrs)))

    def _receipt(self, chat: Jid, message_id: str, kind: str) -> Attrs:
        attrs: Attrs = {"id": message_id, "t": _now(), "type": kind}
        if chat.server == GROUPS:
            return attrs | {"from": chat, "participant": self.jid}
        return attrs | {"from": self.jid}

    def _decrypt_for_all(self, sender: Jid, chat: Jid, data: bytes) -> bytes:
        for key in self.other_group_keys.get((chat, sender), []):
            if sender_keys.key_id(data) == key.id:
                return key.decrypt(data)
        raise CannotRead("no sender key fits")

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


def _now() -> str:
    return str(int(time.time()))
