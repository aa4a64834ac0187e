"""Bring a database to this release's schema, safely beside processes of the release before.

See `store/migrations/env.py` for what the phases mean. Concurrent calls wait for one another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from schemas.problems import Refused
from store.problems import DatabaseUnreachable
from store.roles import ROLES

Phase = Literal["pre", "post", "all"]

_LOCK = 0x636861746C6F6F6D  # "chatloom"
_FOLDER = Path(__file__).parent / "migrations"


class PhaseOutOfOrder(Refused):
    """The revisions of this phase cannot run yet."""

    code = "database.phase_out_of_order"
    status = 409
    sentence = (
        "Revision {revision} ({needs}) has to run before {phase}. Roll out release by release, or stop every "
        "process and run all phases."
    )


class MayNotMigrate(Refused):
    """The user of the URL lacks rights."""

    code = "database.may_not_migrate"
    status = 403
    sentence = (
        "This user may not set up the database: {why}. Use a user with CREATEROLE that owns the database, "
        "or have an administrator run `chatloom db upgrade` once."
    )


class NewerDatabase(Refused):
    """The schema is of a later release than this code."""

    code = "database.newer"
    status = 409
    sentence = (
        "The database is at revision {revision}, which this release does not know. Use a later release."
    )


@dataclass(frozen=True, slots=True)
class Status:
    """Where a database stands. `current` is empty for one that was never set up."""

    current: str
    head: str
    pending: tuple[tuple[str, str], ...]  # (revision, phase), in order

    @property
    def up_to_date(self) -> bool:
        """Whether nothing is left to run."""
        return not self.pending


def upgrade(url: str, phase: Phase = "all", log_in: bool = False) -> Status:
    """Run the pending revisions of `phase` and make partitions. Idempotent. Returns where it stands then.

    `url` is a direct connection (no transaction pooler) of a user that owns the database and may create
    roles, or of `chatloom_owner`. `log_in` lets the roles log in by themselves: for a server that trusts
    its socket. Raises `DatabaseUnreachable`, `MayNotMigrate`, `PhaseOutOfOrder` or `NewerDatabase`.
    """
    with _locked(url) as lock:
        _make_roles(lock, log_in)
        with _connection(url) as connection:
            last = target(_status(connection), phase)
            if last:
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, last)
            connection.exec_driver_sql("SELECT ensure_partitions()")
            connection.commit()
            return _status(connection)


def make_roles(url: str) -> None:
    """Make the roles that a dump speaks of, in a database into which it is to be loaded. Idempotent.

    Raises `DatabaseUnreachable` or `MayNotMigrate`.
    """
    with _locked(url) as lock:
        _make_roles(lock, log_in=False)


def status(url: str) -> Status:
    """What has run and what has not. Changes nothing. Raises `DatabaseUnreachable` or `NewerDatabase`."""
    with _connection(url, become_owner=False) as connection:
        return _status(connection)


@contextmanager
def _locked(url: str) -> Iterator[psycopg.Connection]:
    """A connection that holds the migrations' lock until it closes."""
    try:
        connection = psycopg.connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(why=str(error).strip().splitlines()[0]) from error
    with connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield connection


@contextmanager
def _connection(url: str, become_owner: bool = True) -> Iterator[Connection]:
    def connect() -> psycopg.Connection:
        connection = psycopg.connect(url)
        if become_owner:
            connection.execute("SET ROLE chatloom_owner")
            connection.commit()
        return connection

    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(why=str(error).strip().splitlines()[0]) from error
    finally:
        engine.dispose()


def _make_roles(connection: psycopg.Connection, log_in: bool) -> None:
    try:
        connection.execute((_FOLDER / "roles.sql").read_bytes())
        if log_in:
            for role in ROLES:
                connection.execute(sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(f"chatloom_{role}")))
    except psycopg.errors.InsufficientPrivilege as error:
        raise MayNotMigrate(why=str(error.diag.message_primary)) from error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _status(connection: Connection) -> Status:
    scripts = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision() or ""
    connection.rollback()
    line: list[Script] = list(reversed(list(scripts.walk_revisions())))
    names = [script.revision for script in line]
    if current and current not in names:
        raise NewerDatabase(revision=current)
    pending = line[names.index(current) + 1 :] if current else line
    return Status(current, names[-1], tuple((script.revision, script.module.phase) for script in pending))


def target(where: Status, phase: Phase) -> str | None:
    """The revision to run to for `phase`, or None when there is nothing to do. Raises `PhaseOutOfOrder`."""
    phases = [each for _, each in where.pending]
    match phase:
        case "pre":
            last = max((place for place, each in enumerate(phases) if each == "pre"), default=-1)
            if "post" in phases[: last + 1]:
                raise PhaseOutOfOrder(
                    revision=where.pending[phases.index("post")][0], needs="post", phase="pre"
                )
            return where.pending[last][0] if last >= 0 else None
        case "post" if "pre" in phases:
            raise PhaseOutOfOrder(revision=where.pending[phases.index("pre")][0], needs="pre", phase="post")
        case _:
            return where.pending[-1][0] if where.pending else None
