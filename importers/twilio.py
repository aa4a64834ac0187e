"""Twilio Studio flow definitions: widgets and their transitions, as one flow.

What a widget keeps is a field of the flow's data: `{{widgets.ask.inbound.Body}}` is `data.ask_inbound_body`. Comparisons
fold case, as Studio's do. Source of the shapes: Twilio's documentation of Studio's widget library and flow definition.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import Field

from flows.pattern import is_pattern
from importers import assembly
from importers.assembly import Draft
from importers.expression import (
    answered,
    inserted,
    is_numeric,
    literal,
    number,
    numeric,
    quoted,
    tree,
    value_of,
)
from importers.imported import ExportUnfit, Imported, Names, Notes, Part, clean, read
from importers.liquid import TAG, filtered, literal_of, moment

VENDOR = "Twilio Studio"
TEXT: Mapping[str, Any] = {"type": "string"}
KEPT = re.compile(r"[A-Za-z_][\w-]*((\.|\[[\"'])[\w-]+([\"']\])?|\[[0-9]{1,4}\])+")
STEP = re.compile(r"\[([0-9]+)\]|([\w-]+)")
MESSAGE = ("incomingMessage", "incomingConversationMessage")
CAPTION = 500  # half of WhatsApp's limit: what is inserted may be longer
UNSAID = re.compile(r"^(widgets|flow\.data|flow\.variables)\.|\.parsed|\.inbound")  # in the names of fields
BODY = ("trigger.message.Body", "trigger.message.body")
CONTACT = {
    "contact.channel.address": 'contact.?phone.orValue("")',
    "trigger.message.From": 'contact.?phone.orValue("")',
    "trigger.conversation.From": 'contact.?phone.orValue("")',
    "trigger.message.ProfileName": 'contact.?name.orValue("")',
}


class Condition(Part):
    """When a way is taken."""

    type: str
    arguments: list[str] = Field(default_factory=list[str])
    value: str = ""


class Transition(Part):
    """A way out of a widget."""

    event: str
    next: str | None = None
    conditions: list[Condition] = Field(default_factory=list[Condition])


class Widget(Part):
    """One state of the flow."""

    name: str
    type: str
    transitions: list[Transition] = Field(default_factory=list[Transition])
    properties: dict[str, Any] = Field(default_factory=dict[str, Any])

    def to(self, event: str) -> str | None:
        """Where it goes after an event."""
        return next((one.next for one in self.transitions if one.event == event and one.next), None)

    def text(self, key: str) -> str:
        """A property that is text, empty where it is none."""
        value = self.properties.get(key)
        return value if isinstance(value, str) else ""


class Export(Part):
    """The file."""

    description: str = ""
    states: list[Widget]
    initial_state: str = "Trigger"


@dataclass(slots=True)
class Import:
    """An import under way."""

    export: Export
    draft: Draft
    notes: Notes
    names: Names = field(default_factory=Names)  # of fields, by what Liquid calls them
    written: set[str] = field(default_factory=set[str])  # what is read somewhere, by Liquid's name

    def place(self, widget: Widget) -> str:
        return f"{widget.name} ({widget.type})"


def imported(exported: Any, name: str) -> Imported:
    """The bot, called `name`. Raises `ExportUnfit`."""
    if isinstance(exported, dict):
        whole = cast("dict[str, Any]", exported)
        exported = whole["definition"] if isinstance(whole.get("definition"), dict) else whole
    export = read(VENDOR, Export, exported)
    notes = Notes()
    draft = Draft("main", clean(export.description), notes)
    work = Import(export, draft, notes, written=_read_names(exported))
    for key in sorted(work.written):
        draft.fields[work.names.of(key, UNSAID.sub("", key), "field")] = dict(TEXT)
    begin = next((one for one in export.states if one.name == export.initial_state), None)
    if begin is None or begin.type != "trigger":
        raise ExportUnfit(
            vendor=VENDOR, at="initial_state", why=f"there is no trigger called {export.initial_state!r}"
        )
    event = _begin(work, begin, name)
    for widget in export.states:
        if widget.type == "trigger":
            continue
        draft.label(widget.name)
        translate = WIDGETS.get(widget.type)
        if translate is not None:
            translate(work, widget)
        else:
            draft.missing(widget.name, work.place(widget), f"there is no equivalent of “{widget.type}”")
            draft.jump(next((one.next for one in widget.transitions if one.next), None))
    fallback = {} if event and not _message(begin) else {"fallback": "main"}
    title = clean(export.description) or name
    return assembly.folder(
        {"id": name, "title": title, **fallback, "team": "support"}, [draft], VENDOR, notes
    )


def _begin(work: Import, begin: Widget, name: str) -> str:
    """What starts it: a message, an event in place of a REST call, or both. The event's name is given back."""
    message, request, parent = _message(begin), begin.to("incomingRequest"), begin.to("incomingParent")
    if begin.to("incomingCall"):
        work.notes.add(work.place(begin), "calls are not answered")
    if parent and not message and not request:
        message = parent
        work.notes.add(work.place(begin), "another flow began it: here a message does")
    elif parent and parent not in (message, request):
        work.notes.add(work.place(begin), f"another flow began it at {parent}: this way is not taken")
    event = f"{name}.request" if request else ""
    if event:
        work.draft.triggers.append({"event": {"name": event}})
        work.notes.add(
            work.place(begin), f"in place of a call of the REST API, post the event {event} with its data"
        )
    given = {
        work.names.of(key, ""): f'string(event[?{quoted(key.removeprefix("flow.data."))}].orValue(""))'
        for key in sorted(work.written)
        if key.startswith("flow.data.")
    }
    if request and given:
        work.draft.step("keep_event", "set", {"data": given})
    body = [key for key in BODY if key in work.written]
    if message and body:
        kept = {work.names.of(key, ""): 'message.?text.orValue("")' for key in body}
        work.draft.step("keep_message", "set", {"data": kept})
    if message and request and message != request:
        work.draft.step("how", "branch", {"cases": {"request": "size(event) > 0"}}, {"request": request})
    work.draft.jump(message or request)
    return event


def _message(begin: Widget) -> str | None:
    """Where a message leads, by itself or in a conversation of Twilio's."""
    return next((begin.to(event) for event in MESSAGE if begin.to(event)), None)


def _read_names(exported: Any) -> set[str]:
    """Everything that Liquid reads anywhere, but for what a contact has."""
    found: set[str] = set()
    pending: list[Any] = [exported]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            found |= {match[1] for match in TAG.finditer(value) if _is_kept(match[1] or "")}
        elif isinstance(value, dict):
            given = cast("dict[str, Any]", value)
            pending.extend(given.values())
            if given.get("type") == "set-variables":
                pending.extend(
                    "{{flow.variables." + key + "}}"
                    for key, _ in _pairs(given.get("properties"), "variables")
                )
        elif isinstance(value, list):
            pending.extend(cast("list[Any]", value))
    return found


def _is_kept(name: str) -> bool:
    if name in BODY:
        return True
    if name in CONTACT or not KEPT.fullmatch(name):
        return False
    return name.startswith(("flow.variables.", "flow.data.")) or (
        name.startswith("widgets.")
        and (
            re.search(r"\.parsed[.\[]", name) is not None or name.lower().endswith((".inbound.body", ".body"))
        )
    )


def _pairs(given: Any, key: str) -> list[tuple[str, str]]:
    properties = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    listed = properties.get(key)
    entries = [
        cast("dict[str, Any]", one)
        for one in (cast("list[Any]", listed) if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]
    return [
        (str(one["key"]), str(one.get("value") or ""))
        for one in entries
        if isinstance(one.get("key"), str) and re.fullmatch(r"[\w-]+", one["key"])
    ]


def say(work: Import, widget: Widget) -> None:
    """`send`; with media, a file"""
    _said(work, widget)
    work.draft.jump(widget.to("sent"))


def _said(work: Import, widget: Widget, failed: str = "failed") -> None:
    then = {"undelivered": widget.to(failed)} if widget.to(failed) else {}
    at, media = work.place(widget), widget.text("media_url").strip()
    body = _template(work, widget.text("body"), at).strip()
    if media:
        work.notes.add(at, "its file is sent as an image: correct the kind if it is another")
        file = {"kind": "image", "link": _template(work, media, at)}
        fits = 0 < len(widget.text("body")) <= CAPTION
        work.draft.step(widget.name, "send", {"file": {**file, "caption": body} if fits else file}, then)
        if body and not fits:
            work.draft.step(f"{widget.name}_text", "send", {"text": body}, then)
    elif body:
        work.draft.step(widget.name, "send", {"text": body}, then)
    else:
        work.draft.missing(
            widget.name, at, "it says nothing that is written in the flow (a content template, perhaps)"
        )


def ask(work: Import, widget: Widget) -> None:
    """`send`, then `wait` for a message, which is kept in a field"""
    _said(work, widget, "deliveryFailure")
    seconds = number(widget.text("timeout") or str(widget.properties.get("timeout") or ""))
    timeout = f"{int(float(seconds))}s" if seconds is not None and 1 <= float(seconds) <= 1e8 else None
    then = {"timeout": widget.to("timeout")} if timeout else {}
    work.draft.step(f"{widget.name}_answer", "wait", {"message": True}, then, timeout)
    kept = [
        key for key in sorted(work.written) if key.lower() == f"widgets.{widget.name}.inbound.body".lower()
    ]
    if kept:
        work.draft.step(
            f"{widget.name}_keep", "set", {"data": {work.names.of(key, ""): "message.text" for key in kept}}
        )
    work.draft.jump(widget.to("incomingMessage"))


def split(work: Import, widget: Widget) -> None:
    """`branch`"""
    cases: dict[str, str] = {}
    then: dict[str, str | None] = {}
    at = work.place(widget)
    for place, way in enumerate((one for one in widget.transitions if one.event == "match"), 1):
        held = [_condition(work, widget, one) for one in way.conditions]
        cases[f"case_{place}"] = " && ".join(held) or "false"
        then[f"case_{place}"] = way.next
    if not cases:
        work.notes.add(at, "it has no conditions")
    else:
        work.draft.step(widget.name, "branch", {"cases": cases}, then)
    work.draft.jump(widget.to("noMatch"))


def _condition(work: Import, widget: Widget, one: Condition) -> str:
    at = work.place(widget)
    given = one.arguments[0] if one.arguments else widget.text("input")
    said = f"({_text(work, given, at)}).trim()"
    value, folded = clean(one.value).strip(), f"{said}.lower()"
    wanted = _folded(work, value, at)
    words = dict.fromkeys(_folded(work, word, at) for word in value.split(",") if word.strip())
    listed = f"{folded} in [{', '.join(words)}]"
    match one.type:
        case "equal_to":
            return f"{folded} == {wanted}"
        case "not_equal_to":
            return f"{folded} != {wanted}"
        case "matches_any_of":
            return listed
        case "does_not_match_any_of":
            return f"!({listed})"
        case "is_blank":
            return f'{said} == ""'
        case "is_not_blank":
            return f'{said} != ""'
        case "contains":
            return f"{folded}.contains({wanted})"
        case "does_not_contain":
            return f"!{folded}.contains({wanted})"
        case "starts_with":
            return f"{folded}.startsWith({wanted})"
        case "does_not_start_with":
            return f"!{folded}.startsWith({wanted})"
        case "regex" if is_pattern(clean(one.value)):
            return f"{said}.matches({quoted('(?i)' + one.value)})"
        case "less_than" | "greater_than" if (than := number(value)) is not None:
            sign = "<" if one.type == "less_than" else ">"
            return f"({is_numeric(said)} && {numeric(said)} {sign} {than})"
        case "less_than" | "greater_than" if TAG.search(value):
            sign, than = "<" if one.type == "less_than" else ">", f"({_text(work, value, at)}).trim()"
            both = f"{is_numeric(said)} && {is_numeric(than)}"
            return f"({both} && {numeric(said)} {sign} {numeric(than)})"
        case _:
            work.notes.add(at, f"the condition {one.type} “{value}” has no equivalent: it never holds")
            return "false"


def _folded(work: Import, written: str, at: str) -> str:
    """A text to compare with, in small letters."""
    if TAG.search(written):
        return f"({_text(work, written.strip(), at)}).trim().lower()"
    return quoted(written.strip().lower())


def assign(work: Import, widget: Widget) -> None:
    """`set`"""
    data = {
        work.names.of(f"flow.variables.{key}", ""): _text(work, value, work.place(widget))
        for key, value in _pairs(widget.properties, "variables")
    }
    if data:
        work.draft.step(widget.name, "set", {"data": data})
    work.draft.jump(widget.to("next"))


def request(work: Import, widget: Widget) -> None:
    """`webhook`; a body that is no JSON, and parameters, as JSON"""
    at = work.place(widget)
    method = widget.text("method").upper()
    method = method if method in ("GET", "POST", "PUT", "PATCH", "DELETE") else "GET"
    parameters = {key: _template(work, value, at) for key, value in _pairs(widget.properties, "parameters")}
    url, body = _address(work, widget), None
    if method == "GET" and parameters:
        url += ("&" if "?" in url else "?") + "&".join(f"{key}={value}" for key, value in parameters.items())
    elif method != "GET":
        body = _body(work, widget, parameters)
    _call(work, widget, url, method, body, "failed")


def function(work: Import, widget: Widget) -> None:
    """`webhook`, to the function's address"""
    at = work.place(widget)
    work.notes.add(at, "the function gets its parameters as JSON, and no signature of Twilio's")
    parameters = {key: _template(work, value, at) for key, value in _pairs(widget.properties, "parameters")}
    _call(work, widget, _address(work, widget), "POST", parameters, "fail")


def _address(work: Import, widget: Widget) -> str:
    return _template(work, widget.text("url").strip(), work.place(widget))


def _call(work: Import, widget: Widget, url: str, method: str, body: Any, failed: str) -> None:
    at = work.place(widget)
    if not url.startswith(("http://", "https://", "{{")):
        work.draft.missing(widget.name, at, "it has no address that begins with https://")
        work.draft.jump(widget.to("success"))
        return
    begins = f"widgets.{widget.name}.parsed"
    saved = {
        work.names.of(key, ""): answered(
            [int(place) if place else step for place, step in STEP.findall(key.removeprefix(begins))]
        )
        for key in sorted(work.written)
        if key.startswith((f"{begins}.", f"{begins}["))
    }
    if f"widgets.{widget.name}.body" in work.written:
        saved[work.names.of(f"widgets.{widget.name}.body", "")] = 'result.?text.orValue("")'
    given = {
        "url": url,
        "method": method,
        **({"json": body} if body is not None else {}),
        **({"save": saved} if saved else {}),
    }
    then = {"failed": widget.to(failed), "timeout": widget.to(failed)}
    work.draft.step(widget.name, "webhook", given, then, "2m")
    work.draft.jump(widget.to("success"))


def _body(work: Import, widget: Widget, parameters: Mapping[str, str]) -> Any:
    written = widget.text("body")
    if not written.strip():
        return dict(parameters) or None
    try:
        body = json.loads(written)
    except (ValueError, RecursionError):
        work.notes.add(work.place(widget), "its body is no JSON and is left out")
        return dict(parameters) or None
    return tree(body, lambda text: _template(work, text, work.place(widget)))


def hand_over(work: Import, widget: Widget) -> None:
    """`handoff` to the team `support`"""
    work.notes.add(work.place(widget), "it is handed to the team “support”: name yours")
    then = {"returned": widget.to("callComplete"), "timeout": widget.to("failedToEnqueue")}
    work.draft.step(widget.name, "handoff", {"team": "support"}, then, "1d")
    work.draft.jump(None)


def _inner(work: Import, name: str, at: str) -> str | None:
    """What Liquid names, as an expression; None for what has no equivalent."""
    if name in CONTACT:
        return CONTACT[name]
    if (said := literal_of(name)) is not None:
        return quoted(said)
    if name in work.written:
        return value_of(work.names.of(name, ""), TEXT)
    work.notes.add(at, f"“{clean(name) or 'a tag of Liquid'}” has no equivalent: nothing is put in its place")
    return None


def _value(work: Import, name: str, filters: str, at: str) -> str | None:
    """What Liquid names, behind its filters."""
    if literal_of(name) in ("now", "today") and (written := moment(filters)):
        return written
    value = _inner(work, name, at)
    if value is None:
        return None
    value, left = filtered(value, filters)
    for one in left:
        work.notes.add(at, f"the filter “{clean(one)}” is left out")
    return value


def _parts(work: Import, written: str, at: str) -> list[tuple[str, str | None]]:
    """Text and expressions in turn."""
    parts: list[tuple[str, str | None]] = []
    end = 0
    for match in TAG.finditer(written):
        parts.append((written[end : match.start()], None))
        parts.append(("", _value(work, match[1] or "", match[2] or "", at)))
        end = match.end()
    return [*parts, (written[end:], None)]


def _template(work: Import, written: str, at: str) -> str:
    return "".join(inserted(value) if value else literal(text) for text, value in _parts(work, written, at))


def _text(work: Import, written: str, at: str) -> str:
    made = [value or quoted(text) for text, value in _parts(work, written, at) if value or text]
    return " + ".join(made) or '""'


WIDGETS: Mapping[str, Callable[[Import, Widget], None]] = {
    "send-message": say,
    "send-and-wait-for-reply": ask,
    "split-based-on": split,
    "set-variables": assign,
    "make-http-request": request,
    "run-function": function,
    "send-to-flex": hand_over,
}
