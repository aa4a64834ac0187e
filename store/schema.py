"""Whether a database has this release's schema, asked without loading what migrates it."""

from pathlib import Path

import psycopg

from store.problems import problems

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def head() -> str:
    """The last revision of this release: files begin with their revision."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("*.py"))


def is_current(url: str) -> bool:
    """Whether the database is at `head`. Raises `DatabaseUnreachable`."""
    with problems(), psycopg.connect(url, connect_timeout=5) as connection:
        if connection.execute("SELECT to_regclass('public.alembic_version')").fetchone() == (None,):
            return False
        return connection.execute("SELECT version_num FROM alembic_version").fetchone() == (head(),)
