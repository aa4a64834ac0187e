"""The port of a channel: what a driver states and does, and the closed set of ways in which it fails.

A driver is one file in `sessions/drivers/`: its `capabilities`, its pure half (`read` and `write`), then one
class. It never retries and never decides: it raises one of the problems below, and the sender decides.
Optional powers are protocols of their own (`Hooked`, `Marking`, `Fetching`, `Linking`, `Able`, `Uploading`,
`Templated`).
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol
from uuid import UUID

from pydantic import BaseModel

from keys.master import MasterKeys
from schemas.capabilities import Capabilities
from schemas.messages import FromOwner, Identity, Inbound, Media, MediaKind, Outbound, Outgoing
from schemas.problems import Outside, Refused
from schemas.reasons import NONE, Reason


class Throttled(Outside):
    """The channel wants us to slow down; `retry_in_s` from now, or None when it did not say.

    `scope`: `number` (everything waits), `pair` (only this contact waits) or `new` (contacts who never wrote
    wait, since the channel lets the number write to nobody new; a message to a known one is lost).
    """

    code = "channel.throttled"
    sentence = "The channel asks us to slow down: {why}."

    def __init__(self, why: str, retry_in_s: float | None = None, scope: str = "number") -> None:
        self.retry_in_s = retry_in_s
        self.scope = scope
        super().__init__(why=why)


class Unreachable(Outside):
    """The channel did not answer, or with a fault of its own. `maybe_sent`: it may have taken the message."""

    code = "channel.unreachable"
    sentence = "The channel could not be reached: {why}."

    def __init__(self, why: str, maybe_sent: bool = False) -> None:
        self.maybe_sent = maybe_sent
        super().__init__(why=why)


class Rejected(Refused):
    """The channel will never take this message. `vendor_code` is its own error code, as text."""

    code = "channel.rejected"
    status = 422
    sentence = "The channel refused the message ({vendor_code}): {why}."

    def __init__(self, vendor_code: str, why: str) -> None:
        self.vendor_code = vendor_code
        self.why = why
        super().__init__(vendor_code=vendor_code, why=why)


class LoggedOut(Refused):
    """Our access to the account has ended: nothing can be sent until an admin renews it."""

    code = "channel.logged_out"
    status = 409
    sentence = "The number is logged out: {why}."

    def __init__(self, why: str) -> None:
        super().__init__(why=why)


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel took a message and calls it `provider_id`."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery report. `tracker` is our own message id where the channel returns it."""

    provider_id: str
    status: str  # sent | delivered | read | failed
    at: dt.datetime
    tracker: UUID | None = None
    error_code: str = ""
    error: str = ""
    pricing: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A piece of a payload that could not be understood: kept whole in quarantine."""

    payload: bytes = field(repr=False)
    why: str
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one webhook request holds, by the vendor's id of the number it is for."""

    messages: tuple[tuple[str, Inbound], ...] = ()
    receipts: tuple[tuple[str, Receipt], ...] = ()
    unread: tuple[tuple[str, Unread], ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """What a driver is opened with: the number's row, its secrets in clear, for as long as it runs."""

    number_id: UUID
    account: str
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


OnMessage = Callable[[Inbound], Awaitable[None]]
OnReceipt = Callable[[Receipt], Awaitable[None]]


class Driver(Protocol):
    """One open account on one channel."""

    channel: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    settings_model: ClassVar[type[BaseModel]]  # the number's settings, with ui hints; exported
    secret_names: ClassVar[tuple[str, ...]]

    def __init__(self, account: Account) -> None: ...

    async def run(self, on_message: OnMessage, on_receipt: OnReceipt) -> None:
        """Hold the session until cancelled. Channels that push through a door only wait here."""
        ...

    async def send(self, message: Outbound) -> Sent:
        """Send one message. Raises `Throttled`, `Unreachable`, `Rejected` or `LoggedOut`."""
        ...

    async def close(self) -> None:
        """Let go of connections; idempotent."""
        ...


class Hooked(Protocol):
    """A channel whose vendor calls our door. All three are pure."""

    app_secret_names: ClassVar[tuple[str, ...]]

    @staticmethod
    def handshake(query: Mapping[str, str], secrets: Mapping[str, str]) -> str | None:
        """The answer to the vendor's verification request, or None to refuse it."""
        ...

    @staticmethod
    def verify(headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]) -> bool:
        """Whether the vendor signed these bytes. Constant time. Header names are lower case."""
        ...

    @staticmethod
    def read(body: bytes) -> Batch:
        """The messages and receipts in a verified body. Never raises: what it cannot read is `unread`."""
        ...


class Marking(Protocol):
    """A channel that can show "read" and "typing"."""

    async def mark_read(self, provider_id: str, typing: bool) -> None: ...


class Fetching(Protocol):
    """A channel whose media are fetched by reference."""

    async def fetch(self, media: Media, max_bytes: int) -> bytes: ...


SessionState = Literal[
    "unlinked",  # no phone is linked: pair
    "pairing",  # a QR code or a code is shown; `until` it expires
    "connecting",
    "online",
    "offline",  # the connection is down; the library tries again
    "conflict",  # another process took the session: never fight, a person decides
    "timelocked",  # no sends to new contacts, `until`
    "banned",  # `until`, where it is told
    "passkey_needed",  # the account asks for a step that the library does not know
    "logged_out",  # the phone removed us: pair again
    "stuck",  # connected, but nothing is answered; it is restarted by itself
    "paused",  # by us: the vault cannot be written, or the lease is in doubt; `why` says what to do
]


@dataclass(frozen=True, slots=True)
class Health:
    """What a session of its own says of itself. `why` is for the admin: what is, and what to do.

    While pairing, `qr` is the payload of the code to scan, or `code` what to type on the phone, until `until`.
    `account` names what is linked (for WhatsApp: the phone's digits) once it is known.
    """

    state: SessionState
    why: Reason = NONE
    until: dt.datetime | None = None
    qr: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    account: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """How far a vault is known to have come: what is older is refused (a rollback)."""

    generation: int
    records: int


@dataclass(frozen=True, slots=True)
class Erased:
    """A contact who is to be forgotten, and how channels name him."""

    contact: UUID
    names: tuple[Identity, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hosting:
    """What the runtime gives a driver that holds a session of its own.

    `vault` is this number's folder of sealed files; `live` a folder in memory for what is open. `mark` is the
    highest that the database knows, `on_mark` writes a higher one and returns when it is durable. `on_health`
    may be called from the event loop at any time. `on_own` takes what the owner typed on his phone; it returns
    when that is durable. `recall` gives the body of a message that we sent, by the provider's id; it raises
    `Outside` while the database is away. `to_forget` names those whom the session is not to remember any more; the driver
    asks each time before it opens the vault, takes them out, and says so by `on_forgotten` once that is sealed.
    """

    vault: Path
    live: Path
    masters: MasterKeys = field(repr=False)
    mark: Mark | None
    on_mark: Callable[[Mark], Awaitable[None]]
    on_health: Callable[[Health], None]
    on_own: Callable[[FromOwner], Awaitable[None]]
    recall: Callable[[str], Awaitable[Outgoing | None]]
    to_forget: Callable[[], Awaitable[Sequence[Erased]]]
    on_forgotten: Callable[[Sequence[Erased]], Awaitable[None]]


class Linking(Protocol):
    """A channel whose account an admin links with a phone, and whose session is kept in a vault.

    `attach` is called once, before `run`. `run` opens the vault, connects if a phone is linked, and else says
    `unlinked` and waits for `pair`. Orders are given while `run` runs; each returns when it has begun, what
    becomes of it is told by `on_health`. Where `run` raises a `Problem`, its sentence is shown to the admin, and
    it is run again after a pause.
    """

    @property
    def spool_depth(self) -> int:
        """How many events are spooled and not in the inbox yet. Asked at any time; 0 before `run`."""
        ...

    def attach(self, hosting: Hosting) -> None: ...

    async def pair(self, phone: str = "") -> None:
        """Show QR codes one after another; or, with a phone's digits, one code to type. Raises `Rejected`."""
        ...

    async def stop_pairing(self) -> None: ...

    async def restart(self) -> None:
        """Close the session and open it again from its sealed files."""
        ...

    async def log_out(self) -> None:
        """Unlink at the channel as far as it can be reached, and destroy the session's keys here."""
        ...


class Able(Protocol):
    """A channel where the settings of a number change what it can show."""

    @classmethod
    def able_with(cls, settings: BaseModel) -> Capabilities:
        """What a number with these settings (of `settings_model`) can show."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelTemplate:
    """One language of a template, in the channel's own words."""

    name: str
    language: str
    status: str
    category: str = ""
    provider_id: str = ""
    components: tuple[dict[str, Any], ...] = ()


class Templated(Protocol):
    """A channel that approves templates."""

    async def templates(self) -> list[ChannelTemplate] | None:
        """All that the account has. None: it is not set whose they are. Raises as `Driver.send` does."""
        ...


class Uploading(Protocol):
    """A channel that takes media as bytes first, and then sends them by the id that it gave."""

    async def upload(self, data: bytes, mime: str, filename: str, kind: MediaKind | None = None) -> str:
        """The channel's id of the bytes, for `Media.provider_ref`. `kind`: as what they will be sent."""
        ...
