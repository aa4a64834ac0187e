"""Events in: what happened elsewhere starts flows, or moves them on."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field

from admin_api.acting import ACTING, TakenOut
from admin_api.audit import audit
from admin_api.callers import Agent, KeyMissing, RoleTooLow
from admin_api.contact_name import NamedIn
from admin_api.database import Seals, WriteDb
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from keys.seal import Sealer
from schemas.events import Posted
from schemas.ids import new_event_id
from schemas.messages import Identity
from schemas.problems import NotFound, Refused
from schemas.tables.numbers import Number
from store.admin import arrivals, contacts, conversations, event_schemas, numbers
from store.admin.desk import Session

router = APIRouter(prefix="/events", tags=["events"], responses=problems(KeyMissing, RoleTooLow, InputUnfit))

EventName = Annotated[str, Field(pattern=r"^[\w.:-]{1,100}$", examples=["order.paid"])]


class TargetUnclear(Refused):
    """Neither a conversation nor a contact is named, or both are."""

    code = "events.target_unclear"
    status = 422
    title = "For whom?"
    sentence = "Name either a conversation or a contact."


class NumberNeeded(Refused):
    """The contact has no conversation yet, or several."""

    code = "events.number_needed"
    status = 422
    title = "By which number?"
    sentence = "The contact has {count} conversations. Name the number that is meant."


class EventUnfit(Refused):
    """The event's data is not as its schema says. `errors` lists the places."""

    code = "events.unfit"
    status = 422
    title = "The event is not as its schema says"
    sentence = "The data of event {name!r} does not fit its schema: {first}."


class EventIn(Input):
    """What happened, and to whom: a `conversation`, or a `contact` by id or by a name that a channel gives him.

    `number` is needed where the contact has no conversation yet, or more than one. Somebody who is not known
    yet becomes a contact.
    """

    name: EventName
    conversation: UUID | None = None
    contact: UUID | NamedIn | None = None
    number: Annotated[str, Field(max_length=64)] | None = None
    data: dict[str, Any] = {}

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "name": "order.paid",
                    "contact": {"kind": "phone", "value": "+393331234567"},
                    "number": "shop",
                    "data": {"order": 4711, "total": 12.5},
                }
            ]
        }
    }


@router.post(
    "",
    summary="Post an event",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, TargetUnclear, NumberNeeded, EventUnfit, *ACTING),
)
async def post(body: EventIn, db: WriteDb, seals: Seals, who: Agent) -> TakenOut:
    """Durable when answered. A flow that waits for the event goes on; else one whose trigger names it begins.

    A person has the floor: it waits until the conversation is given back. A contact who opted out: it is
    stored, and nothing is said.
    """
    if (body.conversation is None) == (body.contact is None):
        raise TargetUnclear
    laid_down = await event_schemas.of(db, who.workspace, body.name)
    if laid_down is not None:
        _fits(body, laid_down.data_schema)
    if body.conversation is not None:
        place = await conversations.anywhere(db, body.conversation)
        number, conversation, to = await numbers.by_id(db, place.number_id), place.id, ()
        if body.number is not None and number.id != (await numbers.named(db, body.number)).id:
            raise NotFound(what="conversation", name=str(body.conversation))
    else:
        number, conversation, to = await _target(db, seals, body)
    event = Posted(new_event_id(), dt.datetime.now(dt.UTC), body.name, body.data, to)
    await arrivals.act(db, seals, number, conversation, event)
    await audit(db, who, "event.post", conversation or number, changes={"event": body.name})
    return TakenOut.of(event, number, conversation)


async def _target(
    db: Session, seals: Sealer, body: EventIn
) -> tuple[Number, UUID | None, tuple[Identity, ...]]:
    """The number, and the conversation or, where there is none yet, who it will be with."""
    if isinstance(body.contact, NamedIn):
        name = body.contact.identity()
        contact = await contacts.of_identity(db, seals, name)
        to = (name,)
    else:
        assert body.contact is not None
        contact = await contacts.found(db, body.contact)
        to = tuple(await contacts.identities(db, seals, contact))
    places = await contacts.places(db, contact) if contact is not None else []
    if body.number is None:
        if len(places) != 1:
            raise NumberNeeded(count=len(places))
        return await numbers.by_id(db, places[0].number_id), places[0].id, ()
    number = await numbers.named(db, body.number)
    known = next((place.id for place in places if place.number_id == number.id), None)
    return number, known, () if known else to


def _fits(body: EventIn, schema: dict[str, Any]) -> None:
    from flows.data_schema import validator_of  # the engine is imported when it is needed
    from flows.schema_faults import said

    errors = [
        {"at": "/".join(["data", *map(str, error.absolute_path)]), "why": said(error)}
        for error in validator_of(schema, schema).iter_errors(body.data)
    ]
    if errors:
        raise EventUnfit(name=body.name, first=f"{errors[0]['at']}: {errors[0]['why']}", errors=errors)
