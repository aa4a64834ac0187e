"""A `collect` step as a form that WhatsApp shows itself: Flow JSON, and what its answer is worth.

What such a form cannot ask (files, places, items of a list, fields under a condition) is left to the chat, which
asks for whatever is still open when the form comes back.

Source: developers.facebook.com/docs/whatsapp/flows/reference/flowjson and …/components, version 7.3.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from flows.answers import Here, Wrong, checked, read_answer
from flows.form import PLAIN, SENT, Field
from flows.sentences import sentence
from flows.texts import pick
from schemas.capabilities import utf16_length
from schemas.flow import TextDocument

VERSION: Final = "7.3"
SCREEN: Final = "FORM"
TOKEN: Final = "flow_token"
FIELDS_A_SCREEN: Final = 20  # a screen takes 50 components
RADIO: Final = 10  # choices beyond are a drop-down list
_LABEL: Final = {"TextInput": 20, "TextArea": 20, "DatePicker": 40}
_CHOICE_LABEL: Final = 30
_HELPER: Final = {"TextInput": 80, "TextArea": 80, "DatePicker": 80}
_DESCRIPTION: Final = 300
_OPTION: Final = 30
_DROPDOWN: Final = 200
_CHECKBOXES: Final = 20
_HEADING: Final = 80
_FOOTER: Final = 35
_TITLE: Final = 30
_INPUT: Final = {"email": "email", "phone": "phone", "number": "number", "integer": "number"}
_LONG: Final = 80  # texts that may be longer get several lines


@dataclass(frozen=True, slots=True)
class NativeForm:
    """The document, what the chat asks instead (path and why), and what is over a limit (path and what)."""

    document: dict[str, Any]
    left_out: tuple[tuple[str, str], ...]
    over: tuple[tuple[str, str], ...]


def native_form(
    fields: Sequence[Field], title: TextDocument, language: str, languages: Sequence[str]
) -> NativeForm:
    """The form of these fields in one language of the bot."""
    writing = _Writing(language, languages)
    parts = [part for one in fields for part in writing.field(one, one.name)]
    pages = [parts[start : start + FIELDS_A_SCREEN] for start in range(0, len(parts), FIELDS_A_SCREEN)] or [
        []
    ]
    screens: list[dict[str, Any]] = []
    payload: dict[str, str] = {}
    for place, page in enumerate(pages):
        here, last = _screen(place), place == len(pages) - 1
        for part in page:
            if "name" in part:
                of = "form" if last else f"screen.{here}.form"
                payload[part["name"]] = f"${{{of}.{part['name']}}}"
        action: dict[str, Any] = {"name": "complete", "payload": payload}
        if not last:
            following = {"type": "screen", "name": _screen(place + 1)}
            action = {"name": "navigate", "next": following, "payload": {}}
        label = writing.text("form_send" if last else "form_next")
        writing.bounded("(button)", "button", label, _FOOTER)
        children = [*page, {"type": "Footer", "label": label, "on-click-action": action}]
        heading = writing.plain(title) or "Form"
        writing.bounded("(title)", "title", heading, _TITLE)
        screens.append(
            {
                "id": here,
                "title": heading,
                **({"terminal": True, "success": True} if last else {}),
                "data": {},
                "layout": {
                    "type": "SingleColumnLayout",
                    "children": [{"type": "Form", "name": "form", "children": children}],
                },
            }
        )
    document = {"version": VERSION, "screens": screens}
    return NativeForm(document, tuple(writing.left_out), tuple(writing.over))


def filled(fields: Sequence[Field], values: Mapping[str, Any], here: Here) -> Iterator[tuple[str, Any]]:
    """What a form that came back is worth, by path; what does not do is left for the chat to ask."""
    for one in fields:
        yield from _filled(one, one.name, values, here)


def _screen(place: int) -> str:
    """`FORM`, `FORM_B`, …: a screen's id holds letters and `_` only."""
    return SCREEN if not place else f"{SCREEN}_{chr(ord('A') + place % 26) * (place // 26 + 1)}"


def _name(path: str) -> str:
    return path.replace(".", "__")


def _why_not(one: Field) -> str:
    if one.conditional or one.variants or one.needed_if:
        return "it depends on other answers"
    if one.kind in SENT:
        return "it is answered with a file or a place"
    if one.kind == "repeat":
        return "its items are asked for one after the other"
    if one.kind == "choices" and len(one.choices) > _CHECKBOXES:
        return f"it has more than {_CHECKBOXES} choices"
    if one.kind == "choice" and len(one.choices) > _DROPDOWN:
        return f"it has more than {_DROPDOWN} choices"
    return "" if one.kind else "no answer has its type"


class _Writing:
    """A form being written, with what is found on the way."""

    def __init__(self, language: str, languages: Sequence[str]) -> None:
        self.language, self.languages = language, languages
        self.left_out: list[tuple[str, str]] = []
        self.over: list[tuple[str, str]] = []

    def plain(self, text: TextDocument) -> str:
        return pick(text, self.language, self.languages, "")

    def text(self, key: str) -> str:
        return sentence(key, self.language, self.languages, {})

    def bounded(self, path: str, what: str, text: str, limit: int) -> str:
        length = utf16_length(text)
        if length > limit:
            self.over.append((path, f"the {what} {text!r} has {length} characters; WhatsApp takes {limit}"))
        return text

    def field(self, one: Field, path: str) -> Iterator[dict[str, Any]]:
        if not one.asked:
            return
        why = _why_not(one)
        if why:
            self.left_out.append((path, why))
        elif one.kind == "group":
            if not one.required and any(child.required for child in one.children.values()):
                self.left_out.append((path, "it is a group that need not be given"))
                return
            heading = self.bounded(path, "title", self.plain(one.title), _HEADING)
            yield {"type": "TextSubheading", "text": heading}
            for child in one.children.values():
                yield from self.field(child, f"{path}.{child.name}")
        else:
            yield self.component(one, path)

    def component(self, one: Field, path: str) -> dict[str, Any]:
        kind = _component(one)
        label = self.bounded(path, "title", self.plain(one.title), _LABEL.get(kind, _CHOICE_LABEL))
        made: dict[str, Any] = {"type": kind, "name": _name(path), "label": label, "required": one.required}
        helps = [self.plain(text) for text in (one.description, one.help, one.placeholder) if text]
        if helps:
            key = "helper-text" if kind in _HELPER else "description"
            said = " ".join(helps)
            if kind != "Dropdown":
                made[key] = self.bounded(path, "help", said, _HELPER.get(kind, _DESCRIPTION))
        if kind in ("RadioButtonsGroup", "CheckboxGroup", "Dropdown"):
            made["data-source"] = self.options(one, path)
        if kind == "CheckboxGroup":
            made["min-selected-items"] = max(one.least, 1 if one.required else 0)
            made["max-selected-items"] = min(one.most or len(one.choices), len(one.choices))
        if kind == "TextInput":
            made["input-type"] = _INPUT.get(one.kind, "text")
            bounds = (("min-chars", "minLength"), ("max-chars", "maxLength")) if one.kind == "text" else ()
            made |= {key: one.schema[word] for key, word in bounds if word in one.schema}
        if kind == "TextArea" and "maxLength" in one.schema:
            made["max-length"] = one.schema["maxLength"]
        return made

    def options(self, one: Field, path: str) -> list[dict[str, str]]:
        labelled = one.choices or tuple((key, self.text(key)) for key in ("yes", "no"))
        return [
            {"id": str(value), "title": self.bounded(path, "choice", self.plain(label), _OPTION)}
            for value, label in labelled
        ]


def _component(one: Field) -> str:
    match one.kind:
        case "choice":
            return "RadioButtonsGroup" if len(one.choices) <= RADIO else "Dropdown"
        case "choices":
            return "CheckboxGroup"
        case "boolean":
            return "RadioButtonsGroup"
        case "date":
            return "DatePicker"
        case "list":
            return "TextArea"
        case _:
            long = one.kind == "text" and (one.widget == "textarea" or one.schema.get("maxLength", 0) > _LONG)
            return "TextArea" if long else "TextInput"


def _filled(one: Field, path: str, values: Mapping[str, Any], here: Here) -> Iterator[tuple[str, Any]]:
    if not one.asked or _why_not(one):
        return
    if one.kind == "group":
        for child in one.children.values():
            yield from _filled(child, f"{path}.{child.name}", values, here)
        return
    raw = values.get(_name(path))
    if raw is None or raw == "" or raw == []:
        if not one.required and _name(path) in values:
            yield path, one.fallback
        return
    value = _value(one, raw, here)
    if not isinstance(value, Wrong):
        yield path, value


def _value(one: Field, raw: Any, here: Here) -> Any | Wrong:
    by_id = {str(value): value for value, _ in one.choices}
    if one.kind == "choices":
        ids = [str(each) for each in cast("list[Any]", raw)] if isinstance(raw, list) else [str(raw)]
        known = [by_id[each] for each in ids if each in by_id]
        return checked(one, known) if len(known) == len(ids) else Wrong("not_choice")
    if one.kind == "choice":
        return by_id[str(raw)] if str(raw) in by_id else Wrong("not_choice")
    if one.kind == "boolean":
        return {"yes": True, "no": False, "True": True, "False": False}.get(str(raw), Wrong("not_boolean"))
    return read_answer(one, str(raw), here) if one.kind in (*PLAIN, "list") else Wrong("wrong_form")
