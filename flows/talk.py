"""A talk, line by line: what happens and what is expected, as tests write it down.

A line is one thing that happens or is said; `README` of the language names them. What the bot says beyond
what is expected is no failure, but for `bot: nothing`. The test runner and the simulator of drafts share it.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flows.duration import parse_duration
from flows.simulation import Simulation, said
from flows.state import position
from flows.texts import spoken
from flows.turn import Turn
from flows.words import fold
from schemas import events as ev
from schemas.effects import CallWebhook, Chunk, Say
from schemas.messages import (
    Buttons,
    Choice,
    Content,
    Deleted,
    Edited,
    FromOwner,
    ListMenu,
    Location,
    Media,
    Outgoing,
    Reaction,
    Text,
    Unsupported,
    plain_text,
)

MAX_TURNS = 1000  # that one `after` may cause


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line of a played transcript. `who` is user, bot, or what else happened."""

    who: str
    text: str


class Differs(Exception):
    """An expectation does not hold, or a line cannot be played."""


@dataclass(slots=True)
class Talk:
    """A talk under way. `turns` are those of the last line."""

    simulation: Simulation
    transcript: list[Spoken] = field(default_factory=list[Spoken])
    waiting: list[Say] = field(default_factory=list[Say])  # said since the last happening, not yet expected
    shown: dict[str, str] = field(default_factory=dict[str, str])  # folded label to choice id
    languages: set[str] = field(default_factory=set[str])
    turns: list[Turn] = field(default_factory=list[Turn])

    def line(self, entry: dict[str, Any]) -> None:
        """Play one line of the talk. Raises `Differs`."""
        kinds = [key for key in entry if key in LINES]
        if len(kinds) != 1 or len(entry) != 1:
            raise Differs(
                f"a line is one of {', '.join(LINES)}; this one has {', '.join(map(str, entry)) or 'none'}"
            )
        self.turns = []
        try:
            LINES[kinds[0]](self, entry[kinds[0]])
        except (TypeError, ValueError, KeyError, AttributeError, re.error) as fault:
            raise Differs(f"this line cannot be read: {fault}") from fault

    def happens(self, turn: Turn, fresh: bool = True) -> None:
        """A turn was taken: keep what it said."""
        if fresh:
            self.waiting = []
        self.turns.append(turn)
        language = str(self.simulation.view.contact.get("language") or "")
        self.languages.add(spoken(language, self.simulation.compiled.languages))
        for say in said(turn):
            self.waiting.append(say)
            self.transcript.append(Spoken("team" if say.by else "bot", shown_text(say.body)))
            for label, choice in choices_of(say.body):
                self.shown[fold(label) or label] = choice

    def user(self, said_by_user: Any) -> None:
        content = self._content(said_by_user)
        self.transcript.append(Spoken("user", plain_text(content) or f"({content.kind})"))
        self.happens(self.simulation.receive(content))

    def _content(self, line: Any) -> Content:
        if not isinstance(line, dict):
            return Text(str(line))
        given = cast("dict[str, Any]", line)
        kind, value = next(iter(given.items()), ("", None))
        match kind:
            case "choose":
                choice = self.shown.get(fold(str(value)) or str(value))
                if choice is None:
                    raise Differs(
                        f"no choice {value!r} was shown; shown were {', '.join(self.shown) or 'none'}"
                    )
                return Choice(choice, str(value))
            case "tap":
                return Choice(str(value), str(value))
            case "image" | "video" | "audio" | "document" | "sticker":
                if not isinstance(value, dict):
                    return Media(kind, caption=str(value or ""))
                known = cast("dict[str, Any]", value)
                return Media(kind, **known)
            case "text":
                return Text(str(value))
            case "reaction":
                return Reaction(str(value), "")
            case "edited":
                return Edited("", str(value))
            case "deleted":
                return Deleted(str(value or ""))
            case "unsupported":
                return Unsupported(str(value))
            case "location":
                place = cast("dict[str, Any]", value)
                return Location(
                    float(place["latitude"]), float(place["longitude"]), str(place.get("name", ""))
                )
            case _:
                raise Differs(f"a user sends text, choose, tap, image, …, or location; not {kind!r}")

    def bot(self, expected: Any) -> None:
        if expected == "nothing":
            if self.waiting:
                raise Differs(f"the bot should say nothing, but says {shown_text(self.waiting[0].body)!r}")
            return
        for place, say in enumerate(self.waiting):
            if _matches(expected, say.body):
                del self.waiting[: place + 1]
                return
        heard = "\n".join(f"  {shown_text(say.body)!r}" for say in self.waiting) or "  nothing"
        raise Differs(f"the bot should say\n  {expected!r}\nbut says\n{heard}")

    def webhook(self, line: Any) -> None:
        given = cast("dict[str, Any]", line) if isinstance(line, dict) else {"step": line}
        call = self._call(str(given.get("step", "")))
        self._compare("json", given, call.json)
        self._compare("headers", given, {name: written(chunks) for name, chunks in call.headers})
        self._compare("method", given, call.method)
        self._compare("url", given, written(call.url))
        if "fails" in given:
            self.transcript.append(Spoken("webhook", f"{call.step} fails: {given['fails']}"))
            self.happens(self.simulation.answer(call.id, ok=False, result={}, error=str(given["fails"])))
            return
        returns = cast("dict[str, Any]", given.get("returns") or {})
        status = int(returns.get("status", 200))
        result = {"status": status, "json": returns.get("json"), "text": str(returns.get("text", ""))}
        self.transcript.append(Spoken("webhook", f"{call.step} answers {status}"))
        ok = 200 <= status < 300
        self.happens(self.simulation.answer(call.id, ok, result, "" if ok else f"HTTP {status}"))

    def action(self, line: Any) -> None:
        given = cast("dict[str, Any]", line) if isinstance(line, dict) else {"step": line}
        call = self._call(str(given.get("step", "")), custom=True)
        self._compare("input", given, call.json)
        if "fails" in given:
            self.transcript.append(Spoken("action", f"{call.step} fails: {given['fails']}"))
            self.happens(self.simulation.answer(call.id, ok=False, result={}, error=str(given["fails"])))
            return
        result = {"outcome": given.get("outcome"), "data": given.get("data")}
        self.transcript.append(Spoken("action", f"{call.step} answers {given.get('outcome')}"))
        self.happens(self.simulation.answer(call.id, ok=True, result=result))

    def _call(self, step: str, custom: bool = False) -> CallWebhook:
        calls = [call for call in self.simulation.calls.values() if bool(call.action) == custom]
        for call in calls:
            if call.step == step or call.step.endswith(f".{step}") or not step:
                return call
        made = ", ".join(call.step for call in calls) or "none"
        what = "custom action" if custom else "webhook"
        raise Differs(f"no {what} of the step {step!r} is under way; under way: {made}")

    def _compare(self, key: str, given: dict[str, Any], actual: Any) -> None:
        if key in given and not _holds(given[key], actual):
            raise Differs(f"the call's {key} should be\n  {given[key]!r}\nbut is\n  {actual!r}")

    def after(self, line: Any) -> None:
        try:
            until = self.simulation.now + parse_duration(line)
        except ValueError as fault:
            raise Differs(str(fault)) from None
        self.transcript.append(Spoken("after", str(line)))
        self.waiting = []
        for count, turn in enumerate(self.simulation.pass_time(until)):
            if count >= MAX_TURNS:
                raise Differs(f"more than {MAX_TURNS} timers fell due in {line}")
            self.happens(turn, fresh=False)

    def event(self, line: Any) -> None:
        given = cast("dict[str, Any]", line) if isinstance(line, dict) else {"name": line}
        name, data = str(given.get("name", "")), cast("dict[str, Any]", given.get("data") or {})
        self.transcript.append(Spoken("event", name))
        self._give(lambda i, at: ev.Posted(i, at, name, data))

    def returned(self, line: Any) -> None:
        by = _by(line)
        self.transcript.append(Spoken("returned", by))
        self._give(lambda i, at: ev.Returned(i, at, by))

    def taken_over(self, line: Any) -> None:
        by = _by(line)
        self.transcript.append(Spoken("taken_over", by))
        self._give(lambda i, at: ev.TakenOver(i, at, by))

    def owner(self, line: Any) -> None:
        given = dict(cast("dict[str, Any]", line)) if isinstance(line, dict) else {"text": line}
        silent = given.pop("silent", None)
        silent_s = None if silent is None else int(parse_duration(silent).total_seconds())
        content = self._content(given)
        self.transcript.append(Spoken("owner", plain_text(content) or f"({content.kind})"))

        def wrote(key: Any, at: dt.datetime) -> ev.Event:
            return ev.OwnerWrote(key, at, FromOwner(f"owner-{key}", at, (), content), silent_s)

        self._give(wrote)

    def team(self, line: Any) -> None:
        self._give(lambda i, at: ev.Replied(i, at, "team", Text(str(line))))

    def ended(self, line: Any) -> None:
        by = _by(line)
        self.transcript.append(Spoken("ended", by))
        self._give(lambda i, at: ev.Ended(i, at, by))

    def restarted(self, line: Any) -> None:
        given = cast("dict[str, Any]", line) if isinstance(line, dict) else {}
        by, flow, step = (str(given.get(key, "")) for key in ("by", "flow", "step"))
        self.transcript.append(Spoken("restarted", f"{flow}.{step}"))
        self._give(lambda i, at: ev.Restarted(i, at, by or "team", flow, step))

    def opted_out(self, line: Any) -> None:
        self.transcript.append(Spoken("opted_out", str(line)))
        self._give(lambda i, at: ev.OptedOut(i, at, "team", line is not False))

    def contact(self, line: Any) -> None:
        fields = dict(cast("dict[str, Any]", line))
        self.transcript.append(Spoken("contact", ", ".join(fields)))
        self._give(lambda i, at: ev.ContactChanged(i, at, fields, "team"))

    def undelivered(self, line: Any) -> None:
        run = self.simulation.state.run
        if run is None or not run.said:
            raise Differs("no message of this run was said that could be undelivered")
        message = run.said[-1][0]
        self.transcript.append(Spoken("undelivered", str(line)))
        self._give(lambda i, at: ev.Undelivered(i, at, message, str(line)))

    def _give(self, event: Callable[[Any, dt.datetime], ev.Event]) -> None:
        self.happens(self.simulation.give(event(self.simulation.next_id(), self.simulation.now)))

    def expect(self, expected: Mapping[str, Any]) -> None:
        """Check what must hold at the end."""
        state, ended = self.simulation.state, self.simulation.ended
        where = position(state)
        data = state.run.stack[-1].data if state.run else ended.data if ended else {}
        actual: dict[str, Any] = {
            "ended": ended.flow if ended and state.run is None else None,
            "how": ended.how if ended and state.run is None else None,
            "result": ended.result if ended and state.run is None else None,
            "data": data,
            "contact": dict(self.simulation.view.contact),
            "at": f"{where.flow}.{where.step}" if state.run else None,
            "handed_off": where.team if where.status == "handed_off" else None,
            "opted_out": state.opted_out,
        }
        for key, value in expected.items():
            if key not in actual:
                raise Differs(f"expect has no key {key!r}; it has {', '.join(actual)}")
            if not _holds(value, actual[key]):
                raise Differs(f"expect.{key} should be\n  {value!r}\nbut is\n  {actual[key]!r}")


LINES: dict[str, Callable[[Talk, Any], None]] = {
    "user": Talk.user,
    "bot": Talk.bot,
    "webhook": Talk.webhook,
    "action": Talk.action,
    "after": Talk.after,
    "event": Talk.event,
    "returned": Talk.returned,
    "taken_over": Talk.taken_over,
    "owner": Talk.owner,
    "team": Talk.team,
    "ended": Talk.ended,
    "restarted": Talk.restarted,
    "opted_out": Talk.opted_out,
    "contact": Talk.contact,
    "undelivered": Talk.undelivered,
}


def shown_text(body: Outgoing) -> str:
    """A message as one reads it in a transcript: its words, then its choices in brackets."""
    words = plain_text(body) or f"({body.kind})"
    labels = [label for label, _ in choices_of(body)]
    return f"{words} [{' | '.join(labels)}]" if labels else words


def choices_of(body: Outgoing) -> list[tuple[str, str]]:
    """The choices that a message shows, as (label, id)."""
    match body:
        case Buttons():
            return [(button.title, button.id) for button in body.buttons]
        case ListMenu():
            return [(row.title, row.id) for section in body.sections for row in section.rows]
        case _:
            return []


def _matches(expected: Any, body: Outgoing) -> bool:
    words = plain_text(body)
    if not isinstance(expected, dict):
        return str(expected).strip() == words.strip()
    given = cast("dict[str, Any]", expected)
    checks: dict[str, Callable[[Any], bool]] = {
        "text": lambda value: str(value).strip() == words.strip(),
        "contains": lambda value: all(
            str(one) in words for one in cast("list[Any]", value if isinstance(value, list) else [value])
        ),
        "matches": lambda value: re.search(str(value), words) is not None,
        "choices": lambda value: [label for label, _ in choices_of(body)] == [str(one) for one in value],
        "kind": lambda value: body.kind == value,
    }
    unknown = [key for key in given if key not in checks]
    if unknown:
        raise Differs(f"bot has no check {unknown[0]!r}; it has {', '.join(checks)}")
    return all(checks[key](value) for key, value in given.items())


def _holds(expected: Any, actual: Any) -> bool:
    """Equal; of a mapping, only the keys that are expected."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        wanted, found = cast("dict[str, Any]", expected), cast("dict[str, Any]", actual)
        return all(key in found and _holds(value, found[key]) for key, value in wanted.items())
    if isinstance(expected, list) and isinstance(actual, list):
        some, others = cast("list[Any]", expected), cast("list[Any]", actual)
        return len(some) == len(others) and all(_holds(a, b) for a, b in zip(some, others, strict=True))
    return expected == actual and isinstance(expected, bool) == isinstance(actual, bool)


def written(chunks: tuple[Chunk, ...]) -> str:
    """Text with secrets as an ellipsis."""
    return "".join(part if isinstance(part, str) else "…" for part in chunks)


def _by(line: Any) -> str:
    return (
        str(cast("dict[str, Any]", line).get("by", "team")) if isinstance(line, dict) else str(line or "team")
    )
