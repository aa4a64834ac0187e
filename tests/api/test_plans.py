"""On a filled database no list scans a large table, or sorts one whole: what each route asks is asked for its plan."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from schemas.ids import new_event_id
from store import migrate
from store.named_sql import query
from store.roles import url_for
from tests.api.described import document
from tests.live import Live, live
from tests.servers import create_database, embedded_server

MANY = 20_000
MOST_SORTED = 2_000
BIG = {
    "conversations",
    "outbox",
    "messages",
    "events",
    "contacts",
    "audit",
    "threads",
    "webhook_deliveries",
    "identities",
    "message_words",
}
BOT = {
    "bot.yaml": "chatloom: bot/v1\nid: b\ntitle: B\nflows: [f]\nfallback: f\n",
    "flows/f.yaml": "chatloom: flow/v1\nid: f\nsteps:\n  - {id: a, action: send, with: {text: Hi}}\n",
}
# One reads the chain on purpose; the others are one person's own, which only people ask for: few, by their key.
# Messages are found by words: see below.
NO_LISTS = {"/audit/verification", "/sign-ins", "/reply-drafts", "/messages"}
MERGED = {"/conversations"}  # a page of each number is read in order, then these are sorted
FILTERS = {
    "/numbers/{number}/conversations": [
        "updated_since=2020-01-01T00:00:00Z",
        "status=handed_off",
        "team=none",
        "status=running",
        "flow=often",
        "flow=often&step=s1",
        "version=1",
    ],
    "/conversations": ["status=running", "flow=often", "version=1", "mine=true", "failed=true"],
    "/threads": ["state=open", "team=callers", "assignee=Ana", "number=n"],
    "/dead-letters": ["number=n"],
}
FILL = """
INSERT INTO conversations (number_id, id, workspace_id, contact_id, updated_at, status, flow, step, version)
    SELECT %(number)s, gen_random_uuid(), %(workspace)s, gen_random_uuid(), now() - i * interval '7 s',
        CASE WHEN i %% 2 = 0 THEN 'idle' WHEN i > %(many)s - 10 THEN 'handed_off' ELSE 'running' END,
        CASE WHEN i %% 2 = 0 THEN '' WHEN i > %(many)s - 10 THEN 'seldom' ELSE 'often' END,
        CASE WHEN i %% 2 = 0 THEN '' ELSE 's' || i / 2 %% 3 END,
        CASE WHEN i %% 2 = 0 THEN NULL WHEN i > %(many)s - 10 THEN 7 ELSE 1 END
    FROM generate_series(1, %(many)s) i;
INSERT INTO threads (id, workspace_id, number_id, conversation_id, opened_at, how, opened_by, team, assignee, closed_at)
    SELECT gen_random_uuid(), %(workspace)s, %(number)s, id, updated_at, 'handed_off', 'flow f',
        CASE WHEN random() < 0.3 THEN 'callers' ELSE '' END, CASE WHEN random() < 0.3 THEN 'Ana' ELSE '' END,
        CASE WHEN random() < 0.9 THEN updated_at END
    FROM conversations;
INSERT INTO outbox (number_id, message_id, workspace_id, conversation_id, state, due_at, created_at)
    SELECT %(number)s, gen_random_uuid(), %(workspace)s, gen_random_uuid(), 'dead', now(), now() - i * interval '7 s'
    FROM generate_series(1, %(many)s) i;
WITH few AS (SELECT array_agg(id ORDER BY id) AS ids FROM (SELECT id FROM conversations ORDER BY id LIMIT 20) AS found)
INSERT INTO messages (number_id, month, id, workspace_id, conversation_id, direction, kind, status, status_at, created_at)
    SELECT %(number)s, date_trunc('month', now()), gen_random_uuid(), %(workspace)s,
        few.ids[1 + i %% 20], 'out', 'text', 'sent', now(),
        now() - i * interval '1 s'
    FROM generate_series(1, %(many)s) i, few;
UPDATE messages SET status = 'failed', error_code = '131026' WHERE id IN (SELECT id FROM messages LIMIT 4);
WITH few AS (SELECT array_agg(id ORDER BY id) AS ids FROM (SELECT id FROM conversations ORDER BY id LIMIT 20) AS found)
INSERT INTO events (number_id, month, id, workspace_id, conversation_id, kind, at, payload)
    SELECT %(number)s, date_trunc('month', now()), gen_random_uuid(), %(workspace)s,
        few.ids[1 + i %% 20], 'received', now(), ''
    FROM generate_series(1, %(many)s) i, few;
INSERT INTO message_words (number_id, month, id, workspace_id, conversation_id, words)
    SELECT number_id, month, id, workspace_id, conversation_id,
        CASE WHEN i > 5 THEN ARRAY[mod(i, 10), mod(i, 1000), i] END
    FROM (SELECT *, row_number() OVER () AS i FROM messages) AS m;
INSERT INTO audit (id, workspace_id, who_kind, who_name, action)
    SELECT gen_random_uuid(), %(workspace)s, 'operator', 'operator', 'number.add' FROM generate_series(1, %(many)s);
INSERT INTO contacts (id, workspace_id) SELECT gen_random_uuid(), %(workspace)s FROM generate_series(1, %(many)s);
INSERT INTO identities (workspace_id, kind, blind, value, contact_id)
    SELECT workspace_id, 'phone', sha256(id::text::bytea), '', id FROM contacts;
INSERT INTO webhook_events (id, workspace_id, type, at, facts)
    SELECT gen_random_uuid(), %(workspace)s, 'number.state', now(), '{}' FROM generate_series(1, %(many)s);
INSERT INTO webhook_deliveries (workspace_id, endpoint_id, event_id, lane)
    SELECT %(workspace)s, %(endpoint)s, id, id FROM webhook_events;
ANALYZE;
"""


@pytest.fixture(scope="module")
def server(worker_id: str) -> Iterator[Live]:
    """One of its own, to be filled."""
    url = create_database(embedded_server(), f"plans_{worker_id}")
    migrate.upgrade(url)
    with live(url, rate_limit=0) as running:
        yield running


@pytest.fixture(scope="module")
def names(server: Live) -> dict[str, str]:
    """What the paths name, in a workspace with much of everything."""
    hook = {"name": "h", "url": "https://example.com/", "types": ["number.state"]}
    with server.client() as api:
        assert api.put("/api/v1/bots/b", json={"files": BOT}).status_code == 201
        number = api.post("/api/v1/numbers", json={"name": "n", "channel": "simulator"}).json()["id"]
        endpoint = api.post("/api/v1/webhooks", json=hook).json()["id"]
        person = {"email": "a@example.com", "name": "A", "role": "agent", "password": "words in a long row"}
        user = api.post("/api/v1/users", json=person).json()["id"]
        assert api.post("/api/v1/teams", json={"name": "t"}).status_code == 201
    with psycopg.connect(server.config.database_url, autocommit=True) as db:
        found = db.execute("SELECT workspace_id FROM numbers").fetchone()
        assert found is not None
        facts = {"number": UUID(number), "workspace": found[0], "endpoint": UUID(endpoint), "many": MANY}
        for statement in filter(None, map(str.strip, FILL.split(";"))):
            needed = {name: value for name, value in facts.items() if f"%({name})s" in statement}
            db.execute(statement, needed or None)  # type: ignore[call-overload]
        row = db.execute("SELECT id FROM conversations ORDER BY id LIMIT 1").fetchone()
        assert row is not None
    return {
        "number": "n",
        "conversation": str(row[0]),
        "endpoint": endpoint,
        "name": "b",
        "team": "t",
        "user": user,
        "workspace": str(found[0]),
    }


def lists() -> list[str]:
    """The routes that give pages, with their filters that have an order of their own."""
    found: list[str] = []
    for path, methods in document()["paths"].items():
        if any(one["name"] == "after" for one in methods.get("get", {}).get("parameters", [])):
            route = path.removeprefix("/api/v1")
            if route in NO_LISTS:
                continue
            found += [route, *(f"{route}?{each}" for each in FILTERS.get(route, []))]
            sorts = [one["schema"]["enum"] for one in methods["get"]["parameters"] if one["name"] == "sort"]
            found += [f"{route}?sort={each}" for enum in sorts for each in enum]
    return found


@contextmanager
def asking() -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database in the block."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("route", lists())
def test_a_list_is_read_by_an_index(server: Live, names: dict[str, str], route: str) -> None:
    path, _, filters = route.partition("?")
    filled = path.format_map({**dict.fromkeys(path.split("{"), ""), **names}) if "{" in path else path
    with asking() as asked, server.client() as api:
        first = page(api, filled, filters)
        if first["next"]:
            assert page(api, filled, filters, first["next"])["items"]
    with psycopg.connect(url_for(server.config.database_url, "api")) as db:
        db.execute("SELECT set_config('chatloom.workspace', %s, true)", (names["workspace"],))
        ordered = filters.startswith("sort=") and path not in MERGED
        if ordered:  # also where there are few rows: is there an index with this order?
            db.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            asked = [(statement, parameters) for statement, parameters in asked if "LIMIT" in statement]
        for statement, parameters in asked:
            told = db.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters).fetchone()  # type: ignore[call-overload]
            assert told is not None
            for fault in faults(told[0][0]["Plan"], 0 if ordered else MOST_SORTED):
                pytest.fail(f"{fault}\n{statement}\n{json.dumps(told[0][0]['Plan'], indent=1)}")


def test_the_few_that_are_wanted_are_not_looked_for_among_all(server: Live, names: dict[str, str]) -> None:
    """They are the oldest: whoever walked from the newest end would read all others first."""
    wanted = ("failed=true", "flow=seldom", "flow=seldom&step=s1", "version=7", "status=handed_off")
    for path in ("/numbers/n/conversations", "/conversations"):
        for filters in wanted:
            with asking() as asked, server.client() as api:
                assert 0 < len(page(api, path, filters)["items"]) <= 5
            ((statement, parameters),) = [each for each in asked if "ORDER BY stirred" in each[0]]
            with psycopg.connect(url_for(server.config.database_url, "api")) as db:
                db.execute("SELECT set_config('chatloom.workspace', %s, true)", (names["workspace"],))
                row = db.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).fetchone()  # type: ignore[call-overload]
                assert row is not None
                assert thrown_away(row[0][0]["Plan"]) <= 10, (path, filters, json.dumps(row[0][0], indent=1))


def thrown_away(plan: dict[str, Any]) -> int:
    """The rows that were read and not wanted."""
    below = sum(map(thrown_away, plan.get("Plans", [])))
    return below + plan.get("Rows Removed by Filter", 0) * plan["Actual Loops"]


def page(api: httpx.Client, path: str, filters: str, after: str = "") -> dict[str, Any]:
    given = dict(one.split("=") for one in filters.split("&") if one)
    answer = api.get(f"/api/v1{path}", params={"limit": 20, **given, **({"after": after} if after else {})})
    assert answer.status_code == 200, answer.text
    return answer.json()


def faults(plan: dict[str, Any], most_sorted: int) -> Iterator[str]:
    """Scans of large tables from end to end, and sorts of many rows."""
    table = plan.get("Relation Name", "")
    month = f"{dt.datetime.now(dt.UTC):_y%Ym%m}"  # the partition that was filled
    if plan["Node Type"] == "Seq Scan" and table.removesuffix(month) in BIG:
        yield f"{table} is scanned from end to end"
    below = plan.get("Plans", [])
    if plan["Node Type"] == "Sort" and any(each["Plan Rows"] > most_sorted for each in below):
        yield f"{below[0]['Plan Rows']} rows are sorted"
    for each in below:
        yield from faults(each, most_sorted)


def test_messages_are_found_by_the_index_of_their_words(server: Live, names: dict[str, str]) -> None:
    """What the function asks as its owner, and what the background asks."""
    last, month = UUID(int=2**128 - 1), dt.datetime.now(dt.UTC).date().replace(day=1)
    with psycopg.connect(server.config.database_url) as db:
        row = db.execute("SELECT prosrc, proargnames FROM pg_proc WHERE proname = 'find_messages'").fetchone()
        number = db.execute("SELECT id FROM numbers").fetchone()
        assert row is not None
        assert number is not None
        body: str = row[0]
        for place, name in enumerate(row[1][:6], start=1):
            body = re.sub(rf"(?<![.\w]){name}\b", f"${place}", body)
        db.execute("SET LOCAL ROLE chatloom_owner; SET LOCAL plan_cache_mode = force_generic_plan")
        kinds = "bigint[], date, uuid, uuid[], uuid, integer"
        db.execute(f"PREPARE finding ({kinds}) AS {body}")  # type: ignore[call-overload]
        finding = f"EXECUTE finding ('{{7}}', '{month}', '{last}', ARRAY['{number[0]}'::uuid], NULL, 51)"
        here = {"number": number[0], "month": month, "before": last, "limit": 200}
        asked: list[tuple[str, dict[str, Any]]] = [(finding, {})]
        asked += [
            (query("message_search", "waiting"), {"limit": 200}),
            (query("message_search", "next"), {"workspace": names["workspace"], **here}),
            (query("message_search", "stored"), here),
            (query("erasures", "message_words"), {"conversation": names["conversation"], **here}),
        ]
        for statement, given in asked:
            told = db.execute(f"EXPLAIN (FORMAT JSON) {statement}", given).fetchone()  # type: ignore[call-overload]
            assert told is not None
            plan = told[0][0]["Plan"]
            assert list(faults(plan, MOST_SORTED)) == [], (statement, json.dumps(plan, indent=1))
            if statement == finding:
                assert "message_words_y" in json.dumps(plan)
                assert "words @>" in json.dumps(plan)
    with psycopg.connect(url_for(server.config.database_url, "api")) as db:
        for workspace, count in ((names["workspace"], 20), (str(UUID(int=1)), 0)):
            db.execute("SELECT set_config('chatloom.workspace', %s, true)", (workspace,))
            found = db.execute(
                "SELECT count(*) FROM find_messages('{7,17}', %s, %s, %s, NULL, 51)",
                (month, last, list(number)),
            ).fetchone()
            assert found == (count,)


def test_a_turn_leaves_the_order_of_conversations_alone(server: Live, names: dict[str, str]) -> None:
    """Within five minutes the row moves within its page, and no index is written."""
    with psycopg.connect(server.config.database_url, autocommit=True) as db:
        key = new_event_id()
        number = db.execute("SELECT number_id FROM conversations LIMIT 1").fetchone()
        assert number is not None
        db.execute(
            "INSERT INTO conversations (number_id, id, workspace_id, contact_id, updated_at)"
            " VALUES (%s, %s, %s, %s, '2030-01-01 00:01Z')",
            (number[0], key, names["workspace"], key),
        )
        for at, same in (("2030-01-01 00:04Z", True), ("2030-01-01 00:06Z", False)):
            db.execute("SELECT pg_stat_force_next_flush()")
            before = _hot(db)
            db.execute(
                "UPDATE conversations SET updated_at = %s WHERE number_id = %s AND id = %s",
                (at, number[0], key),
            )
            db.execute("SELECT pg_stat_force_next_flush()")
            assert (_hot(db) - before == 1) == same


def _hot(db: psycopg.Connection[Any]) -> int:
    db.execute("SELECT pg_stat_clear_snapshot()")
    row = db.execute(
        "SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'conversations'"
    ).fetchone()
    assert row is not None
    return row[0]
