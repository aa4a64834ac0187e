"""Queries by name, from the files in `store/sql/`.

A file is a list of `-- name --` lines, each followed by a sentence in comments and one statement.
"""

import re
from functools import cache
from pathlib import Path
from typing import LiteralString, cast

from schemas.problems import Misuse

FOLDER = Path(__file__).parent / "sql"
_NAME = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


class QueryUnnamed(Misuse):
    code = "store.query_unnamed"
    sentence = "store/sql/{noun}.sql has no query {name!r}, or two of it, or one without a sentence."


@cache
def queries(noun: str) -> dict[str, LiteralString]:
    """The statements of `store/sql/<noun>.sql` by name."""
    parts = _NAME.split((FOLDER / f"{noun}.sql").read_text(encoding="utf-8"))
    found: dict[str, LiteralString] = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        body = text.strip()
        if name in found or not body.startswith("-- "):
            raise QueryUnnamed(noun=noun, name=name)
        lines = [line for line in body.splitlines() if not line.startswith("-- ")]
        found[name] = cast("LiteralString", "\n".join(lines).rstrip(";"))
    return found


def query(noun: str, name: str) -> LiteralString:
    """One statement. Raises `QueryUnnamed`."""
    try:
        return queries(noun)[name]
    except KeyError:
        raise QueryUnnamed(noun=noun, name=name) from None
