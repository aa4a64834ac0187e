"""Lists come in pages, everywhere alike: `?limit=50&after=…` gives `{"items": […], "next": …}`."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar, cast

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel, Field

from store.admin.page import Cursor, CursorUnfit, Window

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    next: str | None = Field(
        description="Give it as `after` for what follows. Null: that was all.", examples=["WyIwMTkz…"]
    )

    @classmethod
    def of(cls, items: Sequence[Item], after: Cursor | None) -> "Page[Item]":
        return cls(items=list(items), next=None if after is None else _written(after))


def paging(
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
    after: Annotated[
        str,
        Query(max_length=500, description="What the page before gave as `next`; left out: from the start."),
    ] = "",
) -> Window:
    """The window that a request asks for. Raises `CursorUnfit`."""
    return Window(limit, _read(after) if after else None)


Paging = Annotated[Window, Depends(paging)]


def _written(after: Cursor) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(after)).decode().rstrip("=")


def _read(text: str) -> Cursor:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        values = cast("Any", orjson.loads(base64.b64decode(padded, b"-_", validate=True)))
    except (binascii.Error, ValueError):
        raise CursorUnfit from None
    if not isinstance(values, list) or not all(isinstance(each, str) for each in cast("list[Any]", values)):
        raise CursorUnfit
    return tuple(cast("list[str]", values))
