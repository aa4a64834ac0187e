"""The figures of the last day, and of what is open."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.people import Enter, add, elsewhere, sql
from tests.api.talk import Talk
from tests.live import Live


@pytest.fixture(scope="module")
def talk(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    with server.client() as api:
        made = Talk(server, api)
        with made.served(tmp_path_factory.mktemp("number")):
            yield made


def figures(client: httpx.Client, number: str) -> dict[str, Any]:
    answer = client.get("/api/v1/overview")
    assert answer.status_code == 200, answer.text
    return next(each for each in answer.json()["numbers"] if each["number"] == number)


def test_figures_follow_what_is_said(server: Live, talk: Talk, enter: Enter) -> None:
    viewer = enter(add(talk.api, "viewer")).client
    key = str(talk.number)
    assert figures(viewer, key)["received"] == 0
    talk.hear("Ada", "hello", name="Ada")
    ada = talk.until_said("Say a word, Ada.")
    talk.hear("Bea", "hello", name="Bea")
    talk.until_said("Say a word, Bea.")
    talk.api.post(f"{talk.place}/{ada}/take-over")
    now = figures(viewer, key)
    assert (now["received"], now["sent"], now["failed"]) == (2, 2, 0)
    assert now["running"] + now["handed_off"] == 2
    whole = viewer.get("/api/v1/overview").json()
    assert 0 <= whole["reply_s"] < 60
    assert whole["more"] is False
    hour = dt.datetime.fromisoformat(whole["hours"][-1]["at"])
    assert (hour.minute, hour.second) == (0, 0)
    assert sum(each["received"] for each in whole["hours"]) >= 2

    sql(server, "UPDATE messages SET status = 'failed' WHERE number_id = %s AND direction = 'out'", key)
    sql(
        server,
        "INSERT INTO outbox (number_id, workspace_id, slot, message_id, conversation_id, state, attempt, due_at,"
        " created_at) SELECT number_id, workspace_id, 0, id, conversation_id, 'dead', 6, now(), now()"
        " FROM messages WHERE number_id = %s AND direction = 'out'",
        key,
    )
    now = figures(viewer, key)
    assert (now["sent"], now["failed"], now["dead_letters"]) == (0, 2, 2)

    other = enter(elsewhere(server)).client
    assert other.get("/api/v1/overview").json()["numbers"] == []


def test_a_number_with_a_send_policy_says_what_is_left_of_today(server: Live, talk: Talk) -> None:
    settings = {"first_messages": "allow", "new_contacts": 30, "warm_up_days": 14, "timezone": "Europe/Rome"}
    added = talk.api.post(
        "/api/v1/numbers", json={"name": "polite", "channel": "linked_device", "settings": settings}
    )
    assert added.status_code == 201, added.text
    key = added.json()["id"]
    fresh = figures(talk.api, key)["policy"]
    assert (fresh["new_contacts"], fresh["spent"], fresh["warm_up_day"]) == (2, 0, 0)  # a 15th of 30
    assert (fresh["warm_up_days"], fresh["held_until"], fresh["quiet_hours"]) == (14, None, "21:00-08:00")
    sql(
        server,
        "INSERT INTO send_policies (number_id, workspace_id, since, held_until)"
        " SELECT id, workspace_id, now() - interval '6 days', now() + interval '1 hour' FROM numbers WHERE id = %s",
        key,
    )
    sql(
        server,
        "INSERT INTO new_contacts (number_id, conversation_id, workspace_id, at) SELECT id, gen_random_uuid(),"
        " workspace_id, moment FROM numbers, unnest(ARRAY[now(), now(), now() - interval '2 days']) AS moment"
        " WHERE id = %s",
        key,
    )
    warm = figures(talk.api, key)["policy"]
    assert (warm["new_contacts"], warm["spent"], warm["warm_up_day"]) == (14, 2, 6)
    assert dt.datetime.fromisoformat(warm["held_until"]) > dt.datetime.now(dt.UTC)
    left = dt.datetime.fromisoformat(warm["renews_at"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(0) < left <= dt.timedelta(hours=25)
    assert figures(talk.api, str(talk.number))["policy"] is None
