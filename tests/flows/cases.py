"""The cases that stand beside an action or a trigger: read, run in a bot of one step, written anew.

A case has `it` (what it shows), `step` or `trigger`, `when` (what happens) and `gives` (only the keys that
matter) or `refuses` (where the compiler complains). `data`, `schema`, `contact`, `bot`, `memory`, `result` set the
scene, `event` is what led to the step; without `memory`, what entering the step left is there.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from flows import bot, compiler
from flows.action import Move
from flows.actions.call import Call
from flows.cel import evaluate
from flows.compiled import Compiled, CompiledStep
from flows.context import Context
from flows.diagnostic import Diagnostic
from flows.document import Source, parse
from flows.place import dotted
from flows.scopes import message_value, values_for
from flows.turn import View
from flows.values import EvaluationFailed, Values
from flows.world import World
from schemas import events as ev
from schemas.capabilities import Capabilities
from schemas.effects import Say
from schemas.ids import event_id
from schemas.messages import Choice, Identity, Inbound, Media, Text
from sessions.registry import driver

AT = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
ID = event_id(int(AT.timestamp() * 1000), b"x" * 32)
KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
OTHER = "{chatloom: flow/v1, id: other, data: {schema: {type: object, properties: {city: {type: string}}}}, steps: [{id: end, action: stop, with: {result: moved}}]}"


def read(path: Path) -> Source:
    source = parse(path.name, path.read_text())
    assert isinstance(source, Source), source
    return source


def outcome(case: Mapping[str, Any]) -> Any:
    """What a case gives: a move or a decision as plain JSON, or the pointers that are refused."""
    compiled, found = build(case)
    errors = [one for one in found if one.severity == "error"]
    if "refuses" in case:
        return [pointer(one) for one in errors]
    assert not errors, [str(one) for one in errors]
    return fired(compiled, case) if "trigger" in case else moved(compiled, case)


def build(case: Mapping[str, Any]) -> tuple[Compiled, list[Diagnostic]]:
    data = case.get("data", {})
    properties = {name: {"type": KINDS[type(value)]} for name, value in data.items()}
    schema = {"type": "object", "properties": properties, **case.get("schema", {})}
    step = {"id": "it", **case.get("step", {"action": "stop"})}
    targets = {*step.get("then", {}).values()} - {"stop", "it"}
    flow: dict[str, Any] = {
        "chatloom": "flow/v1",
        "id": "case",
        "triggers": [case["trigger"]] if "trigger" in case else [],
        "data": {"schema": schema, "ui_schema": case.get("ui_schema", {})},
        "steps": [step, *({"id": name, "action": "stop"} for name in sorted(targets))],
    }
    known = {
        name: {"type": KINDS[type(value)]}
        for name, value in case.get("contact", {}).items()
        if name not in ("name", "language", "phone", "id", "timezone")
    }
    main = {
        "chatloom": "bot/v1",
        "id": "case",
        "languages": ["en", "it"],
        "flows": ["case", "other"],
        "contact": {"fields": known},
        **case.get("bot", {}),
    }
    files = {"bot.json": json.dumps(main), "flows/case.json": json.dumps(flow), "flows/other.yaml": OTHER}
    compiled, found = compiler.build(bot.load(files), World())
    assert compiled is not None, found
    return compiled, found


def pointer(one: Diagnostic) -> str:
    """Where a diagnostic stands, without the way to the one step or trigger."""
    return re.sub(r"^(steps\[0\]|triggers\[0\])\.?", "", dotted(one.pointer))


def fired(compiled: Compiled, case: Mapping[str, Any]) -> dict[str, Any]:
    trigger, event = compiled.triggers[0], happening(case["when"])

    def value(text: str) -> Any:
        expression = trigger.expressions[text]
        return evaluate(expression, values(compiled, event, {}, case))

    return {"fires": trigger.trigger.fires(event, value)}


def moved(compiled: Compiled, case: Mapping[str, Any]) -> Any:
    step = compiled.flows["case"].steps["it"]
    when = case.get("when", "enter")
    try:
        if when == "enter":
            event = happening(case.get("event", {"says": "hi"}))
            return plain(step.action.enter(context(compiled, step, case, event, {})))
        if isinstance(when, dict) and "ended" in when:
            assert isinstance(step.action, Call)
            return plain(
                step.action.returned(
                    context(compiled, step, case, happening({"says": "hi"}), case.get("memory", {})),
                    when["ended"],
                )
            )
        memory = case.get("memory")
        if memory is None:
            entered = step.action.enter(context(compiled, step, case, happening({"says": "hi"}), {}))
            memory = entered.memory or {}
        if when == "again":
            return plain(step.action.again(context(compiled, step, case, happening({"says": "hi"}), memory)))
        event = happening(when)
        return plain(step.action.resume(context(compiled, step, case, event, memory), event))
    except EvaluationFailed as failed:
        return {"breaks": str(failed)}


def context(
    compiled: Compiled,
    step: CompiledStep,
    case: Mapping[str, Any],
    event: ev.Event,
    memory: Mapping[str, Any],
) -> Context:
    def revalue(data: Mapping[str, Any]) -> Values:
        return values(compiled, event, data, case)

    data = case.get("data", {})
    posted = tuple(happening({"posted": one}) for one in case.get("posted", []))
    contact = {"id": "c1", "language": "", **case.get("contact", {})}
    channel = case.get("channel", "cloud_api")
    able = Capabilities("plain") if channel == "plain" else driver(channel).capabilities
    view = View(contact, {"id": "n1", "name": "Shop"}, able)
    heard = event.message.provider_id if isinstance(event, ev.Received) else ""
    return Context(compiled, step, view, event, data, memory, revalue(data), revalue, posted, heard)


def values(compiled: Compiled, event: ev.Event, data: Mapping[str, Any], case: Mapping[str, Any]) -> Values:
    return values_for(
        compiled,
        data=data,
        contact={"id": "c1", **case.get("contact", {})},
        number={"id": "n1", "name": "Shop"},
        message=message_value(event) if isinstance(event, ev.Received) else None,
        result=event.result if isinstance(event, ev.ActionDone) else case.get("result"),
        event=event.data if isinstance(event, ev.Posted) else None,
        now=AT,
    )


def happening(when: Mapping[str, Any]) -> Any:
    """An event from its short form: `{says: hello}`."""
    ((kind, value),) = when.items()
    match kind:
        case "says" | "taps" | "image":
            content = {"says": Text(str(value)), "taps": Choice(str(value), str(value))}.get(kind)
            content = content or Media("image", caption=str(value))
            return ev.Received(ID, AT, Inbound("m1", AT, (Identity("phone", "10000000000"),), content))
        case "timer":
            return ev.TimerFired(ID, AT, value, 1)
        case "done":
            return ev.ActionDone(ID, AT, ID, 1, True, value)
        case "failed":
            return ev.ActionDone(ID, AT, ID, 1, False, {}, value)
        case "posted":
            return ev.Posted(ID, AT, value["name"], value.get("data", {}))
        case "returned":
            return ev.Returned(ID, AT, value["by"])
        case _:
            raise AssertionError(f"a case cannot be about {kind!r}")


def plain(move: Move | None) -> Any:
    """A move as JSON: what it does not say is left out."""
    if move is None:
        return "nothing"
    said: dict[str, Any] = {}
    empty = Move()
    for one in dataclass_fields(move):
        value = getattr(move, one.name)
        if one.name == "effects":
            value = [effect_of(effect) for effect in value]
        elif one.name == "timers":
            value = {name: f"{span.total_seconds():g}s" for name, span in value}
        elif one.name == "takes":
            value = value is not None
        if (one.name == "leaves" and value is not None) or (value and value != getattr(empty, one.name)):
            said[one.name] = value
    return json.loads(json.dumps(said))


def effect_of(effect: Any) -> dict[str, Any]:
    if isinstance(effect, Say):
        body = effect.body
        return {"say": body.text} if isinstance(body, Text) else {body.kind: without_defaults(body)}
    return {effect.kind: without_defaults(effect)}


def without_defaults(value: Any) -> Any:
    dumped = TypeAdapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)
    return {key: part for key, part in dumped.items() if key not in ("kind", "retry")}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines on one, so that a case stays a block."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if "\n" in text else None)


_Dumper.add_representer(str, _text)


def update(path: Path, given: Mapping[int, Any]) -> None:
    """Write `gives` of the cases at these indexes anew; the rest of the file stays as it is."""
    source, lines = read(path), path.read_text().splitlines()
    for index in sorted(given, reverse=True):
        start = source.places.key_at(f"/{index}/gives")[0] - 1
        end = start + 1
        while end < len(lines) and re.match(r"   ", lines[end]):
            end += 1
        text = yaml.dump(
            {"gives": given[index]}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000
        )
        if isinstance(given[index], dict):
            lines[start:end] = [f"  {line}" for line in text.splitlines()]
        else:
            lines[start:end] = [f"  gives: {given[index]}"]
    path.write_text("\n".join(lines) + "\n")
