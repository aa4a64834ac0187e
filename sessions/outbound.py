"""HTTP to addresses that users name: it reaches public ones only, unless private ones are allowed.

The address is checked where the connection is made, after the name was resolved, so a name that points
inwards, or changes its mind, does not get through. Callers follow no redirects.

Source: RFC 9110, section 10.2.3 (Retry-After).
"""

import datetime as dt
import email.utils
import ipaddress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class TargetPrivate(OSError):
    """The target is on an address that may not be called."""


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
    """The client that all such requests of a process share. Call it within a running loop."""
    resolver = None if allow_private else PublicResolver()
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=32, use_dns_cache=False, resolver=resolver),
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "chatloom"},
    )


def literal_refused(url: str) -> str:
    """Why an address written as a number may not be called: aiohttp asks no resolver for those. "": it may."""
    try:
        host = urlsplit(url).hostname or ""
        return "" if is_public(host) else "the target is on a private address"
    except ValueError:
        return ""


def was_private(error: BaseException | None) -> bool:
    """Whether a request failed because its target is private."""
    for _ in range(10):
        if error is None or isinstance(error, TargetPrivate):
            return error is not None
        error = error.__cause__ or error.__context__
    return False


def clean(value: str) -> str:
    """A header's value: aiohttp lets bytes that are not UTF-8 through as halves of surrogate pairs."""
    return value.encode("utf-8", "replace").decode()


def retry_after(value: str) -> float | None:
    """The seconds that an answer's Retry-After asks for."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=dt.UTC)
    return max(0.0, (at - dt.datetime.now(dt.UTC)).total_seconds())
