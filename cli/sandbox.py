"""`chatloom sandbox`: everything that `up` starts, and emulated phones to link a number with.

The phones are a process of their own, which knows nothing of Chatloom; Chatloom knows of them only by the
environment of its processes. Between the two stand these lines: what the number's screen shows goes to the
page with the phones, and what the page wishes (a code to scan, or one to type) becomes an order.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from cli import everything, output, samples
from cli.client import Client, ServerRefused, ServerUnreachable
from cli.settings import Settings, load
from schemas.problems import Refused

NUMBER = "shop"
ROOT = Path(__file__).parent.parent
PHONES = Path("tests/whatsapp/serve.py")
NEEDED = ("neonize", "xeddsa")
KEPT = (  # what is the machine's; else the sandbox stands on its own servers, with keys of its own
    "CHATLOOM_HOST",
    "CHATLOOM_PORT",
    "CHATLOOM_LOG_LEVEL",
    "CHATLOOM_LOG_FORMAT",
    "CHATLOOM_SESSIONS_LIVE",
)
UNLINKED = ("unlinked", "logged_out")
SETTINGS = {"throttle": "off", "pair_limit": "off"}


class SandboxNotHere(Refused):
    """The phones come with a checkout."""

    code = "sandbox.not_here"
    status = 501
    sentence = (
        "{missing} is not here. The sandbox needs a checkout of Chatloom with what `make setup` installs."
    )


class PhonesFailed(Refused):
    """The process with the phones did not start."""

    code = "sandbox.phones_failed"
    status = 500
    sentence = "The process that plays the phones did not start; what it printed above says why."


def run(settings: Settings) -> None:
    """Start everything in a home that is thrown away, and stay until Ctrl-C. Raises SandboxNotHere."""
    missing = [module for module in NEEDED if find_spec(module) is None]
    if missing or not (ROOT / PHONES).exists():
        raise SandboxNotHere(missing=missing[0] if missing else PHONES)
    with tempfile.TemporaryDirectory(prefix="chatloom-sandbox-", ignore_cleanup_errors=True) as home:
        phones = _Phones()
        for each in fields(Settings):
            if each.metadata["variable"] not in KEPT:
                os.environ.pop(each.metadata["variable"], None)
        os.environ.update(phones.environment)
        os.environ["CHATLOOM_HOME"] = home
        settings = replace(load(), log_level=settings.log_level, log_format=settings.log_format)
        try:
            everything.run(settings, everything.Welcome("Phones to link it with", phones.welcome))
        finally:
            phones.end()


class _Phones:
    """The process with the phones, and what goes between it and the number."""

    def __init__(self) -> None:
        """Start it. Raises PhonesFailed."""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.whatsapp.serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=ROOT,
        )
        first = self._out.readline()
        if not first:
            raise PhonesFailed()
        said = json.loads(first)
        self.environment: dict[str, str] = said["environment"]
        self._url: str = said["url"]

    def welcome(self, settings: Settings, url: str) -> str:
        """Set up the bots and the number that waits to be linked; the page's address."""
        with Client.operators(settings, url) as api:
            samples.install(api)
            number = {"name": NUMBER, "channel": "linked_device", "bot": samples.SERVED, "settings": SETTINGS}
            api.post("/numbers", number)
        for part in (self._show, self._grant):
            threading.Thread(target=part, args=(settings, url), daemon=True).start()
        return self._url

    def end(self) -> None:
        """It ends with its input."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        self._child.wait()

    def _show(self, settings: Settings, url: str) -> None:
        """Bring what the number's screen shows to the page; a number that is not linked shows a code."""
        asked = False
        with Client.operators(settings, url) as api:
            try:
                for event in api.events(f"/numbers/{NUMBER}/session/events", follow=True):
                    if event is None:
                        continue
                    if event["state"] in UNLINKED and not asked:
                        asked = True
                        api.post(f"/numbers/{NUMBER}/session/pair", {})
                    screen = {name: event[name] for name in ("state", "why", "qr", "svg", "code")}
                    self._tell({"screen": {"name": NUMBER, **screen}})
            except (ServerRefused, ServerUnreachable, BrokenPipeError, ValueError):
                return  # it stops

    def _grant(self, settings: Settings, url: str) -> None:
        """What the page wishes."""
        for line in self._out:
            wish: dict[str, Any] = json.loads(line)
            with Client.operators(settings, url) as api:
                try:
                    api.post(
                        f"/numbers/{NUMBER}/session/pair", {"phone": wish["phone"]} if wish["phone"] else {}
                    )
                except ServerRefused as problem:
                    output.say(str(problem))
                except ServerUnreachable:
                    return  # it stops

    def _tell(self, line: dict[str, Any]) -> None:
        stdin = self._child.stdin
        if stdin is None:
            raise BrokenPipeError
        stdin.write(json.dumps(line) + "\n")
        stdin.flush()

    @property
    def _out(self) -> IO[str]:
        if self._child.stdout is None:
            raise PhonesFailed()
        return self._child.stdout
