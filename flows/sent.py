"""Files and places as answers: what a message brings, as the field's type holds it."""

from typing import Any

from flows.answers import Wrong
from flows.form import Field
from schemas.events import Received
from schemas.messages import Location, Media

_MEDIA = {"photo": "image", "video": "video", "voice": "audio", "document": "document"}


def sent_value(one: Field, event: Received) -> Any | Wrong:
    """The file or the place that a message brings, as the field's type holds it."""
    content = event.message.content
    as_text = one.schema.get("type") == "string"
    if one.kind == "location":
        if not isinstance(content, Location):
            return Wrong("not_location")
        if as_text:
            return f"{content.latitude},{content.longitude}"
        place = {"latitude": content.latitude, "longitude": content.longitude}
        named = {"name": content.name, "address": content.address}
        return {**place, **{key: value for key, value in named.items() if value}}
    wanted = _MEDIA.get(one.kind)
    if not isinstance(content, Media) or not (
        wanted is None or content.kind == wanted or _is_alike(one, content)
    ):
        return Wrong(f"not_{one.kind}")
    if as_text:
        return str(event.id)
    facts = {"message": str(event.id), "kind": content.kind, "mime": content.mime}
    more = {"filename": content.filename, "caption": content.caption}
    return {key: value for key, value in {**facts, **more}.items() if value}


def _is_alike(one: Field, content: Media) -> bool:
    """A photo that was sent as a file is a photo."""
    return content.kind == "document" and content.mime.startswith(
        {"photo": "image/", "video": "video/"}.get(one.kind, "-")
    )
