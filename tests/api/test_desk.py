"""What people who answer contacts need beside the words: drafts of replies, who else is there, files, a second try."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from jobs import erasures
from tests.api.listening import listening, until
from tests.api.people import Enter, add, sql
from tests.api.talk import Talk
from tests.live import Live
from tests.until import until as soon
from tests.worker import worker

PICTURE = b"\x89PNG a kingfisher"


@pytest.fixture(scope="module")
def talk(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    with server.client() as api:
        made = Talk(server, api)
        with made.served(tmp_path_factory.mktemp("number")):
            yield made


def begun(talk: Talk, who: str) -> str:
    """The address of a conversation in which the bot asked."""
    talk.hear(who, "hello", name=who)
    return f"{talk.place}/{talk.until_said(f'Say a word, {who}.')}"


def test_a_reply_draft_is_a_persons_own_sealed_and_ends_with_the_reply(
    api: httpx.Client, server: Live, talk: Talk, enter: Enter
) -> None:
    place = begun(talk, "Dora")
    at = f"{place}/reply-draft"
    agent, other = enter(add(api, "agent")), enter(add(api, "agent"))
    assert agent.client.get(at).json()["updated_at"] is None
    saved = agent.client.put(at, json={"text": "Good kingfisher, "})
    assert saved.status_code == 200, saved.text
    agent.client.put(at, json={"text": "Good kingfisher, about"})
    assert agent.client.get(at).json()["text"] == "Good kingfisher, about"
    assert [one["text"] for one in agent.client.get("/api/v1/reply-drafts").json()["items"]] == [
        "Good kingfisher, about"
    ]
    assert other.client.get(at).json()["text"] == ""
    assert api.get(at).json()["code"] == "caller.person_needed"
    with psycopg.connect(server.config.database_url) as db:
        rows = repr(db.execute("SELECT * FROM reply_drafts").fetchall())
    assert "kingfisher" not in rows
    assert agent.client.post(f"{place}/reply", json={"text": "Done."}).status_code == 202
    assert agent.client.get(at).json()["text"] == ""
    agent.client.put(at, json={"text": "x"})
    assert agent.client.put(at, json={"text": ""}).json()["updated_at"] is None
    agent.client.put(at, json={"text": "x"})
    assert agent.client.delete(at).status_code == 204
    assert agent.client.get("/api/v1/reply-drafts").json()["items"] == []


def test_who_else_is_at_a_conversation_and_at_a_draft_is_shown_and_told(
    api: httpx.Client, talk: Talk, enter: Enter
) -> None:
    place = begun(talk, "Emil")
    one, two = enter(add(api, "agent")), enter(add(api, "agent"))
    for at, topic in (
        (f"{place}/presence", "conversations"),
        (f"/api/v1/bots/{talk.name}/draft/presence", "drafts"),
    ):
        with listening(api, topic) as said:
            next(said)
            assert one.client.put(f"{at}/a", json={}).json() == {"here": []}
            assert until(said, topic, kind="presence")
            (seen,) = two.client.put(f"{at}/a", json={"doing": "typing"}).json()["here"]
            assert (seen["user"], seen["name"], seen["doing"]) == (one.id, one.email, "viewing")
            assert until(said, topic, kind="presence")
        assert len(one.client.put(f"{at}/b", json={}).json()["here"]) == 2, "two tabs are two"
        assert [each["doing"] for each in api.get(at).json()["here"]].count("typing") == 1
        for tab in ("a", "b"):
            assert one.client.delete(f"{at}/{tab}").status_code == 204
        assert [each["user"] for each in api.get(at).json()["here"]] == [two.id]
        assert one.client.put(f"{at}/a b", json={}).status_code == 422


def test_a_file_is_attached_sent_read_and_goes_with_the_contact(
    api: httpx.Client, server: Live, talk: Talk, enter: Enter
) -> None:
    place = begun(talk, "Fritz")
    agent = enter(add(api, "agent"))
    kept = agent.client.post(
        f"{place}/files",
        params={"filename": "bird.png"},
        content=PICTURE,
        headers={"Content-Type": "image/png"},
    )
    assert kept.status_code == 201, kept.text
    assert (kept.json()["kind"], kept.json()["size"]) == ("image", len(PICTURE))
    file = {"ref": kept.json()["ref"], "kind": "image", "caption": "Look"}
    elsewhere = begun(talk, "Gerda")
    assert agent.client.post(f"{elsewhere}/reply", json={"attachment": file}).status_code == 404
    both = agent.client.post(f"{place}/reply", json={"attachment": file, "text": "x"})
    assert both.json()["code"] == "conversations.reply_unfit"
    assert agent.client.post(f"{place}/reply", json={"attachment": file}).status_code == 202

    def sent() -> bool:
        line = api.get(f"{place}/transcript").json()["items"][-1]
        return (line["kind"], line["status"]) == ("image", "sent")

    asyncio.run(soon(sent))
    line = api.get(f"{place}/transcript").json()["items"][-1]
    assert (line["body"]["caption"], line["by"]) == ("Look", agent.email)
    assert agent.client.get(f"{place}/messages/{line['id']}/file").content == PICTURE
    empty = agent.client.post(f"{place}/files", content=b"", headers={"Content-Type": "image/png"})
    assert empty.json()["code"] == "conversations.file_unfit"
    media: Path = server.config.media
    assert list(media.rglob(file["ref"]))
    contact = api.get(place).json()["contact"]
    assert api.delete(f"/api/v1/contacts/{contact}", params={"sure": True}).is_success

    async def swept() -> None:
        async with worker(server) as desk:
            await erasures.do(desk)

    while api.get(f"/api/v1/erasures/{contact}").json()["state"] == "ordered":
        asyncio.run(swept())  # its number lets go first
    assert not list(media.rglob(file["ref"]))


def test_a_failed_message_is_sent_again(api: httpx.Client, server: Live, talk: Talk) -> None:
    place = begun(talk, "Hugo")
    (line,) = [one for one in api.get(f"{place}/transcript").json()["items"] if one["direction"] == "out"]
    at = f"{place}/messages/{line['id']}/send-again"
    asyncio.run(soon(lambda: api.get(f"{place}/transcript").json()["items"][-1]["status"] == "sent"))
    refused = api.post(at)
    assert (refused.status_code, refused.json()["code"]) == (409, "conversations.not_failed")
    sql(server, "UPDATE messages SET status = 'failed', error = 'refused' WHERE id = %s", line["id"])
    again = api.post(at)
    assert again.status_code == 202, again.text
    assert again.json()["anew"] is True

    def gone() -> bool:
        lines = api.get(f"{place}/transcript").json()["items"]
        return any(one["id"] == again.json()["message"] and one["status"] == "sent" for one in lines)

    asyncio.run(soon(gone))
    sql(  # a dead letter: put back, it goes under its own id
        server,
        "INSERT INTO outbox (number_id, message_id, workspace_id, conversation_id, state, due_at, created_at)"
        " SELECT number_id, id, workspace_id, conversation_id, 'dead', now(), now() FROM messages WHERE id = %s",
        line["id"],
    )
    assert api.post(at).json() == {"message": line["id"], "anew": False}
    asyncio.run(soon(lambda: api.get(f"/api/v1/dead-letters/{line['id']}").status_code == 404))
