"""WhatsApp by Meta's Cloud API: webhooks come in through the door, messages go out by the Graph API.

The account is the phone number's id at Meta. `read` and `write` stand in `sessions/cloud_api/`.
A send that a crash left open settles by itself: our id travels as `biz_opaque_callback_data` and comes back
with each status.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

import aiohttp
import orjson
from pydantic import BaseModel, Field
from yarl import URL

from schemas.capabilities import Capabilities
from schemas.messages import Media, MediaKind, Outbound, Template
from sessions.cloud_api import faults
from sessions.cloud_api.read import read
from sessions.cloud_api.write import write, write_read_mark
from sessions.driver import Account, Batch, ChannelTemplate, OnMessage, OnReceipt, Rejected, Sent, Unreachable
from sessions.settings import ChannelSettings, ui
from sessions.whatsapp import BUSINESS

_ANSWER_BYTES = 256 * 1024
_MEDIA_HOSTS = ("facebook.com", "fbsbx.com", "whatsapp.net", "fbcdn.net")
_MEDIA_ID = re.compile(r"[A-Za-z0-9_.:-]{1,256}")
_CONNECT_S = 5.0
_MOST_TEMPLATES = 10_000  # Meta allows 6,000 to an account
_TRANSFER_S = 120.0
_SHORTEST_WORD = 4

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class CloudSettings(ChannelSettings):
    """What an operator may set for a number on the Cloud API."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")] = Field(
        "https://graph.facebook.com/v25.0",
        title="Graph API",
        json_schema_extra=ui(
            "Where requests go, with the version. Change it for a provider between us and Meta."
        ),
    )
    business_account: Annotated[str, Field(pattern=r"^\d{0,32}$")] = Field(
        "",
        title="WhatsApp Business Account",
        json_schema_extra=ui("Its id at Meta, by which templates are read. Empty: they are not."),
    )
    answer_within: Annotated[float, Field(gt=0)] = Field(
        15,
        title="Seconds to wait for an answer",
        json_schema_extra=ui("Longer than this and the send is left open, until a delivery report names it."),
    )


class CloudApi:
    """One phone number on the Cloud API."""

    channel: ClassVar[str] = "cloud_api"
    capabilities: ClassVar[Capabilities] = replace(
        BUSINESS,
        # developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages#customer-service-windows
        free_text_hours=24,
        channel="cloud_api",
        # developers.facebook.com/docs/whatsapp/cloud-api/guides/mark-message-as-read, …/typing-indicators
        read_mark=True,
        typing=True,
        # …/cloud-api/reference/messages: biz_opaque_callback_data, at most 512 characters
        tracker=True,
        # developers.facebook.com/docs/whatsapp/flows/guides/sendingaflow
        forms=True,
        # …/cloud-api/overview#throughput: 80 messages a second until Meta raises it
        sends_per_s=80.0,
        # …/cloud-api/overview#pair-rate-limits: one in 6 s to a contact; a burst of 45 is borrowed and paid back
        pair_interval_s=6.0,
        pair_burst=45,
    )
    settings_model: ClassVar[type[BaseModel]] = CloudSettings
    secret_names: ClassVar[tuple[str, ...]] = ("access_token",)
    app_secret_names: ClassVar[tuple[str, ...]] = ("secret", "verify_token")

    def __init__(self, account: Account) -> None:
        self.account = account
        settings = CloudSettings.model_validate(dict(account.settings))
        self._base = settings.base_url.rstrip("/")
        self._number = URL(f"{self._base}/{quote(account.account, safe='')}", encoded=True)
        self._messages = self._number / "messages"
        self._business = settings.business_account
        self._authorization = {"Authorization": f"Bearer {account.secrets.get('access_token', '')}"}
        self._headers = {**self._authorization, "Content-Type": "application/json"}
        self._timeout = aiohttp.ClientTimeout(total=settings.answer_within, sock_connect=_CONNECT_S)
        self._transfer = aiohttp.ClientTimeout(total=_TRANSFER_S, sock_connect=_CONNECT_S)
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"CloudApi(number_id={self.account.number_id})"

    @staticmethod
    def handshake(query: Mapping[str, str], secrets: Mapping[str, str]) -> str | None:
        """The challenge, if Meta knows our verify token; None otherwise."""
        token = secrets.get("verify_token", "")
        if not token or query.get("hub.mode") != "subscribe":
            return None
        if not hmac.compare_digest(_raw(query.get("hub.verify_token", "")), _raw(token)):
            return None
        return query.get("hub.challenge")

    @staticmethod
    def verify(headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]) -> bool:
        """Whether `X-Hub-Signature-256` is the HMAC-SHA256 of the raw body under the app's secret."""
        secret = secrets.get("secret", "")
        if not secret:
            return False
        expected = "sha256=" + hmac.digest(_raw(secret), body, hashlib.sha256).hex()
        return hmac.compare_digest(_raw(headers.get("x-hub-signature-256", "")), _raw(expected))

    @staticmethod
    def read(body: bytes) -> Batch:
        """The messages and receipts in a verified body."""
        return read(body)

    async def run(self, on_message: OnMessage, on_receipt: OnReceipt) -> None:
        """Wait until cancelled: messages and receipts come through the door."""
        await asyncio.Event().wait()

    async def send(self, message: Outbound) -> Sent:
        """Send one message. Raises `Throttled`, `Unreachable`, `Rejected` or `LoggedOut`."""
        try:
            body = orjson.dumps(write(message))
        except orjson.JSONEncodeError as error:
            raise Rejected("not_json", "the message cannot be written as JSON") from error
        answer = await self._post(self._messages, body, message)
        match answer:
            case {"messages": [{"id": str(provider_id)}, *_]} if provider_id:
                return Sent(provider_id)
            case _:
                raise Unreachable("the answer names no message", maybe_sent=True)

    async def mark_read(self, provider_id: str, typing: bool) -> None:
        """Show the contact that his message was read, and "typing" for a while. Raises as `send` does."""
        await self._post(self._messages, orjson.dumps(write_read_mark(provider_id, typing)))

    async def upload(self, data: bytes, mime: str, filename: str, kind: MediaKind | None = None) -> str:
        """Give Meta a file, to be sent by the id that it gives: valid for 30 days. Raises as `send` does."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime)
        form.add_field("file", data, filename=filename or "file", content_type=mime)
        async with self._request("POST", self._number / "media", data=form, transfer=True) as response:
            match await _answer(response):
                case {"id": str(media_id)} if media_id:
                    return media_id
                case _:
                    raise Unreachable("the answer names no media")

    async def templates(self) -> list[ChannelTemplate] | None:
        """The templates of the business account. Raises as `send` does."""
        if not self._business:
            return None
        found: list[ChannelTemplate] = []
        asked = {"fields": "id,name,language,status,category,components", "limit": "50"}
        while len(found) < _MOST_TEMPLATES:
            place = URL(f"{self._base}/{self._business}/message_templates").with_query(asked)
            async with self._request("GET", place) as response:
                match await _answer(response):
                    case {"data": [*rows], **rest}:
                        found += [_template(row) for row in rows]
                    case _:
                        raise Unreachable("the answer lists no templates")
            match rest:
                case {"paging": {"next": str(), "cursors": {"after": str(after)}}} if rows:
                    asked["after"] = after
                case _:
                    break
        return found

    async def fetch(self, media: Media, max_bytes: int) -> bytes:
        """The bytes of a file that a contact sent. Raises as `send` does; more than `max_bytes` is `Rejected`."""
        if not _MEDIA_ID.fullmatch(media.provider_ref):
            raise Rejected("no_media", "the file has no id at Meta")
        about = URL(f"{self._base}/{quote(media.provider_ref, safe='')}", encoded=True)
        async with self._request("GET", about) as response:
            place = await _answer(response)
        match place:
            case {"url": str(address)} if self._holds_media(address):
                pass
            case _:
                raise Rejected("no_media", "the file's address is missing, or not at Meta")
        async with self._request("GET", URL(address), transfer=True) as response:
            if response.status != 200:
                await _answer(response)
                raise Unreachable(f"HTTP {response.status} for a file")
            data = await _bounded(response, max_bytes)
        if data is None:
            raise Rejected("too_large", f"the file has more than {max_bytes} bytes")
        return data

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: URL, body: bytes, message: Outbound | None = None) -> Any:
        async with self._request("POST", url, data=body, headers=self._headers) as response:
            return await _answer(response, message)

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        url: URL,
        *,
        data: bytes | aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
        transfer: bool = False,
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        if self._session is None:
            # A limit of 100 would be a ceiling of 2,000 sends a second at 50 ms each.
            connector = aiohttp.TCPConnector(limit=0, limit_per_host=512)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept", "Accept-Encoding"),
            )
        try:
            async with self._session.request(
                method,
                url,
                data=data,
                headers=headers or self._authorization,
                timeout=self._transfer if transfer else self._timeout,
                allow_redirects=False,
            ) as response:
                yield response
        except _NOT_SENT as error:
            raise Unreachable(f"no connection ({type(error).__name__})") from error
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise Unreachable(f"no answer ({type(error).__name__})", maybe_sent=True) from error

    def _holds_media(self, address: str) -> bool:
        """Whether our token may be shown there: Meta's own hosts, or where requests go anyway."""
        try:
            origin = URL(address).origin()
        except ValueError:
            return False
        host = origin.host or ""
        at_meta = any(host == ours or host.endswith(f".{ours}") for ours in _MEDIA_HOSTS)
        return (at_meta and origin.scheme == "https") or origin == self._number.origin()


def _template(row: Any) -> ChannelTemplate:
    match row:
        case {"name": str(name), "language": str(language), "status": str(status), **rest}:
            parts: Any = rest.get("components")
            return ChannelTemplate(
                name,
                language,
                status,
                str(rest.get("category") or ""),
                str(rest.get("id") or ""),
                tuple(parts) if parts.__class__ is list else (),
            )
        case _:
            raise Unreachable("a template in the answer has no name, language or status")


async def _answer(response: aiohttp.ClientResponse, message: Outbound | None = None) -> Any:
    """The JSON of a successful answer, None if it is not JSON. Raises the problem of any other."""
    raw = await _bounded(response, _ANSWER_BYTES)
    try:
        answer: Any = orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        answer = None
    error: Any = answer.get("error") if answer.__class__ is dict else None
    if error.__class__ is not dict:
        if 200 <= response.status < 300:
            return answer
        error = None
    raise faults.problem(response.status, error, response.headers, _words(message))


async def _bounded(response: aiohttp.ClientResponse, max_bytes: int) -> bytes | None:
    """The body, or None if it has more than `max_bytes`."""
    length = response.content_length
    if length is not None and length > max_bytes:
        return None
    if length is not None and "Content-Encoding" not in response.headers:
        return await response.read()
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            return None
    return bytes(body)


def _words(message: Outbound | None) -> tuple[str, ...]:
    """What Meta might repeat in an error and must not stand in a log: texts and addresses, longest first."""
    if message is None:
        return ()
    body = message.body
    told: object = body.components if isinstance(body, Template) else asdict(body)
    found = {*_texts(told), *(identity.value for identity in message.to)} - {body.kind}
    return tuple(sorted((word for word in found if len(word) >= _SHORTEST_WORD), key=len, reverse=True))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:  # pyright: ignore[reportUnknownVariableType]
                yield from _texts(inner)
        case _:
            pass


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


DRIVER = CloudApi
