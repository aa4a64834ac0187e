"""Migrations on every PostgreSQL that there is, and what the roles may do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlmodel import SQLModel

from schemas.tables import (
    apps,
    audit,
    bots,
    contact_fields,
    event_schemas,
    numbers,
    people,
    retention,
    secrets,
    webhooks,
    workspaces,
)
from store import migrate, schema
from store.roles import Role, logging_in, url_for

__all__ = [
    "apps",
    "audit",
    "bots",
    "contact_fields",
    "event_schemas",
    "numbers",
    "people",
    "retention",
    "secrets",
    "webhooks",
    "workspaces",
]

A, B, N = UUID(int=1), UUID(int=2), UUID(int=3)
TENANTS = (A, B)


@pytest.fixture(scope="module")
def url(any_database_url: str) -> str:
    """A migrated database with two workspaces."""
    assert not schema.is_current(any_database_url)
    migrate.upgrade(any_database_url, log_in=True)
    with psycopg.connect(url_for(any_database_url, "owner")) as db:
        for each in TENANTS:
            db.execute("INSERT INTO workspaces (id, name) VALUES (%s, 'w')", [each])
            db.execute("INSERT INTO secrets (workspace_id, name, value) VALUES (%s, 's', 'x')", [each])
    return any_database_url


@pytest.fixture
def as_role(url: str) -> Iterator[object]:
    """Connections by role, closed at the end."""
    opened: list[psycopg.Connection] = []

    def connect(role: Role) -> psycopg.Connection:
        opened.append(psycopg.connect(url_for(url, role), autocommit=True))
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


def inbox(db: psycopg.Connection, workspace: UUID, source: str) -> int:
    done = db.execute(
        "INSERT INTO inbox (number_id, source_id, workspace_id, event_id, kind, received_at, payload)"
        " VALUES (%s, %s, %s, %s, 'received', now(), 'x') ON CONFLICT DO NOTHING",
        [N, source, workspace, N],
    )
    return done.rowcount


def test_everything_is_at_the_head(url: str) -> None:
    found = migrate.status(url)
    assert found.up_to_date
    assert found.current == found.head == schema.head()
    assert schema.is_current(url)
    assert migrate.upgrade(url) == found


def test_a_plain_user_may_migrate_and_two_at_once(url: str) -> None:
    """As on a hosted PostgreSQL: no superuser, CREATEROLE, owner of the database."""
    plain = f"plain_{conninfo_to_dict(url)['dbname']}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(plain)))
        for role in ("owner", "api", "door", "runtime"):
            grant = "GRANT {} TO {} WITH ADMIN OPTION"
            admin.execute(sql.SQL(grant).format(sql.Identifier(f"chatloom_{role}"), sql.Identifier(plain)))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*[sql.Identifier(plain)] * 2))
    mine = make_conninfo(**{**conninfo_to_dict(url), "user": plain, "dbname": plain})
    try:
        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(lambda _: migrate.upgrade(mine), range(3)))
        assert all(each.up_to_date for each in found)
        with psycopg.connect(url_for(mine, "runtime")) as db:
            user = db.execute("SELECT current_user, session_user").fetchone()
            assert user == ("chatloom_runtime", plain)
            assert db.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("5s",)
    finally:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(plain)))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(plain)))


def test_a_user_without_rights_is_told_what_is_missing(url: str) -> None:
    name = f"poor_{conninfo_to_dict(url)['dbname']}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        try:
            with pytest.raises(migrate.MayNotMigrate):
                migrate.upgrade(make_conninfo(**{**conninfo_to_dict(url), "user": name}))
        finally:
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_roles_log_in_by_themselves_and_their_transactions_end(url: str) -> None:
    own = logging_in(url)
    with psycopg.connect(url_for(own, "runtime")) as db:
        assert db.execute("SELECT session_user").fetchone() == ("chatloom_runtime",)
        name = (
            "transaction_timeout"
            if db.info.server_version >= 170000
            else "idle_in_transaction_session_timeout"
        )
        assert db.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone() == ("5s",)
        superuser = db.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        assert superuser == (False,)


def test_every_table_is_guarded(url: str) -> None:
    with psycopg.connect(url) as db:
        open_tables = db.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'"
            " AND relkind IN ('r', 'p') AND NOT relispartition AND NOT (relrowsecurity AND relforcerowsecurity)"
        ).fetchall()
    assert open_tables == [("alembic_version",)]


def test_the_api_sees_the_workspace_that_it_names_and_nothing_without(as_role) -> None:  # type: ignore[no-untyped-def]
    api = as_role("api")
    assert api.execute("SELECT count(*) FROM secrets").fetchone() == (0,)
    with api.transaction():
        api.execute("SELECT set_config('chatloom.workspace', %s, true)", [str(A)])
        assert api.execute("SELECT workspace_id FROM secrets").fetchall() == [(A,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege), api.transaction():
            api.execute("INSERT INTO secrets (workspace_id, name, value) VALUES (%s, 't', 'x')", [B])
    assert api.execute("SELECT count(*) FROM secrets").fetchone() == (0,)


def test_the_door_only_inserts(as_role) -> None:  # type: ignore[no-untyped-def]
    door = as_role("door")
    assert [inbox(door, A, "wa:1"), inbox(door, A, "wa:1"), inbox(door, B, "wa:2")] == [1, 0, 1]
    assert door.execute("SELECT count(*) FROM apps").fetchone() == (0,)
    for statement in (
        "SELECT * FROM inbox",
        "UPDATE inbox SET done_at = now()",
        "DELETE FROM inbox",
        "SELECT * FROM secrets",
        "SELECT * FROM messages",
        "DELETE FROM outbox",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            door.execute(statement)


def test_nobody_reads_people_before_he_is_known(url: str, as_role) -> None:  # type: ignore[no-untyped-def]
    """A workspace's people are seen by who names it; a function answers one exact question."""
    with psycopg.connect(url_for(url, "owner"), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO users (id, workspace_id, email, name, role, password)"
            " VALUES (%s, %s, 'a@example.com', 'A', 'admin', 'x') ON CONFLICT DO NOTHING",
            [N, A],
        )
    api = as_role("api")
    assert api.execute("SELECT count(*) FROM users").fetchone() == (0,)
    asked = "SELECT * FROM user_of_email(%s)"
    assert api.execute(asked, ["a@example.com"]).fetchall() == [(A, N, "x")]
    assert api.execute(asked, ["%"]).fetchall() == []
    for role in ("door", "runtime"):
        other = as_role(role)
        for statement in ("SELECT * FROM users", "SELECT * FROM api_keys", "SELECT * FROM user_of_email('')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute(statement)


def test_partitions_are_reached_by_their_parents_only(as_role) -> None:  # type: ignore[no-untyped-def]
    runtime = as_role("runtime")
    assert runtime.execute("SELECT count(*) FROM events").fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        runtime.execute("SELECT count(*) FROM events_default")


def test_rows_that_came_before_their_partition_move_into_it(url: str, as_role) -> None:  # type: ignore[no-untyped-def]
    with psycopg.connect(url_for(url, "owner"), autocommit=True) as owner:
        month = owner.execute("SELECT (date_trunc('month', now()) + interval '3 months')::date").fetchone()[0]  # type: ignore[index]
        part = f"message_refs_y{month:%Y}m{month:%m}"
        owner.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(part)))
        runtime = as_role("runtime")
        runtime.execute("INSERT INTO message_refs VALUES (%s, 'wamid.1', %s, %s, %s)", [N, month, N, A])
        assert owner.execute("SELECT count(*) FROM message_refs_default").fetchone() == (1,)
        assert runtime.execute("SELECT ensure_partitions()").fetchone() == (1,)
        assert runtime.execute("SELECT ensure_partitions()").fetchone() == (0,)
        counted = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(part))
        assert owner.execute(counted).fetchone() == (1,)


def test_a_version_of_a_bot_never_changes(as_role) -> None:  # type: ignore[no-untyped-def]
    api = as_role("api")
    with api.transaction():
        api.execute("SELECT set_config('chatloom.workspace', %s, true)", [str(A)])
        api.execute("INSERT INTO bots (id, workspace_id, name) VALUES (%s, %s, 'b')", [N, A])
        api.execute(
            "INSERT INTO bot_versions (bot_id, version, workspace_id, hash, files) VALUES (%s, 1, %s, 'h', '{}')",
            [N, A],
        )
        api.execute("UPDATE bot_versions SET published_at = now(), message = 'm'")
        with pytest.raises(psycopg.errors.IntegrityError), api.transaction():
            api.execute('UPDATE bot_versions SET files = \'{"a": "b"}\'')
        with pytest.raises(psycopg.errors.InsufficientPrivilege), api.transaction():
            api.execute("DELETE FROM bot_versions")


def test_table_classes_are_the_tables(url: str) -> None:
    with psycopg.connect(url) as db:
        for table in SQLModel.metadata.sorted_tables:
            found = db.execute(
                "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns WHERE table_name = %s",
                [table.name],
            ).fetchall()
            assert dict(found) == {column.name: bool(column.nullable) for column in table.columns}, table.name


@pytest.mark.parametrize(
    ("phases", "phase", "target"),
    [
        (["pre", "post"], "all", "1"),
        (["pre", "post"], "pre", "0"),
        (["post"], "pre", None),
        (["post"], "post", "0"),
        ([], "all", None),
        (["post", "pre"], "pre", migrate.PhaseOutOfOrder),
        (["pre", "post"], "post", migrate.PhaseOutOfOrder),
    ],
)
def test_phases_run_in_their_order(phases: list[str], phase: migrate.Phase, target: object) -> None:
    pending = tuple((str(place), each) for place, each in enumerate(phases))
    where = migrate.Status("", "9", pending)
    if isinstance(target, type):
        with pytest.raises(target):
            migrate.target(where, phase)
    else:
        assert migrate.target(where, phase) == target
