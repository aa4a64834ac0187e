"""What a bot is made of, as `flows.inspect` tells it: what it needs from outside, what it writes, how it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """A request to another system. `to` is its address as it is written: secrets by name, values in braces."""

    step: str
    method: str
    to: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What a bot needs from outside. `custom_actions`, `teams`, `templates`, `secrets` and `events` are names, `people` addresses."""

    webhooks: tuple[Call, ...]
    custom_actions: tuple[str, ...]
    secrets: tuple[str, ...]
    teams: tuple[str, ...]
    people: tuple[str, ...]
    templates: tuple[str, ...]
    media: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A field of a flow's data, by its JSON Schema, and the steps that write it. `pii`: it tells who somebody is."""

    name: str
    type: str
    required: bool
    pii: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from a step: to another step, or an empty text for the flow's end; None: the run ends visibly there."""

    step: str
    outcome: str
    to: str | None


@dataclass(frozen=True, slots=True)
class FlowInside:
    """One flow. `outcomes` are the results it stops with, `ways` the independent ways through it (cyclomatic)."""

    id: str
    file: str
    triggers: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    edges: tuple[Edge, ...]
    calls: tuple[str, ...]
    outcomes: tuple[str, ...]
    writes: tuple[Written, ...]
    contact_fields: tuple[str, ...]
    ways: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """The whole bot. `hints` say in words where it is hard to follow."""

    bot: str
    languages: tuple[str, ...]
    flows: tuple[FlowInside, ...]
    needs: Needs
    hints: tuple[str, ...]
