"""Claims of requests that bear an Idempotency-Key, and the answers kept for those who repeat them."""

from typing import NamedTuple
from uuid import UUID

from schemas.ids import new_event_id
from schemas.problems import Refused
from store.admin.desk import Session

KEPT_H = 24
ABANDONED_S = 120  # a claim whose process ended; longer than a request may last


class Claim(NamedTuple):
    """A request's claim on a key."""

    workspace: UUID
    caller: str
    key: bytes
    claim: UUID


class Taken(NamedTuple):
    """What is known of an earlier request with the key."""

    request: bytes
    claim: UUID
    done: bool
    answer: bytes | None


class ClaimLost(Refused):
    """The request took so long that another one with its key began."""

    code = "idempotency.claim_lost"
    status = 409
    title = "Another request with this key went ahead"
    sentence = "This took too long, and another request with its Idempotency-Key began. Send it again."


async def take(session: Session, workspace: UUID, caller: str, key: bytes, request: bytes) -> Claim | Taken:
    """A claim for a new request; or what is known of the earlier one with this key.

    A day later the key is new again; so is one whose request neither did anything nor is running.
    """
    mine = new_event_id()
    values = {"workspace": workspace, "caller": caller, "key": key}
    took = await session.sql(
        "INSERT INTO idempotency AS i (workspace_id, caller, key, request, claim)"
        " VALUES (:workspace, :caller, :key, :request, :claim)"
        " ON CONFLICT (workspace_id, caller, key) DO UPDATE"
        " SET request = excluded.request, claim = excluded.claim, claimed_at = now(), done = false, answer = NULL"
        " WHERE i.claimed_at < now() - make_interval(hours => :hours)"
        " OR (NOT i.done AND i.claimed_at < now() - make_interval(secs => :abandoned))"
        " RETURNING claim",
        **values,
        request=request,
        claim=mine,
        hours=KEPT_H,
        abandoned=ABANDONED_S,
    )
    if took.first() is not None:
        return Claim(workspace, caller, key, mine)
    known = await session.sql(
        "SELECT request, claim, done, answer FROM idempotency"
        " WHERE workspace_id = :workspace AND caller = :caller AND key = :key",
        **values,
    )
    row = known.first()
    return Taken(*row) if row else Taken(request, mine, False, None)  # given up at this moment


async def done(session: Session, claim: Claim) -> None:
    """Note, in the request's own transaction, that it did what was asked. Raises `ClaimLost`."""
    noted = await session.sql(
        "UPDATE idempotency SET done = true"
        " WHERE workspace_id = :workspace AND caller = :caller AND key = :key AND claim = :claim",
        **claim._asdict(),
    )
    if noted.rowcount != 1:
        raise ClaimLost


async def keep(session: Session, claim: Claim, answer: bytes) -> None:
    """Keep the answer, sealed."""
    await session.sql(
        "UPDATE idempotency SET done = true, answer = :answer"
        " WHERE workspace_id = :workspace AND caller = :caller AND key = :key AND claim = :claim",
        answer=answer,
        **claim._asdict(),
    )


async def give_up(session: Session, claim: Claim) -> None:
    """Let go of the key of a request that did nothing."""
    await session.sql(
        "DELETE FROM idempotency"
        " WHERE workspace_id = :workspace AND caller = :caller AND key = :key AND claim = :claim AND NOT done",
        **claim._asdict(),
    )
