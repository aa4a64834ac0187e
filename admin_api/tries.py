"""How often a password may be tried: for one account, and from one address.

Both are counted each time, for addresses that nobody has too, and the refusal is one and the same: it tells
neither which bound was met nor whether there is such an account. Who is signed in stays so.
"""

import hashlib

import redis.asyncio

from schemas.problems import Refused
from store.limits import Limit, household


class TooManyTries(Refused):
    """Passwords were tried too often for this account, or from this address."""

    code = "sign_in.too_many_tries"
    status = 429
    title = "Too many tries"
    sentence = "Too many tries. Try again in {retry_in} s."

    def __init__(self, retry_in: int) -> None:
        super().__init__(retry_in=retry_in)
        self.headers = {"Retry-After": str(retry_in)}


class Tries:
    """Counts tries in Redis, or in this process while Redis is away."""

    def __init__(
        self, by_account: int, by_address: int, window_s: int, wire: "redis.asyncio.Redis | None"
    ) -> None:
        self._account = Limit(by_account, window_s, wire)
        self._address = Limit(by_address, window_s, wire)

    async def count(self, email: str, address: str) -> None:
        """Count one try. Raises `TooManyTries`."""
        account = hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest()
        waits = [
            await self._account.retry_in(f"tries:account:{account}"),
            await self._address.retry_in(f"tries:address:{household(address)}"),
        ]
        if any(waits):
            raise TooManyTries(max(wait or 0 for wait in waits))
