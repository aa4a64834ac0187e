"""Threads as a number's process writes them: opened, assigned and closed, in the order of its turns."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from store.leases import Lease
from store.named_sql import run
from store.pool import Connection


class ThreadOpened(NamedTuple):
    """People got the floor. `how`: handed_off or taken_over; `flow` and `step`: where the bot stood."""

    id: UUID
    conversation_id: UUID
    at: dt.datetime
    how: str
    by: str
    flow: str
    step: str
    team: str
    assignee: str


class ThreadAssigned(NamedTuple):
    """Somebody else of them has it."""

    conversation_id: UUID
    at: dt.datetime
    by: str
    team: str
    assignee: str


class ThreadClosed(NamedTuple):
    """They have it no more. `by` is empty where no person did it."""

    conversation_id: UUID
    at: dt.datetime
    by: str
    outcome: str


ThreadChange = ThreadOpened | ThreadAssigned | ThreadClosed


async def write(conn: Connection, lease: Lease, changes: Sequence[ThreadChange]) -> None:
    """Within a transaction: what became of threads, in its order."""
    for change in changes:
        params: dict[str, Any] = {
            **lease.key(),
            **change._asdict(),
            "conversation": change.conversation_id,
        }
        match change:
            case ThreadOpened():
                first = [assignment(change)] if change.assignee or change.team else []
                await run(conn, "threads", "open", {**params, "assigned": orjson.dumps(first).decode()})
            case ThreadAssigned():
                again = orjson.dumps([assignment(change)]).decode()
                await run(conn, "threads", "assign", {**params, "assigned": again})
            case ThreadClosed():
                await run(conn, "threads", "close", params)


def assignment(change: ThreadOpened | ThreadAssigned) -> dict[str, Any]:
    """A line of a thread's history."""
    return {"at": change.at, "by": change.by, "assignee": change.assignee, "team": change.team}
