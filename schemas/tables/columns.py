"""Column types that SQLModel does not have a field for."""

import datetime as dt
from typing import Any

from sqlalchemy import Column, Computed, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

_MOMENT: Any = DateTime(timezone=True)
_JSON: Any = JSONB


def now() -> dt.datetime:
    """The moment of a row's making, UTC."""
    return dt.datetime.now(dt.UTC)


def moment() -> Any:
    """A `timestamptz` that is now unless told."""
    return Field(default_factory=now, sa_type=_MOMENT)


def maybe_moment() -> Any:
    """A `timestamptz` that may be absent."""
    return Field(default=None, sa_type=_MOMENT)


def generated_moment(sql: str) -> Any:
    """A `timestamptz` that the database writes, by this expression."""
    return Field(default=None, sa_column=Column(_MOMENT, Computed(sql), nullable=False))


def json_object() -> Any:
    """A `jsonb` object, empty unless told."""
    return Field(default_factory=dict, sa_type=_JSON)
