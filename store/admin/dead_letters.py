"""Dead letters: messages whose last retry failed. They stay in the outbox until a person decides."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import month_of
from schemas.problems import NotFound
from store.admin.desk import Session
from store.admin.page import Cursor, Window, cursor, typed
from store.notify import outbox_channel


class DeadLetter(NamedTuple):
    """One of them, without what it says."""

    number_id: UUID
    message_id: UUID
    conversation_id: UUID
    attempt: int
    error_code: str
    error: str
    created_at: dt.datetime


_COLUMNS = "number_id, message_id, conversation_id, attempt, error_code, error, created_at"


async def listed(
    session: Session, number: UUID | None, window: Window
) -> tuple[list[DeadLetter], Cursor | None]:
    """The oldest first, of one number or of all."""
    where, values = ["state = 'dead'"], {}
    if number is not None:
        where.append("number_id = :number")
        values["number"] = number
    if window.after is not None:
        values["at"], values["last"] = typed(window.after, dt.datetime, UUID)
        where.append("(created_at, message_id) > (:at, :last)")
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM outbox WHERE {' AND '.join(where)}"
        " ORDER BY created_at, message_id LIMIT :limit",
        limit=window.limit + 1,
        **values,
    )
    letters = [DeadLetter(*row) for row in rows]
    if len(letters) <= window.limit:
        return letters, None
    return letters[:-1], cursor(letters[-2].created_at, letters[-2].message_id)


async def of_number(session: Session, number: UUID, most: int) -> list[DeadLetter]:
    """The oldest of a number."""
    return (await listed(session, number, Window(most)))[0]


async def found(session: Session, message: UUID) -> DeadLetter:
    """One. Raises `NotFound`."""
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM outbox WHERE number_id IN (SELECT id FROM numbers) AND message_id = :message"
        " AND state = 'dead'",
        message=message,
    )
    if (row := rows.first()) is None:
        raise NotFound(what="dead letter", name=str(message))
    return DeadLetter(*row)


async def of_message(session: Session, number: UUID, message: UUID) -> DeadLetter | None:
    """That of a number's message, if it is one."""
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM outbox WHERE number_id = :number AND message_id = :message AND state = 'dead'",
        number=number,
        message=message,
    )
    return None if (row := rows.first()) is None else DeadLetter(*row)


async def body(session: Session, sealer: Sealer, letter: DeadLetter) -> bytes:
    """What it says, as JSON; empty when the message is gone."""
    rows = await session.sql(
        "SELECT body FROM messages WHERE number_id = :number AND month = :month AND id = :id",
        number=letter.number_id,
        month=month_of(letter.message_id),
        id=letter.message_id,
    )
    sealed = rows.scalar()
    return b"" if sealed is None else sealer.open("messages", "body", letter.message_id.bytes, bytes(sealed))


async def retry(session: Session, letters: Sequence[DeadLetter]) -> None:
    """Put them back into the queue as if they were new, and wake their numbers once this has committed."""
    for letter in letters:
        await session.sql(
            "UPDATE outbox SET state = 'queued', attempt = 0, due_at = now(), created_at = now(),"
            " sending_since = NULL, error_code = '', error = ''"
            " WHERE number_id = :number AND message_id = :message AND state = 'dead'",
            number=letter.number_id,
            message=letter.message_id,
        )
    for number in {letter.number_id for letter in letters}:
        await session.sql("SELECT pg_notify(:name, '')", name=outbox_channel(number))
