"""db: the database's schema."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from cli import output, settings
from cli.output import Json, epilog


class PhaseName(StrEnum):
    """Which revisions to run."""

    pre = "pre"
    post = "post"
    all = "all"


def register(app: typer.Typer) -> None:
    """Add `db`."""
    db = typer.Typer(help="The database's schema.", no_args_is_help=True)
    app.add_typer(db, name="db")
    db.command(epilog=epilog("chatloom db upgrade", "chatloom db upgrade --phase pre"))(upgrade)
    db.command(epilog=epilog("chatloom db status"))(status)
    db.command(epilog=epilog("chatloom db roles"))(roles)


def upgrade(
    phase: Annotated[PhaseName, typer.Option(help="pre: before a rollout; post: after it.")] = PhaseName.all,
    as_json: Json = False,
) -> None:
    """Bring the schema to this release, and make partitions ahead. Safe to repeat and to run twice at once."""
    from cli.database import configured
    from store import migrate

    output.show(_shown(migrate.upgrade(configured(settings.load()), phase.value)), as_json)


def status(as_json: Json = False) -> None:
    """Which revision the database is at, and what is pending. Ends with 1 while something is."""
    from cli.database import configured
    from store import migrate

    found = migrate.status(configured(settings.load()))
    output.show(_shown(found), as_json)
    if not found.up_to_date:
        raise typer.Exit(output.FAILED)


def roles() -> None:
    """Make the database's roles and nothing else: before a dump is loaded into an empty database."""
    from cli.database import configured
    from store import migrate

    migrate.make_roles(configured(settings.load()))


def _shown(found: Any) -> dict[str, Any]:
    pending = [f"{revision} ({phase})" for revision, phase in found.pending]
    return {"current": found.current or None, "head": found.head, "pending": pending}
