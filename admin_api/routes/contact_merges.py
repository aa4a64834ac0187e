"""Two contacts who are one person."""

import datetime as dt
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.acting import ACTING, by
from admin_api.audit import audit
from admin_api.callers import CALLING, Editor
from admin_api.contact_name import NamedIn
from admin_api.contact_opting import opt
from admin_api.database import Seals, WriteDb
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from schemas.events import Ended
from schemas.ids import new_event_id
from schemas.problems import NotFound
from store.admin import arrivals, merging, numbers
from store.admin.contacts import Talk
from store.admin.merging import NotOnePerson

router = APIRouter(
    prefix="/contacts/{contact}/merge", tags=["contacts"], responses=problems(*CALLING, InputUnfit, NotFound)
)


class MergeIn(Input):
    """Who is the same person. `dry_run`: only say what would become of him."""

    other: UUID
    dry_run: bool = False


class TalkMoved(BaseModel):
    """A conversation of the other."""

    number: str
    id: UUID

    @classmethod
    def of(cls, talk: Talk) -> "TalkMoved":
        return cls(number=talk.number, id=talk.id)


class MergeOut(BaseModel):
    """What became, or would become, of the other: his names, the fields that this contact did not have, his tags and
    conversations are this one's. `kept` are the fields that both have, where this contact's own stay. `ended`
    conversations are with numbers with which both have talked: they are ended, and stay to be read.
    """

    contact: UUID
    other: UUID
    done: bool
    identities: list[NamedIn]
    fields: list[str]
    kept: list[str]
    tags: list[str]
    opted_out: bool = Field(description="Whether he is, after it: it is enough that one of them was.")
    moved: list[TalkMoved]
    ended: list[TalkMoved]


@router.post("", summary="Merge two contacts", responses=problems(NotOnePerson, *ACTING))
async def merge(contact: UUID, body: MergeIn, db: WriteDb, seals: Seals, who: Editor) -> MergeOut:
    """The other becomes this contact. It cannot be taken back: try it with `dry_run` first."""
    into, other = await merging.pair(db, seals, contact, body.other)
    found = await merging.plan(db, seals, into, other)
    told = {"other": str(other.id), "moved": len(found.moved), "ended": len(found.ended)}
    if body.dry_run:
        await audit(db, who, "contact.read", into.id, changes=told)
    else:
        for talk in found.ended:
            if talk.serves and talk.status != "idle":
                number = await numbers.by_id(db, talk.number_id)
                event = Ended(new_event_id(), dt.datetime.now(dt.UTC), by(who))
                await arrivals.act(db, seals, number, talk.id, event)
        await merging.apply(db, seals, into, other, found)
        if found.opted_out:
            await opt(db, seals, who, into.id, True)
        await audit(db, who, "contact.merge", into.id, changes=told)
    return MergeOut(
        contact=into.id,
        other=other.id,
        done=not body.dry_run,
        identities=[NamedIn(kind=one.kind, value=one.value) for one in found.identities],
        fields=sorted(found.fields),
        kept=found.kept,
        tags=found.tags,
        opted_out=found.opted_out,
        moved=[TalkMoved.of(one) for one in found.moved],
        ended=[TalkMoved.of(one) for one in found.ended],
    )
