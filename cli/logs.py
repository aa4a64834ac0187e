"""Logging: one line a record, JSON or for people, with what must not be read taken out.

What is said in conversations, numbers of people and keys have no place in a log line. Our own code does
not put them there; the filter below is the second wall, for what libraries write.
"""

import datetime as dt
import json
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

_SECRETS = re.compile(
    r"(?i)(bearer\s+|(?:access_token|hub\.verify_token|token|secret|password|key)=)[^\s&\"',;]+"
    r"|(?<=://)([^/\s:@]+):[^/\s@]+(?=@)"
)
_PHONE = re.compile(r"(?<![\w.:/-])\+?\d{9,15}(?![\w:-])")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",  # uvicorn's message once more, for a terminal
}


def redact(text: str) -> str:
    """`text` without bearer tokens, secrets in URLs, passwords and what looks like a phone number."""
    cleaned = _SECRETS.sub(lambda hit: f"{hit.group(1)}***" if hit.group(1) else f"{hit.group(2)}:***", text)
    return _PHONE.sub("***", cleaned)


class Json(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the record's extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
            **{name: _plain(value) for name, value in extras(record).items()},
        }
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class Human(logging.Formatter):
    """Time, level and message, then the extra fields as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        more = "".join(f" {name}={_plain(value)}" for name, value in extras(record).items())
        line = redact(f"{at} {record.levelname.lower():7} {record.name}: {record.getMessage()}{more}")
        return f"{line}\n{redact(self.formatException(record.exc_info))}" if record.exc_info else line


def extras(record: logging.LogRecord) -> Mapping[str, Any]:
    """What a call added by `extra=`."""
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def set_up(level: str, form: str) -> None:
    """Send all logging to standard error. `form`: json, human, or auto (human on a terminal)."""
    handler = logging.StreamHandler(sys.stderr)
    human = form == "human" or (form == "auto" and sys.stderr.isatty())
    handler.setFormatter(Human() if human else Json())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "asyncio", "alembic", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, getattr(logging, level.upper())))


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | bool | None) else redact(str(value))
