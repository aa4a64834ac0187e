"""A Chromium for tests: the one that is named, or found, or else installed by the means at hand."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


class NoBrowser(AssertionError):
    """No Chromium is here, and none could be installed."""


def executable(playwrights: str) -> str:
    """The path of a Chromium; `playwrights` is where Playwright keeps its own. Raises `NoBrowser`."""
    if found := os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None):
        return found
    if Path(playwrights).exists():
        return playwrights
    if _installs([sys.executable, "-m", "playwright", "install", "chromium"]) and Path(playwrights).exists():
        return playwrights
    debian = Path("/etc/debian_version").exists() and os.geteuid() == 0
    install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    if debian and _installs(install) and (found := shutil.which("chromium")):
        return found
    raise NoBrowser(
        "The page's tests need a Chromium. Run `playwright install chromium`, or install the system's "
        "`chromium` package, or name one in the environment variable CHROMIUM."
    )


def _installs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=300, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
