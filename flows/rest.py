"""A simulated talk that rests between calls: all that it needs to go on, as bytes; the bot is given anew."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from flows.compiled import Compiled
from flows.simulation import Simulation
from flows.state import State
from flows.talk import Talk
from flows.turn import View
from schemas.capabilities import Capabilities
from schemas.effects import AddNote, CallWebhook, EndRun, HandOff, OpenTask, SetTimer


@dataclass(frozen=True, slots=True)
class _Rest:
    """What of a talk is not the bot's. `channel` is the one that it began on."""

    channel: Capabilities
    now: dt.datetime
    seed: str
    count: int
    contact: dict[str, Any]
    number: dict[str, Any]
    state: State
    timers: dict[str, SetTimer]
    calls: dict[UUID, CallWebhook]
    ended: EndRun | None
    handed_off: HandOff | None
    shown: dict[str, str]
    noted: AddNote | None = None
    opened: OpenTask | None = None


_codec: TypeAdapter[_Rest] = TypeAdapter(_Rest)


def rest(talk: Talk) -> bytes:
    """The talk as JSON bytes."""
    here = talk.simulation
    return _codec.dump_json(
        _Rest(
            channel=here.view.capabilities,
            now=here.now,
            seed=here.seed,
            count=here.count,
            contact=dict(here.view.contact),
            number=dict(here.view.number),
            state=here.state,
            timers=here.timers,
            calls=here.calls,
            ended=here.ended,
            handed_off=here.handed_off,
            noted=here.noted,
            opened=here.opened,
            shown=talk.shown,
        )
    )


def go_on(compiled: Compiled, raw: bytes) -> Talk:
    """The talk that `rest` gave these bytes for, with the bot that it was had with."""
    kept = _codec.validate_json(raw)
    view = View(contact=kept.contact, number=kept.number, capabilities=kept.channel)
    simulation = Simulation(
        compiled,
        view,
        kept.now,
        kept.seed,
        kept.state,
        kept.timers,
        kept.calls,
        ended=kept.ended,
        handed_off=kept.handed_off,
        noted=kept.noted,
        opened=kept.opened,
        count=kept.count,
    )
    return Talk(simulation, shown=kept.shown)
