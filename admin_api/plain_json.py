"""JSON of any shape in a body, as far as we can store it and send it on."""

from typing import Annotated, Any, cast

import orjson
from pydantic import AfterValidator


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    try:
        orjson.dumps(value)
    except TypeError as error:
        raise ValueError(f"it is more than JSON in UTF-8 can hold: {error}") from None
    if _holds_nul(value):
        raise ValueError("a text in it holds a NUL")
    return value


def _holds_nul(value: Any) -> bool:
    """What no text in the database may hold."""
    match value:
        case str():
            return "\0" in value
        case list():
            return any(map(_holds_nul, cast("list[Any]", value)))
        case dict():
            said = cast("dict[str, Any]", value)
            return any(map(_holds_nul, (*said.keys(), *said.values())))
        case _:
            return False


# Numbers have at most 64 bits, and texts are UTF-8 without NUL.
PlainObject = Annotated[dict[str, Any], AfterValidator(_plain)]
