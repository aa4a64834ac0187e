"""A linked device in a few lines, which can misbehave: it shows what the emulator refuses."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.whatsapp import binary, pairing
from tests.whatsapp.binary import SERVER, Attrs, Node
from tests.whatsapp.curve import TYPE, KeyPair, new_key_pair
from tests.whatsapp.installed import adv, wa6
from tests.whatsapp.noise import HEADER, Frames, Handshake, framed
from tests.whatsapp.phones import Phone
from tests.whatsapp.record import DEADLINE_S
from tests.whatsapp.redirect import Redirected
from tests.whatsapp.signal_protocol import Keys


class Probe:
    """The device's keys, and its connection while there is one."""

    def __init__(self, redirected: Redirected) -> None:
        self.url = f"http://127.0.0.1:{redirected.port}/ws/chat"
        self.noise = new_key_pair()
        self.keys = Keys()
        self.user, self.device, self.proof = 0, 0, b""
        self._ids = iter(range(1, 1000))

    @asynccontextmanager
    async def connected(self, payload: Any, header: bytes = HEADER) -> AsyncGenerator["Probe"]:
        async with aiohttp.ClientSession() as http, http.ws_connect(self.url) as self.socket:
            self.frames = self._frames()
            state, own = Handshake(), new_key_pair()
            state.authenticate(own.public)
            hello = wa6.HandshakeMessage(clientHello={"ephemeral": own.public}).SerializeToString()
            await self.socket.send_bytes(header + framed(hello))
            if header == HEADER:
                await self._finish(state, own, payload)
            yield self

    async def _finish(self, state: Handshake, own: KeyPair, payload: Any) -> None:
        server = wa6.HandshakeMessage.FromString(await anext(self.frames)).serverHello
        state.authenticate(server.ephemeral)
        state.mix(own, server.ephemeral)
        state.mix(own, state.decrypt(server.static))
        state.decrypt(server.payload)
        static = state.encrypt(self.noise.public)
        state.mix(self.noise, server.ephemeral)
        finish = {"static": static, "payload": state.encrypt(payload.SerializeToString())}
        await self.socket.send_bytes(framed(wa6.HandshakeMessage(clientFinish=finish).SerializeToString()))
        self.outgoing, self.incoming = state.finish()

    async def send(self, node: Node) -> None:
        await self.socket.send_bytes(framed(self.outgoing.seal(binary.encode(node))))

    async def next(self) -> Node | None:
        """What the server says next, or None when it has closed."""
        async with asyncio.timeout(DEADLINE_S):
            frame = await anext(self.frames, None)
        return None if frame is None else binary.decode(self.incoming.open(frame))

    async def ask(self, xmlns: str, kind: str, *content: Node) -> Node:
        """Send an iq; its answer."""
        attrs: Attrs = {"id": f"p{next(self._ids)}", "xmlns": xmlns, "type": kind, "to": SERVER}
        await self.send(Node("iq", attrs, list(content)))
        while (node := await self.next()) is not None:
            if node.attrs.get("id") == attrs["id"]:
                return node
        raise AssertionError("the server closed")

    def registration(self, signature: bytes = b"") -> Any:
        """The payload of a device without an account."""
        signature = signature or self.keys.identity.sign(TYPE + self.keys.signed.public)
        data = {
            "eRegid": self.keys.registration.to_bytes(4, "big"),
            "eKeytype": TYPE,
            "eIdent": self.keys.identity.public,
            "eSkeyID": b"\0\0\1",
            "eSkeyVal": self.keys.signed.public,
            "eSkeySig": signature,
            "buildHash": bytes(16),
        }
        return wa6.ClientPayload(devicePairingData=data)

    def login(self) -> Any:
        return wa6.ClientPayload(username=self.user, device=self.device, passive=True, pull=True)

    async def pair(self, phone: Phone, signer: KeyPair | None = None) -> Node | None:
        """Show a code to the phone and sign what it gives; what the server says then."""
        async with self.connected(self.registration()):
            offer = await self.next()
            refs = offer.child("pair-device") if offer else None
            assert refs is not None
            ref = refs.children[0].content
            assert isinstance(ref, bytes)
            secret = bytes(32)
            phone.scan_code(pairing.Code(ref.decode(), self.noise.public, self.keys.identity.public, secret))
            success = await self.next()
            assert success is not None
            given = success.child("pair-success")
            device = success.child("pair-success", "device")
            assert given is not None
            assert device is not None
            sealed = adv.ADVSignedDeviceIdentityHMAC.FromString(given.data("device-identity"))
            identity = adv.ADVSignedDeviceIdentity.FromString(sealed.details)
            message = identity.details + self.keys.identity.public + identity.accountSignatureKey
            identity.deviceSignature = (signer or self.keys.identity).sign(pairing.DEVICE_SIGNATURE + message)
            identity.ClearField("accountSignatureKey")
            self.proof = identity.SerializeToString()
            self.user, self.device = int(device.jid("jid").user), device.jid("jid").device
            signed = Node("device-identity", {"key-index": "1"}, self.proof)
            reply: Attrs = {"id": success.text("id"), "to": SERVER, "type": "result"}
            await self.send(Node("iq", reply, [Node("pair-device-sign", content=[signed])]))
            return await self.next()

    def upload(self, *ids: int, identity: bytes = b"", signature: bytes = b"") -> list[Node]:
        """The content of an `encrypt set`."""
        signature = signature or self.keys.identity.sign(TYPE + self.keys.signed.public)
        keys = [_key("key", number, new_key_pair().public) for number in ids]
        return [
            Node("registration", content=self.keys.registration.to_bytes(4, "big")),
            Node("type", content=TYPE),
            Node("identity", content=identity or self.keys.identity.public),
            Node("list", content=keys),
            _key("skey", 1, self.keys.signed.public, Node("signature", content=signature)),
        ]

    async def _frames(self) -> AsyncIterator[bytes]:
        frames = Frames()
        async for message in self.socket:
            for frame in frames.feed(message.data):
                yield frame


def _key(tag: str, number: int, public: bytes, *more: Node) -> Node:
    return Node(
        tag, content=[Node("id", content=number.to_bytes(3, "big")), Node("value", content=public), *more]
    )
