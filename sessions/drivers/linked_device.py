"""WhatsApp as a linked device: the number stays on its owner's phone, and this is one of its Linked devices.

The account is known once a phone is linked. What the session is, and what becomes of it, stands in
`sessions/linked_device/`; its keys rest in `sessions/vault/`. A send that a crash or a lost connection left open
is settled by a receipt that names it, or else taken back and sent again: it shows once.
"""

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from schemas.capabilities import Capabilities
from schemas.messages import Media, MediaKind, Outbound
from schemas.problems import Problem
from sessions.driver import (
    Account,
    Health,
    Hosting,
    Mark,
    OnMessage,
    OnReceipt,
    Rejected,
    Sent,
    Throttled,
)
from sessions.settings import ChannelSettings, SendPolicy, ui

if TYPE_CHECKING:
    # Loading the library is left to `run`: other processes only look at what this channel can do.
    from sessions.linked_device.link import Ending, Link
    from sessions.linked_device.outflow import Outflow
    from sessions.vault import OpenVault, Spool

log = logging.getLogger(__name__)

_MB = 1024 * 1024
_AGAIN_S = 30.0
_OPENED_WITHIN_S = 30.0
_MARKED_WITHIN_S = 2.0
_POLL_OPTIONS = 12
_KIND_OF_MIME = {"image": "image", "video": "video", "audio": "audio"}


class LinkedSettings(SendPolicy, ChannelSettings):
    """What an operator may set for a linked number."""

    max_sends: Annotated[float, Field(gt=0)] | Literal["off"] = Field(
        20,
        title="Sends a second",
        json_schema_extra=ui("The most that this number sends, over all conversations. `off`: no limit."),
    )
    groups: Literal["off", "on"] = Field(
        "off",
        title="Groups",
        json_schema_extra=ui("`on`: what is written in groups is heard, and the bot answers there."),
    )
    choices: Literal["numbered", "poll"] = Field(
        "numbered",
        title="Menus as",
        json_schema_extra=ui(
            "WhatsApp shows no buttons of linked devices: numbered text, or a poll of up to 12."
        ),
    )
    after_owner_wrote: Annotated[int, Field(ge=0)] | None = Field(
        3600,
        title="Seconds of silence after the owner wrote",
        json_schema_extra=ui(
            "When the owner answers on the phone, the bot is silent in that conversation for so long after his "
            "last message. Empty: until it is handed back."
        ),
    )
    doubtful: Literal["resend", "leave"] = Field(
        "resend",
        title="A message that may not have left",
        json_schema_extra=ui(
            "`resend`: taken back and sent again, so that it shows once and surely. `leave`: never sent again."
        ),
    )


class LinkedDevice:
    """One number."""

    channel: ClassVar[str] = "linked_device"
    capabilities: ClassVar[Capabilities] = Capabilities(
        channel="linked_device",
        # faq.whatsapp.com and the apps: 65,536 characters; longer than 4,096 folds badly
        text=4096,
        caption=1024,
        media=frozenset({"image", "video", "audio", "document", "sticker"}),
        # The apps' own limits are higher; these keep one file well within a process's memory.
        media_bytes=(
            ("image", 16 * _MB),
            ("video", 64 * _MB),
            ("audio", 16 * _MB),
            ("document", 64 * _MB),
            ("sticker", 1 * _MB),
        ),
        location=True,
        contacts=True,
        reaction=True,
        typing=True,
        read_mark=True,
        tracker=True,
    )
    settings_model: ClassVar[type[BaseModel]] = LinkedSettings
    secret_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, account: Account) -> None:
        self.account = account
        self.settings = LinkedSettings.model_validate(dict(account.settings))
        self.capabilities = self.able_with(self.settings)  # pyright: ignore[reportAttributeAccessIssue]
        self._hosting: Hosting | None = None
        self._mark: Mark | None = None
        self._link: Link | None = None
        self._outflow: Outflow | None = None
        self._spool: Spool | None = None
        self._opened = asyncio.Event()
        self._marks: set[asyncio.Task[None]] = set()

    @classmethod
    def able_with(cls, settings: BaseModel) -> Capabilities:
        """What a number with these settings can show: with polls, choices that are tapped."""
        if not isinstance(settings, LinkedSettings) or settings.choices != "poll":
            return cls.capabilities
        # whatsmeow and the apps: 2 to 12 options of 100 characters, a question of 255
        return replace(cls.capabilities, buttons=_POLL_OPTIONS, button_title=100, button_text=255)

    def __repr__(self) -> str:
        return f"LinkedDevice(number_id={self.account.number_id})"

    @property
    def spool_depth(self) -> int:
        """How many events wait for the inbox."""
        return self._spool.depth if self._spool is not None else 0

    def attach(self, hosting: Hosting) -> None:
        self._hosting = hosting
        self._mark = hosting.mark

    async def run(self, on_message: OnMessage, on_receipt: OnReceipt) -> None:
        """Hold the session until cancelled. Raises `NoLibrary`, what `open_vault` raises, and what the inbox does."""
        from sessions.linked_device import health, library
        from sessions.linked_device.link import Ending

        await asyncio.to_thread(library.load)
        hosting = self._hosting_there()
        idle = health.unlinked()
        while True:
            vault = await self._open(hosting)
            ending = await self._serve(vault, hosting, idle, on_message, on_receipt)
            match ending:
                case Ending.LOGGED_OUT:
                    idle = health.logged_out("")
                case Ending.UNLINKED:
                    idle = health.unlinked()
                case Ending.RESTART:
                    pass

    async def send(self, message: Outbound) -> Sent:
        """Send one message. Raises `Throttled`, `Unreachable` or `Rejected`."""
        return await self._out().send(message)

    async def mark_read(self, provider_id: str, typing: bool) -> None:
        """Show the contact that his message was read, and "typing" for a while."""
        await self._out().mark_read(provider_id, typing)

    async def upload(self, data: bytes, mime: str, filename: str, kind: MediaKind | None = None) -> str:
        """Give WhatsApp a file, sealed as it wants for what it is sent as, to be sent by the address that it gives."""
        sent_as = kind or _KIND_OF_MIME.get(mime.partition("/")[0], "document")
        return await self._out().upload(data, mime, sent_as)

    async def fetch(self, media: Media, max_bytes: int) -> bytes:
        """The bytes of a file that a contact sent. Raises as `send` does; more than `max_bytes` is `Rejected`."""
        from sessions.linked_device.read import file_of

        message = file_of(media.provider_ref)
        if any(part.fileLength > max_bytes for _, part in message.ListFields()):
            raise Rejected("too_large", f"the file has more than {max_bytes} bytes")
        data = await self._out().fetch(message)
        if len(data) > max_bytes:
            raise Rejected("too_large", f"the file has more than {max_bytes} bytes")
        return data

    async def pair(self, phone: str = "") -> None:
        """Show QR codes one after another; or, with a phone's digits, one code to type. Raises `Rejected`."""
        if phone and (not phone.isdigit() or not 7 <= len(phone) <= 15 or phone.startswith("0")):
            raise Rejected(
                "phone", "a phone number is written as digits with its country code, without + or 00"
            )
        link = await self._link_there()
        if link.account[0]:
            raise Rejected("linked", "a phone is linked already: unlink it first")
        link.pair(phone)

    async def stop_pairing(self) -> None:
        (await self._link_there()).stop_pairing()

    async def restart(self) -> None:
        """Close the session and open it again from its sealed files."""
        (await self._link_there()).restart()

    async def log_out(self) -> None:
        """Unlink at WhatsApp as far as it can be reached, and destroy the session's keys here."""
        (await self._link_there()).log_out()

    async def close(self) -> None:
        """Wait a little until the last mark is written. What else is held, `run` lets go when it is cancelled."""
        if self._marks:
            await asyncio.wait(self._marks, timeout=_MARKED_WITHIN_S)
        while self._marks:  # the database is away; a cancellation may meet its connection and be lost
            for task in self._marks:
                task.cancel()
            await asyncio.wait(self._marks, timeout=_MARKED_WITHIN_S)

    async def _open(self, hosting: Hosting) -> "OpenVault":
        from sessions import metrics
        from sessions.linked_device.forgetting import forget
        from sessions.vault import open_vault

        erased = await hosting.to_forget()
        names = [name for one in erased for name in one.names]
        loop = asyncio.get_running_loop()

        def on_fault(problem: Problem) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._fault, problem)

        def on_mark(mark: Mark) -> None:
            self._mark = mark
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._keep_mark, hosting, mark)

        vault = await asyncio.to_thread(
            lambda: open_vault(
                hosting.vault,
                hosting.live,
                hosting.masters,
                UUID(str(self.account.number_id)),
                self._mark,
                on_mark=on_mark,
                on_fault=on_fault,
                on_sealed=metrics.seal_seconds.observe,
                first=(lambda session: forget(session, names)) if names else None,
            )
        )
        try:
            await hosting.on_forgotten(erased)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(vault.close))
            raise
        return vault

    async def _serve(
        self, vault: "OpenVault", hosting: Hosting, idle: Health, on_message: OnMessage, on_receipt: OnReceipt
    ) -> "Ending":
        """One opening of the vault: hold the link and move what comes, until the vault is to be closed."""
        from sessions.linked_device.inflow import Inflow, Sinks
        from sessions.linked_device.ledger import Secrets
        from sessions.linked_device.link import Ending, Link
        from sessions.linked_device.outflow import Outflow

        secrets = Secrets(vault.select, vault.derive(b"message tags"))
        sinks = Sinks(on_message, on_receipt, hosting.on_own, hosting.recall)
        inflow = Inflow(
            vault.spool, secrets, sinks, self.settings.groups == "on", str(self.account.number_id)
        )
        link = Link(vault, str(self.account.number_id), secrets, inflow, hosting.on_health)
        self._outflow = Outflow(
            link,
            inflow,
            secrets,
            vault.sending,
            hosting.recall,
            self.settings.doubtful == "leave",
            dict(self.capabilities.media_bytes),
        )
        self._link, self._spool = link, vault.spool
        self._opened.set()
        moving = asyncio.create_task(inflow.run())
        holding = asyncio.create_task(link.run(idle))
        ending: Ending | None = None
        try:
            await asyncio.wait((moving, holding), return_when=asyncio.FIRST_COMPLETED)
            if moving.done():
                moving.result()
            ending = holding.result()
            return ending
        finally:
            self._link = self._outflow = self._spool = None
            self._opened.clear()
            for task in (holding, moving):
                task.cancel()
            await asyncio.gather(holding, moving, return_exceptions=True)
            destroyed = ending in (Ending.LOGGED_OUT, Ending.UNLINKED)
            await asyncio.shield(asyncio.to_thread(vault.destroy if destroyed else vault.close))

    def _fault(self, problem: Problem) -> None:
        if self._link is not None:
            self._link.fault(problem)

    def _keep_mark(self, hosting: Hosting, mark: Mark) -> None:
        async def keep() -> None:
            await hosting.on_mark(mark)

        task = asyncio.create_task(keep())
        self._marks.add(task)
        task.add_done_callback(self._marks.discard)

    def _hosting_there(self) -> Hosting:
        if self._hosting is None:
            raise RuntimeError("attach a hosting before running the session")
        return self._hosting

    async def _link_there(self) -> "Link":
        """The link, as soon as the vault is open. Raises `Rejected`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._opened.wait(), _OPENED_WITHIN_S)
        if self._link is None:
            raise Rejected("not_open", "the session is not open: its state says why")
        return self._link

    def _out(self) -> "Outflow":
        if self._outflow is None:
            raise Throttled("the session is not open", _AGAIN_S)
        return self._outflow


DRIVER = LinkedDevice
