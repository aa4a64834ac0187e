"""A command that serves until Ctrl-C, as in a terminal."""

import os
import signal
import subprocess
import sys

CHATLOOM = [sys.executable, "-m", "cli.main"]


def environment(**own: str) -> dict[str, str]:
    """This process's, without what is set for Chatloom, and `own`."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CHATLOOM", "DATABASE"))
    }
    return kept | own


def begin(command: str, environ: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    """Start it; what it has said once it serves."""
    process = subprocess.Popen([*CHATLOOM, command], env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            break
    return process, said


def stop(process: subprocess.Popen[str]) -> None:
    """As Ctrl-C does."""
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate()
    assert process.returncode == 0
    assert "Stopped." in said
