"""The stream of changes: told by topic to who may see it, missing nothing unsaid, and ending with the caller's rights."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from admin_api.routes import live as route
from store.embedded_redis import start_redis
from store.live import Live as Publisher
from store.live import stream
from tests.api.listening import listening, until
from tests.api.people import Enter, add, elsewhere, signed_in
from tests.api.talk import BOT, Talk
from tests.live import Live, live
from tests.until import until as until_there

FLOW = "chatloom: flow/v1\nid: main\nsteps:\n  - {id: hi, action: send, with: {text: Hi}}\n"
_count = itertools.count()


def save(api: httpx.Client, name: str = "") -> str:
    """A new bot's draft."""
    name = name or f"told-{next(_count)}"
    bot = f"chatloom: bot/v1\nid: {name}\ntitle: T\nflows: [main]\nfallback: main\n"
    files = {"bot.yaml": bot, "flows/main.yaml": FLOW}
    saved = api.put(f"/api/v1/bots/{name}/draft", json={"files": files}, headers={"If-None-Match": "*"})
    assert saved.status_code == 201, saved.text
    return name


def test_what_people_change_is_told(api: httpx.Client) -> None:
    with listening(api) as said:
        assert next(said).name == "ready"
        bot = save(api)
        etag = until(said, "drafts", kind="saved", bot=bot).data["etag"]
        published = api.post(f"/api/v1/bots/{bot}/draft/publish", json={}, headers={"If-Match": f'"{etag}"'})
        assert published.status_code == 200, published.text
        until(said, "drafts", kind="published", bot=bot, version=1)
        number = api.post("/api/v1/numbers", json={"name": bot, "channel": "simulator"}).json()["id"]
        until(said, "numbers", kind="added", number=number)
        for does, kind in (("pause", "state"), ("resume", "state")):
            api.post(f"/api/v1/numbers/{bot}/{does}")
            until(said, "numbers", kind=kind, number=number)
        api.post(f"/api/v1/numbers/{bot}/assign", json={"bot": bot})
        until(said, "numbers", kind="assigned", number=number)
        api.delete(f"/api/v1/numbers/{bot}", params={"sure": "true"})
        until(said, "numbers", kind="removed", number=number)


def test_what_is_refused_is_not_told(api: httpx.Client) -> None:
    with listening(api, "drafts") as said:
        assert next(said).name == "ready"
        bot = save(api)
        until(said, "drafts", bot=bot)
        assert api.put(f"/api/v1/bots/{bot}/draft", json={"files": {"x": "y"}}).status_code == 428
        other = save(api)
        assert next(said).data["bot"] == other


def test_conversations_are_told_without_their_words(api: httpx.Client, server: Live, tmp_path: Path) -> None:
    flow = BOT["flows/main.yaml"].replace(
        "  - {id: ask, action: wait, with: {message: true}}\n",
        "  - {id: ask, action: wait, with: {message: true}}\n"
        "  - {id: people, action: handoff, with: {team: sales, text: Wait.}}\n",
    )
    talk = Talk(server, api, {**BOT, "flows/main.yaml": flow})
    where = {"number": str(talk.number)}
    with listening(api, "numbers,conversations") as said, talk.served(tmp_path):
        assert next(said).name == "ready"
        until(said, "numbers", kind="state", **where)
        talk.hear("secretive", "my kingfisher is yellow")
        first = until(said, "conversations", kind="message", **where)
        key = first.data["conversation"]
        assert first.data == {"kind": "message", **where, "conversation": key}
        until(said, "conversations", kind="state", conversation=key)
        talk.hear("secretive", "kingfisher")
        until(said, "conversations", kind="handed_off", conversation=key)
        assert api.post(f"{talk.place}/{key}/give-back").status_code == 202
        until(said, "conversations", kind="given_back", conversation=key)
    wire = redis.Redis.from_url(server.config.redis_url)
    assert b"kingfisher" not in repr(wire.xrange(stream(talk.workspace))).encode()


def test_who_comes_again_gets_what_he_missed(api: httpx.Client) -> None:
    with listening(api, "drafts") as said:
        place = next(said).id
    bots = [save(api) for _ in range(3)]
    with listening(api, "drafts", place) as said:
        assert next(said).name == "ready"
        for bot in bots:
            assert next(said).data["bot"] == bot


@pytest.mark.parametrize("place", ["1-0", "99999999999999-0", "nonsense"])
def test_a_place_that_is_not_known_any_more_means_reading_anew(api: httpx.Client, place: str) -> None:
    save(api)
    with listening(api, "drafts", place) as said:
        first = next(said)
        assert first.name == "reset"
        bot = save(api)
        assert next(said).data["bot"] == bot
    with listening(api, "drafts", first.id) as said:
        assert next(said).name == "ready"
        assert next(said).data["bot"] == bot


def test_changes_that_were_told_together_have_one_place(api: httpx.Client, server: Live) -> None:
    talk = Talk(server, api)
    keys = [f"0192f3a4-7d1e-7c51-9a53-0b7d2f6f{n:04d}" for n in range(150)]

    key, wire = stream(talk.workspace), redis.Redis.from_url(server.config.redis_url)

    async def publish() -> None:
        publisher = Publisher(server.config.redis_url)
        publisher.publish(talk.workspace, talk.number, dict.fromkeys(keys, ("message",)))  # type: ignore[misc]
        running = asyncio.create_task(publisher.run())
        await until_there(lambda: wire.xlen(key) == before + 2)
        running.cancel()

    with listening(api, "conversations") as said:
        place, before = next(said).id, wire.xlen(key)
        asyncio.run(publish())
        found = [next(said) for _ in keys]
    assert [one.data["conversation"] for one in found] == keys
    places = [one.id for one in found if one.id]
    assert len(places) == 2
    with listening(api, "conversations", places[0]) as said:
        next(said)
        assert [next(said).data["conversation"] for _ in keys[100:]] == keys[100:]
    with listening(api, "conversations", place) as said:
        next(said)
        assert next(said).data["conversation"] == keys[0]


def test_topics_follow_the_role_and_the_scopes(api: httpx.Client, server: Live, enter: Enter) -> None:
    viewer = enter(add(api, "viewer")).client
    refused = viewer.get("/api/v1/live", params={"topics": "conversations"})
    assert (refused.status_code, refused.json()["code"]) == (403, "caller.role_too_low")
    body = {"name": "told", "role": "admin", "scopes": ["live:read", "bots:read"]}
    key = api.post("/api/v1/api-keys", json=body).json()["key"]
    with server.client(key) as narrow:
        refused = narrow.get("/api/v1/live", params={"topics": "numbers"})
        assert (refused.status_code, refused.json()["code"]) == (403, "caller.scope_missing")
        with listening(narrow) as said:
            next(said)
            number = {"name": f"told-{next(_count)}", "channel": "simulator"}
            assert api.post("/api/v1/numbers", json=number).status_code == 201
            bot = save(api)
            assert next(said).data["bot"] == bot
    assert api.get("/api/v1/live", params={"topics": "weather"}).status_code == 422


def test_another_workspace_is_not_told(api: httpx.Client, server: Live, enter: Enter) -> None:
    theirs = enter(elsewhere(server)).client
    with listening(theirs) as said:
        next(said)
        save(api)
        bot = save(theirs)
        assert next(said).data["bot"] == bot


@pytest.fixture
def asked_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "ASK_S", 0.1)


@pytest.mark.usefixtures("asked_often")
def test_it_ends_with_the_key(api: httpx.Client, server: Live) -> None:
    made = api.post("/api/v1/api-keys", json={"name": "brief", "role": "viewer"}).json()
    with server.client(made["key"]) as client, listening(client) as said:
        assert next(said).name == "ready"
        assert api.delete(f"/api/v1/api-keys/{made['id']}").status_code == 204
        assert [one.name for one in said] == ["ended"]


@pytest.mark.usefixtures("asked_often")
def test_it_ends_with_the_sign_in_and_with_the_role(api: httpx.Client, enter: Enter) -> None:
    person = enter(add(api, "agent"))
    with listening(person.client) as said:
        assert next(said).name == "ready"
        assert api.patch(f"/api/v1/users/{person.id}", json={"role": "viewer"}).status_code == 200
        assert [one.name for one in said] == ["ended"]
    with listening(person.client) as said:
        assert next(said).name == "ready"
        assert api.delete(f"/api/v1/users/{person.id}/sign-ins").status_code == 204
        assert [one.name for one in said] == ["ended"]


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/0"])
def test_without_redis_who_listens_looks_by_himself(
    url: str, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "AWAY_RESET_S", 0.1)
    with live(migrated_url, redis_url=url) as without, without.client() as api, listening(api) as said:
        assert [next(said).name for _ in range(3)] == ["reset"] * 3


def test_after_redis_was_away_all_is_read_anew(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("admin_api.routes.live", "admin_api.live", "store.live"):
        monkeypatch.setattr(f"{module}.RETRY_S", 0.1)
    first = start_redis(tmp_path)
    stop: Any = first.stop
    try:
        with live(migrated_url, redis_url=first.url) as served, served.client() as api:  # noqa: SIM117
            with listening(api, "drafts") as said:
                assert next(said).name == "ready"
                save(api)
                until(said, "drafts")
                stop()
                until(said, "reset")
                stop = start_redis(tmp_path).stop
                while (word := next(said)).id == "":  # while it is away, a reset names no place
                    pass
                assert word.name == "reset"
                bot = save(api)
                until(said, "drafts", bot=bot)
    finally:
        stop()


def test_it_ends_with_the_process(migrated_url: str, redis_url: str) -> None:
    with live(migrated_url, redis_url=redis_url) as served, served.client() as api:
        answer = api.send(api.build_request("GET", "/api/v1/live"), stream=True)
        assert answer.status_code == 200
    answer.close()


def test_a_person_hears_as_a_person(api: httpx.Client, server: Live) -> None:
    with server.client(None) as client:
        person = signed_in(client, add(api, "agent"))
        with listening(person.client) as said:
            next(said)
            bot = save(api)
            assert until(said, "drafts", bot=bot).data["kind"] == "saved"
