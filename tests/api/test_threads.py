"""Threads: each handling of a conversation by people, from the moment they have the floor until they have it no more."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.people import Enter, add, elsewhere
from tests.api.talk import Talk
from tests.api.test_conversations import begun, do, until_shown
from tests.live import Live

HANDING = {
    "bot.yaml": "chatloom: bot/v1\nid: talk\ntitle: Talk\nflows: [main]\nfallback: main\n",
    "flows/main.yaml": (
        "chatloom: flow/v1\nid: main\nsteps:\n"
        "  - {id: hi, action: send, with: {text: 'Say a word, {{ contact.name }}.'}}\n"
        "  - {id: ask, action: wait, with: {message: true}}\n"
        "  - {id: people, action: handoff, with: {team: sales, note: 'They said {{ message.text }}'}}\n"
        "  - {id: back, action: send, with: {text: 'Here I am again.'}}\n"
    ),
}


@pytest.fixture(scope="module")
def talk(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    with server.client() as api:
        made = Talk(server, api, HANDING)
        with made.served(tmp_path_factory.mktemp("number")):
            yield made


def threads(api: httpx.Client, **wanted: Any) -> list[dict[str, Any]]:
    answer = api.get("/api/v1/threads", params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_handling_is_opened_by_the_flow_goes_from_hand_to_hand_and_is_closed(
    talk: Talk, enter: Enter
) -> None:
    api = talk.api
    ana, nino = enter(add(api, "agent")), enter(add(api, "agent"))
    place = begun(talk, "Bice")
    key = place.rpartition("/")[2]
    assert threads(api, conversation=key) == []
    talk.hear("Bice", "the secret of the kingfisher", name="Bice")
    until_shown(api, place, lambda row: row["team"] == "sales")
    (opened,) = threads(api, conversation=key)
    assert (opened["how"], opened["opened_by"], opened["team"], opened["assignee"]) == (
        "handed_off",
        "flow main",
        "sales",
        "",
    )
    assert (opened["flow"], opened["step"], opened["closed_at"]) == ("main", "people", None)
    assert [(one["team"], one["assignee"]) for one in opened["assigned"]] == [("sales", "")]
    at = f"/api/v1/threads/{opened['id']}/assign"
    given = ana.client.post(at, json={"user": nino.email})
    assert given.status_code == 200, given.text
    assert api.post(at, json={"user": "nobody@example.com"}).status_code == 404
    refused = api.post(at, json={"user": add(api, "viewer")})
    assert (refused.status_code, refused.json()["code"]) == (409, "threads.cannot_answer")
    assert [one["id"] for one in threads(api, state="open", assignee=nino.email)] == [opened["id"]]
    assert threads(api, state="open", assignee=ana.email) == []
    do(ana.client, place, "take-over")
    until_shown(api, place, lambda row: row["held_by"] == ana.email)
    (mine,) = threads(api, state="open", assignee=ana.email, team="sales")
    assert [(one["by"], one["assignee"]) for one in mine["assigned"]] == [
        ("flow main", ""),
        (ana.email, nino.email),
        (ana.email, ana.email),
    ]
    for path in (talk.place, "/api/v1/conversations"):
        of_ana = ana.client.get(path, params={"mine": True}).json()["items"]
        assert [one["id"] for one in of_ana] == [key]
        assert nino.client.get(path, params={"mine": True}).json()["items"] == []
    do(nino.client, place, "give-back")
    talk.until_said("Here I am again.", key)
    (closed,) = threads(api, conversation=key)
    assert (closed["closed_by"], closed["outcome"]) == (nino.email, "given_back")
    assert closed["closed_at"] > closed["opened_at"]
    over = api.post(at, json={"user": ""})
    assert (over.status_code, over.json()["code"]) == (409, "threads.closed")
    assert "kingfisher" not in str(closed)
    do(ana.client, place, "take-over")
    until_shown(api, place, lambda row: row["status"] == "handed_off")
    do(ana.client, place, "end")
    until_shown(api, place, lambda row: row["status"] == "idle")
    both = threads(api, conversation=key)
    assert [(one["how"], one["outcome"]) for one in both] == [
        ("taken_over", "ended"),
        ("handed_off", "given_back"),
    ]
    assert both[::-1] == threads(api, conversation=key, sort="opened_at")
    assert both[0]["opened_by"] == both[0]["closed_by"] == ana.email
    assert threads(api, conversation=key, state="open") == []
    told = api.get("/api/v1/audit", params={"action": "thread.assign", "target": key}).json()["items"]
    assert [one["changes"]["assignee"] for one in told] == [nino.email]


def test_agents_see_who_can_be_given_a_thread(api: httpx.Client, server: Live, enter: Enter) -> None:
    agent, viewer = enter(add(api, "agent")), add(api, "viewer")
    stranger = elsewhere(server, "agent")
    found: list[dict[str, Any]] = []
    after = ""
    while after is not None:
        page = agent.client.get("/api/v1/threads/assignees", params={"limit": 1, "after": after}).json()
        found, after = found + page["items"], page["next"]
    emails = [one["email"] for one in found]
    assert agent.email in emails
    assert not {viewer, stranger} & set(emails)
    assert [one["name"] for one in found] == sorted(one["name"] for one in found)
    assert set(found[0]) == {"id", "email", "name"}


def test_a_contact_who_wants_no_messages_closes_it(talk: Talk) -> None:
    place = begun(talk, "Cleo")
    key = place.rpartition("/")[2]
    do(talk.api, place, "take-over")
    until_shown(talk.api, place, lambda row: row["status"] == "handed_off")
    talk.hear("Cleo", "stop", name="Cleo")
    until_shown(talk.api, place, lambda row: row["opted_out"])
    (closed,) = threads(talk.api, conversation=key)
    assert (closed["outcome"], closed["closed_by"]) == ("opted_out", "")


def test_threads_of_another_workspace_are_not_there(talk: Talk, enter: Enter, server: Live) -> None:
    place = begun(talk, "Dino")
    do(talk.api, place, "take-over")
    until_shown(talk.api, place, lambda row: row["status"] == "handed_off")
    (mine,) = threads(talk.api, conversation=place.rpartition("/")[2])
    stranger = enter(elsewhere(server))
    assert threads(stranger.client) == []
    assert stranger.client.post(f"/api/v1/threads/{mine['id']}/assign", json={"user": ""}).status_code == 404
