"""Queries by name, from the files in `store/sql/`.

A file is a list of `-- name --` lines, each followed by a sentence in comments and one statement. Where a
statement says `%(ids)b::uuid[]`, the list under `ids` travels as an array of that type (`store/arrays.py`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, LiteralString, cast

from psycopg import AsyncConnection, AsyncCursor

from schemas.problems import Misuse
from store.arrays import encoder

FOLDER = Path(__file__).parent / "sql"
_NAME = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)
_ARRAY = re.compile(r"%\((\w+)\)b::(\w+)\[\]")


class QueryUnnamed(Misuse):
    code = "store.query_unnamed"
    sentence = "store/sql/{noun}.sql has no query {name!r}, or two of it, or one without a sentence."


@dataclass(frozen=True, slots=True)
class Query:
    """A statement, and how its array parameters are encoded."""

    text: LiteralString
    arrays: Mapping[str, Callable[[Any], Any]]


@cache
def queries(noun: str) -> dict[str, Query]:
    """The statements of `store/sql/<noun>.sql` by name."""
    parts = _NAME.split((FOLDER / f"{noun}.sql").read_text(encoding="utf-8"))
    found: dict[str, Query] = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        body = text.strip()
        if name in found or not body.startswith("-- "):
            raise QueryUnnamed(noun=noun, name=name)
        statement = "\n".join(line for line in body.splitlines() if not line.startswith("-- "))
        arrays = {param: encoder(kind) for param, kind in _ARRAY.findall(statement)}
        found[name] = Query(cast("LiteralString", statement), arrays)
    return found


def query(noun: str, name: str) -> LiteralString:
    """The text of one statement. Raises `QueryUnnamed`."""
    return _query(noun, name).text


async def run(
    conn: AsyncConnection[Any], noun: str, name: str, params: Mapping[str, Any], *, binary: bool = True
) -> AsyncCursor[Any]:
    """Execute a named statement, its lists as typed arrays. Raises `QueryUnnamed`, and psycopg's errors."""
    one = _query(noun, name)
    arrays = one.arrays
    ready = {key: arrays[key](value) if key in arrays else value for key, value in params.items()}
    return await conn.execute(one.text, ready, binary=binary)


def _query(noun: str, name: str) -> Query:
    try:
        return queries(noun)[name]
    except KeyError:
        raise QueryUnnamed(noun=noun, name=name) from None
