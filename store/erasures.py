"""Erasing contacts: what is kept of one goes, wherever it is. As role `runtime`, a table a transaction.

The API takes the contact and his names away at once, and posts a row of kind `erased` to each number that talked
with him: from then on, who writes under his names is somebody new. The number's process takes the row in its turn and
lets go of what it holds in memory. When all that live have done so, what is found by his conversations is deleted,
then what only holds his names: messages that no turn took yet, quarantine, kept answers. Ten minutes later all
of that is done once more, for what was on its way and came late. A message that the API's order overtook may have
made a contact of the same names anew; it is older than the order, and goes the same way.

What a linked phone's session remembers lies in its vault, which only the number's process opens: it takes him out
there, at once or at its next start. Until all have, the order is not closed, and his names are kept, sealed.
"""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from keys.seal import SealBroken, Sealer
from schemas.ids import first_id, new_event_id
from schemas.messages import Identity
from store.directory import SealerShelf
from store.inbox import ERASED, erased_source
from store.media import Media
from store.named_sql import run
from store.notify import Notifier
from store.numbers import data_key
from store.pool import Pool, lent

log = logging.getLogger(__name__)

LATE = dt.timedelta(minutes=10)
BATCH = 2_000
AT_ONCE = 20
_NO_ID = UUID(int=0)
_BY_CONVERSATION = (  # the conversation last: it says whose the others are
    "message_words",
    "timers",
    "action_calls",
    "runs",
    "conversation_notes",
    "conversation_tasks",
    "reply_drafts",
    "threads",
    "new_contacts",
    "webhook_events",
    "quarantine",
    "inbox",
    "conversations",
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """A contact to be erased. `places`: his conversations, each after its number. `again`: it was swept once."""

    contact: UUID
    workspace: UUID
    ordered_at: dt.datetime
    again: bool
    places: Sequence[tuple[UUID, UUID]]
    names: Sequence[Identity]
    sealer: Sealer

    def mentions(self) -> Callable[[bytes], bool]:
        """Whether a text names him: a phone number anywhere, other names and ids as a whole JSON text."""
        phones = [one.value for one in self.names if one.kind == "phone"]
        others = [one.value for one in self.names if one.kind != "phone"]
        ids = [str(one) for one in (self.contact, *(place[1] for place in self.places))]
        needles = [*(one.encode() for one in phones), *(orjson.dumps(one) for one in (*others, *ids))]
        return lambda plain: any(one in plain for one in needles)


async def due(pool: Pool, shelf: SealerShelf) -> list[Erasure]:
    """What is to be swept now, the oldest order first."""
    async with lent(pool) as conn:
        rows = await (await run(conn, "erasures", "due", {"late": LATE, "limit": AT_ONCE})).fetchall()
        sealers = {one: shelf.of(one, bytes(await data_key(conn, one))) for one in {row[1] for row in rows}}
    found: list[Erasure] = []
    for contact, workspace, ordered_at, swept_at, places, names in rows:
        sealer = sealers[workspace]
        said = orjson.loads(sealer.open("erasures", "names", contact.bytes, bytes(names)))
        found.append(
            Erasure(
                contact,
                workspace,
                ordered_at,
                swept_at is not None,
                [(UUID(number), UUID(conversation)) for number, conversation in places],
                [Identity(kind, value) for kind, value in said],
                sealer,
            )
        )
    return found


async def sweep(pool: Pool, notifier: Notifier, one: Erasure, media: Path) -> bool:
    """Delete what there is. False: a number has not let go yet, or there is more: look again soon."""
    async with lent(pool) as conn:
        numbers = sorted({number for number, _ in one.places})
        sources = [erased_source(each) for each in (one.contact, *(talk for _, talk in one.places))]
        held = {"numbers": numbers, "sources": sources}
        row = await (await run(conn, "erasures", "held", held)).fetchone()
    if row is None or row[0] or await _made_again(pool, notifier, one):
        return False
    removed: Counter[str] = Counter()
    for number, conversation in one.places:
        removed += await _sweep_conversation(pool, one, number, conversation, media)
    async with lent(pool) as conn:
        done = await run(conn, "erasures", "contact_changes", {"contacts": [one.contact]})
        removed["contact_changes"] += done.rowcount
    removed += await _sweep_mentions(pool, one)
    if await _made_again(pool, notifier, one):
        return False
    async with lent(pool) as conn:
        at = dt.datetime.now(dt.UTC)
        await run(conn, "erasures", "exports", {"workspace": one.workspace, "at": at})
        counts = orjson.dumps(dict(removed)).decode()
        await run(conn, "erasures", "swept", {"id": one.contact, "removed": counts})
        if one.again:
            await run(conn, "erasures", "session_erasures", {"id": one.contact})
            await run(conn, "erasures", "closed", {"id": one.contact})
    return True


async def _made_again(pool: Pool, notifier: Notifier, one: Erasure) -> bool:
    """Take away contacts of his names that are older than the order, as the API did with him."""
    blinds = [one.sealer.blind(name.kind, name.value) for name in one.names]
    params = {"workspace": one.workspace, "blinds": blinds, "before": first_id(one.ordered_at)}
    async with lent(pool) as conn, conn.transaction():
        rows = await (await run(conn, "erasures", "again", params)).fetchall()
        contacts = sorted({row[0] for row in rows})
        if not contacts:
            return False
        found = await (await run(conn, "erasures", "places", {"contacts": contacts})).fetchall()
        await run(conn, "erasures", "nameless", {"contacts": contacts})
        await run(conn, "erasures", "contacts", {"workspace": one.workspace, "contacts": contacts})
        serving = [(number, conversation) for number, conversation, serves in found if serves]
        await run(
            conn,
            "erasures",
            "letting_go",
            {
                "source": erased_source(one.contact),
                "workspace": one.workspace,
                "kind": ERASED,
                "numbers": [number for number, _ in serving],
                "events": [new_event_id() for _ in serving],
                "conversations": [conversation for _, conversation in serving],
            },
        )
        places = orjson.dumps([[str(number), str(talk)] for number, talk, _ in found]).decode()
        await run(conn, "erasures", "extend", {"id": one.contact, "places": places})
        await run(conn, "erasures", "remember", {"id": one.contact})
    notifier.wake(*{number for number, _ in serving})
    return True


async def _sweep_conversation(
    pool: Pool, one: Erasure, number: UUID, conversation: UUID, media: Path
) -> Counter[str]:
    removed: Counter[str] = Counter()
    params = {"number": number, "conversation": conversation, "limit": BATCH, "kind": ERASED}
    removed["media"] += await _sweep_media(pool, one, conversation, media)
    for table in ("messages", "events"):
        while True:
            async with lent(pool) as conn:
                row = await (await run(conn, "erasures", table, params)).fetchone()
            count = row[0] if row else 0
            removed[table] += count
            if count < BATCH:
                break
    for table in _BY_CONVERSATION:
        async with lent(pool) as conn:
            removed[table] += (await run(conn, "erasures", table, params)).rowcount
    return removed


async def _sweep_media(pool: Pool, one: Erasure, conversation: UUID, media: Path) -> int:
    """The files that only his messages brought: all, or, if a disk or a kill comes between, none."""
    async with lent(pool) as conn, conn.transaction():
        rows = await (await run(conn, "erasures", "media_uses", {"conversation": conversation})).fetchall()
        params = {"workspace": one.workspace, "refs": sorted({row[0] for row in rows})}
        unused = await (await run(conn, "erasures", "media_unused", params)).fetchall()
        await Media(media, one.workspace, one.sealer).forget(conn, [ref for (ref,) in unused])
    return len(unused)


async def _sweep_mentions(pool: Pool, one: Erasure) -> Counter[str]:
    """What is not found by a conversation, and names him: it is opened and read."""
    removed: Counter[str] = Counter()
    async with lent(pool) as conn:
        numbers = await (await run(conn, "erasures", "numbers", {"workspace": one.workspace})).fetchall()
    for (number,) in numbers:
        where = {"number": number, "at": one.ordered_at}
        removed["inbox"] += await _search(pool, one, "waiting", ("inbox", "payload"), where, "")
    where = {"workspace": one.workspace}
    removed["quarantine"] += await _search(pool, one, "kept_aside", ("quarantine", "payload"), where, _NO_ID)
    async with lent(pool) as conn:
        removed["answers"] += (await run(conn, "erasures", "answers", where)).rowcount
    return removed


def _names(
    one: Erasure, mentions: Callable[[bytes], bool], column: tuple[str, str], row: Sequence[Any]
) -> bool:
    """Whether a sealed row names him. One that cannot be opened says nothing to anybody, and holds nobody up."""
    try:
        return mentions(one.sealer.open(*column, row[-2].bytes, bytes(row[-1])))
    except SealBroken:
        log.warning("a row of %s cannot be opened: %s", column[0], row[0])
        return False


async def _search(
    pool: Pool, one: Erasure, query: str, column: tuple[str, str], where: dict[str, Any], after: Any
) -> int:
    """Page through rows (key, …, id that it is sealed for, sealed), and drop those that name him."""
    mentions, dropped = one.mentions(), 0
    while True:
        async with lent(pool) as conn:
            params = {**where, "after": after, "limit": BATCH}
            rows = await (await run(conn, "erasures", query, params)).fetchall()
            named = [row[0] for row in rows if _names(one, mentions, column, row)]
            if named:
                await run(conn, "erasures", f"drop_{query}", {**where, "keys": named})
                dropped += len(named)
        if len(rows) < BATCH:
            return dropped
        after = rows[-1][0]
