"""Notes and tasks beside a conversation: for people only, sealed at rest, in the audit without their words."""

from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.listening import listening, until
from tests.api.people import Enter, add
from tests.api.talk import Talk
from tests.live import Live

ASKING = {
    "bot.yaml": "chatloom: bot/v1\nid: asking\nflows: [main]\nfallback: main\n",
    "flows/main.yaml": (
        "chatloom: flow/v1\nid: main\nsteps:\n"
        "  - {id: jot, action: note, with: {text: '{{ contact.name }} says {{ message.text }}'}}\n"
        "  - {id: his, action: task, with: {title: Call, team: callers, person: CALLER, within: 2d}}\n"
        "  - {id: any, action: task, with: {title: Look, person: nobody@example.com}}\n"
        "  - {id: hi, action: send, with: {text: 'We will call you.'}}\n"
    ),
}
SECRET_WORDS = "the kingfisher owes us ten euros"


@pytest.fixture(scope="module")
def talk(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Talk:
    """A number with one conversation."""
    with server.client() as api:
        talk = Talk(server, api)
        home: Path = tmp_path_factory.mktemp("talk")
        with talk.served(home):
            talk.hear("nina", "hello")
            talk.until_said("hello")
        talk.key = talk.conversations()[0]["id"]  # type: ignore[attr-defined]
        return talk


@pytest.fixture
def place(talk: Talk) -> str:
    return f"{talk.place}/{key(talk)}/notes"


def key(talk: Talk) -> str:
    return talk.key  # type: ignore[attr-defined]


def rows(server: Live, table: str) -> str:
    with psycopg.connect(server.config.database_url) as db:
        found: list[Any] = db.execute(f"SELECT * FROM {table}").fetchall()  # type: ignore[call-overload]
    assert found
    return repr(found)


def test_a_note_is_written_changed_and_removed(
    api: httpx.Client, server: Live, talk: Talk, place: str, enter: Enter
) -> None:
    agent, other = enter(add(api, "agent")), enter(add(api, "agent"))
    with listening(api, "conversations") as said:
        next(said)
        written = agent.client.post(place, json={"body": SECRET_WORDS})
        assert written.status_code == 201, written.text
        assert until(said, "conversations", kind="note").data["conversation"] == key(talk)
    note = written.json()
    assert (note["body"], note["by"], note["edited_at"]) == (SECRET_WORDS, agent.email, None)
    assert "kingfisher" not in rows(server, "conversation_notes")
    refused = other.client.put(f"{place}/{note['id']}", json={"body": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "notes.not_yours")
    assert other.client.delete(f"{place}/{note['id']}").status_code == 403
    changed = agent.client.put(f"{place}/{note['id']}", json={"body": "It paid."}).json()
    assert (changed["body"], changed["edited_at"] is None) == ("It paid.", False)
    assert [one["body"] for one in other.client.get(place).json()["items"]] == ["It paid."]
    assert api.delete(f"{place}/{note['id']}").status_code == 204  # an admin may
    assert api.get(place).json()["items"] == []
    assert "kingfisher" not in rows(server, "audit")
    done = [one["action"] for one in api.get("/api/v1/audit", params={"limit": 200}).json()["items"]]
    assert {"note.write", "note.change", "note.read", "note.remove"} <= set(done)


def test_notes_come_in_pages_the_latest_first(api: httpx.Client, place: str) -> None:
    for n in range(3):
        api.post(place, json={"body": str(n)})
    first = api.get(place, params={"limit": 2}).json()
    rest = api.get(place, params={"limit": 2, "after": first["next"]}).json()
    assert [one["body"] for one in (*first["items"], *rest["items"])] == ["2", "1", "0"]


def test_a_task_goes_from_hand_to_hand_until_it_is_done(
    api: httpx.Client, server: Live, talk: Talk, enter: Enter
) -> None:
    agent = enter(add(api, "agent"))
    made = api.post("/api/v1/tasks", json={"conversation": key(talk), "body": SECRET_WORDS})
    assert made.status_code == 201, made.text
    task = made.json()
    assert (task["user"], task["due_at"], task["done_at"]) == (None, None, None)
    assert "kingfisher" not in rows(server, "conversation_tasks")
    at = f"/api/v1/tasks/{task['id']}"
    mine = {"user": agent.email}
    assert agent.client.get("/api/v1/tasks", params=mine).json()["items"] == []
    taken = agent.client.patch(at, json={"user": agent.email, "due_at": "2030-01-01T10:00:00Z"}).json()
    assert (taken["user"], taken["due_at"], taken["body"]) == (agent.id, "2030-01-01T10:00:00Z", SECRET_WORDS)
    assert len(agent.client.get("/api/v1/tasks", params=mine).json()["items"]) == 1
    done = agent.client.patch(at, json={"done": True}).json()
    assert (done["done_by"], done["done_at"] is None, done["due_at"]) == (agent.email, False, taken["due_at"])
    assert agent.client.get("/api/v1/tasks", params=mine).json()["items"] == []
    assert len(agent.client.get("/api/v1/tasks", params={**mine, "done": "true"}).json()["items"]) == 1
    assert agent.client.patch(at, json={"done": False, "due_at": None, "user": ""}).json()["due_at"] is None
    of_talk = api.get("/api/v1/tasks", params={"conversation": key(talk)}).json()["items"]
    assert [one["user"] for one in of_talk] == [None]
    assert api.delete(at).status_code == 204
    assert api.patch(at, json={"done": True}).status_code == 404
    nobody = api.post(
        "/api/v1/tasks", json={"conversation": key(talk), "body": "x", "user": "no@example.com"}
    )
    assert nobody.status_code == 404
    assert "kingfisher" not in rows(server, "audit")


def test_flows_write_notes_and_open_tasks(
    api: httpx.Client, server: Live, tmp_path: Path, enter: Enter
) -> None:
    caller = enter(add(api, "agent"))
    team = api.post("/api/v1/teams", json={"name": "callers"}).json()
    bot = {path: text.replace("CALLER", caller.email.upper()) for path, text in ASKING.items()}
    talk = Talk(server, api, bot)
    with listening(api, "conversations") as said, talk.served(tmp_path):
        next(said)
        talk.hear("rosa", SECRET_WORDS, name="Rosa")
        told = {"note", "task"}
        while told:
            told.discard(until(said, "conversations").data["kind"])
        talk.until_said("We will call you.")
    (place,) = [one["id"] for one in talk.conversations()]
    (note,) = api.get(f"{talk.place}/{place}/notes").json()["items"]
    assert (note["body"], note["by"]) == (f"Rosa says {SECRET_WORDS}", "flow main")
    his = caller.client.get("/api/v1/tasks", params={"user": caller.email}).json()["items"]
    assert [(one["body"], one["team"], one["user"]) for one in his] == [("Call", team["id"], caller.id)]
    assert his[0]["due_at"] > his[0]["created_at"]
    assert api.get("/api/v1/tasks", params={"team": "callers"}).json()["items"] == his
    both = api.get("/api/v1/tasks", params={"conversation": place}).json()["items"]
    assert {(one["body"], one["team"]) for one in both} == {("Call", team["id"]), ("Look", None)}
    given = api.patch(f"/api/v1/tasks/{his[0]['id']}", json={"team": "", "user": ""}).json()
    assert (given["team"], given["user"]) == (None, None)
    assert "kingfisher" not in rows(server, "conversation_notes")
