"""Pages by cursor: what follows the last row seen, by its sort key, so that no page skips or repeats a row.

The key must be unique (end it with the id) and indexed; all of it runs in one direction.
"""

import datetime as dt
from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Window:
    """How many rows, and after which sort key."""

    limit: int
    after: Cursor | None = None


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
    return rows, tuple(_text(getattr(rows[-1], column.key)) for column in by)


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
