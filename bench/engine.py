"""How many turns one core computes: `python -m bench.engine [--json FILE] [--seconds S]`.

Each case is a bot that is talked to in a circle, so that every turn does the same kind of work: it matches an
answer, walks on, says something, and encodes the new state. No store, no net; the clock is the event's.
"""

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from flows import bot, compiler
from flows.machine import advance
from flows.state import State, decode
from flows.turn import View
from schemas.events import Received
from schemas.ids import event_id
from schemas.messages import Identity, Inbound, Text
from sessions.whatsapp import BUSINESS

ROUNDS = 9
START = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)

BOT = """
chatloom: bot/v1
id: bench
languages: [en, it]
flows: [talk]
fallback: talk
"""
MENU = """
chatloom: flow/v1
id: talk
data: {schema: {type: object, properties: {rounds: {type: integer}}}}
steps:
  - id: ask
    action: menu
    with:
      text: {en: "Hello {{ contact.name }}! Tea or coffee?", it: "Ciao {{ contact.name }}! Tè o caffè?"}
      choices: {tea: {en: Tea, it: Tè}, coffee: {en: Coffee, it: Caffè}}
    then: {other: ask, timeout: stop}
  - id: big
    action: branch
    with: {cases: {tea: message.text == "tea", late: data.?rounds.orValue(0) > 9}}
    then: {tea: ask, late: ask}
  - id: again
    action: branch
    with: {cases: {never: contact.language == "xx"}}
    then: {never: stop, else: ask}
"""
STATIC = """
chatloom: flow/v1
id: talk
steps:
  - id: ask
    action: menu
    with:
      text: {en: "Tea or coffee?", it: "Tè o caffè?"}
      choices: {tea: {en: Tea, it: Tè}, coffee: {en: Coffee, it: Caffè}}
    then: {tea: ask, coffee: ask, other: ask, timeout: stop}
"""
COLLECT = """
chatloom: flow/v1
id: talk
data:
  schema:
    type: object
    required: [name, size, email, seats]
    properties:
      name: {type: string, minLength: 2, title: {en: Your name, it: Il tuo nome}}
      size: {type: string, enum: [s, m, l], title: {en: Size, it: Dimensione}}
      email: {type: string, format: email, title: E-mail}
      seats: {type: integer, minimum: 1, maximum: 20, title: {en: Seats, it: Posti}}
steps:
  - id: form
    action: collect
    with: {fields: [name, size, email, seats], fresh: true, tries: 20}
    timeout: 30m
    then: {done: form, timeout: stop, cancelled: stop}
"""
WEBHOOKLESS = """
chatloom: flow/v1
id: talk
data: {schema: {type: object, properties: {rounds: {type: integer}, last: {type: string}}}}
steps:
  - id: hear
    action: wait
    with: {message: true}
    timeout: 1h
    then: {timeout: stop}
  - id: keep
    action: set
    with: {data: {rounds: "data.?rounds.orValue(0) + 1", last: message.text}}
  - id: say
    action: send
    with: {text: {en: "{{ data.rounds }}: {{ data.last }}, {{ contact.name }}", it: "{{ data.rounds }}"}}
    next: hear
"""


@dataclass(frozen=True)
class Case:
    """A bot and what is said to it, over and over."""

    name: str
    flow: str
    answers: tuple[str, ...]
    target: float | None = None  # turns/s


CASES = (
    Case("menu", STATIC, ("tea", "2", "coffee"), 20_000),
    Case("menu and branch", MENU, ("tea", "2", "coffee"), 20_000),
    Case("collect", COLLECT, ("Anna", "m", "anna@example.com", "4"), 8_000),
    Case("set and send", WEBHOOKLESS, ("one", "two", "three")),
)


def events(answers: tuple[str, ...]) -> Iterator[Received]:
    """Endless messages, a second apart."""
    who = (Identity("phone", "390000000000"),)
    for count, answer in enumerate(cycle(answers), start=1):
        at = START + dt.timedelta(seconds=count)
        made = event_id(int(at.timestamp() * 1000), count.to_bytes(10, "big"))
        yield Received(made, at, Inbound(f"wamid.{count}", at, who, Text(answer)))


def talk(case: Case) -> Callable[[int], tuple[float, State]]:
    """A function that takes so many turns of the case, and says how long they took."""
    compiled = compiler.compile(bot.load({"bot.yaml": BOT, "flows/talk.yaml": case.flow}))
    view = View({"id": "c1", "name": "Anna", "language": "it"}, {"id": "n1", "name": "Bar"}, BUSINESS)
    stream = events(case.answers)
    state = advance(compiled, State(), next(events(("hi",))), view).state

    def take(turns: int) -> tuple[float, State]:
        nonlocal state
        batch = [next(stream) for _ in range(turns)]
        began = time.process_time()
        for event in batch:
            state = advance(compiled, state, event, view).state
        return time.process_time() - began, state

    return take


def measure(case: Case, seconds: float) -> dict[str, object]:
    """The best of some rounds: what else runs on the machine only ever adds."""
    take = talk(case)
    took, state = take(500)
    turns = max(500, int(500 / took * seconds / ROUNDS))
    rounds = [take(turns)[0] / turns for _ in range(ROUNDS)]
    each = min(rounds)
    raw = advance_bytes(state)
    return {
        "case": case.name,
        "turns_per_s": round(1 / each),
        "us_per_turn": round(each * 1e6, 1),
        "state_bytes": len(raw),
        "decode_us": round(decode_us(raw), 1),
        "target": case.target,
        "ratio": round(1 / each / case.target, 2) if case.target else None,
    }


def advance_bytes(state: State) -> bytes:
    """The state as it is stored."""
    from flows.state import encode

    return encode(state)


def decode_us(raw: bytes) -> float:
    """What reading a state back takes, when a conversation is loaded."""
    began = time.process_time()
    for _ in range(2000):
        decode(raw)
    return (time.process_time() - began) / 2000 * 1e6


def main() -> None:
    """Measure all cases, print a table, and write the figures if asked."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", type=Path, help="write the figures here too")
    asked.add_argument("--seconds", type=float, default=2.0, help="CPU seconds for each case")
    given = asked.parse_args()
    figures = [measure(case, given.seconds) for case in CASES]
    print(
        f"{'case':<18}{'turns/s':>10}{'us/turn':>10}{'state B':>10}{'decode us':>11}{'target':>10}{'ratio':>8}"
    )
    for one in figures:
        target, ratio = one["target"] or "", one["ratio"] or ""
        print(
            f"{one['case']:<18}{one['turns_per_s']:>10}{one['us_per_turn']:>10}{one['state_bytes']:>10}"
            f"{one['decode_us']:>11}{target:>10}{ratio:>8}"
        )
    document = {"python": sys.version.split()[0], "engine": figures}
    if given.json:
        given.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
