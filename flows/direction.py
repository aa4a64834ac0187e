"""Which way a language runs, and what keeps texts readable in which both ways meet.

A name in Latin letters, a number with signs or a phone number inside an Arabic sentence would be laid out as part of what
stands around it, and come out scrambled. So what a text inserts is isolated where it runs the other way, and a line that
begins with it is marked. These marks are seen by nobody; comparing what was said leaves them out.

Sources: Unicode UAX #9 (isolates, 2.4; marks, 2.6), CLDR 46 (characterOrder).
"""

import re
import unicodedata
from typing import Final

# The languages whose scripts run from right to left.
RIGHT_TO_LEFT: Final = frozenset(
    (
        "ar",
        "arc",
        "ckb",
        "dv",
        "fa",
        "he",
        "ks",
        "lrc",
        "mzn",
        "nqo",
        "pnb",
        "ps",
        "sd",
        "syr",
        "ug",
        "ur",
        "yi",
    )
)
MARKS: Final = 2  # characters that isolate a value
_ISOLATE, _POP, _RIGHT = "\u2068", "\u2069", "\u200f"
_MARK: Final = re.compile(f"[{_ISOLATE}{_POP}{_RIGHT}]")
_ADDRESS: Final = re.compile(r"://|www\.")


def right_to_left(language: str) -> bool:
    """Whether a language is written from right to left."""
    return language.partition("-")[0] in RIGHT_TO_LEFT


def isolated(value: str, language: str, before: str = "") -> str:
    """A value as a text in `language` inserts it after `before`.

    Addresses of the web stay as they are, whole or in parts: the marks would be taken for characters of theirs.
    """
    if not value or (value.isascii() and not right_to_left(language)):
        return value
    last_word = before[max(before.rfind(" "), before.rfind("\n")) + 1 :]
    if not _runs_otherwise(value, language) or _ADDRESS.search(value) or _ADDRESS.search(last_word):
        return value
    return "\n".join(f"{_ISOLATE}{line}{_POP}" if line else line for line in value.split("\n"))


def numbered(line: str, number: int, text: str) -> str:
    """A line of a numbered list under `text`: it runs as the text does, whatever it begins with."""
    if not _begins_right(text) or _begins_right(line):
        return f"{number}. {line}"
    return f"{_RIGHT}{number}. {_ISOLATE}{line}{_POP}"


def unmarked(text: str) -> str:
    """The text as one types it."""
    return _MARK.sub("", text)


def _runs_otherwise(value: str, language: str) -> bool:
    """Whether a value has something that runs against the language; a number alone never does."""
    if not right_to_left(language):
        return any(unicodedata.bidirectional(char) in ("R", "AL") for char in value)
    return not value.isdecimal() and any(
        unicodedata.bidirectional(char) in ("L", "EN", "AN") for char in value
    )


def _begins_right(text: str) -> bool:
    """Whether the first letter of a text runs from right to left, which is what makes its lines do so."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((one for one in strong if one in ("L", "R", "AL")), "L") != "L"
