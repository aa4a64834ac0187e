"""What a migration of open runs would do: each is looked at here as its number will look at it.

What counts is what the number finds when it is the run's turn: the contact may have answered by then.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, Field

from admin_api.check import world
from keys.seal import Sealer
from schemas.tables.bots import Bot, BotVersion
from store.admin import bots
from store.admin.desk import Session

if TYPE_CHECKING:
    from flows.compiled import Compiled
    from flows.world import World

AT_ONCE = 500
ENDED = "ended"

Reason = tuple[int, str, str, str, str]
"""Version, code, sentence, flow and step."""


class StayingOut(BaseModel):
    """Runs that stay on their version, for one reason. `code` is stable; `flow` and `step` are where they stand."""

    version: int = Field(description="The version that they stay on.")
    code: str
    reason: str = Field(examples=["there is no step intake.size any more"])
    flow: str
    step: str
    runs: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many runs go on with the new version, and why the others do not."""

    moves: int
    stays: list[StayingOut]


async def outlook(
    db: Session, seals: Sealer, bot: Bot, row: BotVersion, open_runs: list[bots.OpenRun]
) -> Outlook:
    """What would become of these runs if they were to go on with `row`. Changes nothing."""
    around = await world(db)
    new = await asyncio.to_thread(_compiled, row, around)
    old = {
        version: await asyncio.to_thread(_compiled, await bots.version(db, bot, version), around)
        for version in {run.version for run in open_runs}
    }
    found: Counter[Reason] = Counter()
    moves = 0
    for start in range(0, len(open_runs), AT_ONCE):
        runs = open_runs[start : start + AT_ONCE]
        states = await bots.states(db, seals, runs)
        for reason in await asyncio.to_thread(_reasons, old, new, runs, states):
            if reason is None:
                moves += 1
            else:
                found[reason] += 1
    stays = [
        StayingOut(version=version, code=code, reason=says, flow=flow, step=step, runs=count)
        for (version, code, says, flow, step), count in found.most_common()
    ]
    return Outlook(moves, stays)


def _reasons(
    old: "dict[int, Compiled | None]",
    new: "Compiled | None",
    runs: list[bots.OpenRun],
    states: dict[UUID, bytes],
) -> list[Reason | None]:
    """For each run why it stays, or None: it goes on."""
    from flows.migration import misfits
    from flows.state import decode

    reasons: list[Reason | None] = []
    for one in runs:
        raw, before = states.get(one.conversation), old[one.version]
        run = decode(raw).run if raw else None
        if run is None or run.version != one.version:
            reasons.append((one.version, ENDED, "the run has just ended", "", ""))
            continue
        top = run.stack[-1]
        if before is None or new is None:
            why = "its version cannot be compiled any more"
            reasons.append((one.version, "unservable", why, top.flow, top.step))
            continue
        found = misfits(before, new, run)
        first = found[0] if found else None
        reasons.append(first and (one.version, first.code, str(first), first.flow, first.step))
    return reasons


def _compiled(row: BotVersion, around: "World") -> Any:
    """A version as its numbers compile it; None when it has errors by now."""
    from flows.bot import load
    from flows.compiler import FlowNotValid, compile

    try:
        return compile(load(row.files), replace(around, events=row.event_schemas), version=row.version)
    except FlowNotValid:
        return None
