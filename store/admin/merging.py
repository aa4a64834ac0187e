"""Two contacts are found to be one person: what the one has becomes the other's.

With each number a contact has one conversation. Where only the one has talked, the conversation becomes the other's and
goes on. Where both have, the one's is ended and kept as it was, beside the other's, in which he is answered from now on;
for it the one stays as an empty row that leads to the other.
"""

from typing import Any, NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import new_event_id
from schemas.messages import Identity
from schemas.problems import Refused
from store.admin import contacts
from store.admin.contacts import Contact, Talk
from store.admin.desk import Session
from store.inbox import MOVED
from store.notify import channel


class NotOnePerson(Refused):
    """They cannot be one."""

    code = "contacts.not_one_person"
    status = 422
    title = "These cannot be one person"
    sentence = "{why}"


class Merge(NamedTuple):
    """What becomes of the one: `fields` the other gets, `kept` those of which he has his own and keeps it.

    `moved` conversations become the other's; `ended` ones stay as they were.
    """

    identities: list[Identity]
    fields: dict[str, Any]
    kept: list[str]
    tags: list[str]
    opted_out: bool
    moved: list[Talk]
    ended: list[Talk]


async def pair(session: Session, sealer: Sealer, into: UUID, other: UUID) -> tuple[Contact, Contact]:
    """Both, held until the end of the transaction. Raises `NotFound`, `NotOnePerson`."""
    found = {key: await contacts.shown(session, sealer, key, change=True) for key in sorted((into, other))}
    if found[into].id == found[other].id:
        raise NotOnePerson(why="Name two contacts: these are one already.")
    return found[into], found[other]


async def plan(session: Session, sealer: Sealer, into: Contact, other: Contact) -> Merge:
    """What a merge would do. Raises `NotOnePerson`."""
    names = await contacts.identities(session, sealer, other.id)
    theirs = await contacts.identities(session, sealer, into.id)
    if names and theirs and {one.kind == "group" for one in names} != {one.kind == "group" for one in theirs}:
        raise NotOnePerson(why="One of them is a group.")
    rows = await session.sql("SELECT number_id, id FROM conversations WHERE contact_id = :id", id=other.id)
    own = {row.id for row in rows}
    rows = await session.sql("SELECT number_id FROM conversations WHERE contact_id = :id", id=into.id)
    taken = {row.number_id for row in rows}
    talks = [one for one in await contacts.talks(session, sealer, [other.id]) if one.id in own]
    return Merge(
        identities=names,
        fields={name: value for name, value in other.profile.items() if name not in into.profile},
        kept=sorted(name for name, value in other.profile.items() if into.profile.get(name, value) != value),
        tags=sorted(set(other.tags) - set(into.tags)),
        opted_out=into.opted_out or other.opted_out,
        moved=[one for one in talks if one.number_id not in taken],
        ended=[one for one in talks if one.number_id in taken],
    )


async def apply(session: Session, sealer: Sealer, into: Contact, other: Contact, merge: Merge) -> Contact:
    """Do it. Numbers' processes let go of the one's conversations, and read them back as the other's."""
    both = {"into": into.id, "other": other.id}
    await session.sql("UPDATE identities SET contact_id = :into WHERE contact_id = :other", **both)
    for talk in merge.moved:
        await session.sql(
            "UPDATE conversations SET contact_id = :into WHERE number_id = :number AND id = :id",
            into=into.id,
            number=talk.number_id,
            id=talk.id,
        )
    await session.sql("UPDATE contacts SET merged_into = :into WHERE merged_into = :other", **both)
    await session.sql(
        "UPDATE contacts SET merged_into = :into, profile = NULL, language = '', tags = '{}', written = '{}',"
        " updated_at = now() WHERE id = :other",
        **both,
    )
    # All of it, so that conversations that come to him have what he had before too.
    fields = {**into.profile, **merge.fields} if merge.moved or merge.fields else {}
    tags = sorted({*into.tags, *merge.tags})
    changed = await contacts.change(session, sealer, into, fields, tags)
    for talk in (*merge.moved, *merge.ended):
        if talk.serves:
            await _let_go(session, sealer, talk, other.id)
    return changed


async def _let_go(session: Session, sealer: Sealer, talk: Talk, other: UUID) -> None:
    await session.sql(
        "INSERT INTO inbox"
        " (number_id, source_id, workspace_id, event_id, conversation_id, kind, received_at, payload)"
        " VALUES (:number, :source, :workspace, :event, :conversation, :kind, now(), '')",
        number=talk.number_id,
        source=f"{MOVED}:{other}",
        workspace=sealer.workspace_id,
        event=new_event_id(),
        conversation=talk.id,
        kind=MOVED,
    )
    await session.sql("SELECT pg_notify(:name, '')", name=channel(talk.number_id))
