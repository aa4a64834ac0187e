"""Inspecting: what a bot depends on, what it writes, how its flows run, and where it is hard to follow."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from flows import graph
from flows.compiled import Compiled, CompiledFlow, CompiledStep
from flows.custom import Custom
from flows.flow_compiler import results_of
from flows.texts import sources
from schemas.inspection import Call, Edge, FlowInside, Inspection, Needs, Written

MANY_STEPS: Final = 40  # more than a screen of the editor shows
MANY_WAYS: Final = 50  # McCabe, "A Complexity Measure" (1976), advises 10 for code; here timeouts count too
DEEP: Final = 3
_SECRET: Final = re.compile(r"""\bsecret\(\s*["']([^"']+)["']\s*\)""")


def inspect(bot: Compiled) -> Inspection:
    """Everything about a bot that people ask before they change it, move it or let it go."""
    flows = tuple(_inside(bot, flow) for flow in bot.flows.values())
    return Inspection(bot.document.id, bot.languages, flows, _needs(bot), tuple(_hints(bot, flows)))


def _inside(bot: Compiled, flow: CompiledFlow) -> FlowInside:
    out = graph.edges(flow)
    edges = tuple(Edge(one.step, one.outcome, one.target) for step in out for one in out[step])
    contact = {
        value
        for step in flow.steps.values()
        for _, mark, value in step.marked
        if mark.reading == "contact_field"
    }
    return FlowInside(
        id=flow.id,
        file=flow.source.path,
        triggers=tuple(one.trigger.name for one in bot.triggers if one.flow == flow.id),
        steps=tuple((step.id, step.action.name) for step in flow.steps.values()),
        edges=edges,
        calls=tuple(sorted(graph.calls(bot)[flow.id])),
        outcomes=tuple(dict.fromkeys(("done", *results_of(flow.document)))),
        writes=tuple(_writes(flow)),
        contact_fields=tuple(sorted(contact)),
        ways=len(edges) - len(flow.steps) + 1,
    )


def _writes(flow: CompiledFlow) -> Iterator[Written]:
    for name, field in flow.fields.items():
        steps = [
            step.id
            for step in flow.steps.values()
            if any(written == name for _, written in step.action.writes())
        ]
        shown = type_words(field.schema)
        yield Written(name, shown, field.required, bool(field.schema.get("pii")), tuple(steps))


def type_words(schema: Mapping[str, Any]) -> str:
    """The type of a field, as people say it: `string (email)`."""
    kind: Any = schema.get("type") or ("enum" if "enum" in schema else "any")
    said = " or ".join(cast("list[str]", kind)) if isinstance(kind, list) else str(kind)
    return f"{said} ({schema['format']})" if "format" in schema else said


def _needs(bot: Compiled) -> Needs:
    steps = [step for flow in bot.flows.values() for step in flow.steps.values()]
    custom = {step.action.name for step in steps if isinstance(step.action, Custom)}
    events = {str(name) for one in bot.triggers if (name := getattr(one.trigger, "name_", ""))}
    events |= {str(name) for step in steps if (name := getattr(step.action, "event", ""))}
    return Needs(
        webhooks=tuple(
            Call(step.name, str(getattr(step.action, "method", None) or "POST"), str(url))
            for step in steps
            if step.action.name == "webhook" and (url := getattr(step.action, "url", ""))
        ),
        custom_actions=tuple(sorted(custom)),
        secrets=tuple(
            sorted({name for step in steps for text in _strings(step) for name in _SECRET.findall(text)})
        ),
        teams=tuple(sorted({*_picked(steps, "team"), *([bot.document.team] if bot.document.team else [])})),
        people=tuple(sorted(name for name in _picked(steps, "person") if "{{" not in name)),
        templates=tuple(sorted(_picked(steps, "template"))),
        media=tuple(
            sorted(
                {
                    str(value)
                    for step in steps
                    for pointer, _, value in step.marked
                    if pointer.endswith("/link") and step.action.name in ("send", "template")
                }
            )
        ),
        events=tuple(sorted(events)),
    )


def _picked(steps: list[CompiledStep], widget: str) -> set[str]:
    """What the steps' parameters of a widget name."""
    found: set[str] = set()
    for step in steps:
        for name, info in type(step.action).model_fields.items():
            extra: Any = info.json_schema_extra
            hints: Any = cast("dict[str, Any]", extra).get("ui_schema") if isinstance(extra, dict) else None
            if isinstance(hints, dict) and cast("dict[str, Any]", hints).get("ui:widget") == widget:
                found |= {str(getattr(step.action, name))}
    return found - {""}


def _strings(step: CompiledStep) -> Iterator[str]:
    for _, mark, value in step.marked:
        if mark.reading == "text":
            yield from (text for _, _, text in sources(value))
        else:
            yield from _within(value)


def _within(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in cast("dict[str, Any]", value).values():
            yield from _within(one)
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _within(one)


def _hints(bot: Compiled, flows: tuple[FlowInside, ...]) -> Iterator[str]:
    for flow in flows:
        if len(flow.steps) > MANY_STEPS:
            yield f"{flow.id} has {len(flow.steps)} steps: part of it may be a flow of its own, entered by call"
        if flow.ways > MANY_WAYS:
            yield f"{flow.id} has {flow.ways} ways through it: hard to test whole"
    calls = graph.calls(bot)
    for name in sorted(graph.entries(bot)):
        depth = _depth(calls, name, frozenset())
        if depth > DEEP:
            yield f"{name} calls flows {depth} deep"


def _depth(calls: dict[str, frozenset[str]], name: str, above: frozenset[str]) -> int:
    below = calls[name] - above - {name}
    return 1 + max(_depth(calls, one, above | {name}) for one in below) if below else 0
