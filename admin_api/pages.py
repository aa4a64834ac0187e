"""Lists come in pages, everywhere alike: `?limit=50&after=…` gives `{"items": […], "next": …}`.

Those that a person wants in another order take `?sort=name`, or `?sort=-name` for the last first.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar, cast

import orjson
from fastapi import Depends, Query
from pydantic import AfterValidator, BaseModel, Field

from store.admin.page import Cursor, CursorUnfit, SortedOtherwise, Window

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


Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
After = Annotated[
    str,
    Query(max_length=500, description="What the page before gave as `next`; left out: from the start."),
]


def cursor_of(after: str) -> Cursor:
    """The place that a page named. Raises `CursorUnfit`."""
    return _read(after)


def cursor_text(place: Cursor | None) -> str | None:
    """A place, as pages name it."""
    return None if place is None else _written(place)


def paging(limit: Limit = 50, after: After = "") -> Window:
    """The window that a request asks for. Raises `CursorUnfit`."""
    return Window(limit, _read(after) if after else None)


Paging = Annotated[Window, Depends(paging)]
SORTING = (CursorUnfit, SortedOtherwise)  # how a list that can be sorted says no


def sorting(usual: str, *others: str) -> Callable[..., Window]:
    """What gives the window of a list that comes sorted as `usual`, and may be asked for in other orders.

    Each order is the name of a column that has an index; `-` before it: the last first. Both directions are had.
    """
    columns = [each.removeprefix("-") for each in (usual, *others)]
    orders = [usual, *(each for name in columns for each in (name, f"-{name}") if each != usual)]

    def known(sort: str) -> str:
        if sort not in orders:
            raise ValueError(f"sort by one of: {', '.join(orders)}")
        return sort

    def window(
        limit: Limit = 50,
        after: After = "",
        sort: Annotated[
            str,
            AfterValidator(known),
            Query(
                description="By which column; `-` before it: the last first. The same for all pages of a list.",
                json_schema_extra={"enum": list[Any](orders)},
            ),
        ] = usual,
    ) -> Window:
        if not after:
            return Window(limit, sort=sort)
        was, *place = _read(after) or ("",)
        if was not in orders:
            raise CursorUnfit
        if was != sort:
            raise SortedOtherwise(was=was, sort=sort)
        return Window(limit, tuple(place), sort)

    return window


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
