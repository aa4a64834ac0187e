"""Linking a phone from the terminal: shows each code as it comes, and says how it ended.

On a terminal a code is drawn in place of the one before it. What decides is the order that began the linking,
and then the session's state.
"""

import datetime as dt
import io
import shutil
import sys
import time
from typing import Any

import typer

from cli.output import say

LINKED = ("online", "timelocked")
FAILED = ("unlinked", "logged_out", "conflict", "banned", "passkey_needed", "paused")
TAKEN_S = 130.0  # an order that nobody took in two minutes is stale
BEGUN_S = 90.0
NOBODY = "No process took the order. Start one: `chatloom up`, `chatloom supervise` or `chatloom number ID`."
_PLAIN, _DARK = "\x1b[0m", "\x1b[97;40m"


class Pairing:
    """One order to pair. `hear` takes the session's events; `over` says whether it ended, `why` how."""

    def __init__(self, order: str, quiet: bool) -> None:
        self.over = False
        self.linked = False
        self.why = ""
        self._order = order
        self._quiet = quiet
        self._at = time.monotonic()
        self._first: tuple[str, str] | None = None
        self._moved = False
        self._said = ""
        self._screen = Screen()

    def hear(self, event: dict[str, Any] | None) -> None:
        """An event, or None now and then while nothing happens."""
        if event is None:
            self._wait()
            return
        order = event["order"] or {}
        mine = order.get("id") == self._order
        if mine and order["error_code"]:
            self._end(order["error"])
        elif mine and not order["done_at"]:
            if event["state"] == "stopped":
                self._tell(event["why"] + " Waiting for it…")
        else:
            self._look(event)

    def _look(self, event: dict[str, Any]) -> None:
        now = event["state"], event["why"]
        self._first = self._first or now
        self._moved = self._moved or now != self._first or now[0] in ("pairing", "connecting")
        match event["state"]:
            case state if state in LINKED:
                self.linked = True
                number = f" as +{event['account']}" if event["account"] else ""
                self._end(f"online{number}" if state == "online" else event["why"])
            case state if state in FAILED and self._moved:
                self._end(event["why"] or f"The session is {state.replace('_', ' ')}.")
            case "pairing" if not self._quiet:
                self._show(event)
            case state:
                self._tell(event["why"] or f"{state}…")

    def _wait(self) -> None:
        waited = time.monotonic() - self._at
        if self._first is None and waited > TAKEN_S:
            self._end(NOBODY)
        elif self._first is not None and not self._moved and waited > BEGUN_S:
            self._end("The session did not begin to link. See `chatloom numbers session`.")

    def _show(self, event: dict[str, Any]) -> None:
        lines: list[str] = []
        if event["qr"]:
            lines += drawn(event["qr"], sys.stdout.isatty())
            lines.append(
                "On the phone: WhatsApp > Settings > Linked devices > Link a device, then scan this code."
            )
        if event["code"]:
            lines.append(
                "On the phone: WhatsApp > Settings > Linked devices > Link with phone number instead."
            )
            lines.append(f"Type this code: {event['code']}")
        if event["why"]:
            lines.append(event["why"])
        if event["until"]:
            until = dt.datetime.fromisoformat(event["until"]).astimezone()
            lines.append(f"It is good until {until:%H:%M:%S}. Ctrl-C ends.")
        self._screen.draw(lines)

    def _tell(self, text: str) -> None:
        if not self._quiet and text != self._said:
            self._said = text
            self._screen.draw([text])

    def _end(self, why: str) -> None:
        self.over, self.why = True, why
        self._screen.clear()


class Screen:
    """The last lines of the terminal, drawn again in place; elsewhere lines just follow one another."""

    def __init__(self) -> None:
        self._height = 0

    def draw(self, lines: list[str]) -> None:
        """Show `lines` in place of those before."""
        self.clear()
        for line in lines:
            say(line)
        self._height = len(lines)

    def clear(self) -> None:
        """Take them away."""
        if self._height and sys.stdout.isatty():
            typer.echo(f"\x1b[{self._height}F\x1b[J", nl=False)
        self._height = 0


def drawn(payload: str, coloured: bool) -> list[str]:
    """A QR code in half blocks: two modules a character, white where the code is light.

    With colours of its own where there are any, since scanners want dark on light whatever the terminal's theme.
    """
    import segno  # only where a code is drawn

    code = segno.make(payload, error="l", micro=False)
    written = io.StringIO()
    code.terminal(written, border=2, compact=True)
    lines = written.getvalue().splitlines()
    width = len(lines[0])
    if coloured and shutil.get_terminal_size().columns < width:
        lines.append(f"(Make the window at least {width} columns wide.)")
    return [f"{_DARK}{line}{_PLAIN}" for line in lines] if coloured else lines
