"""One connection with WhatsApp: the library's client, in a thread of its own, and calls to it.

Differences from neonize's `connect()`: ours is a daemon thread, since the library's call never returns after a
pairing that failed or was given up (whatsmeow waits for an identity that does not come); events are handed over
as bytes, before anything is parsed; what the QR channel ends with is told; nothing is printed.
A client is started once and stopped once. Its calls block: call them in a thread. None may be made before
`start` has told of a QR code or a connection, nor after `stop`, since the library would crash.
"""

import ctypes
import logging
import threading
import time
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from sessions.linked_device import library
from sessions.linked_device.protobufs import module

log = logging.getLogger(__name__)

QUIET_S = 0.1
HEAR_OUT_S = 2.0
NOT_CONNECTED = "websocket not connected"  # whatsmeow's words, errors.go


class Told(IntEnum):
    """What a client tells. Those from 0 are neonize's own events (neonize/events.py), as bytes."""

    CODE = -3  # a QR code to show
    PAIRING_ENDED = -2  # "success", "timeout", "error", "passkey-request", …
    ENDED = -1  # the library's call returned: with why, or nothing after `stop`
    DEVICE = 0
    PAIRED = 2
    CONNECTED = 3
    KEEP_ALIVE_LOST = 4
    KEEP_ALIVE_BACK = 5
    LOGGED_OUT = 6
    REPLACED = 7
    BANNED = 8
    CONNECT_FAILURE = 9
    OUTDATED = 10
    STREAM_ERROR = 11
    DISCONNECTED = 12
    HISTORY = 13
    MESSAGE = 17
    RECEIPT = 18
    OFFLINE_DONE = 27
    UNREADABLE = 44


class SendFailed(Exception):
    """The library's words for why a message was not sent, or may not have been."""


class CallFailed(Exception):
    """The library's words for why a call did not do what it should."""


Tell = Callable[[Told, bytes], None]


class Client:
    """`tell` is called on the library's threads, and must not raise."""

    def __init__(self, database: str, name: str, tell: Tell) -> None:
        self._library = library.load()
        props = module("waCompanionReg.WAWebProtobufsCompanionReg_pb2").DeviceProps(
            os="Chatloom", platformType=1
        )  # 1: Chrome
        self._neonize = self._library.NewClient(database, uuid=name, props=props)
        self._props: bytes = props.SerializeToString()
        self._database = database.encode()
        self._name = name.encode()
        self._tell = tell
        self._last_told = 0.0
        self._stopped = False
        self._go: Any = self._library.gocode
        self._events = bytes(sorted(one for one in Told if one > 0))
        binder = (
            self._library.func_string,
            self._library.func_callback_bytes,
            self._library.func_callback_bytes2,
        )
        self._callbacks = (  # kept for as long as the library may call them
            binder[0](self._on_code),
            binder[0](self._on_pairing_ended),
            binder[1](self._on_event),
            binder[2](_on_log),
        )

    def start(self) -> None:
        threading.Thread(target=self._hold, name="whatsapp", daemon=True).start()

    def stop(self, disconnected: Callable[[], None] = lambda: None) -> None:
        """Disconnect, and hear out what the library has confirmed to WhatsApp and not told yet. Blocks.

        `Told.ENDED` follows, but not after a pairing that did not succeed.
        """
        self._stopped = True
        self._go.Disconnect(self._name)
        disconnected()
        began = self._last_told = time.monotonic()
        while (now := time.monotonic()) - self._last_told < QUIET_S and now - began < HEAR_OUT_S:
            time.sleep(QUIET_S / 4)
        self._go.Stop(self._name)

    def pair_phone(self, phone: str) -> str:
        """The code to type on the phone. Call it once a QR code was told. Raises `CallFailed`."""
        return self._call(self._neonize.PairPhone, phone, True)

    def account(self) -> tuple[str, str]:
        """The linked account's phone and LID, both digits, or empty while there is none."""
        me = self._neonize.get_me()
        return me.JID.User, me.LID.User

    def is_connected(self) -> bool:
        return bool(self._neonize.is_connected)

    def show_ticks(self) -> None:
        """Let contacts see two ticks, as if somebody looked at this device."""
        self._neonize.set_force_activate_delivery_receipts(True)

    def send(self, to: Any, message: Any) -> str:
        """Send, and wait for the server: up to 75 s, longer if the connection drops. Raises `SendFailed`.

        The one call that may come late, since sends wait for one another: after `stop` it fails.
        """
        if self._stopped:
            raise SendFailed(NOT_CONNECTED)
        address, body = to.SerializeToString(), message.SerializeToString()
        raw = self._go.SendMessage(self._name, address, len(address), body, len(body))
        answer = module("Neonize_pb2").SendMessageReturnFunction.FromString(raw)
        if answer.Error:
            raise SendFailed(answer.Error)
        return answer.SendResponse.ID

    def mark_read(self, message_id: str, chat: Any, sender: Any) -> None:
        """Raises `CallFailed`."""
        self._call(
            self._neonize.mark_read,
            message_id,
            chat=chat,
            sender=sender,
            receipt=self._library.ReceiptType.READ,
        )

    def show_typing(self, chat: Any) -> None:
        """Raises `CallFailed`."""
        state = self._library.ChatPresence.CHAT_PRESENCE_COMPOSING
        self._call(
            self._neonize.send_chat_presence,
            chat,
            state,
            self._library.ChatPresenceMedia.CHAT_PRESENCE_MEDIA_TEXT,
        )

    def upload(self, data: bytes, kind: int) -> Any:
        """A `Neonize.UploadResponse`. `kind`: neonize's `MediaType`. Raises `CallFailed`."""
        return self._call(self._neonize.upload, data, self._library.MediaType(kind))

    def download(self, message: Any) -> bytes:
        """The bytes of the file in a `waE2E.Message`. Raises `CallFailed`."""
        return self._call(self._neonize.download_any, message)

    def log_out(self) -> None:
        """Unlink this device at WhatsApp. Raises `CallFailed`."""
        self._call(self._neonize.logout)

    def _call(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        try:
            return method(*args, **named)
        except self._library.NeonizeError as error:
            raise CallFailed(str(error)) from error

    def _hold(self) -> None:
        raw: bytes | None = self._go.Neonize(
            self._database,
            self._name,
            b"",
            0,
            0,
            b"ERROR",
            *self._callbacks,
            self._events,
            len(self._events),
            self._props,
            len(self._props),
            b"",
            0,
            None,
        )
        self._tell(Told.ENDED, raw or b"")

    def _on_code(self, _: int, data: int) -> None:
        self._tell(Told.CODE, ctypes.string_at(data))

    def _on_pairing_ended(self, _: int, word: int) -> None:
        self._tell(Told.PAIRING_ENDED, ctypes.string_at(word))

    def _on_event(self, _: bytes, data: int, size: int, code: int) -> None:
        self._last_told = time.monotonic()
        self._tell(Told(code), ctypes.string_at(data, size))


def _on_log(data: int, size: int) -> None:
    entry = module("Neonize_pb2").LogEntry.FromString(ctypes.string_at(data, size))
    log.warning("the library: %s", library.scrubbed(entry.Message))
