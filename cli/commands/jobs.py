"""jobs: what the worker does because somebody ordered it."""

from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, Sort, epilog

COLUMNS = ["id", "kind", "state", "progress", "total", "made_by", "made_at", "ended_at", "error"]


def register(app: typer.Typer) -> None:
    """Add `jobs`."""
    jobs = typer.Typer(help="Jobs that somebody ordered, such as exports.", no_args_is_help=True)
    app.add_typer(jobs, name="jobs")
    jobs.command("list", epilog=epilog("chatloom jobs list --state running"))(listing)
    jobs.command(epilog=epilog("chatloom jobs cancel 0192f3a4-…"))(cancel)


def listing(
    state: Annotated[str, typer.Option(help="waiting, running, done, failed or cancelled.")] = "",
    sort: Sort = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List jobs, the latest first."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/jobs", state=state or None, sort=sort or None), as_json, COLUMNS)


def cancel(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Cancel a job: at once if it waits, else within seconds."""
    with Client.of(settings.load(), server, key) as api:
        row = api.post(f"/jobs/{job}/cancel")
    if as_json:
        output.show(row, True)
    else:
        output.say(f"Job {job} is {row['state'] if row['state'] == 'cancelled' else 'being cancelled'}.")
