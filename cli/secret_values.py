"""Secrets on a command line: by the name of an environment variable or a file, never as the value itself."""

import os
import sys
from pathlib import Path

import typer


def from_environment(option: str, variable: str) -> str:
    """The value of a variable that an option names. A usage error when it is empty."""
    value = os.environ.get(variable, "")
    if not value:
        raise typer.BadParameter(f"the environment variable {variable} is not set", param_hint=option)
    return value


def one_of(env: str, file: Path | None, stdin: bool) -> str:
    """The value from whichever source was named; exactly one."""
    if sum((bool(env), file is not None, stdin)) != 1:
        raise typer.BadParameter("name one source: --env VARIABLE, --file PATH or --stdin")
    if env:
        return from_environment("--env", env)
    if file is not None:
        return file.read_text().rstrip("\n")
    return sys.stdin.read().rstrip("\n")
