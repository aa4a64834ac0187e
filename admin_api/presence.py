"""Who else is here: what pages say of themselves, and are told of others.

A page says every 5 seconds that it is still open, as a tab of its own name; after 15 s of silence it is gone.
Nothing of it is kept, and none of it is in the audit.
"""

import datetime as dt
import time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field

from admin_api.acting import by
from admin_api.callers import Caller
from admin_api.input import Input
from admin_api.services import Services
from store.presence import Here

Tab = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="A name that this page made for itself, anew each time it is opened.",
        examples=["b7Kq2f"],
    ),
]


class PresenceIn(Input):
    """What the caller does there. `where`: at what part, for example a file and a step; as the page likes."""

    doing: Literal["viewing", "typing"] = "viewing"
    where: Annotated[str, Field(max_length=200)] = ""

    model_config = {"json_schema_extra": {"examples": [{"doing": "typing"}]}}


class HereOut(BaseModel):
    """Somebody who is there. `user` null: a program. Two tabs of one person are two."""

    tab: str
    user: UUID | None
    name: str
    doing: str
    where: str
    at: dt.datetime

    @classmethod
    def of(cls, one: Here) -> "HereOut":
        return cls(**{**one._asdict(), "at": dt.datetime.fromtimestamp(one.at, dt.UTC)})


class PresenceOut(BaseModel):
    """Who is there; as an answer to who says that he is: who else."""

    here: list[HereOut]

    @classmethod
    def of(cls, found: list[Here]) -> "PresenceOut":
        return cls(here=[HereOut.of(one) for one in found])


async def entered(
    open_here: Services, who: Caller, place: str, tab: str, body: PresenceIn
) -> tuple[PresenceOut, bool]:
    """Note that a caller's page is at a place. Who else is, and whether that is news."""
    one = Here(_tab(who, tab), who.user, by(who), body.doing, body.where, time.time())
    others, news = await open_here.presence.enter(_place(who, place), one)
    return PresenceOut.of(others), news


async def left(open_here: Services, who: Caller, place: str, tab: str) -> bool:
    """Note that it is there no more. Whether it was."""
    return await open_here.presence.leave(_place(who, place), _tab(who, tab))


async def there(open_here: Services, who: Caller, place: str) -> PresenceOut:
    """Who is at a place."""
    return PresenceOut.of(await open_here.presence.here(_place(who, place)))


def _place(who: Caller, place: str) -> str:
    return f"{who.workspace}:{place}"


def _tab(who: Caller, tab: str) -> str:
    """Nobody speaks for somebody else's page."""
    return f"{str(who.user or who.key or 'operator')[-12:]}.{tab}"
