"""Liquid, as far as Studio's flows use it: where variables and filters stand in a text, and filters as CEL.

Source: Shopify's reference of Liquid (filters), Ruby's strftime (patterns of `date`), Unicode's date patterns.
"""

import re
from collections.abc import Callable, Mapping

from importers.expression import quoted

TAG = re.compile(r"\{\{\s*([^{}|]*?)\s*(\|[^{}]*)?\}\}|\{%.*?%\}", re.DOTALL)
FILTER = re.compile(r"""\|\s*([a-z_]+)\s*(?::\s*((?:"[^"]*"|'[^']*'|[^|"'])*))?""")
ARGUMENT = re.compile(r""""([^"]*)"|'([^']*)'""")
LITERAL = re.compile(r""""([^"]*)"|'([^']*)'""")
DATE = {
    "Y": "yyyy", "y": "yy", "m": "MM", "-m": "M", "d": "dd", "-d": "d", "e": "d", "B": "MMMM", "b": "MMM", "A": "EEEE",
    "a": "EEE", "H": "HH", "I": "hh", "-I": "h", "l": "h", "M": "mm", "S": "ss", "p": "a", "F": "yyyy-MM-dd", "T": "HH:mm:ss",
    "R": "HH:mm", "%": "%",
}  # fmt: skip
FILTERS: Mapping[str, tuple[int, Callable[..., str]]] = {
    "upcase": (0, lambda value: f"{value}.upper()"),
    "downcase": (0, lambda value: f"{value}.lower()"),
    "strip": (0, lambda value: f"{value}.trim()"),
    "size": (0, lambda value: f"string(size({value}))"),
    "append": (1, lambda value, text: f"({value} + {quoted(text)})"),
    "prepend": (1, lambda value, text: f"({quoted(text)} + {value})"),
    "remove": (1, lambda value, text: f'{value}.replace({quoted(text)}, "")'),
    "replace": (2, lambda value, old, new: f"{value}.replace({quoted(old)}, {quoted(new)})"),
    "default": (1, lambda value, text: f'({value} == "" ? {quoted(text)} : {value})'),
}


def literal_of(name: str) -> str | None:
    """The text that Liquid names, where it is one in quotes."""
    found = LITERAL.fullmatch(name)
    return (found[1] or found[2] or "") if found else None


def filtered(value: str, filters: str) -> tuple[str, list[str]]:
    """The value behind its filters, and the filters that have no equivalent, which are left out."""
    left: list[str] = []
    for found in FILTER.finditer(filters):
        given = [one[1] or one[2] or "" for one in ARGUMENT.finditer(found[2] or "")]
        count, write = FILTERS.get(found[1], (-1, str))
        if count == len(given):
            value = write(value, *given)
        else:
            left.append(found[0].strip())
    return value, left


def moment(filters: str) -> str | None:
    """What `"now"` and one filter `date` write, None for anything else."""
    found = FILTER.fullmatch(filters.strip())
    given = [one[1] or one[2] or "" for one in ARGUMENT.finditer(found[2] or "")] if found else []
    if found is None or found[1] != "date" or len(given) != 1:
        return None
    parts = re.split(r"%(-?.)", given[0])
    if any(part not in DATE for part in parts[1::2]):
        return None
    written = "".join(DATE[part] if place % 2 else _plain(part) for place, part in enumerate(parts))
    return f"datetime(now, {quoted(written)})" if written else None


def _plain(text: str) -> str:
    """Text within a date's pattern: letters are its fields, so they stand in quotes."""
    return re.sub(r"[A-Za-z]+", lambda word: f"'{word[0]}'", text.replace("'", "''"))
