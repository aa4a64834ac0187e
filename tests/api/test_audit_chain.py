"""The audit's chain: whatever a superuser does to the entries is found, at its place."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from keys.master import MasterKeys, key_id
from keys.signer import Signer
from store import audit
from store.audit_chain import PURPOSE
from store.pool import Database, pool
from store.roles import url_for
from tests.api.people import Enter, elsewhere
from tests.live import MASTER, MASTERS, Live

FAR = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Chained:
    """A workspace with six entries in its chain."""

    url: str
    api: httpx.Client
    workspace: str

    def tell(self, count: int = 1) -> None:
        for nth in range(count):
            assert self.api.put(f"/api/v1/secrets/told_{nth}", json={"value": "x"}).status_code == 200

    def chain(self, masters: MasterKeys = MASTERS) -> None:
        async def all_of_it() -> None:
            async with pool(Database(url_for(self.url, "runtime")), least=0, most=1) as connections:
                while await audit.chain(connections, Signer(masters, PURPOSE)):
                    pass

        asyncio.run(all_of_it())

    def forget(self, most: int) -> int:
        async def some() -> int:
            async with pool(Database(url_for(self.url, "runtime")), least=0, most=1) as connections:
                return await audit.forget(
                    connections, Signer(MASTERS, PURPOSE), UUID(self.workspace), FAR, most
                )

        return asyncio.run(some())

    def verified(self, after: int = 0) -> dict[str, Any]:
        answer = self.api.get("/api/v1/audit/verification", params={"after": after})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tamper(self, statement: str) -> None:
        """As a superuser who knows of the triggers. `{ours}` is the workspace's condition."""
        with psycopg.connect(self.url, autocommit=True) as db:
            db.execute("SET session_replication_role = replica")
            ours = f"workspace_id = '{self.workspace}'"
            db.execute(statement.format(ours=ours))  # type: ignore[arg-type]


@pytest.fixture
def chained(server: Live, enter: Enter) -> Iterator[Chained]:
    api = enter(elsewhere(server)).client
    found = Chained(server.config.database_url, api, api.get("/api/v1/me").json()["workspace"])
    found.tell(5)  # and the sign-in makes six
    found.chain()
    assert found.verified() == {"checked": 6, "broken": None, "next": None, "waiting": 0}
    yield found
    found.tamper("DELETE FROM audit WHERE {ours}")
    found.tamper("DELETE FROM audit_marks WHERE {ours}")


COPY = (
    "INSERT INTO audit SELECT gen_random_uuid(), workspace_id, at, who_kind, who_id, who_name, address, action,"
    " target_id, target_name, changes, {place}, {hash} FROM audit WHERE {{ours}} AND place = 3"
)
TAMPERINGS: dict[str, tuple[list[str], int, bool]] = {
    "changed": (["UPDATE audit SET who_name = 'nobody' WHERE {ours} AND place = 3"], 3, True),
    "changed in what changed": (
        ["UPDATE audit SET changes = '{{\"a\": 1}}' WHERE {ours} AND place = 3"],
        3,
        True,
    ),
    "changed in its moment": (
        ["UPDATE audit SET at = at - interval '1 us' WHERE {ours} AND place = 3"],
        3,
        True,
    ),
    "removed": (["DELETE FROM audit WHERE {ours} AND place = 3"], 3, False),
    "removed, and the others moved up": (
        [
            "DELETE FROM audit WHERE {ours} AND place = 3",
            "UPDATE audit SET place = place - 1000 WHERE {ours} AND place > 3",
            "UPDATE audit SET place = place + 999 WHERE {ours} AND place < 0",
        ],
        3,
        True,
    ),
    "the first removed": (["DELETE FROM audit WHERE {ours} AND place = 1"], 1, False),
    "the last removed": (["DELETE FROM audit WHERE {ours} AND place = 6"], 6, False),
    "all removed": (["DELETE FROM audit WHERE {ours}"], 1, False),
    "removed with the head": (
        ["DELETE FROM audit WHERE {ours} AND place = 6", "UPDATE audit_marks SET place = 5 WHERE {ours}"],
        5,
        False,
    ),
    "put in behind the end": ([COPY.format(place=7, hash="hash")], 7, True),
    "put in before the beginning": ([COPY.format(place=0, hash="hash")], 0, True),
    "put in between": (
        [
            "UPDATE audit SET place = place + 1000 WHERE {ours} AND place > 3",
            "UPDATE audit SET place = place - 999 WHERE {ours} AND place > 1000",
            COPY.format(place=4, hash="hash"),
        ],
        4,
        True,
    ),
    "two exchanged": (
        [
            "UPDATE audit SET place = -1 WHERE {ours} AND place = 3",
            "UPDATE audit SET place = 3 WHERE {ours} AND place = 4",
            "UPDATE audit SET place = 4 WHERE {ours} AND place = -1",
        ],
        3,
        True,
    ),
    "without marks": (["DELETE FROM audit_marks WHERE {ours}"], 1, True),
    "a beginning of one's own": (
        [
            "DELETE FROM audit WHERE {ours} AND place < 4",
            "INSERT INTO audit_marks SELECT workspace_id, 'start', 3, hash, now(), key_id, signature"
            " FROM audit_marks WHERE {ours}",
        ],
        3,
        False,
    ),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_tampering_is_found_at_its_place(chained: Chained, kind: str) -> None:
    statements, place, named = TAMPERINGS[kind]
    for statement in statements:
        chained.tamper(statement)
    broken = chained.verified()["broken"]
    assert broken is not None
    assert (broken["place"], broken["entry"] is not None) == (place, named), broken


def test_what_was_tampered_with_is_found_later_too(chained: Chained) -> None:
    """The last entry is removed, and the chain goes on before anybody looks."""
    chained.tamper("DELETE FROM audit WHERE {ours} AND place = 6")
    chained.tell(2)
    chained.chain()
    assert chained.verified()["broken"]["place"] == 6


def test_nothing_is_chained_after_a_head_that_is_not_ours(chained: Chained) -> None:
    chained.tamper("UPDATE audit_marks SET place = 5 WHERE {ours}")
    chained.tell()
    with pytest.raises(audit.AuditBroken, match=r"audit verify"):
        chained.chain()
    chained.tamper("UPDATE audit_marks SET place = 6 WHERE {ours}")
    chained.chain()
    assert chained.verified()["checked"] == 7


def test_entries_wait_until_they_are_chained(chained: Chained) -> None:
    chained.tell(2)
    assert chained.verified() == {"checked": 6, "broken": None, "next": None, "waiting": 2}
    listed = chained.api.get("/api/v1/audit").json()["items"]
    assert [each["place"] for each in listed] == [None, None, 6, 5, 4, 3, 2, 1]


def test_what_is_forgotten_leaves_a_signed_beginning(chained: Chained) -> None:
    assert chained.forget(2) == 2
    assert chained.verified() == {"checked": 4, "broken": None, "next": None, "waiting": 0}
    chained.tell()
    chained.chain()
    assert chained.verified()["checked"] == 5
    assert chained.forget(100) == 4
    assert chained.verified()["checked"] == 1
    assert chained.forget(100) == 0


def test_a_part_is_verified_after_another(chained: Chained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin_api.routes.audit.MOST_VERIFIED", 4)
    assert chained.verified() == {"checked": 4, "broken": None, "next": 4, "waiting": 0}
    assert chained.verified(4) == {"checked": 2, "broken": None, "next": None, "waiting": 0}
    chained.tamper("DELETE FROM audit WHERE {ours} AND place = 4")
    assert chained.verified(4)["broken"]["place"] == 4


def test_another_master_key_signs_the_ends_anew(chained: Chained) -> None:
    other = bytes(reversed(MASTER))
    both = MasterKeys(key_id(other), {key_id(other): other, key_id(MASTER): MASTER})
    chained.chain(both)
    why = chained.verified()["broken"]["why"]
    assert why == f"The chain's head was signed by master key {key_id(other)}, which is not loaded."
    back = MasterKeys(key_id(MASTER), both.keys)
    chained.chain(back)
    assert chained.verified()["broken"] is None
