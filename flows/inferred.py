"""What `result` and `event` are where a step begins: inferred from the ways that lead there.

`result` is what the last action gave. Where all ways come from actions that declare the same, that is its type;
where they declare different things it is all of them at once, each part as far as they agree. `event` is what was
posted: by the triggers of a flow or of those that call it, and by the steps that wait for one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from flows.action import Action
from schemas.flow import FlowDocument

Schema = Mapping[str, Any]

NOTHING: Final[Schema] = {"type": "object", "properties": {}}
"""The type of a `result` before any action gave one."""

_WORDS: Final = ("type", "properties", "required")


@dataclass(frozen=True, slots=True)
class Laid:
    """A step whose edges are known. `gives` is the schema of the result that its action brings, if it brings one."""

    id: str
    action: Action
    outcomes: tuple[str, ...]
    edges: Mapping[str, str | None]
    next: str
    disabled: bool
    gives: Schema | None

    def ways(self) -> Iterable[tuple[str | None, bool]]:
        """Every step that it leads to, and whether with a new result."""
        if self.disabled:
            return [(self.next, False)]
        outcomes = self.outcomes if self.action.outcomes() or self.action.ends else ("", *self.outcomes)
        return [
            (self.edges.get(outcome, self.next), self.gives is not None and self.action.brings(outcome))
            for outcome in outcomes
        ]


def results_at(steps: Mapping[str, Laid], first: str, broken: str) -> dict[str, Schema]:
    """The schema of `result` where each step begins; `broken` is the step that failing texts lead to, if any."""
    came: dict[str, frozenset[str]] = {first: frozenset(("",))}  # from which steps, "" for none
    waiting = [first]
    while waiting:
        name = waiting.pop()
        step = steps.get(name)
        if step is None:
            continue
        ways = [*step.ways()]
        if broken:
            ways.extend((broken, new) for new in {False, step.gives is not None})
        for target, new in ways:
            brought = frozenset((name,)) if new else came[name]
            known = came.get(target or "", frozenset())
            if target and not brought <= known:
                came[target] = known | brought
                waiting.append(target)
    return {name: merged([_given(steps, one) for one in sorted(sources)]) for name, sources in came.items()}


def _given(steps: Mapping[str, Laid], name: str) -> Schema:
    return (steps[name].gives if name else None) or NOTHING


def merged(schemas: Sequence[Schema]) -> Schema:
    """A schema of what is of one of these: what they agree on is typed, what they do not is open."""
    first, *rest = schemas
    others = [one for one in rest if one != first]
    if not others:
        return first
    everyone = [first, *others]
    if not all("properties" in one and set(one) <= {*_WORDS, "title", "description"} for one in everyone):
        return {}
    properties: dict[str, Schema] = {}
    for one in everyone:
        for name, inner in cast("Mapping[str, Any]", one["properties"]).items():
            properties[name] = merged([properties[name], inner]) if name in properties else inner
    needed = [cast("list[str]", one.get("required") or []) for one in everyone]
    required = [name for name in needed[0] if all(name in one for one in needed)]
    return {"type": "object", "properties": properties, "required": required}


def event_names(flows: Mapping[str, FlowDocument]) -> dict[str, tuple[str, ...]]:
    """The events that each flow's steps may see as `event`."""
    begun = {name: {event for event, _ in _triggers(flow)} for name, flow in flows.items()}
    anywhere = {event for flow in flows.values() for event, interrupts in _triggers(flow) if interrupts}
    anywhere |= {
        str(event) for flow in flows.values() for step in flow.steps if (event := step.with_.get("event"))
    }
    called = {
        name: {str(step.with_["flow"]) for step in flow.steps if "flow" in step.with_} & flows.keys()
        for name, flow in flows.items()
    }
    growing = True
    while growing:
        growing = False
        for name, callees in called.items():
            for callee in callees:
                if not begun[name] <= begun[callee]:
                    begun[callee] |= begun[name]
                    growing = True
    return {name: tuple(sorted(events | anywhere)) for name, events in begun.items()}


def _triggers(flow: FlowDocument) -> Iterable[tuple[str, bool]]:
    for trigger in flow.triggers:
        parameters: Any = (trigger.model_extra or {}).get("event")
        if isinstance(parameters, dict):
            yield str(cast("dict[str, Any]", parameters).get("name")), trigger.interrupt
