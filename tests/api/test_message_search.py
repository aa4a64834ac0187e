"""Search in what was said: only where the workspace wants it, all of what it holds, and nothing of another's."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import orjson
import psycopg
import pytest

from jobs import message_search
from schemas.ids import event_id, month_of
from store import message_search as stored
from tests.api.people import Enter, add, elsewhere
from tests.api.talk import Talk, sealer_of
from tests.live import Live
from tests.until import until
from tests.worker import worker

READ = stored.READ
SETTING, SEARCH = "/api/v1/message-search", "/api/v1/messages"


@pytest.fixture(scope="module")
def talk(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    with server.client() as api:
        made = Talk(server, api)
        with made.served(tmp_path_factory.mktemp("number")):
            yield made
        switch(api, on=False)


def switch(api: httpx.Client, on: bool) -> dict[str, Any]:
    tag = api.get(SETTING).headers["ETag"]
    answer = api.put(SETTING, json={"on": on}, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    return answer.json()


def wait(condition: Callable[[], bool]) -> None:
    """Each look does what brings it about."""
    for _ in range(500):
        if condition():
            return
    raise AssertionError("it did not come about")


def work(server: Live, api: httpx.Client, state: str) -> None:
    """What the worker does, until it is so."""

    async def once() -> None:
        async with worker(server) as desk:
            while await message_search.do(desk):
                pass

    def so() -> bool:
        asyncio.run(once())
        return api.get(SETTING).json()["state"] == state

    wait(so)


def found(api: httpx.Client, text: str, **wanted: Any) -> list[str]:
    """The snippets, what was found in brackets."""
    answer = api.get(SEARCH, params={"text": text, **wanted})
    assert answer.status_code == 200, answer.text
    return [
        "".join(f"[{piece['text']}]" if piece["found"] else piece["text"] for piece in item["snippet"])
        for item in answer.json()["items"]
    ]


def rows(server: Live, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.config.database_url, autocommit=True) as db:
        return db.execute(statement, values).fetchall()  # type: ignore[call-overload]


def test_messages_are_found_by_their_words_where_that_is_wanted(
    server: Live, talk: Talk, enter: Enter
) -> None:
    api = talk.api
    off = api.get(SEARCH, params={"text": "blue"})
    assert (off.status_code, off.json()["code"]) == (409, "messages.search_off")
    assert "PUT /message-search" in off.json()["detail"]
    talk.hear("Zoe", "hello", name="Zoe")
    conversation = talk.until_said("Say a word, Zoe.")
    talk.hear("Zoe", "Perché no? Tramontana 🌬️, grazie!", name="Zoe")
    talk.until_said("You said Perché no? Tramontana 🌬️, grazie!.")
    assert rows(server, "SELECT FROM message_words WHERE number_id = %s", talk.number) == []
    assert rows(server, "SELECT FROM message_search WHERE workspace_id = %s", talk.workspace) == []

    blind = api.put(SETTING, json={"on": True})
    assert (blind.status_code, blind.json()["code"]) == (428, "precondition.missing")
    assert api.get(SETTING).json() == {"on": False, "state": "off", "read": 0, "since": None}
    old = api.get(SETTING).headers["ETag"]
    begun = switch(api, on=True)
    assert (begun["on"], begun["state"], begun["read"]) == (True, "indexing", 0)
    assert begun["since"] is not None
    stale = api.put(SETTING, json={"on": False}, headers={"If-Match": old})
    assert (stale.status_code, stale.json()["theirs"]) == (412, {"on": True})
    work(server, api, "ready")
    assert api.get(SETTING).json()["read"] >= 4

    agent = enter(add(api, "agent"))
    both = ["You said Perché no? [Tramontan]a 🌬️, grazie!.", "Perché no? [Tramontan]a 🌬️, grazie!"]
    assert found(agent.client, "TRAMONTAN") == both
    assert found(agent.client, "perche tra") == [
        one.replace("Perché", "[Perché]").replace("[Tramontan]a", "[Tra]montana") for one in both
    ]
    assert found(agent.client, "tramontana libeccio") == found(agent.client, "tr") == []
    talk.hear("Zoe", "Libeccio di mare", name="Zoe")
    talk.hear("Nina", "Libeccio di terra", name="Nina")
    until_heard = "SELECT count(*) = 2 FROM message_words WHERE number_id = %s AND words IS NULL"
    asyncio.run(until(lambda: bool(rows(server, until_heard.replace("= 2", ">= 2"), talk.number)[0][0])))
    talk.until_said("Say a word, Nina.")
    work(server, api, "ready")
    assert sorted(found(agent.client, "libeccio")) == ["[Libeccio] di mare", "[Libeccio] di terra"]
    assert found(agent.client, "libeccio", conversation=conversation) == ["[Libeccio] di mare"]
    assert len(found(agent.client, "libeccio", number=talk.name)) == 2
    assert found(agent.client, "libeccio", conversation=str(UUID(int=5))) == []
    assert agent.client.get(SEARCH, params={"text": "x", "number": "none"}).status_code == 404

    first = agent.client.get(SEARCH, params={"text": "libeccio", "limit": 1}).json()
    rest = agent.client.get(SEARCH, params={"text": "libeccio", "limit": 1, "after": first["next"]}).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"], rest["since"]) == (1, 1, None, None)
    one = next(item for item in (*first["items"], *rest["items"]) if item["conversation"] == conversation)
    line = next(
        each
        for each in api.get(f"{talk.place}/{conversation}/transcript").json()["items"]
        if each["id"] == one["message"]
    )
    assert (one["number"], one["name"], one["direction"], one["kind"], one["created_at"]) == (
        str(talk.number), "Zoe", "in", "text", line["created_at"],
    )  # fmt: skip
    nothing = agent.client.get(SEARCH, params={"text": "… 👍"})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "messages.no_words")
    for cursor in ("x", "WyJmZmZmZmZmZi1mZmZmLTdmZmYtYmZmZi1mZmZmZmZmZmZmZmYiXQ"):  # an id of the year 10889
        unfit = agent.client.get(SEARCH, params={"text": "libeccio", "after": cursor})
        assert (unfit.status_code, unfit.json()["code"]) == (422, "page.cursor_unfit")
    told = api.get("/api/v1/audit", params={"action": "message.search"}).json()["items"]
    assert any(entry["changes"]["conversations"] == [conversation] for entry in told)
    assert "libeccio" not in str(told).lower()
    (on, *_) = api.get("/api/v1/audit", params={"action": "message_search.set"}).json()["items"]
    assert on["changes"] == {"on": [False, True]}

    other = enter(elsewhere(server)).client
    assert other.get(SEARCH, params={"text": "libeccio"}).status_code == 409
    switch(other, on=True)
    work(server, other, "ready")
    assert found(other, "libeccio") == []

    assert switch(api, on=False)["state"] == "clearing"
    assert agent.client.get(SEARCH, params={"text": "libeccio"}).status_code == 409
    work(server, api, "off")
    assert rows(server, "SELECT FROM message_words WHERE number_id = %s", talk.number) == []


def store(db: psycopg.Connection, number: UUID, *said: tuple[int, str]) -> None:
    """Messages of so many days ago, as a number's process writes them."""
    sealer, conversation = sealer_of(db.info.dsn, number), UUID(int=7)
    db.execute(
        "INSERT INTO conversations (number_id, id, workspace_id, contact_id) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [number, conversation, sealer.workspace_id, conversation],
    )
    for nth, (days, text) in enumerate(said):
        at = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        key = event_id(int(at.timestamp() * 1000), nth.to_bytes(10, "big"))
        body = sealer.seal("messages", "body", key.bytes, orjson.dumps({"kind": "text", "text": text}))
        db.execute(
            "INSERT INTO messages (number_id, month, id, workspace_id, conversation_id, direction, kind, body, status,"
            " status_at, created_at) VALUES (%s, %s, %s, %s, %s, 'out', 'text', %s, 'sent', %s, %s)",
            [number, month_of(key), key, sealer.workspace_id, conversation, body, at, at],
        )


def test_what_is_stored_is_indexed_month_by_month_and_nothing_falls_between(
    server: Live, enter: Enter
) -> None:
    """Also what a transaction writes that did not know yet that search is wanted."""
    api = enter(elsewhere(server)).client
    numbers = [
        UUID(api.post("/api/v1/numbers", json={"name": name, "channel": "simulator"}).json()["id"])
        for name in ("a", "b")
    ]
    with psycopg.connect(server.config.database_url, autocommit=True) as db:
        for number in numbers:
            store(db, number, (400, "basilico vecchio"), (70, "basilico"), (40, ""), (3, "basilico fresco"))
    with psycopg.connect(server.config.database_url) as slow:
        store(slow, numbers[0], *((1, f"basilico {nth}") for nth in range(READ + 5)))
        switch(api, on=True)
        looked: list[bool] = []

        async def look() -> None:
            async with worker(server) as desk:
                looked.extend([await message_search.do(desk) for _ in range(3)])

        asyncio.run(look())
        assert api.get(SETTING).json()["state"] == "indexing"
        assert found(api, "basilico") == []
    work(server, api, "ready")
    every = page_by_page(api, "basilico")
    assert len(every) == READ + 5 + 6
    assert every[-2:] == ["[basilico] vecchio"] * 2
    assert found(api, "vecchio fresco") == []
    assert found(api, "basilico 204") == ["[basilico] [204]"]
    assert api.get(SETTING).json()["read"] == READ + 5 + 8
    rows(server, "UPDATE numbers SET removed_at = now() WHERE id = %s RETURNING 1", numbers[1])
    assert len(page_by_page(api, "basilico")) == len(every) - 3, (
        "nobody opens a removed number's conversations"
    )


def test_what_is_erased_while_it_is_indexed_leaves_no_words(server: Live, enter: Enter) -> None:
    api = enter(elsewhere(server)).client
    made = api.post("/api/v1/numbers", json={"name": "a", "channel": "simulator"})
    number = UUID(made.json()["id"])
    with psycopg.connect(server.config.database_url, autocommit=True) as db:
        store(db, number, (3, "maggiorana"), (2, "maggiorana"))
    switch(api, on=True)

    async def look() -> None:
        async with worker(server) as desk:
            await message_search.do(desk)  # from here on, all transactions know that it is wanted

    asyncio.run(look())
    (oldest,) = rows(server, "SELECT id FROM messages WHERE number_id = %s ORDER BY id LIMIT 1", number)[0]
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE query LIKE %s)"

    def ready() -> bool:
        return api.get(SETTING).json()["state"] == "ready"

    with psycopg.connect(server.config.database_url) as erasing, ThreadPoolExecutor(1) as beside:
        erasing.execute("DELETE FROM messages WHERE number_id = %s AND id = %s", [number, oldest])
        indexing = beside.submit(work, server, api, "ready")
        asyncio.run(until(lambda: bool(rows(server, waits, "%FOR KEY SHARE OF m%")) or ready()))
        erasing.commit()
        indexing.result()
    kept = rows(server, "SELECT id FROM message_words WHERE number_id = %s", number)
    assert len(kept) == 1
    assert kept[0][0] != oldest


def page_by_page(api: httpx.Client, text: str) -> list[str]:
    result: list[str] = []
    after = ""
    while True:
        page = api.get(
            SEARCH, params={"text": text, "limit": 50, **({"after": after} if after else {})}
        ).json()
        result += [
            "".join(f"[{piece['text']}]" if piece["found"] else piece["text"] for piece in item["snippet"])
            for item in page["items"]
        ]
        if not (after := page["next"] or ""):
            return result
