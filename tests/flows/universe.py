"""Any event, any state that events lead to: strategies and a frozen clock for the engine's laws."""

import datetime as dt
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from flows.turn import View
from schemas import events as ev
from schemas.ids import event_id
from schemas.messages import (
    Choice,
    Contacts,
    FormReply,
    Identity,
    Inbound,
    Location,
    Media,
    Reaction,
    System,
    Text,
    Unsupported,
)
from sessions.whatsapp import BUSINESS

START = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
WHO = (Identity("phone", "390000000000"),)

words = st.sampled_from(
    [
        "go",
        "yes",
        "no",
        "1",
        "2",
        "3",
        "stop",
        "start",
        "restart",
        "human",
        "back",
        "skip",
        "cancel",
        "order",
        "hours",
        "tea",
        "it's",
        "12,5",
        "book",
        "20:00",
        "tomorrow",
        "anna@example.com",
        "change_name",
        "{{data}}",
        "sì",
    ]
)
texts = words | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
contents = (
    texts.map(Text)
    | st.builds(Choice, texts, texts)
    | st.builds(Media, st.sampled_from(["image", "audio", "document"]), caption=texts)
    | st.builds(Location, st.floats(-90, 90), st.floats(-180, 180), texts)
    | st.builds(Reaction, texts, texts)
    | st.builds(FormReply, st.dictionaries(texts, json_values, max_size=3))
    | st.builds(System, texts)
    | st.builds(Unsupported, texts)
    | st.just(Contacts(()))
)
objects = st.dictionaries(texts | st.sampled_from(["json", "status", "text", "n"]), json_values, max_size=4)


def view(**contact: Any) -> View:
    """A contact on a channel that shows everything."""
    return View(
        {"id": "c1", "name": "Anna", "language": "en", **contact}, {"id": "n1", "name": "Bar"}, BUSINESS
    )


def received(content: Any, count: int, at: dt.datetime = START, **more: Any) -> ev.Received:
    """A contact sends something; `count` tells events apart."""
    return ev.Received(made_id(count, at), at, Inbound(f"p{count}", at, WHO, content), **more)


def made_id(count: int, at: dt.datetime = START) -> UUID:
    """The id of the `count`-th event."""
    return event_id(int(at.timestamp() * 1000), count.to_bytes(10, "big"))
