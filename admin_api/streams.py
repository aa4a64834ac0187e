"""Server-sent events: how a route says what it streams, and how one is written.

What a stream tells is a `TypedDict`: each key is an event's name, its type the shape of the data.

Source: WHATWG HTML, 9.2 Server-sent events; OpenAPI 3.2, 4.14.4 (`itemSchema`, which readers of 3.1 pass over).
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi.responses import StreamingResponse
from pydantic_core import to_json

MEDIA_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
HERE = b": here\n\n"  # says that the line is alive
AGAIN = b"retry: 1000\n\n"  # in ms: when who lost the line comes back


def streamed(events: type[Mapping[str, object]], about: str, example: str = "") -> dict[int | str, Any]:
    """The `responses=` of a route that streams `events`."""
    said = {"examples": {"some": {"value": example}}} if example else {}
    return {
        200: {"model": events, "description": f"Server-sent events. {about}", "content": {MEDIA_TYPE: said}}
    }


def streaming(told: AsyncIterator[bytes]) -> StreamingResponse:
    """The answer."""
    return StreamingResponse(told, media_type=MEDIA_TYPE, headers=HEADERS)


def written(event: Mapping[str, object], place: str = "") -> bytes:
    """One event, by its name. `place`: its `id`, which a reader that comes again names."""
    ((name, data),) = event.items()
    at = b"id: %b\n" % place.encode() if place else b""
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), at, to_json(data))


def itemized(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document, with the events of each stream as its `itemSchema`, which FastAPI cannot be told."""
    for methods in document["paths"].values():
        for operation in methods.values():
            content = operation["responses"].get("200", {}).get("content", {})
            if MEDIA_TYPE in content and "application/json" in content:
                name = content.pop("application/json")["schema"]["$ref"].rpartition("/")[2]
                events = document["components"]["schemas"][name]["properties"]
                content[MEDIA_TYPE]["itemSchema"] = {"oneOf": [_item(*each) for each in events.items()]}
    return document


def _item(name: str, data: dict[str, Any]) -> dict[str, Any]:
    inside = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    return {
        "type": "object",
        "properties": {"event": {"const": name}, "data": inside},
        "required": ["event", "data"],
    }
