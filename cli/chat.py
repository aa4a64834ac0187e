"""A talk with a bot in the terminal: the engine, a clock moved by real time or by hand, and a keyboard."""

import datetime as dt
import os
import sys
from collections.abc import Iterable

import typer

from cli.output import say
from flows.compiled import Compiled
from flows.duration import parse_duration
from flows.expected import choices_of
from flows.simulation import Simulation, said
from flows.turn import Turn
from schemas.capabilities import Capabilities
from schemas.effects import EndRun
from schemas.messages import Choice, Content, Outgoing, Text, plain_text

HELP = """\
  <number>      tap that button or row        <text>    write it
  /wait 10m     let time pass                 /state    show where the talk stands
  /restart      begin anew                    /quit     end"""


class Chat:
    """One talk. `run` reads the keyboard until it ends."""

    def __init__(self, compiled: Compiled, capabilities: Capabilities, trace: bool) -> None:
        self.compiled = compiled
        self.capabilities = capabilities
        self.trace = trace
        self.choices: list[tuple[str, str]] = []
        self.begin()

    def begin(self) -> None:
        """Forget all."""
        now = dt.datetime.now(dt.UTC)
        self.simulation = Simulation.begin(
            self.compiled, self.capabilities, now, {"name": "You"}, seed=os.urandom(8).hex()
        )

    def run(self) -> None:
        """Talk until Ctrl-D or /quit."""
        prompt = typer.style("you > ", fg=typer.colors.CYAN) if sys.stdin.isatty() else ""
        while True:
            try:
                line = input(prompt).strip()
            except (EOFError, KeyboardInterrupt):
                say()
                return
            if line == "/quit":
                return
            if line:
                self.hear(line)

    def hear(self, line: str) -> None:
        """One line of the keyboard."""
        self.show(self.simulation.pass_time(dt.datetime.now(dt.UTC)))
        word, _, rest = line.partition(" ")
        match word:
            case "/help":
                say(HELP)
            case "/restart":
                self.begin()
                say("  (anew)")
            case "/state":
                say(f"  {self.simulation.state}")
            case "/wait":
                try:
                    pause = parse_duration(rest)
                except ValueError as error:
                    say(f"  {error}")
                    return
                self.show(self.simulation.pass_time(self.simulation.now + pause))
            case _:
                self.show([self.simulation.receive(self.content(line))])

    def content(self, line: str) -> Content:
        """A tap, if the line is the number of a button that was just shown; else words."""
        if line.isdigit() and 1 <= int(line) <= len(self.choices):
            title, key = self.choices[int(line) - 1]
            return Choice(key, title)
        return Text(line)

    def show(self, turns: Iterable[Turn]) -> None:
        """What turns said and did. An open call is answered at once, as failed: there is no network here."""
        for turn in turns:
            for each in said(turn):
                self.show_message(each.body)
            for step in turn.trace if self.trace else ():
                say(typer.style(f"      {step.flow}.{step.step} {step.outcome}", dim=True))
            for call in list(self.simulation.calls):
                made = self.simulation.calls[call]
                what = f"the custom action {made.action}" if made.action else made.method
                say(typer.style(f"  ({made.step} calls {what}; chat has no network: it fails)", dim=True))
                self.show([self.simulation.answer(call, ok=False, result={}, error="no network in chat")])
        if self.simulation.ended is not None:
            ended, self.simulation.ended = self.simulation.ended, None
            say(typer.style(f"  ({_ending(ended)}. Write again to begin anew.)", dim=True))
        if self.simulation.handed_off is not None:
            handed, self.simulation.handed_off = self.simulation.handed_off, None
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
