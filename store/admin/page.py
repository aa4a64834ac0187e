"""Pages by cursor: what follows the last row seen, by its sort key, so that no page skips or repeats a row.

The key must be unique (end it with the id) and indexed; all of it runs in one direction. Where a list can be sorted,
its cursors begin with how it was, so that none leads into the same list sorted otherwise.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import literal, tuple_
from sqlmodel import SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from schemas.problems import Refused
from store.admin.desk import Session

Row = TypeVar("Row", bound=SQLModel)
Cursor = tuple[str, ...]


class CursorUnfit(Refused):
    """`after` is not what a page gave as `next`."""

    code = "page.cursor_unfit"
    status = 422
    title = "That is no place in the list"
    sentence = "Give as `after` what the page before gave as `next`, unchanged, or leave it out."


class SortedOtherwise(Refused):
    """`after` is a place in the list as it is when sorted otherwise."""

    code = "page.sorted_otherwise"
    status = 422
    title = "That place is in another order"
    sentence = "That `after` is of the list sorted by {was}; this asks for {sort}. Begin at the first page."


@dataclass(frozen=True, slots=True)
class Window:
    """How many rows, and after which sort key. `sort`: by which column, `-` before it for the last first; or ""."""

    limit: int
    after: Cursor | None = None
    sort: str = ""

    @property
    def column(self) -> str:
        """What the list is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def descends(self) -> bool:
        """Whether the last comes first."""
        return self.sort.startswith("-")

    def cursor(self, *values: Any) -> Cursor:
        """What follows the row with these values in its sort key."""
        return (*filter(None, [self.sort]), *cursor(*values))


async def page(
    session: Session,
    wanted: "SelectOfScalar[Row]",
    by: Sequence[Any],
    window: Window,
    newest_first: bool = False,
) -> tuple[list[Row], Cursor | None]:
    """The rows of a window by the columns `by`, and the cursor of what follows, if any. Raises `CursorUnfit`."""
    if window.after is not None:
        key, last = tuple_(*by), tuple_(*_values(by, window.after))
        wanted = wanted.where(key < last if newest_first else key > last)
    order = [column.desc() if newest_first else column.asc() for column in by]
    rows = list(await session.exec(wanted.order_by(*order).limit(window.limit + 1)))
    if len(rows) <= window.limit:
        return rows, None
    rows.pop()
    return rows, window.cursor(*(getattr(rows[-1], column.key) for column in by))


async def ordered(
    session: Session, wanted: "SelectOfScalar[Row]", columns: Mapping[str, Sequence[Any]], window: Window
) -> tuple[list[Row], Cursor | None]:
    """The same, by those of the `columns` that the window's sort names. Raises `CursorUnfit`."""
    return await page(session, wanted, columns[window.column], window, newest_first=window.descends)


def typed(after: Cursor, *kinds: type) -> list[Any]:
    """The values of a cursor, for a query in plain SQL. Raises `CursorUnfit`."""
    if len(after) != len(kinds):
        raise CursorUnfit
    return [_value(kind, text) for kind, text in zip(kinds, after, strict=True)]


def cursor(*values: Any) -> Cursor:
    """What follows the row with these values in its sort key."""
    return tuple(_text(value) for value in values)


def _values(by: Sequence[Any], after: Cursor) -> list[Any]:
    if len(after) != len(by):
        raise CursorUnfit
    return [literal(_value(_kind(column), text), column.type) for column, text in zip(by, after, strict=True)]


def _kind(column: Any) -> type:
    """What a column's values are here. A decorated type does not know: the one that it decorates does."""
    return getattr(column.type, "impl_instance", column.type).python_type


def _value(kind: type, text: str) -> Any:
    try:
        text.encode()
        if "\0" in text:
            raise CursorUnfit
        return dt.datetime.fromisoformat(text) if kind is dt.datetime else kind(text)
    except ValueError:
        raise CursorUnfit from None


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)
