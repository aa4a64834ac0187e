"""Opting a contact out or in, in all his conversations."""

import datetime as dt
from uuid import UUID

from admin_api.acting import by
from admin_api.callers import Caller
from keys.seal import Sealer
from schemas.events import OptedOut
from schemas.ids import new_event_id
from store.admin import arrivals, contacts, numbers
from store.admin.desk import Session


async def opt(db: Session, seals: Sealer, who: Caller, contact: UUID, opted_out: bool) -> list[UUID]:
    """Say so to all numbers that talk with him. The conversations that were told. Raises what `arrivals.act` does."""
    await contacts.opt_out(db, contact, opted_out)
    told: list[UUID] = []
    for talk in await contacts.talks(db, seals, [contact]):
        if talk.serves:
            number = await numbers.by_id(db, talk.number_id)
            event = OptedOut(new_event_id(), dt.datetime.now(dt.UTC), by(who), opted_out)
            await arrivals.act(db, seals, number, talk.id, event)
            told.append(talk.id)
    return told
