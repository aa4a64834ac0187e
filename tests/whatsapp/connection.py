"""One client's connection: the server's side of the handshake, then nodes in both directions."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import WSMsgType, web
from google.protobuf.message import DecodeError

from tests.whatsapp import binary, certificates
from tests.whatsapp.accounts import Account, Device
from tests.whatsapp.binary import Jid, Node
from tests.whatsapp.curve import KeyPair, new_key_pair
from tests.whatsapp.installed import wa6
from tests.whatsapp.noise import HEADER, BadHandshake, Direction, Frames, Handshake, framed
from tests.whatsapp.pairing import Registration


class Connection:
    """An open websocket. Who is at its other end is known after `shake_hands` and login."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self._request = request
        self._socket = socket
        self._frames = Frames(HEADER)
        self._reading = self._read()
        self._sending: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._in: Direction | None = None
        self._out: Direction | None = None
        self.noise = b""
        self.registration: Registration | None = None
        self.account: Account | None = None
        self.device: Device | None = None
        self.active = False  # it has said that it is ready for what was waiting
        self.silent = False  # nothing comes through it any more
        self.over = False  # the last word was said

    async def shake_hands(self, static: KeyPair, root: KeyPair) -> Any:
        """The client's ClientPayload. Raises BadHandshake."""
        state = Handshake()
        hello = await self._handshake_message()
        theirs = hello.clientHello.ephemeral
        if len(theirs) != 32:
            raise BadHandshake("no ephemeral key")
        state.authenticate(theirs)
        own = new_key_pair()
        state.authenticate(own.public)
        state.mix(own, theirs)
        sealed_static = state.encrypt(static.public)
        state.mix(static, theirs)
        payload = state.encrypt(certificates.chain(root, static.public))
        reply = wa6.HandshakeMessage(
            serverHello={"ephemeral": own.public, "static": sealed_static, "payload": payload}
        )
        await self._socket.send_bytes(framed(reply.SerializeToString()))
        finish = (await self._handshake_message()).clientFinish
        self.noise = state.decrypt(finish.static)
        state.mix(own, self.noise)
        try:
            client = wa6.ClientPayload.FromString(state.decrypt(finish.payload))
        except DecodeError as error:
            raise BadHandshake("no client payload") from error
        self._in, self._out = state.finish()
        return client

    async def nodes(self) -> AsyncIterator[Node]:
        """What the client says, until it leaves. Raises Malformed and BadHandshake."""
        async for frame in self._reading:
            if self._in is None:
                raise BadHandshake("a frame before the handshake's end")
            yield binary.decode(self._in.open(frame))

    def send(self, node: Node) -> None:
        if self._out is not None and not self.silent:
            self._sending.put_nowait(framed(self._out.seal(binary.encode(node))))

    def close(self) -> None:
        """After what has been sent."""
        self._sending.put_nowait(None)

    def drop(self) -> None:
        """Now, as when a cable is cut."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def write(self) -> None:
        """Send what is to be sent, until closed; frames that wait go together."""
        last = False
        while not last:
            frames = [await self._sending.get()]
            while not self._sending.empty():
                frames.append(self._sending.get_nowait())
            last = None in frames
            try:
                if data := b"".join(frame for frame in frames if frame is not None):
                    await self._socket.send_bytes(data)
            except ConnectionError:
                return
        await self._socket.close()

    @property
    def jid(self) -> Jid | None:
        return self.account.at(self.device.id) if self.account and self.device else None

    async def _handshake_message(self) -> Any:
        try:
            return wa6.HandshakeMessage.FromString(await anext(self._reading))
        except (StopAsyncIteration, DecodeError) as error:
            raise BadHandshake("no handshake message") from error

    async def _read(self) -> AsyncIterator[bytes]:
        async for message in self._socket:
            if message.type is not WSMsgType.BINARY:
                raise BadHandshake(f"a websocket message of type {message.type}")
            for frame in self._frames.feed(message.data):
                yield frame
