"""A talk, line by line: what happens and what is expected, as tests write it down.

A line is one thing that happens or is said; `README` of the language names them. What the bot says beyond
what is expected is no failure, but for `bot: nothing`. The test runner and the simulator of drafts share it.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from flows.beginning import faults_of
from flows.duration import parse_duration
from flows.expected import (
    Differs,
    choices_of,
    holds,
    matches,
    not_said,
    not_so,
    refuse_unknown_checks,
    shown_text,
)
from flows.place import dotted
from flows.simulation import Simulation, said
from flows.state import position
from flows.texts import spoken
from flows.turn import Turn
from flows.wording import worded, wording_of
from flows.words import fold
from schemas import events as ev
from schemas.effects import AddNote, CallWebhook, Chunk, OpenTask, Say
from schemas.flow import BeginDocument, StubDocument, Stubs
from schemas.messages import (
    Choice,
    Content,
    Deleted,
    Edited,
    FromOwner,
    Location,
    Media,
    Reaction,
    Text,
    Unsupported,
    content_codec,
    plain_text,
)

MAX_TURNS = 1000  # that one `after` may cause


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line of a played transcript. `who` is user, bot, or what else happened."""

    who: str
    text: str


@dataclass(slots=True)
class Talk:
    """A talk under way. `turns` are those of the last line; `reached` holds flow, step, outcome and language.

    `stubs` answer calls, by step: before anything else happens, unless the next line answers the call itself.
    `late` are those whose answer takes its time.
    """

    simulation: Simulation
    transcript: list[Spoken] = field(default_factory=list[Spoken])
    waiting: list[Say] = field(default_factory=list[Say])  # said since the last happening, not yet expected
    kept: list[AddNote | OpenTask] = field(
        default_factory=list[AddNote | OpenTask]
    )  # notes and tasks, likewise
    shown: dict[str, str] = field(default_factory=dict[str, str])  # folded label to choice id
    reached: set[tuple[str, str, str, str]] = field(default_factory=set[tuple[str, str, str, str]])
    stubs: Stubs = field(default_factory=Stubs)
    late: dict[UUID, tuple[dt.datetime, StubDocument]] = field(
        default_factory=dict[UUID, tuple[dt.datetime, StubDocument]]
    )
    answered: dict[str, int] = field(default_factory=dict[str, int])
    turns: list[Turn] = field(default_factory=list[Turn])

    def line(self, entry: dict[str, Any]) -> None:
        """Play one line of the talk. Raises `Differs`."""
        kinds = [key for key in entry if key in LINES]
        if len(kinds) != 1 or len(entry) != 1:
            raise Differs(
                worded(
                    "a line is one of {kinds}; this one has {given}",
                    kinds=", ".join(LINES),
                    given=", ".join(map(str, entry)) or worded("none"),
                )
            )
        self.turns = []
        if kinds[0] not in ("webhook", "action"):
            self.answer_by_stubs()
        try:
            LINES[kinds[0]](self, entry[kinds[0]])
        except (TypeError, ValueError, KeyError, AttributeError, re.error) as fault:
            raise Differs(worded("this line cannot be read: {fault}", fault=wording_of(fault))) from fault

    def happens(self, turn: Turn, fresh: bool = True) -> None:
        """A turn was taken: keep what it said."""
        if fresh:
            self.waiting, self.kept = [], []
        self.turns.append(turn)
        language = str(self.simulation.view.contact.get("language") or "")
        language = spoken(language, self.simulation.compiled.languages)
        self.reached.update((one.flow, one.step, one.outcome, language) for one in turn.trace)
        for one in kept_for_team(turn):
            self.kept.append(one)
            self.transcript.append(spoken_for_team(one))
        for say in said(turn):
            self.waiting.append(say)
            self.transcript.append(Spoken("team" if say.by else "bot", shown_text(say.body)))
            for label, choice in choices_of(say.body):
                self.shown[fold(label) or label] = choice

    def begin(self, at: BeginDocument) -> None:
        """The talk begins at a step. Raises `Differs` where it cannot."""
        for fault in faults_of(self.simulation.compiled, at):
            raise Differs(worded("{place}: {why}", place=dotted(fault.pointer), why=fault.whole))
        self.transcript.append(Spoken("begin", f"{at.flow}.{at.step}" if at.step else at.flow))
        self.happens(self.simulation.enter(at.flow, at.step, at.data))

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
                        worded(
                            "no choice {value!r} was shown; shown were {shown}",
                            value=value,
                            shown=", ".join(self.shown) or worded("none"),
                        )
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
            case "content":
                return content_codec.validate_python(value)
            case "unsupported":
                return Unsupported(str(value))
            case "location":
                place = cast("dict[str, Any]", value)
                return Location(
                    float(place["latitude"]), float(place["longitude"]), str(place.get("name", ""))
                )
            case _:
                raise Differs(
                    worded("a user sends text, choose, tap, image, …, or location; not {kind!r}", kind=kind)
                )

    def bot(self, expected: Any) -> None:
        if expected == "nothing":
            if self.waiting:
                first = self.waiting[0].body
                said = worded("the bot should say nothing, but says {said!r}", said=shown_text(first))
                raise Differs(said, (plain_text(first) or {"kind": first.kind},))
            return
        refuse_unknown_checks(expected)
        for place, say in enumerate(self.waiting):
            if matches(expected, say.body):
                del self.waiting[: place + 1]
                return
        raise not_said(expected, [say.body for say in self.waiting])

    def note(self, expected: Any) -> None:
        notes = [one for one in self.kept if isinstance(one, AddNote)]
        refuse_unknown_checks(expected, "note")
        for one in notes:
            if matches(expected, Text(one.text)):
                self.kept.remove(one)
                return
        raise not_said(expected, [Text(one.text) for one in notes], note=True)

    def task(self, expected: Any) -> None:
        tasks = [one for one in self.kept if isinstance(one, OpenTask)]
        given = cast("dict[str, Any]", expected) if isinstance(expected, dict) else {"title": str(expected)}
        for one in tasks:
            if holds(given, task_facts(one)):
                self.kept.remove(one)
                return
        opened = "\n".join(f"  {task_facts(one)!r}" for one in tasks) or worded("  none")
        instead = (task_facts(tasks[0]),) if tasks else ()
        raise Differs(
            worded(
                "the bot should open the task\n  {expected!r}\nbut opens\n{opened}",
                expected=cast("object", expected),
                opened=opened,
            ),
            instead,
        )

    def webhook(self, line: Any) -> None:
        given = cast("dict[str, Any]", line) if isinstance(line, dict) else {"step": line}
        call = self._call(str(given.get("step", "")))
        self._compare("json", given, call.json)
        self._compare("headers", given, {name: written(chunks) for name, chunks in call.headers})
        self._compare("method", given, call.method)
        self._compare("url", given, written(call.url))
        self._answer(call, given)

    def action(self, line: Any) -> None:
        given = cast("dict[str, Any]", line) if isinstance(line, dict) else {"step": line}
        call = self._call(str(given.get("step", "")), custom=True)
        self._compare("input", given, call.json)
        self._answer(call, given)

    def _answer(self, call: CallWebhook, given: Mapping[str, Any], fresh: bool = True) -> None:
        who = "action" if call.action else "webhook"
        if "fails" in given:
            self.transcript.append(Spoken(who, f"{call.step} fails: {given['fails']}"))
            turn = self.simulation.answer(call.id, ok=False, result={}, error=str(given["fails"]))
        elif call.action:
            self.transcript.append(Spoken(who, f"{call.step} answers {given.get('outcome')}"))
            result = {"outcome": given.get("outcome"), "data": given.get("data")}
            turn = self.simulation.answer(call.id, ok=True, result=result)
        else:
            returns = cast("dict[str, Any]", given.get("returns") or {})
            status = int(returns.get("status", 200))
            self.transcript.append(Spoken(who, f"{call.step} answers {status}"))
            result = {"status": status, "json": returns.get("json"), "text": str(returns.get("text", ""))}
            ok = 200 <= status < 300
            turn = self.simulation.answer(call.id, ok, result, "" if ok else f"HTTP {status}")
        self.happens(turn, fresh)

    def _call(self, step: str, custom: bool = False) -> CallWebhook:
        calls = [call for call in self.simulation.calls.values() if bool(call.action) == custom]
        for call in calls:
            if call.step == step or call.step.endswith(f".{step}") or not step:
                return call
        made = ", ".join(call.step for call in calls) or worded("none")
        what = worded("custom action") if custom else worded("webhook")
        raise Differs(
            worded(
                "no {what} of the step {step!r} is under way; under way: {made}",
                what=what,
                step=step,
                made=made,
            )
        )

    def _compare(self, key: str, given: dict[str, Any], actual: Any) -> None:
        if key in given and not holds(given[key], actual):
            raise not_so(worded("the call's {key}", key=key), key, given, actual)

    def after(self, line: Any) -> None:
        try:
            until = self.simulation.now + parse_duration(line)
        except ValueError as fault:
            raise Differs(wording_of(fault)) from None
        self._pass(until, "after", line)

    def until(self, line: Any) -> None:
        until = moment(line)
        if until < self.simulation.now:
            raise Differs(
                worded("until: {line} is over: it is {now}", line=line, now=self.simulation.now.isoformat())
            )
        self._pass(until, "until", line)

    def _pass(self, until: dt.datetime, how: str, line: Any) -> None:
        self.transcript.append(Spoken(how, str(line)))
        self.waiting, self.kept = [], []
        for _ in range(MAX_TURNS):
            self._await_stubs()
            call, (at, _) = min(self.late.items(), key=lambda one: one[1][0], default=(None, (until, None)))
            turn = next(self.simulation.pass_time(min(until, at)), None)
            if turn is not None:
                self.happens(turn, fresh=False)
            elif call is not None and at <= until:
                self._answer_late(call)
            else:
                return
        raise Differs(worded("more than {limit} timers fell due in {line}", limit=MAX_TURNS, line=line))

    def answer_by_stubs(self) -> None:
        """Answer the calls that have a stub, but for answers that take their time: those come as the clock moves."""
        for _ in range(MAX_TURNS):
            self._await_stubs()
            due = [call for call, (at, _) in self.late.items() if at <= self.simulation.now]
            if not due:
                return
            self._answer_late(due[0])
        raise Differs(worded("stubs answered {limit} calls in a row", limit=MAX_TURNS))

    def _await_stubs(self) -> None:
        """What the stubs of open calls answer, and when."""
        for gone in [call for call in self.late if call not in self.simulation.calls]:
            del self.late[gone]
        for call in self.simulation.calls.values():
            names = (call.step, call.step.rpartition(".")[2], call.action)
            name = next((one for one in names if one in self.stubs), None)
            if name is None or call.id in self.late:
                continue
            place = self.answered[name] = self.answered.get(name, -1) + 1
            given = self.stubs[name]
            stub = given if isinstance(given, StubDocument) else given[min(place, len(given) - 1)]
            try:
                pause = parse_duration(stub.after) if stub.after else dt.timedelta(0)
            except ValueError as fault:
                raise Differs(worded("stubs.{name}: {fault}", name=name, fault=wording_of(fault))) from None
            self.late[call.id] = self.simulation.now + pause, stub

    def _answer_late(self, call: UUID) -> None:
        _, stub = self.late.pop(call)
        answer = stub.model_dump(exclude={"after"}, exclude_none=True)
        self._answer(self.simulation.calls[call], answer, fresh=False)

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
            raise Differs(worded("no message of this run was said that could be undelivered"))
        message = run.said[-1][0]
        self.transcript.append(Spoken("undelivered", str(line)))
        self._give(lambda i, at: ev.Undelivered(i, at, message, str(line)))

    def _give(self, event: Callable[[Any, dt.datetime], ev.Event]) -> None:
        self.happens(self.simulation.give(event(self.simulation.next_id(), self.simulation.now)))

    def stands(self) -> dict[str, Any]:
        """What `expect` may name, as it is now."""
        state, ended = self.simulation.state, self.simulation.ended
        where = position(state)
        data = state.run.stack[-1].data if state.run else ended.data if ended else {}
        return {
            "ended": ended.flow if ended and state.run is None else None,
            "how": ended.how if ended and state.run is None else None,
            "result": ended.result if ended and state.run is None else None,
            "data": data,
            "contact": dict(self.simulation.view.contact),
            "at": f"{where.flow}.{where.step}" if state.run else None,
            "handed_off": where.team if where.status == "handed_off" else None,
            "opted_out": state.opted_out,
            "note": self.simulation.noted.text if self.simulation.noted else None,
            "task": task_facts(self.simulation.opened) if self.simulation.opened else None,
        }

    def expect(self, expected: Mapping[str, Any]) -> None:
        """Check what must hold at the end."""
        self.answer_by_stubs()
        actual = self.stands()
        for key, value in expected.items():
            if key not in actual:
                raise Differs(
                    worded("expect has no key {key!r}; it has {keys}", key=key, keys=", ".join(actual))
                )
            if not holds(value, actual[key]):
                raise not_so(worded("expect.{key}", key=key), key, expected, actual[key])


LINES: dict[str, Callable[[Talk, Any], None]] = {
    "user": Talk.user,
    "bot": Talk.bot,
    "note": Talk.note,
    "task": Talk.task,
    "webhook": Talk.webhook,
    "action": Talk.action,
    "after": Talk.after,
    "until": Talk.until,
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


def kept_for_team(turn: Turn) -> list[AddNote | OpenTask]:
    """The notes and tasks of a turn."""
    return [effect for effect in turn.effects if isinstance(effect, AddNote | OpenTask)]


def task_facts(task: OpenTask) -> dict[str, Any]:
    """A task as tests name it: what is set of it."""
    due = task.due and task.due.isoformat().replace("+00:00", "Z")
    facts = {"title": task.title, "team": task.team, "person": task.person, "due": due}
    return {key: value for key, value in facts.items() if value}


def spoken_for_team(one: AddNote | OpenTask) -> Spoken:
    """A note or a task as a transcript shows it."""
    if isinstance(one, AddNote):
        return Spoken("note", one.text)
    for_whom = " and ".join(filter(None, (one.team, one.person)))
    due = f", due {one.due:%Y-%m-%d %H:%M}" if one.due else ""
    return Spoken("task", f"{one.title}{f' (for {for_whom})' if for_whom else ''}{due}")


def moment(line: Any) -> dt.datetime:
    """A moment as a test writes it; in UTC, unless it says otherwise. Raises `Differs`."""
    try:
        at = dt.datetime.fromisoformat(str(line))
    except ValueError:
        raise Differs(worded("{line!r} is not a time like 2026-11-21T10:00:00Z", line=line)) from None
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    if not 1970 < at.year < 3000:
        raise Differs(worded("{line!r} is not in our times", line=line))
    return at


def written(chunks: tuple[Chunk, ...]) -> str:
    """Text with secrets as an ellipsis."""
    return "".join(part if isinstance(part, str) else "…" for part in chunks)


def _by(line: Any) -> str:
    return (
        str(cast("dict[str, Any]", line).get("by", "team")) if isinstance(line, dict) else str(line or "team")
    )
