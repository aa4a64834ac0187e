"""Passwords: argon2id, worked out off the loop, few at a time, and as long for nobody as for somebody.

Source: RFC 9106 section 4 (second recommended option: 64 MiB, 3 passes, 4 lanes); NIST SP 800-63B-4 section
3.1.1 (length over composition, Unicode normalized before hashing).
"""

import asyncio
import secrets
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from schemas.problems import Refused

if TYPE_CHECKING:
    from pwdlib import PasswordHash

LEAST_CHARS = 12
MOST_CHARS = 256
AT_ONCE = 2  # each takes the memory of its cost


class PasswordWeak(Refused):
    """The new password is too easy to guess."""

    code = "passwords.weak"
    status = 422
    title = "That password is too weak"
    sentence = (
        "This password {why}. Take one of at least 12 characters: a few words that do not belong together."
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs whoever has stolen the hashes."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4


class Passwords:
    """Hashes and compares at one cost."""

    def __init__(self, cost: Cost) -> None:
        self._cost = cost
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def hashed(self, password: str) -> str:
        """The PHC string to keep."""
        async with self._turns:
            return await asyncio.to_thread(self._argon.hash, _normal(password))

    async def right(self, password: str, kept: str | None) -> bool:
        """Whether `password` is the one whose hash was kept. `kept` None (nobody): no, after the same time."""
        async with self._turns:
            return await asyncio.to_thread(self._compare, _normal(password), kept)

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made at another cost than today's."""
        return self._argon.current_hasher.check_needs_rehash(kept)

    def _compare(self, password: str, kept: str | None) -> bool:
        return self._argon.verify(password, kept or self._nobodys) and kept is not None

    @cached_property
    def _argon(self) -> "PasswordHash":
        from pwdlib import PasswordHash
        from pwdlib.hashers.argon2 import Argon2Hasher

        cost = self._cost
        return PasswordHash(
            (Argon2Hasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes),)
        )

    @cached_property
    def _nobodys(self) -> str:
        return self._argon.hash(secrets.token_urlsafe())


def refuse_weak(password: str, email: str) -> None:
    """Raises `PasswordWeak`."""
    plain = _normal(password).casefold()
    if len(plain) < LEAST_CHARS:
        raise PasswordWeak(why=f"has fewer than {LEAST_CHARS} characters")
    if len(set(plain)) < 5:
        raise PasswordWeak(why="repeats a few characters")
    if plain in (email, email.partition("@")[0]):
        raise PasswordWeak(why="is the address")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)
