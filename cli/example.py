"""The example in the docstring of an action or a trigger, as a bot that runs, and what it says.

`docs/language/` shows the talk, and a test plays each. The bot has a flow `example`: a step that writes the fields
which examples read, then the example itself as the step `it`, and a place for each of its targets.
"""

import datetime as dt
import inspect
import json
from typing import Any, cast

from flows import bot, compiler, kinds
from flows.document import Source, parse
from flows.expected import shown_text
from flows.simulation import Simulation
from flows.talk import Talk, spoken_for_team
from flows.turn import Turn
from flows.world import World
from schemas.effects import AddNote, CallWebhook, Effect, HandOff, OpenTask, Say, SetTimer, TagContact
from sessions.registry import driver

CHANNEL = "cloud_api"
FLOW = "example"
EVENTS = {"lead.invited": {"type": "object", "properties": {"score": {"type": "integer"}}}}
_AT = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
_NUMBERS = ("price", "seats", "hour", "total")
_WORDS = ("name", "email", "street", "lead_id")
BEFORE: dict[str, Any] = {**dict.fromkeys(_NUMBERS, 7), "name": "Ana", "street": "Via Po", "lead_id": "L1"}


def text(kind: type) -> str:
    """The example as it stands in the docstring, empty when there is none."""
    _, found, example = inspect.cleandoc(kind.__doc__ or "").partition("Example:\n")
    return inspect.cleandoc(example) if found else ""


def files(kind: type) -> dict[str, bytes | str]:
    """The example's bot. Raises ValueError for an example that is no YAML."""
    source = parse("example.yaml", text(kind))
    if not isinstance(source, Source):
        raise ValueError(f"the example of {kind.__name__} cannot be read: {source[0]}")
    example = cast("dict[str, Any]", source.value)
    is_action = kind in kinds.actions().values()
    step: dict[str, Any] = {"id": "it", **example} if is_action else {"id": "it", "action": "stop"}
    known = {name: json.dumps(value) for name, value in BEFORE.items()}
    properties = {
        **{name: {"type": "integer"} for name in _NUMBERS},
        **{name: {"type": "string"} for name in _WORDS},
    }
    flow = {
        "chatloom": "flow/v1",
        "id": FLOW,
        "triggers": [] if is_action else [example],
        "data": {"schema": {"type": "object", "properties": properties}},
        "steps": [
            {"id": "before", "action": "set", "with": {"data": known}},
            step,
            *({"id": target, "action": "stop"} for target in sorted(set(step.get("then", {}).values()))),
        ],
    }
    called = {
        "chatloom": "flow/v1",
        "id": "address",
        "data": {"schema": {"type": "object", "properties": properties}},
        "steps": [{"id": "end", "action": "set", "with": {"data": {"street": "'Via Roma'"}}}],
    }
    main = {
        "chatloom": "bot/v1",
        "id": "example",
        "languages": ["en", "it"],
        "flows": ["example", "address"],
        "fallback": "example",
    }
    return {
        "bot.yaml": json.dumps(main),
        "flows/example.json": json.dumps(flow),
        "flows/address.json": json.dumps(called),
    }


def begin(kind: type) -> Simulation:
    """The example's bot with a contact called Ana. Raises `FlowNotValid`."""
    compiled = compiler.compile(bot.load(files(kind)), World(events=EVENTS))
    return Simulation.begin(compiled, driver(CHANNEL).capabilities, _AT, {"name": "Ana", "language": "en"})


def played(kind: type) -> list[str]:
    """What an action's example does when Ana says hello, a line each."""
    talk = Talk(begin(kind))
    talk.line({"user": "hello"})
    lines = ["Ana: hello"]
    for turn in talk.turns:
        lines.extend(_done(turn))
    simulation = talk.simulation
    left = next((one.outcome for one in simulation.trace if one.flow == FLOW and one.step == "it"), "")
    after = simulation.ended.data if simulation.ended else {}
    changed = {name: value for name, value in after.items() if value != BEFORE.get(name)}
    if changed:
        lines.append(f"(data: {', '.join(f'{name} = {value!r}' for name, value in changed.items())})")
    waiting = "(the step waits)"
    return [*lines, waiting if simulation.state.run else f"(leaves by {left})" if left else "(goes on)"]


def _done(turn: Turn) -> list[str]:
    return [line for effect in turn.effects if (line := _line(effect))]


def _line(effect: Effect) -> str:
    match effect:
        case Say():
            return "bot: " + shown_text(effect.body).replace("\n", "\n     ")
        case CallWebhook():
            url = "".join(part if isinstance(part, str) else "…" for part in effect.url)
            return f"({effect.method} {url} {json.dumps(effect.json) if effect.has_body else ''})".replace(
                " )", ")"
            )
        case HandOff():
            return f"(to the team {effect.team}: {effect.note})"
        case AddNote() | OpenTask():
            line = spoken_for_team(effect)
            return f"({line.who}: {line.text})"
        case TagContact():
            return f"(tags on: {', '.join(effect.add)}; off: {', '.join(effect.remove) or 'none'})"
        case SetTimer() if "wait" in effect.timer:
            return f"(until {effect.at:%Y-%m-%d %H:%M})"
        case _:
            return ""
