"""Choices that a channel can only show as numbered text, or otherwise in one language than in another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows import fit
from flows.actions.collect import Collect
from flows.actions.menu import Entry, Menu
from flows.compiled import CompiledFlow, CompiledStep
from flows.form import Field
from flows.place import escape
from flows.rule import Finding, Surroundings, rule
from flows.sentences import sentence
from flows.texts import is_static, pick
from flows.wording import Wording, worded
from schemas.capabilities import Capabilities, utf16_length
from schemas.flow import TextDocument

KINDS = {"buttons": worded("buttons"), "list": worded("list"), "text": worded("text")}
_NAMES = {"buttons": worded("buttons"), "list": worded("a list"), "text": worded("numbered text")}


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices that go out as the channel likes best; `text` is what stands above them.

    `labels` are (pointer of the title, title, description, section).
    """

    pointer: str
    text: TextDocument
    labels: Sequence[tuple[str, TextDocument, TextDocument, TextDocument]]
    how: fit.As = "auto"
    open_label: TextDocument = ""

    def options(self, language: str, languages: Sequence[str]) -> list[fit.Option]:
        """The choices in a language; the key of each is the pointer of its title."""
        return [
            fit.Option(at, at, *(pick(part, language, languages, "") for part in parts))
            for at, *parts in self.labels
        ]


@rule("F139", "warning")
def shown_otherwise(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """Choices that are shown as numbered text, or otherwise than in the bot's other languages, since one of their texts is too long."""
    for choices in _all(flow):
        for channel in around.channels:
            shown = {language: _shown(choices, language, channel, around) for language in around.languages}
            best = min(shown.values(), key=list(_NAMES).index)
            able = channel.list_rows > 1 or channel.buttons >= len(choices.labels)
            for language, kind in shown.items():
                if kind == best and not (kind == "text" and able):
                    continue
                found = _too_long(choices, language, channel, around, buttons=best == "buttons")
                if found is not None:
                    at, why = found
                    where = worded(
                        "on {channel}, in {language!r}, this is shown as {kind}",
                        channel=channel.channel,
                        language=language,
                        kind=_NAMES[kind],
                    )
                    yield (
                        worded("{where}: {why}", where=where, why=why),
                        flow.source.place(at),
                        worded("shorten it"),
                    )


def shape(
    text: str,
    options: Sequence[fit.Option],
    how: fit.As,
    language: str,
    channel: Capabilities,
    around: Surroundings,
    open_label: str = "",
) -> str:
    """How a channel shows choices: as buttons, list or text."""
    opens = open_label or sentence("open_list", language, around.languages, around.sentences)
    more = fit.Option("", "more", sentence("more", language, around.languages, around.sentences))
    fitted = fit.fit_menu(text, options, channel, how=how, open_label=opens, more=more)
    return fitted.messages[0].kind


def _shown(choices: Choices, language: str, channel: Capabilities, around: Surroundings) -> str:
    text = pick(choices.text, language, around.languages, "")
    opens = pick(choices.open_label, language, around.languages, "")
    options = choices.options(language, around.languages)
    return shape(text, options, choices.how, language, channel, around, opens)


def _too_long(
    choices: Choices, language: str, channel: Capabilities, around: Surroundings, *, buttons: bool
) -> tuple[str, Wording] | None:
    """Where and which text keeps the choices from being buttons, or rows of a list; None when none is to blame."""
    text = pick(choices.text, language, around.languages, "")
    opens = "" if buttons else pick(choices.open_label, language, around.languages, "")
    title = channel.button_title if buttons else channel.list_title
    limits = [
        (
            choices.pointer,
            text,
            channel.button_text if buttons else channel.list_text,
            worded("text above them"),
        ),
        (choices.pointer, opens, channel.list_open_label, worded("label that opens the list")),
    ]
    for option in choices.options(language, around.languages):
        at = option.key.removesuffix("/title")
        limits.append((f"{option.key}/{language}", option.title, title, worded("title")))
        limits.append(
            (
                f"{at}/description/{language}",
                option.description,
                channel.list_description,
                worded("description"),
            )
        )
        limits.append((f"{at}/section/{language}", option.section, channel.section_title, worded("section")))
    for at, said, limit, what in limits:
        if utf16_length(said) > limit:
            part = said if len(said) <= 40 else f"{said[:39]}…"
            return at, worded(
                "the {what} {part!r} has {count} characters of {limit}",
                what=what,
                part=part,
                count=utf16_length(said),
                limit=limit,
            )
    return None


def _all(flow: CompiledFlow) -> Iterator[Choices]:
    """The choices of a flow that insert nothing, and that may be shown in any way."""
    for step in flow.steps.values():
        if step.disabled:
            continue
        match step.action:
            case Menu(as_="auto") as menu:
                yield from _of_menu(step, menu)
            case Collect() as collect:
                for name in collect.fields:
                    if name in step.fields:
                        yield from _of_field(step.fields[name], f"/data/schema/properties/{escape(name)}")
            case _:
                pass


def _of_menu(step: CompiledStep, menu: Menu) -> Iterator[Choices]:
    pointer = f"/steps/{step.index}/with"
    labels = [
        (f"{pointer}/choices/{key}/title", choice.title, choice.description, choice.section)
        if isinstance(choice, Entry)
        else (f"{pointer}/choices/{key}", choice, "", "")
        for key, choice in menu.choices.items()
    ]
    if all(is_static(part) for _, *parts in labels for part in parts):
        text = menu.text if is_static(menu.text) else ""
        yield Choices(f"{pointer}/text", text, labels, "auto", menu.open_label)


def _of_field(field: Field, pointer: str) -> Iterator[Choices]:
    if field.choices and field.asked:
        labels = [(pointer, label, "", field.sections.get(str(value), "")) for value, label in field.choices]
        text = field.prompt or field.title
        yield Choices(pointer, text if is_static(text) else "", labels)
    for name, child in field.children.items():
        below = "/items" if name == "items" else f"/properties/{escape(name)}"
        if not (name == "items" and field.choices):
            yield from _of_field(child, pointer + below)
