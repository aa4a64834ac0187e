"""The language that a caller reads: what the checker says and the titles of schemas come in it, where there are words.

A route that answers in it has `dependencies=[HEARS]`, so that its description names the header. It holds for the request.
"""

from collections.abc import Iterator
from contextvars import ContextVar
from typing import Annotated

from fastapi import Depends, Header

LANGUAGES = ("en", "it")

_spoken: ContextVar[str] = ContextVar("spoken", default=LANGUAGES[0])


def spoken() -> str:
    """The language of this request; English, where its route does not ask."""
    return _spoken.get()


async def _hear(
    accept_language: Annotated[
        str,
        Header(
            alias="Accept-Language",
            max_length=500,
            description="`it`, for sentences in Italian; else they come in English.",
        ),
    ] = "",
) -> None:
    from babel.core import negotiate_locale  # a server starts without it

    wanted = [tag for _, tag in sorted(_tags(accept_language), key=lambda one: -one[0])]
    _spoken.set(negotiate_locale(wanted, LANGUAGES, sep="-") or LANGUAGES[0])


def _tags(accepted: str) -> Iterator[tuple[float, str]]:
    """The languages of an `Accept-Language` header (RFC 9110, 12.5.4), each with how much it is wanted."""
    for part in accepted.split(","):
        tag, _, weight = part.replace(" ", "").partition(";q=")
        try:
            wanted = float(weight or 1)
        except ValueError:
            continue
        if tag and wanted > 0:
            yield wanted, tag


HEARS = Depends(_hear)
