"""Durations as authors write them: `1500ms`, `30s`, `5m`, `2h`, `3d`, `1h30m`, or ISO 8601 (`PT1H30M`)."""

import datetime as dt
import re

from pydantic import TypeAdapter, ValidationError

from flows.wording import worded

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = dt.timedelta(days=3660)
_iso: TypeAdapter[dt.timedelta] = TypeAdapter(dt.timedelta)


def parse_duration(written: object) -> dt.timedelta:
    """The time that `written` spans. Raises ValueError with a sentence that shows how to write one."""
    if isinstance(written, dt.timedelta):
        return written
    text = str(written).strip()
    span = _sum_of_parts(text) if not text.upper().startswith("P") else _iso_8601(text)
    if span is None:
        raise ValueError(worded("{text!r} is not a duration: write for example 30s, 5m, 2h or 3d", text=text))
    if not dt.timedelta(0) < span <= _LONGEST:
        raise ValueError(worded("{text!r} is out of range: more than nothing, at most ten years", text=text))
    return span


def _sum_of_parts(text: str) -> dt.timedelta | None:
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text or len(text) > 40:
        return None
    return dt.timedelta(seconds=min(sum(float(n) * _SECONDS[unit] for n, unit in parts), 1e12))


def _iso_8601(text: str) -> dt.timedelta | None:
    try:
        return _iso.validate_python(text.upper())
    except (ValidationError, OverflowError):
        return None
