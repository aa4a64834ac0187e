"""Who did what: each route that creates, changes, deletes, orders or shows personal data says so here.

    await audit(db, who, "number.pause", row)
    await audit(db, who, "user.role", row, changes={"role": [before, body.role]})

It is a row of the request's own transaction: what was not done is not told, and what is not told was not done.
"""

from typing import Any, Protocol
from uuid import UUID

from sqlmodel import SQLModel

from admin_api.callers import Caller, PersonCalling
from schemas.tables.audit import Entry
from schemas.tables.people import SignIn, User
from store.admin.desk import Session


class Named(Protocol):
    """A row that was read by plain SQL."""

    @property
    def id(self) -> UUID: ...


async def audit(
    db: Session,
    who: Caller | PersonCalling,
    action: str,
    target: "SQLModel | Named | UUID | str" = "",
    *,
    changes: dict[str, Any] | None = None,
) -> None:
    """Write down that `who` did `action` ("noun.verb") to `target`: a row, an id, or a name.

    `changes`: what changed, JSON, `[before, after]` where both are known. Never a secret, never what a message
    says, nothing of a contact but his id.
    """
    key, name = _named(target)
    db.add(
        Entry(
            workspace_id=who.workspace,
            who_kind=who.kind,
            who_id=who.key if isinstance(who, Caller) and who.kind == "api_key" else who.user,
            who_name=who.name,
            address=who.address,
            action=action,
            target_id=key,
            target_name=name,
            changes=changes or {},
        )
    )


def person(user: User, address: str, sign_in: SignIn | None = None) -> PersonCalling:
    """Somebody who is being let in, as the audit names him."""
    key = sign_in.id if sign_in else user.id
    return PersonCalling(user.email, user.workspace_id, user.id, key, address=address)


def _named(target: "SQLModel | Named | UUID | str") -> tuple[str, str]:
    match target:
        case str():
            return "", target
        case UUID():
            return str(target), ""
        case _:
            name = getattr(target, "email", "") or getattr(target, "name", "")
            return str(getattr(target, "id", "")), name
