"""Ids: UUIDv7 for what happens, UUIDv8 derived from it for what it causes.

A turn that is computed twice yields the same rows, because the ids of its messages, actions and timers
follow from the event's id and an index. Both kinds begin with 48 bits of Unix milliseconds, so an id
alone gives the month of its partition, and indexes stay local.

Source of the layouts: RFC 9562, sections 5.7 (version 7) and 5.8 (version 8).
"""

import datetime as dt
import hashlib
import os
import time
from functools import lru_cache
from uuid import UUID

_VARIANT = 0b10 << 62
_RAND_B = (1 << 62) - 1


def event_id(unix_ms: int, random_bytes: bytes) -> UUID:
    """The UUIDv7 for `unix_ms` with 10 bytes of randomness. Pure: the caller brings both."""
    bits = int.from_bytes(random_bytes[:10], "big")
    return UUID(
        int=(unix_ms << 80) | (0x7 << 76) | ((bits >> 64) & 0xFFF) << 64 | _VARIANT | (bits & _RAND_B)
    )


def new_event_id() -> UUID:
    """A UUIDv7 of this moment, from the system's clock and randomness."""
    return event_id(time.time_ns() // 1_000_000, os.urandom(10))


def derived_id(event: UUID, index: int | str) -> UUID:
    """The id of the `index`-th thing that `event` causes: its time, then SHA-256 (event id ‖ index)."""
    digest = hashlib.sha256(event.bytes + str(index).encode()).digest()
    bits = int.from_bytes(digest[:10], "big")
    head = event.int >> 80
    return UUID(int=(head << 80) | (0x8 << 76) | ((bits >> 64) & 0xFFF) << 64 | _VARIANT | (bits & _RAND_B))


def first_id(at: dt.datetime) -> UUID:
    """No id of the moment `at` or later is less; every id of an earlier millisecond is."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def month_of(any_id: UUID) -> dt.date:
    """The first day of the month (UTC) of an id: the key of its partition."""
    return _month_of_day((any_id.int >> 80) // 86_400_000)


@lru_cache(maxsize=64)
def _month_of_day(unix_day: int) -> dt.date:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=unix_day)).replace(day=1)
