"""Two transcripts in the terminal, line by line beside one another; what differs is marked."""

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import typer

NARROWEST = 24
_GAP = "  │ "


def lines(rows: Sequence[dict[str, Any]], before: str, after: str) -> Iterator[str]:
    """The rows as `flows.replay.Row` has them, under two heads."""
    width = max(NARROWEST, (shutil.get_terminal_size((120, 24)).columns - len(_GAP) - 4) // 2)
    yield f"    {before:<{width}}{_GAP}{after}"
    for row in rows:
        left, right = _cell(row["before"], width), _cell(row["after"], width)
        same = row["before"] == row["after"]
        for place in range(max(len(left), len(right))):
            one = left[place] if place < len(left) else ""
            other = right[place] if place < len(right) else ""
            mark = " " if same or place else "≠"
            line = f"  {mark} {one:<{width}}{_GAP}{other}".rstrip()
            yield typer.style(line, dim=True) if same else line


def _cell(said: dict[str, str] | None, width: int) -> list[str]:
    if said is None:
        return []
    who = f"{said['who']:>7}  "
    room = width - len(who)
    parts = [part for line in said["text"].split("\n") for part in textwrap.wrap(line, room) or [""]]
    return [(who if place == 0 else " " * len(who)) + part for place, part in enumerate(parts)]
