"""Custom actions as a number's process needs them: what was declared, and where to call."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from keys.seal import Sealer
from store.named_sql import run
from store.pool import Connection
from store.problems import problems


class Declared(NamedTuple):
    """A kind of step that an integration declared. `result_schema` None: an answer may bring anything."""

    name: str
    input_schema: Mapping[str, Any]
    outcomes: list[str]
    result_schema: Mapping[str, Any] | None
    answer_within_s: int


class Target(NamedTuple):
    """Where it is called; each of the secrets signs."""

    url: str
    secrets: tuple[str, ...]


async def declared(conn: Connection, bot_id: UUID) -> list[Declared]:
    """What was declared in the workspace of a bot."""
    with problems():
        rows = await (await run(conn, "custom_actions", "declared", {"bot": bot_id})).fetchall()
    return [Declared(*row) for row in rows]


async def target(conn: Connection, sealer: Sealer, workspace_id: UUID, name: str) -> Target | None:
    """Where a custom action is called, None where there is none of that name."""
    with problems():
        params = {"workspace": workspace_id, "name": name}
        row = await (await run(conn, "custom_actions", "target", params)).fetchone()
    if row is None:
        return None
    key, url, *sealed = row
    return Target(url, tuple(open_secret(sealer, key, one) for one in sealed if one is not None))


def seal_secret(sealer: Sealer, action: UUID, secret: str) -> bytes:
    """What signs calls, sealed."""
    return sealer.seal("custom_actions", "secret", action.bytes, secret.encode())


def open_secret(sealer: Sealer, action: UUID, sealed: bytes) -> str:
    """What signs calls."""
    return sealer.open("custom_actions", "secret", action.bytes, sealed).decode()
