"""A talk with a bot in the terminal: the engine, a clock moved by real time or by hand, and a keyboard.

Calls are answered by the bot's stubs; those that have none fail, since there is no network here. A talk that is recorded
is kept as a conversation test, and its clock is moved by hand alone.
"""

import datetime as dt
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from cli.output import say
from flows.compiled import Compiled
from flows.expected import Differs, choices_of
from flows.kept_talk import KeptTalk
from flows.simulation import Simulation, said
from flows.talk import Talk, kept_for_team, spoken_for_team
from flows.turn import Turn
from flows.words import fold
from schemas.capabilities import Capabilities
from schemas.effects import EndRun
from schemas.flow import BeginDocument, Stubs
from schemas.messages import Outgoing, plain_text

HELP = """\
  <number>      tap that button or row        <text>    write it
  /wait 10m     let time pass                 /state    show where the talk stands
  /restart      begin anew                    /quit     end"""


class Chat:
    """One talk. `run` reads the keyboard until it ends."""

    def __init__(
        self,
        compiled: Compiled,
        capabilities: Capabilities,
        stubs: Stubs,
        trace: bool,
        record: Path | None,
        beginning: BeginDocument | None = None,
    ) -> None:
        self.compiled = compiled
        self.capabilities = capabilities
        self.stubs = stubs
        self.trace = trace
        self.record = record
        self.beginning = beginning
        self.choices: list[tuple[str, str]] = []
        self.begin()

    def begin(self) -> None:
        """Forget all."""
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        contact = {"name": "You"}
        name = self.record.stem if self.record else os.urandom(8).hex()
        simulation = Simulation.begin(self.compiled, self.capabilities, now, contact, seed=name)
        self.talk = Talk(simulation, stubs=self.stubs)
        at = now.isoformat().replace("+00:00", "Z")
        head = {"test": name, "at": at, "contact": contact, "channel": self.capabilities.channel}
        self.told: EndRun | None = None
        if self.beginning is not None:
            self.talk.begin(self.beginning)
            self.kept = KeptTalk(self.talk, {**head, "begin": self.beginning})
            self.heard()
        else:
            self.kept = KeptTalk(self.talk, head)

    def run(self) -> None:
        """Talk until Ctrl-D or /quit."""
        prompt = typer.style("you > ", fg=typer.colors.CYAN) if sys.stdin.isatty() else ""
        while True:
            try:
                line = input(prompt).strip()
            except (EOFError, KeyboardInterrupt):
                say()
                break
            if line == "/quit":
                break
            if line:
                self.hear(line)
        if self.record is not None:
            self.record.write_text(self.kept.text(), encoding="utf-8")
            say(f"Recorded in {self.record}.")

    def hear(self, line: str) -> None:
        """One line of the keyboard."""
        if self.record is None:
            passed = dt.datetime.now(dt.UTC) - self.talk.simulation.now
            if passed >= dt.timedelta(milliseconds=1):
                self.happen({"after": passed})
        word, _, rest = line.partition(" ")
        match word:
            case "/help":
                say(HELP)
            case "/restart":
                self.begin()
                say("  (anew)")
            case "/state":
                say(f"  {self.talk.simulation.state}")
            case "/wait":
                self.happen({"after": rest})
            case _:
                self.happen({"user": self.spoken(line)})

    def spoken(self, line: str) -> Any:
        """A tap, if the line is the number of a button that was just shown; else words."""
        if line.isdigit() and 1 <= int(line) <= len(self.choices):
            title, key = self.choices[int(line) - 1]
            chosen = self.talk.shown.get(fold(title) or title) == key
            return {"choose": title} if chosen else {"tap": key}
        return line

    def happen(self, line: dict[str, Any]) -> None:
        """Something happens, and what it causes is shown."""
        try:
            self.kept.play(line)
        except Differs as differs:
            say(f"  {differs}")
        else:
            self.heard()

    def heard(self) -> None:
        """What just happened is shown, and what follows by itself. An open call without a stub fails at once."""
        self.show(self.talk.turns)
        try:
            self.kept.answer_by_stubs()
            self.show(self.talk.turns)
            while self.talk.simulation.calls and not self.talk.late:
                made = next(iter(self.talk.simulation.calls.values()))
                what = f"the custom action {made.action}" if made.action else made.method
                say(typer.style(f"  ({made.step} calls {what}; it has no stub, so it fails)", dim=True))
                kind = "action" if made.action else "webhook"
                self.kept.play({kind: {"step": made.step, "fails": "no network in chat"}})
                self.show(self.talk.turns)
        except Differs as differs:
            say(f"  {differs}")

    def show(self, turns: Iterable[Turn]) -> None:
        """What turns said and did."""
        for turn in turns:
            for each in said(turn):
                self.show_message(each.body)
            for kept in kept_for_team(turn):
                line = spoken_for_team(kept)
                say(typer.style(f"  ({line.who}: {line.text})", dim=True))
            for step in turn.trace if self.trace else ():
                say(typer.style(f"      {step.flow}.{step.step} {step.outcome}", dim=True))
        simulation = self.talk.simulation
        if simulation.ended is not None and simulation.ended is not self.told:
            self.told = simulation.ended
            say(typer.style(f"  ({_ending(self.told)}. Write again to begin anew.)", dim=True))
        if simulation.handed_off is not None:
            handed, simulation.handed_off = simulation.handed_off, None
            say(
                typer.style(
                    f"  (handed to {handed.team or 'people'}; the bot is silent until they give it back)",
                    dim=True,
                )
            )

    def show_message(self, body: Outgoing) -> None:
        """One message, its choices numbered."""
        text = plain_text(body) or f"({body.kind})"
        head = typer.style("bot > ", fg=typer.colors.GREEN)
        say(head + text.replace("\n", "\n      "))
        self.choices = choices_of(body)
        for number, (title, _) in enumerate(self.choices, 1):
            say(f"      [{number}] {title}")


def _ending(ended: EndRun) -> str:
    """How a run ended, for people."""
    match ended.how:
        case "done" | "stopped":
            named = f", with {ended.result!r}" if ended.result not in ("", "done") else ""
            return f"the conversation is over{named}"
        case "failed":
            return f"the bot failed: {ended.error}"
        case "expired":
            return "nobody wrote for too long, so the conversation is over"
        case "opted_out":
            return "you asked for no more messages, so the conversation is over"
        case _:
            return f"the conversation is over: {ended.how.replace('_', ' ')}"
