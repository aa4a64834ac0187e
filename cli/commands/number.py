"""number: the process of one number."""

import os
import sys
from typing import Annotated

import typer

from cli.output import epilog


def register(app: typer.Typer) -> None:
    """Add `number`."""
    app.command(epilog=epilog("chatloom number 0199f0c3-5a3e-7c51-9d0e-2f5b8a6e4c11"))(number)


def number(
    key: Annotated[str, typer.Argument(metavar="ID", help="The number's id: see `chatloom numbers list`.")],
) -> None:
    """Run one number: receive, answer, send. Waits while another process holds it.

    SIGTERM drains it within 20 seconds. It ends with 0 when it was asked to, with 1 when it failed or another
    process took the number (start it again), and with 5 when it cannot run here.
    """
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "cli.number_process", key])  # noqa: S606
