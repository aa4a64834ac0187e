"""The `chatloom` command. Each file in `cli/commands/` adds its own; what is heavy is imported when it runs."""

import importlib
import os
import pkgutil
import sys

import typer

import cli.commands
from cli import output
from schemas.problems import Problem

HELP = "Bots for WhatsApp numbers: describe them in files, try them here, run them anywhere."


def build() -> typer.Typer:
    """The command with all its subcommands."""
    app = typer.Typer(
        name="chatloom",
        help=HELP,
        epilog=output.epilog("chatloom up"),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    for name in sorted(module.name for module in pkgutil.iter_modules(cli.commands.__path__)):
        importlib.import_module(f"cli.commands.{name}").register(app)
    return app


def main() -> None:
    """Run the command line; ends the process with one of the codes in `cli/output.py`."""
    try:
        build()()
    except Problem as problem:
        output.complain(problem)
        sys.exit(output.exit_code(problem))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(output.FAILED)


if __name__ == "__main__":
    main()
