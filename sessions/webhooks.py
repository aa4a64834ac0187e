"""One try of a webhook: a bounded, signed HTTP request that reaches public addresses only.

Redirects are failures and are not followed. What may be reached, says `sessions/outbound.py`.
With a secret named `webhook_secret` in the workspace, requests are signed.

Source: Standard Webhooks 1.0.0 (`keys/signing.py`).
"""

import asyncio
import binascii
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlsplit

import aiohttp
import orjson

from keys.signing import signature
from schemas.effects import CallWebhook, Chunk, SecretRef
from sessions.outbound import TargetPrivate, clean, literal_refused, retry_after, was_private

MOST_BYTES = 1024 * 1024
SIGNING_SECRET = "webhook_secret"
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class SecretUnknown(LookupError):
    """The request names a secret that the workspace does not have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a try ended. `final`: another try would end the same way. `counts`: the host is to blame.

    `later`: the result comes by another way.
    """

    ok: bool
    final: bool
    result: dict[str, Any] = field(default_factory=dict[str, Any])
    error: str = ""
    retry_in_s: float | None = None
    counts: bool = False
    later: bool = False


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
    if not allow_private and (why := literal_refused(url)):
        return Answer(False, True, error=why)
    headers.setdefault("Idempotency-Key", str(call.id))
    if call.has_body:
        headers.setdefault("Content-Type", "application/json")
    if signing := secrets.get(SIGNING_SECRET):
        try:
            headers |= signature(str(call.id), int(time.time()), body, signing.split())
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
        if was_private(error):
            return Answer(False, True, error="the target is on a private address")
        return Answer(False, False, error=f"no answer: {type(error).__name__}", counts=True)


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
        "headers": {name.lower(): clean(value) for name, value in response.headers.items()},
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
        retry_after(response.headers.get("Retry-After", "")) if again else None,
        counts=response.status >= 500,
    )


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
