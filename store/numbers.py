"""A number as its own process sees it: its row, what is desired of it, its bot's files, its secrets."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.reasons import NONE, Reason
from store.named_sql import run
from store.pool import Connection
from store.problems import problems


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number. `secrets` is the sealed JSON object of the driver's secrets."""

    id: UUID
    workspace_id: UUID
    name: str
    channel: str
    account: str
    settings: Mapping[str, Any]
    secrets: bytes
    desired: str
    bot_id: UUID | None
    bot_version: int | None
    slots: int


@dataclass(frozen=True, slots=True)
class Canary:
    """A version that `percent` of the new runs get, chosen by the contact and `id`."""

    id: UUID
    version: int
    percent: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is desired of a number now. `version` None: nothing is published. `told`: types of webhook events."""

    desired: str
    bot_id: UUID | None
    version: int | None
    told: frozenset[str] = frozenset()
    canary: Canary | None = None
    actions_at: dt.datetime | None = None  # when custom actions were last declared or changed


class Pushed(NamedTuple):
    """A version of a bot: its files, and the schemas of the events that it names, as it was pushed with them."""

    files: dict[str, str]
    events: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Due:
    """A number that should run. `ordered`: since it failed, somebody said that it should go on."""

    id: UUID
    ordered: bool


async def load(conn: Connection, number_id: UUID) -> NumberRow:
    """The number's row. Raises `NotFound` where there is none, or it was removed."""
    with problems(number_id):
        row = await (await run(conn, "numbers", "load", {"number": number_id})).fetchone()
    if row is None:
        raise NotFound(what="number", name=str(number_id))
    return NumberRow(*row)


def open_secrets(sealer: Sealer, number: NumberRow) -> dict[str, str]:
    """The driver's secrets in clear."""
    if not number.secrets:
        return {}
    return orjson.loads(sealer.open("numbers", "secrets", number.id.bytes, number.secrets))


async def wanted(conn: Connection, number_id: UUID) -> Wanted | None:
    """What is desired of the number, or None where it was removed."""
    with problems(number_id):
        row = await (await run(conn, "numbers", "wanted", {"number": number_id})).fetchone()
    if row is None:
        return None
    desired, bot_id, version, told, canary, tried, percent, actions_at = row
    return Wanted(
        desired,
        bot_id,
        version,
        frozenset(told),
        Canary(canary, tried, percent) if canary else None,
        actions_at,
    )


async def running(conn: Connection) -> list[Due]:
    """The numbers that should run, of all workspaces."""
    with problems():
        return [Due(*row) for row in await (await run(conn, "numbers", "running", {})).fetchall()]


async def report(conn: Connection, number_id: UUID, state: str, why: Reason = NONE) -> None:
    """Write what the number's process says of itself; one that stopped where a pause is desired is paused."""
    with problems(number_id):
        await run(conn, "numbers", "report", {"number": number_id, "state": state, **_said(why)})


async def report_down(conn: Connection, number_id: UUID, why: Reason) -> UUID | None:
    """Write that a number failed, unless another process serves it or nobody wants it to run. Whose it is, if so."""
    with problems(number_id):
        row = await (
            await run(conn, "numbers", "report_down", {"number": number_id, **_said(why)})
        ).fetchone()
    return row[0] if row else None


def _said(why: Reason) -> dict[str, object]:
    return {"why": why.sentence, "why_code": why.code, "why_facts": Jsonb(dict(why.facts))}


async def open_runs(conn: Connection, number_id: UUID) -> int:
    """How many runs are under way."""
    with problems(number_id):
        row = await (await run(conn, "numbers", "open_runs", {"number": number_id})).fetchone()
    return int(row[0]) if row else 0


async def data_key(conn: Connection, workspace_id: UUID) -> bytes:
    """The wrapped data key of a workspace. Raises `NotFound`."""
    with problems():
        row = await (await run(conn, "numbers", "data_key", {"workspace": workspace_id})).fetchone()
    if row is None:
        raise NotFound(what="data key of workspace", name=str(workspace_id))
    return row[0]


async def flow_secrets(
    conn: Connection, sealer: Sealer, workspace_id: UUID, names: Iterable[str]
) -> dict[str, str]:
    """The secrets that flows name, in clear; those that do not exist are left out."""
    with problems():
        params = {"workspace": workspace_id, "names": list(names)}
        rows = await (await run(conn, "numbers", "secrets", params)).fetchall()
    return {row[0]: sealer.open("secrets", "value", row[0].encode(), row[1]).decode() for row in rows}


async def pushed(conn: Connection, bot_id: UUID, version: int) -> Pushed:
    """A version of a bot. Raises `NotFound`."""
    with problems():
        params = {"bot": bot_id, "version": version}
        row = await (await run(conn, "numbers", "pushed", params)).fetchone()
    if row is None:
        raise NotFound(what="version of the bot", name=str(version))
    return Pushed(*row)
