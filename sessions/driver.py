"""The port of a channel: what a driver states and does, and the closed set of ways in which it fails.

A driver is one file in `sessions/drivers/`: its `capabilities`, its pure half (`read` and `write`), then one
class. It never retries and never decides: it raises one of the problems below, and the sender decides.
Optional powers are protocols of their own (`Hooked`, `Marking`, `Fetching`, `Uploading`).
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from uuid import UUID

from pydantic import BaseModel

from schemas.capabilities import Capabilities
from schemas.messages import Inbound, Media, Outbound
from schemas.problems import Outside, Refused


class Throttled(Outside):
    """The channel wants us to slow down; `retry_in_s` from now, or None when it did not say.

    `scope`: `number` (everything waits) or `pair` (only this contact waits).
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


class Uploading(Protocol):
    """A channel that takes media as bytes first, and then sends them by the id that it gave."""

    async def upload(self, data: bytes, mime: str, filename: str) -> str:
        """The channel's id of the bytes, for `Media.provider_ref`."""
        ...
