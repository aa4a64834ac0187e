"""Meta's errors, told apart: which of the port's four problems an answer of the Graph API is.

Source: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes, and its mirrors at
developers.kaleyra.io/docs/cloud-api-error-codes and docs.360dialog.com (error messages).
"""

import datetime as dt
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from schemas.problems import Problem
from sessions.driver import LoggedOut, Rejected, Throttled, Unreachable

_THROTTLED_NUMBER = frozenset({
    4,  # the app's calls
    17,  # the user's calls
    613,  # calls to this edge
    80007,  # the business account's calls
    130429,  # the number's throughput
    131057,  # the number is being upgraded
})  # fmt: skip
_THROTTLED_PAIR = frozenset({131056})
_LOGGED_OUT = frozenset({
    0,  # token not accepted
    3,  # no capability
    10,  # permission removed
    33,  # the number was deleted
    102,  # session over
    190,  # token expired
    368,  # blocked for policy violations
    131005,  # access denied
    131031,  # account locked
    131045,  # number's certificate
    133010,  # number not registered
    *range(200, 300),  # permissions
})  # fmt: skip
_UNREACHABLE = frozenset({1, 2, 131000, 131016})
_REFUSED_FOR_LOAD = frozenset({2, 131016})  # Meta says that it did not take the message up

_DIGITS = re.compile(r"\d(?:[ ().-]?\d){6,}")
_LONGEST_WHY = 300


def problem(
    status: int, error: Mapping[str, Any] | None, headers: Mapping[str, str], words: tuple[str, ...] = ()
) -> Problem:
    """The problem that an unsuccessful answer is. `error` is its `error` object, None where it has none.

    A 5xx leaves open whether Meta took the message, unless it says that it was too busy to.
    `words` must not appear in the problem: what we sent.
    """
    code = _code(error)
    why = said(error, words) if error is not None else f"HTTP {status}"
    if code in _THROTTLED_PAIR:
        return Throttled(why, retry_after(headers), scope="pair")
    if code in _THROTTLED_NUMBER:
        return Throttled(why, retry_after(headers))
    if code in _LOGGED_OUT:
        return LoggedOut(why)
    if code in _UNREACHABLE or status >= 500:
        return Unreachable(why, maybe_sent=status >= 500 and code not in _REFUSED_FOR_LOAD)
    if code is None:
        if status == 429:
            return Throttled(why, retry_after(headers))
        if status == 401:
            return LoggedOut(why)
        if status == 408:
            return Unreachable(why, maybe_sent=True)
    return Rejected(f"http_{status}" if code is None else str(code), why)


def said(error: Mapping[str, Any], words: tuple[str, ...] = ()) -> str:
    """What Meta says of an error, without phone numbers and without `words`."""
    told = [error.get("title") or error.get("message"), _details(error)]
    why = ": ".join(dict.fromkeys(part for part in told if isinstance(part, str) and part))
    for word in words:
        why = why.replace(word, "…")
    why = _DIGITS.sub("…", why.replace("\0", ""))[:_LONGEST_WHY]
    return why or f"error {_code(error)}"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3): a number or a date."""
    value = headers.get("Retry-After")
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=dt.UTC)
    return max(0.0, (at - dt.datetime.now(dt.UTC)).total_seconds())


def _code(error: Mapping[str, Any] | None) -> int | None:
    code: Any = error.get("code") if error else None
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) < 10:
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _details(error: Mapping[str, Any]) -> Any:
    data: Any = error.get("error_data")
    return data.get("details") if data.__class__ is dict else data
