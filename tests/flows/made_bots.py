"""Bots that nobody would write: small random flows out of all actions, over a random schema."""

import json
from typing import Any

from hypothesis import strategies as st

from flows import bot, compiler
from flows.compiled import Compiled

ADDRESS: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "pattern": "^[A-Z]"}, "zip": {"type": ["integer", "null"]}},
    "required": ["city"],
}
SCHEMAS: dict[str, list[dict[str, Any]]] = {
    "text": [{"type": "string"}, {"type": "string", "pattern": "^(a+)+$"}, {"type": "string", "enum": ["tea", "1"]}, {"type": "string", "format": "email"}, {"type": "string", "format": "date"}, {"type": "string", "minLength": 2, "maxLength": 3}],
    "count": [{"type": "integer", "minimum": 1, "maximum": 9}, {"type": "integer"}, {"type": "integer", "multipleOf": 3}],
    "price": [{"type": "number", "exclusiveMinimum": 0}, {"type": "number"}, {"type": "number", "multipleOf": 0.1}],
    "sure": [{"type": "boolean"}],
    "address": [ADDRESS, {"type": "object", "properties": {"inner": ADDRESS}}, {"type": "object"}],
    "list": [{"type": "array", "items": {"type": "string"}}, {"type": "array", "items": ADDRESS}, {"type": "array"}, {}],
}  # fmt: skip
TRUTHS = st.sampled_from(
    [
        "data.sure == true", "data.count > 3", 'data.text == "tea"', "has(data.address)", "size(data.list) > 1", "message.text == data.text",
        "data.?count.orValue(0) / data.?count.orValue(0) > 1", "contact.language == 'en'", "result.json.n == 1", "event.n > 1", "data.sure",
        "message.text.matches(data.text)", "data.?price.orValue(1.5) > 2", 'data.text in ["tea", "a"]', "!has(data.text) || data.count == 1",
    ]
)  # fmt: skip
VALUES = st.sampled_from(
    [
        "1", "1.5", '"x"', "true", "null", "message.text", "data.count", "data.?count.orValue(0) + 9223372036854775807", "data", "result", "event",
        "result.json", "event.json", "data.address", "data.list", "[1, 2]", '{"city": message.text}', "now", "message", "contact.name", "data.price",
    ]
)  # fmt: skip
TEXTS = st.sampled_from(
    [
        "Hello", "{{ message.text }}", {"en": "Hi {{ data.text }}", "it": ["Ciao", "Ehi {{ data.address }}"]}, "{{ result }}{{ event }}",
        "{{ 1 / data.?count.orValue(0) }}", "", "x" * 5000, "{{ data.list }} {{ now }}", "{{ contact.name }} {{ data.count }} {{ data.price }}",
    ]
)  # fmt: skip
TITLES = st.sampled_from(
    ["Tea", "{{ data.text }}", "{{ message.text }}", "x" * 40, {"en": "One", "it": "Uno"}]
)
FIELD = st.sampled_from(sorted(SCHEMAS))
ASKED = st.lists(st.sampled_from(["text", "count", "price", "sure"]), min_size=1, max_size=3, unique=True)
KEYS = ("a", "b", "c", "d")

ACTIONS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "send": st.one_of(
        st.fixed_dictionaries({"text": TEXTS}),
        st.fixed_dictionaries({"file": st.fixed_dictionaries({"kind": st.just("image"), "link": st.just("{{ message.text }}"), "caption": TEXTS})}),
        st.fixed_dictionaries({"text": TEXTS, "link": st.fixed_dictionaries({"label": TITLES, "url": st.just("{{ data.text }}")})}),
    ),
    "menu": st.fixed_dictionaries({"text": TEXTS, "choices": st.dictionaries(st.sampled_from(KEYS), TITLES, min_size=1)}, optional={"as": st.sampled_from(["auto", "list", "text"]), "tries": st.integers(1, 3)}),
    "collect": st.fixed_dictionaries({"fields": ASKED}, optional={"confirm": st.booleans(), "fresh": st.booleans(), "tries": st.integers(1, 2)}),
    "set": st.one_of(
        st.fixed_dictionaries({"data": st.dictionaries(FIELD, VALUES, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"contact": st.dictionaries(st.sampled_from(["name", "language", "timezone"]), VALUES, min_size=1)}),
    ),
    "branch": st.fixed_dictionaries({"cases": st.dictionaries(st.sampled_from(KEYS), TRUTHS, min_size=1, max_size=2)}),
    "wait": st.one_of(st.just({"message": True}), st.just({"event": "paid"}), st.just({"for": "5s"}), st.just({"message": True, "event": "e"})),
    "webhook": st.fixed_dictionaries(
        {"url": st.sampled_from(["https://x.example/{{ message.text }}?q={{ data.text }}", "{{ data.text }}", "https://x.example"])},
        optional={"json": st.just({"a": "{{ data }}", "b": ["{{ message.text }}!"]}), "returns": st.just({"type": "object", "properties": {"n": {"type": "integer"}}}), "save": st.dictionaries(FIELD, VALUES, max_size=2), "headers": st.just({"X-A": "{{ message.text }}"})},
    ),
    "handoff": st.fixed_dictionaries({"team": st.just("desk")}, optional={"text": TEXTS, "note": st.just("{{ data.text }}")}),
    "call": st.fixed_dictionaries({"flow": st.just("sub")}, optional={"inputs": st.dictionaries(FIELD, VALUES, max_size=2), "outputs": st.dictionaries(FIELD, VALUES, max_size=2)}),
    "stop": st.just({}),
}  # fmt: skip


@st.composite
def flows(draw: Any, name: str) -> dict[str, Any]:
    """A flow of one to five steps that lead anywhere."""
    ids = [f"s{place}" for place in range(draw(st.integers(1, 5)))]
    steps: list[dict[str, Any]] = []
    for one in ids:
        kind = draw(st.sampled_from(sorted(set(ACTIONS) - ({"call"} if name == "sub" else set()))))
        step: dict[str, Any] = {"id": one, "action": kind, "with": draw(ACTIONS[kind])}
        ends = {"menu": ["other", "timeout"], "collect": ["timeout", "cancelled", "failed"], "branch": [], "wait": ["timeout"], "webhook": ["failed", "timeout"], "handoff": ["timeout"]}.get(kind, [])  # fmt: skip
        keys = [*step["with"].get("choices", {}), *step["with"].get("cases", {})]
        step["then"] = {key: draw(st.sampled_from([*ids, "stop"])) for key in [*ends, *keys]}
        if kind in ("menu", "collect", "wait", "webhook", "handoff"):
            step["timeout"] = "30m"
        if kind != "stop" and draw(st.booleans()):
            step["next"] = draw(st.sampled_from([*ids, "stop"]))
        steps.append({key: value for key, value in step.items() if value != {} or key == "with"})
    properties = {field: draw(st.sampled_from(schemas)) for field, schemas in SCHEMAS.items()}
    return {"chatloom": "flow/v1", "id": name, "data": {"schema": {"type": "object", "properties": properties}}, "steps": steps}  # fmt: skip


@st.composite
def bots(draw: Any) -> Compiled | None:
    """A compiled bot; None if the compiler refuses it."""
    document = {
        "chatloom": "bot/v1",
        "id": "made",
        "languages": ["en", "it"],
        "flows": ["talk", "sub"],
        "fallback": "talk",
    }
    files = {"bot.yaml": json.dumps(document)}
    for name in ("talk", "sub"):
        files[f"flows/{name}.yaml"] = json.dumps(draw(flows(name)))
    try:
        return compiler.compile(bot.load(files))
    except compiler.FlowNotValid:
        return None
