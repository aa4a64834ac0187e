"""Fetching a file that a bot names by a public address: WhatsApp itself fetches nothing for a linked device."""

import aiohttp
from yarl import URL

from sessions import outbound
from sessions.driver import Rejected, Unreachable

_CONNECT_S = 5.0
_TRANSFER_S = 60.0
_REDIRECTS = 4


async def fetch_link(link: str, max_bytes: int) -> tuple[bytes, str]:
    """The file and its type. Raises `Rejected` for an address that is not public or a file that is too large,
    `Unreachable` when it does not come."""
    timeout = aiohttp.ClientTimeout(total=_TRANSFER_S, sock_connect=_CONNECT_S)
    async with outbound.session(allow_private=False) as session:
        url = _public(link)
        for _ in range(_REDIRECTS + 1):
            try:
                async with session.get(url, allow_redirects=False, timeout=timeout) as response:
                    if response.status in (301, 302, 303, 307, 308):
                        url = _public(str(url.join(URL(response.headers.get("Location", "")))))
                        continue
                    return await _bounded(response, max_bytes), response.content_type
            except ValueError as error:
                raise Rejected("no_media", "the file's link leads to what is no address") from error
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if outbound.was_private(error):
                    raise Rejected("no_media", "the file's link is not a public address") from error
                raise Unreachable(f"no answer for a file ({type(error).__name__})") from error
    raise Rejected("no_media", "the file's link leads on and on")


def _public(link: str) -> URL:
    """The address, if it may be asked. Names are looked at when they are resolved."""
    try:
        url = URL(link)
    except ValueError as error:
        raise Rejected("no_media", "the file's link is not an address") from error
    if url.scheme not in ("http", "https") or not url.host or outbound.literal_refused(str(url)):
        raise Rejected("no_media", "the file's link is not a public address")
    return url


async def _bounded(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    if response.status >= 500:
        raise Unreachable(f"HTTP {response.status} for a file")
    if response.status != 200:
        raise Rejected("no_media", f"HTTP {response.status} for a file")
    data = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        data += chunk
        if len(data) > max_bytes:
            raise Rejected("too_large", f"the file has more than {max_bytes} bytes")
    return bytes(data)
