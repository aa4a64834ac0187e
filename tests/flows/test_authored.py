"""Whatever an author writes either does not compile, or runs: no flow and no schema can make `advance` raise."""

import json
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flows import bot, compiler
from flows.compiled import Compiled
from flows.state import decode, encode
from tests.flows.test_laws import Conversation

UNSHRUNK = (Phase.explicit, Phase.generate)
NAMES = ("a", "b", "c", "d")
texts = st.sampled_from(
    [
        "Hi",
        "Hi {{ contact.name }}",
        "{{ data.a }}",
        "{{ data.b }}/{{ data.c }}",
        "{{ message.text }}",
        "{{ result.json }}",
        "{{ event.x }}",
        "{{ data }}",
        "{{ data.?a.orValue('-') }}",
        "{{ now }}",
    ]
)
expressions = st.sampled_from(
    [
        "data.a == 'x'",
        "has(data.b)",
        "data.c > 2",
        "message.text.size() > 3",
        "result.status == 200",
        "event.n == 1",
        "data.a",
        "data.b + 1",
        "message.text",
        "event.x",
        "result",
        "1 / 0 > 1",
        "contact.name",
        "[1, 'a'][0]",
        "data",
    ]
)
targets = st.sampled_from(["s0", "s1", "s2", "s3", "stop"])
spans = st.sampled_from(["1s", "5m", "2h"])
fields = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)
saved = st.dictionaries(st.sampled_from(NAMES), expressions, max_size=2)

leaves = st.one_of(
    st.builds(lambda low, pattern: {"type": "string", "minLength": low, **pattern}, st.integers(0, 3), st.sampled_from([{}, {"pattern": "^[a-z]+$"}, {"pattern": r"\d{2}"}, {"format": "email"}, {"format": "date"}])),
    st.builds(lambda kind, low: {"type": kind, "minimum": low, "multipleOf": 0.1}, st.sampled_from(["integer", "number"]), st.integers(-3, 3)),
    st.sampled_from([
        {"type": "boolean"}, {"enum": ["x", 2, None, [1]]}, {"const": "x"}, {}, {"type": ["string", "null"]}, {"type": "string", "enum": ["x", "y"]},
        {"oneOf": [{"const": 1, "title": "One"}, {"const": "x"}]}, {"$ref": "#/$defs/one"}, {"$ref": "#/$defs/two"}, {"type": "null"},
        {"type": "string", "readOnly": True}, {"type": "string", "title": {"en": "T", "it": "I"}}, {"type": "string", "contentEncoding": "base64"},
        {"type": "number", "exclusiveMaximum": 1e308}, {"not": {"type": "string"}}, {"type": "string", "default": 3},
    ]),
)  # fmt: skip
schemas = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda items: {"type": "array", "items": items, "uniqueItems": True}, inner)
        | st.builds(lambda parts: {"type": "object", "properties": parts, "patternProperties": {"^z": {"type": "string"}}}, st.dictionaries(st.sampled_from(NAMES), inner, max_size=3))
        | st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner)
        | st.builds(lambda one, other: {"allOf": [one, other]}, inner, inner)
    ),
    max_leaves=5,
)  # fmt: skip


def schema_of(parts: list[Any], defs: list[Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(zip(NAMES, parts, strict=True)), "required": required, "$defs": {"one": defs[0], "two": defs[1]}}  # fmt: skip


datas = st.builds(
    schema_of,
    st.lists(schemas, min_size=4, max_size=4),
    st.lists(schemas, min_size=2, max_size=2),
    st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
)


WAITS = {"menu": "other", "collect": "cancelled failed", "wait": "", "webhook": "failed", "handoff": ""}
SENDS = ("send", "menu", "collect", "handoff")


def step(action: str, **parameters: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    leaves = WAITS.get(action, "").split()
    span: dict[str, Any] = {"timeout": spans} if action in WAITS else {}
    edges = dict.fromkeys(
        leaves + ["timeout"] * (action in WAITS) + ["undelivered"] * (action in SENDS), targets
    )
    return st.fixed_dictionaries(
        {"action": st.just(action), "with": st.fixed_dictionaries(parameters), "then": st.fixed_dictionaries(edges), **span}
    )  # fmt: skip


steps = st.one_of(
    step("send", text=texts),
    step("menu", text=texts, choices=st.dictionaries(st.sampled_from(["x", "y", "z"]), texts, min_size=1), tries=st.integers(1, 3)),
    step("collect", fields=fields, tries=st.integers(1, 3), confirm=st.booleans(), fresh=st.booleans()),
    step("branch", cases=st.dictionaries(st.sampled_from(["p", "q"]), expressions, min_size=1)),
    step("set", data=st.dictionaries(st.sampled_from(NAMES), expressions, min_size=1, max_size=2), contact=st.dictionaries(st.sampled_from(["name", "vip"]), expressions, max_size=1)),
    step("wait", message=st.just(True)),
    step("wait", event=st.just("paid")),
    step("webhook", url=st.sampled_from(["https://x.example.com/{{ data.a }}", "{{ data.b }}"]), save=saved, json=st.just({"a": "{{ data.a }}", "all": "{{ data }}"})),
    step("call", flow=st.just("other"), inputs=st.dictionaries(st.just("city"), expressions, max_size=1), outputs=saved),
    step("handoff", team=st.just("sales"), text=texts, note=texts),
    step("stop", result=st.sampled_from(["won", "lost"])),
)  # fmt: skip
bots = st.builds(
    lambda data, made: (data, [{"id": f"s{n}", **one} for n, one in enumerate(made)]),
    datas,
    st.lists(steps, min_size=4, max_size=4),
)


def made_of(data: Any, listed: list[Any]) -> Compiled | None:
    document = {"chatloom": "bot/v1", "id": "b", "languages": ["en", "it"], "flows": ["f", "other"], "fallback": "f", "team": "sales", "contact": {"fields": {"vip": {"type": "boolean"}}}}  # fmt: skip
    flow = {"chatloom": "flow/v1", "id": "f", "data": {"schema": data}, "steps": listed}
    other = {"chatloom": "flow/v1", "id": "other", "data": {"schema": {"type": "object", "properties": {"city": {"type": "string"}}}}, "steps": [{"id": "ask", "action": "collect", "with": {"fields": ["city"]}, "then": {"cancelled": "stop", "failed": "stop"}}]}  # fmt: skip
    files = {"bot.json": json.dumps(document), "flows/f.json": json.dumps(flow), "flows/other.json": json.dumps(other)}  # fmt: skip
    try:
        return compiler.compile(bot.load(files))
    except compiler.FlowNotValid:
        return None


@settings(max_examples=80, deadline=None, phases=UNSHRUNK, suppress_health_check=list(HealthCheck))
@given(made=bots, data=st.data())
def test_what_compiles_runs(made: tuple[Any, list[Any]], data: st.DataObject) -> None:
    compiled = made_of(*made)
    if compiled is None:
        return
    talk = Conversation(compiled)
    for _ in range(data.draw(st.integers(1, 8))):
        turn = talk.give(talk.event(data.draw))
        assert decode(encode(turn.state)) == turn.state
