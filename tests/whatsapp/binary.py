"""Nodes, and the binary encoding in which they travel."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.whatsapp.tokens import tokens

PHONES = "s.whatsapp.net"
LIDS = "lid"
GROUPS = "g.us"
_DOMAINS = {0: PHONES, 1: LIDS}

LIST_EMPTY, DICTIONARY_0, DICTIONARY_3 = 0, 236, 239
AD_JID, LIST_8, LIST_16, JID_PAIR, HEX_8, BINARY_8, BINARY_20, BINARY_32, NIBBLE_8 = (247, *range(248, 256))


class Malformed(Exception):
    """Bytes that are not a node."""


@dataclass(frozen=True)
class Jid:
    """An address: a user (empty for the server itself), its server, and which of its devices."""

    user: str
    server: str = PHONES
    device: int = 0

    def of(self, device: int) -> "Jid":
        return Jid(self.user, self.server, device)

    @property
    def whole(self) -> "Jid":
        """The user, whatever the device."""
        return self.of(0)

    def __str__(self) -> str:
        device = f":{self.device}" if self.device else ""
        return f"{self.user}{device}@{self.server}" if self.user else self.server


SERVER = Jid("")

Attrs = dict[str, "str | Jid"]


@dataclass
class Node:
    """An element: its tag, its attributes, and either children or bytes or nothing."""

    tag: str
    attrs: Attrs = field(default_factory=dict[str, "str | Jid"])
    content: "list[Node] | bytes | None" = None

    @property
    def children(self) -> "list[Node]":
        return self.content if isinstance(self.content, list) else []

    def child(self, *path: str) -> "Node | None":
        """The first child with that tag, and its first child with the next, and so on."""
        node: Node | None = self
        for tag in path:
            node = next((c for c in node.children if c.tag == tag), None) if node else None
        return node

    def data(self, tag: str) -> bytes:
        """The bytes of a child, which must be there. Raises Malformed."""
        child = self.child(tag)
        if child is None or not isinstance(child.content, bytes):
            raise Malformed(f"<{self.tag}> has no bytes in <{tag}>")
        return child.content

    def text(self, name: str) -> str:
        """An attribute that must be there and be text. Raises Malformed."""
        value = self.attrs.get(name)
        if not isinstance(value, str) or not value:
            raise Malformed(f"<{self.tag}> has no text in {name}=")
        return value

    def jid(self, name: str) -> Jid:
        """An attribute that must be there and be an address. Raises Malformed."""
        value = self.attrs.get(name)
        if not isinstance(value, Jid):
            raise Malformed(f"<{self.tag}> has no address in {name}=")
        return value


def encode(node: Node) -> bytes:
    """A node as a frame's plain bytes. Strings go out raw, which every client reads."""
    return b"\0" + b"".join(_node(node))


def decode(data: bytes) -> Node:
    """The node in a frame's plain bytes. Raises Malformed."""
    if not data:
        raise Malformed("an empty frame")
    try:
        reader = _Reader(zlib.decompress(data[1:]) if data[0] & 2 else data[1:])
        node = reader.node()
    except (IndexError, struct.error, UnicodeDecodeError, zlib.error) as error:
        raise Malformed(str(error)) from error
    if reader.at != len(reader.data):
        raise Malformed(f"{len(reader.data) - reader.at} bytes after the node")
    return node


def _node(node: Node) -> Iterator[bytes]:
    attrs = {name: value for name, value in node.attrs.items() if value != ""}
    yield _list_start(1 + 2 * len(attrs) + (node.content is not None))
    yield _bytes(node.tag.encode())
    for name, value in attrs.items():
        yield _bytes(name.encode())
        yield _jid(value) if isinstance(value, Jid) else _bytes(value.encode())
    if isinstance(node.content, bytes):
        yield _bytes(node.content)
    elif node.content is not None:
        yield _list_start(len(node.content))
        for child in node.content:
            yield from _node(child)


def _list_start(size: int) -> bytes:
    if size == 0:
        return bytes([LIST_EMPTY])
    return struct.pack(">BB", LIST_8, size) if size < 256 else struct.pack(">BH", LIST_16, size)


def _bytes(data: bytes) -> bytes:
    size = len(data)
    if size < 1 << 8:
        return struct.pack(">BB", BINARY_8, size) + data
    if size < 1 << 20:
        return bytes([BINARY_20]) + size.to_bytes(3, "big") + data
    return struct.pack(">BI", BINARY_32, size) + data


def _jid(jid: Jid) -> bytes:
    if jid.device:
        domain = next(number for number, server in _DOMAINS.items() if server == jid.server)
        return bytes([AD_JID, domain, jid.device]) + _bytes(jid.user.encode())
    user = _bytes(jid.user.encode()) if jid.user else bytes([LIST_EMPTY])
    return bytes([JID_PAIR]) + user + _bytes(jid.server.encode())


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise Malformed("the frame ends within a node")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def node(self) -> Node:
        size = self.list_size(self.number(1))
        tag = self.string()
        if not size or not tag:
            raise Malformed("a node without a tag")
        attrs: Attrs = {}
        for _ in range((size - 1) // 2):
            name = self.string()
            if name in attrs:
                raise Malformed(f"{name}= twice in <{tag}>")
            attrs[name] = self.value(self.number(1))
        return Node(tag, attrs, self.content() if size % 2 == 0 else None)

    def content(self) -> list[Node] | bytes:
        kind = self.number(1)
        if kind in (LIST_EMPTY, LIST_8, LIST_16):
            return [self.node() for _ in range(self.list_size(kind))]
        if kind in (BINARY_8, BINARY_20, BINARY_32):
            return self.take(self.binary_size(kind))
        return str(self.value(kind)).encode()

    def list_size(self, kind: int) -> int:
        if kind == LIST_EMPTY:
            return 0
        if kind in (LIST_8, LIST_16):
            return self.number(1 if kind == LIST_8 else 2)
        raise Malformed(f"{kind} begins no list")

    def binary_size(self, kind: int) -> int:
        if kind == BINARY_20:
            return self.number(3) & 0xFFFFF
        return self.number(1 if kind == BINARY_8 else 4)

    def string(self) -> str:
        value = self.value(self.number(1))
        if not isinstance(value, str):
            raise Malformed("an address where a string belongs")
        return value

    def value(self, kind: int) -> str | Jid:
        if kind in (BINARY_8, BINARY_20, BINARY_32):
            return self.take(self.binary_size(kind)).decode()
        if kind in (NIBBLE_8, HEX_8):
            return self.packed("0123456789-.???" if kind == NIBBLE_8 else "0123456789ABCDEF")
        if kind == JID_PAIR:
            user = self.value(self.number(1))
            return Jid(str(user), self.string())
        if kind == AD_JID:
            domain, device = self.take(2)
            if domain not in _DOMAINS:
                raise Malformed(f"domain {domain} in an address")
            return Jid(self.string(), _DOMAINS[domain], device)
        if DICTIONARY_0 <= kind <= DICTIONARY_3:
            return tokens().double[kind - DICTIONARY_0][self.number(1)]
        if kind == LIST_EMPTY:
            return ""
        return tokens().single[kind]

    def packed(self, alphabet: str) -> str:
        size = self.number(1)
        digits = [digit for byte in self.take(size & 127) for digit in (byte >> 4, byte & 15)]
        return "".join(alphabet[digit] for digit in digits[: -1 if size & 128 else None])
