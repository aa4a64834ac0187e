"""Dead letters and what is in quarantine, a page at a time."""

import datetime as dt
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from schemas.ids import new_event_id
from tests.api.people import Enter, elsewhere
from tests.live import Live

AT = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)  # three of them at one moment


@pytest.fixture
def api(server: Live, enter: Enter) -> httpx.Client:
    """The admin of a workspace of its own."""
    return enter(elsewhere(server)).client


def walked(api: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    after = ""
    while True:
        page = api.get(f"/api/v1{path}", params={"limit": 2, "after": after, **params}).json()
        assert len(page["items"]) <= 2
        items += page["items"]
        if page["next"] is None:
            return items
        after = page["next"]


def filled(server: Live, statement: str, workspace: str, number: UUID, ids: list[UUID]) -> None:
    with psycopg.connect(server.config.database_url, autocommit=True) as db:
        for place, each in enumerate(ids):
            at = AT + dt.timedelta(seconds=max(0, place - 2))
            db.execute(statement, {"id": each, "workspace": workspace, "number": number, "at": at})  # type: ignore[call-overload]


def test_dead_letters_come_in_pages(server: Live, api: httpx.Client) -> None:
    numbers = [
        UUID(api.post("/api/v1/numbers", json={"name": name, "channel": "simulator"}).json()["id"])
        for name in ("one", "two")
    ]
    ids = sorted(new_event_id() for _ in range(6))
    workspace = api.get("/api/v1/me").json()["workspace"]
    put = (
        "INSERT INTO outbox (number_id, message_id, workspace_id, conversation_id, state, due_at, created_at)"
        " VALUES (%(number)s, %(id)s, %(workspace)s, %(id)s, 'dead', %(at)s, %(at)s)"
    )
    filled(server, put, workspace, numbers[0], ids[:5])
    filled(server, put, workspace, numbers[1], ids[5:])
    assert sorted(each["message"] for each in walked(api, "/dead-letters")) == sorted(map(str, ids))
    mine = [each["message"] for each in walked(api, "/dead-letters", number="one")]
    assert mine == list(map(str, ids[:5]))


def test_quarantine_comes_in_pages(server: Live, api: httpx.Client) -> None:
    ids = sorted(new_event_id() for _ in range(5))
    put = (
        "INSERT INTO quarantine (id, workspace_id, number_id, kind, received_at, payload, error)"
        " VALUES (%(id)s, %(workspace)s, %(number)s, 'webhook', %(at)s, '', 'why')"
    )
    filled(server, put, api.get("/api/v1/me").json()["workspace"], new_event_id(), ids)
    assert [each["id"] for each in walked(api, "/quarantine")] == list(map(str, reversed(ids)))


@pytest.mark.parametrize("path", ["/dead-letters", "/quarantine"])
def test_what_is_no_place_in_the_list_is_refused(api: httpx.Client, path: str) -> None:
    answer = api.get(f"/api/v1{path}", params={"after": "WyJ4Il0"})
    assert (answer.status_code, answer.json()["code"]) == (422, "page.cursor_unfit")
