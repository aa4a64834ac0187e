"""Which conversations a list holds, and in which order: the same for one number's and for all."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query

from admin_api.acting import by
from admin_api.callers import Agent
from admin_api.pages import sorting
from schemas.problems import Refused
from store.admin.conversations import FAILED_DAYS, Filter
from store.admin.page import Window


class StepAlone(Refused):
    """A step is looked for within its flow."""

    code = "conversations.step_alone"
    status = 422
    title = "Of which flow?"
    sentence = "Give `flow` with `step`: another flow may have a step {step!r} too."


def filtering(
    who: Agent,
    status: Annotated[Literal["idle", "running", "handed_off"] | None, Query()] = None,
    flow: Annotated[str | None, Query(max_length=200, description="In which flow it stands.")] = None,
    step: Annotated[
        str | None, Query(max_length=200, description="At which step; with `flow`, whose step it is.")
    ] = None,
    version: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="Which version of the bot its run has.")
    ] = None,
    team: Annotated[str | None, Query(max_length=200)] = None,
    contact: UUID | None = None,
    updated_since: dt.datetime | None = None,
    failed: Annotated[
        bool, Query(description=f"Those in which a message of the last {FAILED_DAYS} days was not delivered.")
    ] = False,
    mine: Annotated[bool, Query(description="Those that are the caller's to answer now.")] = False,
) -> Filter:
    """What a request asks for. Raises `StepAlone`."""
    if step and not flow:
        raise StepAlone(step=step)
    return Filter(
        status, flow, step, version, team, contact, updated_since, by(who) if mine else None, failed or None
    )


Filtering = Annotated[Filter, Depends(filtering)]
Sorting = Annotated[Window, Depends(sorting("-updated_at"))]
