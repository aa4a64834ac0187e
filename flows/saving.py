"""A real run saved as a conversation test, with personal data replaced.

The run is had once more with the version that made it, in the words of somebody else: each message is put in other
words, and counts if the bot goes the same way and asks the same next; where no other words do, because they are a
choice or an answer that has to be of its kind, the contact's own stay. What the bot says is then what it says to
those words, so the test passes on that version.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, cast

import orjson

from flows.compiled import Compiled
from flows.disguise import Disguise
from flows.expected import Differs
from flows.kept_talk import KeptTalk, written
from flows.replay import Recorded, as_it_was, path_of
from flows.simulation import Simulation
from flows.talk import Talk
from flows.turn import View
from flows.words import fold
from schemas import events as ev
from schemas.capabilities import Capabilities
from schemas.effects import CallWebhook
from schemas.messages import Choice, Content, Text, content_codec, plain_text

KEPT = frozenset({"id", "language", "timezone"})  # of a contact: they say how the bot speaks, not who it is
_PLACEHOLDERS = ("1990-01-01", "1 January 1990", "12:30", "Example Street 1", "1234567")
_OF_FORM = ("kind", "mime", "state")  # what a message is, not what it says
_SHARES = 8  # contacts to try, where a share of them goes another way


@dataclass(frozen=True, slots=True)
class Saved:
    """A test's text. `same_way`: it goes the way that the run went. `own_words`: what of the contact stayed."""

    text: str
    same_way: bool
    own_words: tuple[str, ...]


def saved(
    made_by: Compiled, recorded: Recorded, view: View, name: str, channel: str, capabilities: Capabilities
) -> Saved:
    """The test of a run. Raises `flows.replay.NotReplayable`."""
    record, _ = as_it_was(made_by, recorded, view)
    events = recorded.events if record.over_at is None else recorded.events[: record.over_at + 1]
    began: Mapping[str, Any] = record.began_with
    first: Saved | None = None
    for in_time in (False, True):
        for kept in (KEPT, KEPT | (frozenset(began) - {"name", "phone"})):
            for share in range(_SHARES):
                told = _Told(made_by, record.calls, began, kept, f"contact-{share}" if share else "")
                found = told.tell(events, record.paths, name, channel, capabilities, in_time)
                if found.same_way:
                    return found
                first = first or found
                if not _shares(made_by):
                    break
    assert first is not None
    return first


class _Told:
    """One try: the run told in other words."""

    def __init__(
        self,
        made_by: Compiled,
        calls: Mapping[Any, CallWebhook],
        began: Mapping[str, Any],
        kept: frozenset[str],
        contact: str,
    ) -> None:
        self.made_by, self.calls = made_by, calls
        self.disguise = Disguise()
        known = {field: value for field, value in began.items() if field != "id" and value not in ("", None)}
        self.contact = self.disguise.contact(known, kept) | ({"id": contact} if contact else {})
        self.own_words: list[str] = []

    def tell(
        self,
        events: Sequence[ev.Event],
        paths: Sequence[tuple[str, ...]],
        name: str,
        channel: str,
        capabilities: Capabilities,
        in_time: bool,
    ) -> Saved:
        """The whole of it. With `in_time` the clock moves as it did, else only for timers."""
        at = events[0].at.replace(microsecond=0)
        talk = Talk(Simulation.begin(self.made_by, capabilities, at, self.contact, seed=name))
        head = {"test": name, "at": at.isoformat().replace("+00:00", "Z"), "contact": self.contact}
        kept = KeptTalk(talk, {**head, "channel": channel})
        same_way = True
        for event, path in zip(events, paths, strict=False):
            try:
                self._tell_one(kept, event, path, in_time)
            except Differs:
                same_way = False
        same_way = same_way and path_of(talk.simulation.trace) == tuple(chain.from_iterable(paths))
        return Saved(written(kept.test()), same_way, tuple(dict.fromkeys(self.own_words)))

    def _tell_one(self, kept: KeptTalk, event: ev.Event, path: tuple[str, ...], in_time: bool) -> None:
        here = kept.talk.simulation
        if isinstance(event, ev.TimerFired):
            timer = here.timers.get(event.timer)
            if timer is not None and timer.at > here.now:
                kept.play({"after": _span(timer.at - here.now)})
            return
        if in_time and event.at - here.now >= dt.timedelta(seconds=1):
            kept.play({"after": _span(event.at - here.now)})
        if isinstance(event, ev.Received):
            if event.throttled is None:
                self._tell_message(kept, event.message.content, path)
            return
        for line in self._lines_of(kept.talk, event):
            kept.play(line)

    def _tell_message(self, kept: KeptTalk, content: Content, path: tuple[str, ...]) -> None:
        own = _user(kept.talk, content)
        wanted = _standing(kept.talk, own, path)
        for line in self._in_other_words(kept.talk, content):
            if line != own and _standing(kept.talk, line, path) == wanted is not None:
                break
        else:
            line = own
            words = plain_text(content)
            if (
                not isinstance(content, Choice)
                and fold(words) not in kept.talk.shown
                and any(map(str.isalpha, words))
            ):
                self.own_words.append(words)
        self.disguise.learn(plain_text(content) if line != own else "")
        kept.play({"user": line})

    def _in_other_words(self, talk: Talk, content: Content) -> Iterator[Any]:
        """What could be said instead, the most changed first."""
        match content:
            case Text():
                yield self.disguise.words(content.text)
                yield self.disguise.scrubbed(content.text)
                if any(map(str.isdigit, content.text)) and len(content.text) > 4:
                    yield from _PLACEHOLDERS
            case Choice():
                pass
            case _:
                plain = _without_place(content_codec.dump_python(content, mode="json"))
                form = {key: value for key, value in plain.items() if key in _OF_FORM}
                for everything in (True, False):
                    yield {"content": {**self.disguise.tree(plain, everything), **form}}

    def _lines_of(self, talk: Talk, event: ev.Event) -> Iterator[dict[str, Any]]:
        """What else happened, as lines."""
        tree = self.disguise.tree
        match event:
            case ev.ActionDone():
                call = self.calls.get(event.call)
                made = next(
                    (one for one in talk.simulation.calls.values() if call and one.step == call.step), None
                )
                if made is not None:
                    yield _answer(made, event, tree)
            case ev.Posted():
                yield {"event": {"name": event.name, "data": tree(event.data)}}
            case ev.Replied():
                yield {"team": self.disguise.words(plain_text(event.body)) or "…"}
            case ev.OwnerWrote():
                text = self.disguise.words(plain_text(event.message.content)) or "…"
                silent = {} if event.silent_s is None else {"silent": f"{event.silent_s}s"}
                yield {"owner": {"text": text, **silent}}
            case ev.ContactChanged():
                yield {"contact": self.disguise.contact(event.fields, KEPT)}
            case ev.Restarted():
                yield {"restarted": {"flow": event.flow, "step": event.step}}
            case ev.OptedOut():
                yield {"opted_out": event.opted_out}
            case ev.Undelivered():
                yield {"undelivered": event.code}
            case _:  # taken over, returned, ended: by whom, does not matter
                yield {event.kind: "team"}


def _standing(talk: Talk, line: Any, path: tuple[str, ...]) -> Any:
    """Where the talk would stand after a line, without what was said; None where it would go another way.

    Raises `Differs` where a test cannot say it.
    """
    fork = _fork(talk)
    fork.line({"user": line})
    if tuple(step for turn in fork.turns for step in path_of(turn.trace)) != path:
        return None
    run = fork.simulation.state.run
    frames = (
        [(one.flow, one.step, sorted(one.data), _bones(one.memory, "")) for one in run.stack] if run else []
    )
    said = [[len(turn.effects), *(one.kind for one in turn.effects)] for turn in fork.turns]
    return frames, said, fork.simulation.view.contact.get("language"), len(fork.shown)


def _bones(value: Any, key: str) -> Any:
    """A step's notebook without what a contact wrote: names of fields, counts, and how much there is."""
    match value:
        case dict():
            return {name: _bones(one, name) for name, one in cast("dict[str, Any]", value).items()}
        case list():
            return [_bones(one, key) for one in cast("list[Any]", value)]
        case str():
            return value if key in ("at", "done") else ""
        case _:
            return value


def _fork(talk: Talk) -> Talk:
    here = talk.simulation
    simulation = replace(here, timers=dict(here.timers), calls=dict(here.calls), trace=list(here.trace))
    return Talk(simulation, shown=dict(talk.shown))


def _user(talk: Talk, content: Content) -> Any:
    """A message as a test writes it, in the contact's own words."""
    match content:
        case Text():
            return content.text
        case Choice():
            title = content.title
            return (
                {"choose": title}
                if talk.shown.get(fold(title) or title) == content.id
                else {"tap": content.id}
            )
        case _:
            return {"content": content_codec.dump_python(content, mode="json")}


def _without_place(plain: dict[str, Any]) -> dict[str, Any]:
    """A place is where somebody is: another stands for it. What names files is a secret of the channel."""
    where = {"latitude": 45.0, "longitude": 9.0} if "latitude" in plain else {}
    gone = {key: "" for key in ("ref", "provider_ref", "sha256", "link") if key in plain}
    return {**plain, **where, **gone}


def _answer(call: CallWebhook, event: ev.ActionDone, tree: Any) -> dict[str, Any]:
    if call.action:
        return {"action": {"step": call.step, **stub_of(event, tree)}}
    asked = orjson.dumps(call.json, default=str).decode()
    step: dict[str, Any] = {"step": call.step}
    if call.has_body and "$secret" not in asked:
        step["json"] = orjson.loads(asked)
    return {"webhook": {**step, **stub_of(event, tree)}}


def stub_of(event: ev.ActionDone, tree: Callable[[Any], Any]) -> dict[str, Any]:
    """A call's result as a stub gives it again, without headers. `tree` replaces what is personal."""
    result = event.result
    if "outcome" in result and event.ok:
        return {"outcome": result["outcome"], "data": tree(result.get("data"))}
    status = result.get("status")
    if not isinstance(status, int) or (not event.ok and event.error != f"HTTP {status}"):
        return {"fails": event.error or "no answer"}
    returns: dict[str, Any] = {"status": status, "json": tree(result.get("json"))}
    if result.get("text") and result.get("json") is None:
        returns["text"] = tree(result["text"])
    return {"returns": returns}


def disguised(event: ev.ActionDone, contact: Mapping[str, Any]) -> dict[str, Any]:
    """The stub of a real call of a contact's: nothing in it says who that was."""
    disguise = Disguise()
    disguise.contact(contact, KEPT)
    return stub_of(event, disguise.tree)


def _span(span: dt.timedelta) -> str:
    """As a test writes it: never less."""
    ms = -(-span // dt.timedelta(milliseconds=1))
    if ms % 1000:
        return f"{ms}ms"
    seconds = ms // 1000
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _shares(bot: Compiled) -> bool:
    return any(step.action.name == "split" for flow in bot.flows.values() for step in flow.steps.values())
