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


def executable() -> str:
    """The path of a Chromium. Raises `NoBrowser`, which says what to install."""
    for found in (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), _playwrights()):
        if found:
            return found
    if _installs([sys.executable, "-m", "playwright", "install", "chromium"]) and (found := _playwrights()):
        return found
    debian = Path("/etc/debian_version").exists() and os.geteuid() == 0
    install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    if debian and _installs(install) and (found := shutil.which("chromium")):
        return found
    raise NoBrowser(
        "The page's tests need a Chromium. Run `playwright install chromium`, or install the system's "
        "`chromium` package, or name one in the environment variable CHROMIUM."
    )


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        path = play.chromium.executable_path
    return path if Path(path).exists() else None


def _installs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=300, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
