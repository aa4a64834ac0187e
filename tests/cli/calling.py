"""Commands as they are called: words and environment in, output and exit code out.

`call` runs `main` in this process: a Python process takes ten times as long to start as most commands take.
`process` starts one, for what only a process has: its signals, its own start, several at once.
"""

import json
import os
import subprocess
import sys
from functools import cache
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli import main

CHATLOOM = [sys.executable, "-m", "cli.main"]
OURS = ("CHATLOOM", "DATABASE")
Called = subprocess.CompletedProcess[str]


def call(*words: str, stdin: str = "", **environment: str) -> Called:
    """What a command says, and its exit code. What it raises beyond that is a fault, and comes out."""
    cleared = dict.fromkeys(name for name in os.environ if name.startswith(OURS))
    console = CliRunner().isolation(input=stdin, env=cleared | environment)
    with console as (out, err, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["chatloom", *words])
        patch.setattr(main, "build", _command)
        code: Any = 0
        try:
            main.main()
        except SystemExit as ended:
            code = ended.code or 0
        sys.stdout.flush()
        sys.stderr.flush()
        return Called(words, code, out.getvalue().decode(), err.getvalue().decode())


@cache
def _command() -> Any:
    """All commands, read once."""
    return typer.main.get_command(_build())


_build = main.build


def process(*words: str, stdin: str = "", **environment: str) -> Called:
    """The same by a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        [*CHATLOOM, *words], env=kept | environment, input=stdin, capture_output=True, text=True, timeout=60
    )


def printed(done: Called) -> Any:
    """The JSON that a command printed; it did what it was told."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
