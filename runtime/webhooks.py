"""One try of a webhook: a bounded, signed HTTP request that reaches public addresses only.

The address is checked where the connection is made, after the name was resolved, so a name that points
inwards, or changes its mind, does not get through; redirects are failures and are not followed.
With a secret named `webhook_secret` in the workspace, requests are signed.

Source: Standard Webhooks 1.0.0 (headers, signature); RFC 9110, section 10.2.3 (Retry-After).
"""

import asyncio
import base64
import binascii
import datetime as dt
import email.utils
import hashlib
import hmac
import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlsplit

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult

from schemas.effects import CallWebhook, Chunk, SecretRef

MOST_BYTES = 1024 * 1024
SIGNING_SECRET = "webhook_secret"
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class TargetPrivate(OSError):
    """The target is on an address that flows may not call."""


class SecretUnknown(LookupError):
    """The request names a secret that the workspace does not have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a try ended. `final`: another try would end the same way. `counts`: the host is to blame."""

    ok: bool
    final: bool
    result: dict[str, Any] = field(default_factory=dict[str, Any])
    error: str = ""
    retry_in_s: float | None = None
    counts: bool = False


class PublicResolver(AbstractResolver):
    """Names, but only those that lead to public addresses."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for one in found:
            if not is_public(one["host"]):
                raise TargetPrivate("the target is on a private address")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip.sixtofour is not None:
            ip = ip.sixtofour
        elif ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast


def session(allow_private: bool) -> aiohttp.ClientSession:
    """The client that all webhooks of a process share. Call it within a running loop."""
    resolver = None if allow_private else PublicResolver()
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=32, use_dns_cache=False, resolver=resolver),
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "chatloom"},
    )


def secret_names(call: CallWebhook) -> set[str]:
    """The secrets that a request needs, and the one that signs it."""
    chunks = [*call.url, *(chunk for _, value in call.headers for chunk in value), *_json_chunks(call.json)]
    return {chunk.secret for chunk in chunks if isinstance(chunk, SecretRef)} | {SIGNING_SECRET}


def host_of(call: CallWebhook) -> str:
    """The host as far as it is known without secrets: what the circuit breaker goes by."""
    plain = "".join(chunk if isinstance(chunk, str) else "" for chunk in call.url)
    try:
        return urlsplit(plain).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


async def attempt(
    client: aiohttp.ClientSession, call: CallWebhook, secrets: Mapping[str, str], allow_private: bool
) -> Answer:
    """Make the request once. Never raises for what the other side does."""
    try:
        url = "".join(_part_of_url(place, chunk, secrets) for place, chunk in enumerate(call.url))
        body = orjson.dumps(_with_secrets(call.json, secrets)) if call.has_body else b""
        headers = {name: "".join(_chunk(chunk, secrets) for chunk in value) for name, value in call.headers}
    except SecretUnknown as error:
        return Answer(False, True, error=f"there is no secret named {error.args[0]!r}")
    except orjson.JSONEncodeError:
        return Answer(False, True, error="the body is not JSON")
    if not allow_private and (why := _literal_refused(url)):
        return Answer(False, True, error=why)
    headers.setdefault("Idempotency-Key", str(call.id))
    if call.has_body:
        headers.setdefault("Content-Type", "application/json")
    if signing := secrets.get(SIGNING_SECRET):
        try:
            headers |= signature(str(call.id), int(time.time()), body, signing)
        except (ValueError, binascii.Error):
            return Answer(False, True, error=f"the secret {SIGNING_SECRET} is not 'whsec_' and base64")
    try:
        async with asyncio.timeout(call.limit_s):
            async with client.request(
                call.method, url, data=body or None, headers=headers, allow_redirects=False
            ) as response:
                return _read(response, await _bounded(response))
    except TargetPrivate:
        return Answer(False, True, error="the target is on a private address")
    except _TooLarge:
        return Answer(False, True, error=f"the answer is longer than {MOST_BYTES} bytes")
    except (aiohttp.InvalidURL, ValueError) as error:
        return Answer(False, True, error=f"the request cannot be made: {type(error).__name__}")
    except TimeoutError:
        return Answer(False, False, error=f"no answer within {call.limit_s:g} s", counts=True)
    except (aiohttp.ClientError, OSError) as error:
        if any(isinstance(cause, TargetPrivate) for cause in _causes(error)):
            return Answer(False, True, error="the target is on a private address")
        return Answer(False, False, error=f"no answer: {type(error).__name__}", counts=True)


def signature(message_id: str, timestamp: int, body: bytes, secret: str) -> dict[str, str]:
    """The three headers of Standard Webhooks."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{digest}",
    }


class _TooLarge(Exception):
    pass


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_chunked(65_536):
        size += len(part)
        if size > MOST_BYTES:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


def _read(response: aiohttp.ClientResponse, body: bytes) -> Answer:
    text = body.decode("utf-8", "replace").replace("\0", "")
    try:
        json = orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        json = None
    result: dict[str, Any] = {
        "status": response.status,
        "headers": {name.lower(): _clean(value) for name, value in response.headers.items()},
        "json": json,
        "text": text,
    }
    if 200 <= response.status < 300:
        return Answer(True, True, result)
    again = response.status in _AGAIN
    return Answer(
        False,
        not again,
        result,
        f"HTTP {response.status}",
        _retry_after(response.headers.get("Retry-After", "")) if again else None,
        counts=response.status >= 500,
    )


def _clean(value: str) -> str:
    """aiohttp lets bytes that are not UTF-8 through as halves of surrogate pairs."""
    return value.encode("utf-8", "replace").decode()


def _retry_after(value: str) -> float | None:
    if value.isdigit():
        return float(value)
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=dt.UTC)
    return max(0.0, (at - dt.datetime.now(dt.UTC)).total_seconds())


def _literal_refused(url: str) -> str:
    """aiohttp does not ask a resolver for addresses written as numbers."""
    try:
        host = urlsplit(url).hostname or ""
        return "" if is_public(host) else "the target is on a private address"
    except ValueError:
        return ""


def _part_of_url(place: int, chunk: Chunk, secrets: Mapping[str, str]) -> str:
    """A secret inside a URL is one part of it; one that it begins with may be a whole address."""
    text = _chunk(chunk, secrets)
    return quote(text, safe="") if place and isinstance(chunk, SecretRef) else text


def _chunk(chunk: Chunk, secrets: Mapping[str, str]) -> str:
    if isinstance(chunk, str):
        return chunk
    if chunk.secret not in secrets:
        raise SecretUnknown(chunk.secret)
    return secrets[chunk.secret]


def _with_secrets(value: Any, secrets: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if fields.keys() == {"$secret"}:
            return "".join(_chunk(chunk, secrets) for chunk in _json_chunks(fields))
        return {name: _with_secrets(one, secrets) for name, one in fields.items()}
    if isinstance(value, list):
        return [_with_secrets(one, secrets) for one in cast("list[Any]", value)]
    return value


def _json_chunks(value: Any) -> list[Chunk]:
    """The chunks of all `{"$secret": [...]}` in a JSON value."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if fields.keys() == {"$secret"}:
            return [
                one if isinstance(one, str | SecretRef) else SecretRef(one["secret"])
                for one in fields["$secret"]
            ]
        return [chunk for one in fields.values() for chunk in _json_chunks(one)]
    if isinstance(value, list):
        return [chunk for one in cast("list[Any]", value) for chunk in _json_chunks(one)]
    return []


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and len(found) < 10:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
