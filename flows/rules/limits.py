"""What the channels of the bot can show, in every language, with the longest values that a text can hold."""

from collections.abc import Iterator, Sequence
from typing import cast

from flows import fit
from flows.action import Action
from flows.actions.collect import Collect
from flows.actions.menu import Entry, Menu
from flows.actions.send import Send
from flows.actions.template import SendTemplate
from flows.cel import Compiled as Expression
from flows.compiled import CompiledFlow, CompiledStep
from flows.direction import MARKS, right_to_left
from flows.lengths import Length, Values
from flows.rule import Finding, Surroundings, rule
from flows.rules.fitting import KINDS, shape
from flows.scopes import BOT, CONTACT_FIELDS, NUMBER
from flows.template import MAX_RENDERED
from flows.texts import pick, sources
from flows.wording import NO_WORDS, Wording, worded
from flows.words import fold
from schemas.capabilities import Capabilities, utf16_length
from schemas.flow import TextDocument


@rule("F130", "error")
def too_long(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A caption, or a link button's label, that is longer than a channel takes: it cannot be sent."""
    for pointer, language, limit, what, channel, length in _bounded(flow, around):
        if length.least > limit:
            shown = worded(" in {language!r}", language=language) if language else NO_WORDS
            message = worded(
                "the {what}{shown} has {least} characters; {channel} takes {limit}",
                what=what,
                shown=shown,
                least=length.least,
                channel=channel,
                limit=limit,
            )
            yield message, flow.source.place(pointer), worded("shorten it")


@rule("F131", "warning")
def may_be_too_long(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """The same, when only the longest values that its expressions can hold (or usually hold) make it so."""
    for pointer, language, limit, what, channel, length in _bounded(flow, around):
        if length.least <= limit < length.most:
            shown = worded(" in {language!r}", language=language) if language else NO_WORDS
            message = worded(
                "the {what}{shown} may get {most} characters; {channel} takes {limit}",
                what=what,
                shown=shown,
                most=length.most,
                channel=channel,
                limit=limit,
            )
            yield (
                message,
                flow.source.place(pointer),
                worded("shorten it, or set a maxLength on what it inserts"),
            )


@rule("F132", "warning")
def several_messages(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A text that goes out as several messages, since it is longer than a channel's message."""
    for step in _on(flow):
        for below, mark, value in step.marked:
            if mark.reading != "text" or below.endswith(("/caption", "/label", "/title", "/description")):
                continue
            for further, language, text in sources(value):
                length = length_of(text, step, around, language)
                for channel in _narrowest(around.channels, "text"):
                    if length.least > channel.text:
                        place = flow.source.place(f"/steps/{step.index}/with{below}{further}")
                        message = worded(
                            "{least} characters; a message of {channel} holds {limit}",
                            least=length.least,
                            channel=channel.channel,
                            limit=channel.text,
                        )
                        yield (
                            worded("this goes out as several messages: {message}", message=message),
                            place,
                            worded("shorten it"),
                        )


@rule("F133", "error")
def beyond_rendering(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A text that is longer than the engine renders at all."""
    for step in _on(flow):
        for below, mark, value in step.marked:
            if mark.reading in ("text", "template"):
                for further, language, text in sources(value):
                    if (
                        len(text) > MAX_RENDERED
                        and length_of(text, step, around, language).least > MAX_RENDERED
                    ):
                        place = flow.source.place(f"/steps/{step.index}/with{below}{further}")
                        yield (
                            worded("longer than {limit} characters", limit=MAX_RENDERED),
                            place,
                            worded("split it over several steps"),
                        )


@rule("F134", "error")
def not_as_asked(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A menu that asks for buttons or a list and that a channel can only show otherwise, with the longest values."""
    for step, menu, language, channel in _asking(flow, around):
        shown = _shape(step, menu, language, channel, around, sure=True)
        if shown != menu.as_:
            place = flow.source.place(f"/steps/{step.index}/with/as")
            message = worded(
                "on {channel}, in {language!r}, this is shown as {shown}, not as {wanted}",
                channel=channel.channel,
                language=language,
                shown=KINDS[shown],
                wanted=KINDS[menu.as_],
            )
            yield message, place, worded("shorten text and titles, or write as: auto")


@rule("F135", "error")
def same_title(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """Two choices of a menu that read the same: who writes the label always gets the first."""
    for step, menu in _menus(flow):
        for language in around.languages:
            seen: dict[str, str] = {}
            for key, choice in menu.choices.items():
                title = choice.title if isinstance(choice, Entry) else choice
                text = pick(title, language, around.languages, "")
                first = seen.setdefault(fold(text) or text, key)
                if first != key:
                    place = flow.source.key_place(f"/steps/{step.index}/with/choices/{key}")
                    yield (
                        worded(
                            "{key!r} reads like {first!r} in {language!r}: {text!r}",
                            key=key,
                            first=first,
                            language=language,
                            text=text,
                        ),
                        place,
                        NO_WORDS,
                    )


@rule("F136", "error")
def not_carried(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A kind of file, a place, a contact card or a reaction that a channel of the bot cannot carry."""
    for step in _on(flow):
        if not isinstance(step.action, Send):
            continue
        send = step.action
        for channel in around.channels:
            if send.file is not None and send.file.kind not in channel.media:
                place = flow.source.place(f"/steps/{step.index}/with/file/kind")
                known = ", ".join(sorted(channel.media)) or worded("no files")
                yield (
                    worded("{channel} carries no {kind}", channel=channel.channel, kind=send.file.kind),
                    place,
                    worded("it takes {known}", known=known),
                )
            for key, name, what, able, hint in (
                (
                    "location",
                    worded("location"),
                    send.location,
                    channel.location,
                    worded("write the address as text"),
                ),
                ("card", worded("card"), send.card, channel.contacts, worded("write the number as text")),
                ("reaction", worded("reaction"), send.reaction, channel.reaction, worded("say it as text")),
            ):
                if what and not able:
                    place = flow.source.place(f"/steps/{step.index}/with/{key}")
                    yield (
                        worded("{channel} carries no {kind}", channel=channel.channel, kind=name),
                        place,
                        hint,
                    )


@rule("F137", "warning")
def maybe_not_as_asked(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A menu that asks for buttons or a list and may be shown otherwise, since it inserts values of unknown length."""
    for step, menu, language, channel in _asking(flow, around):
        shown = _shape(step, menu, language, channel, around, sure=False)
        if shown != menu.as_ == _shape(step, menu, language, channel, around, sure=True):
            place = flow.source.place(f"/steps/{step.index}/with/as")
            message = worded(
                "on {channel}, in {language!r}, this may be shown as {shown}, not as {wanted}",
                channel=channel.channel,
                language=language,
                shown=KINDS[shown],
                wanted=KINDS[menu.as_],
            )
            yield message, place, worded("set a maxLength on what it inserts, or write as: auto")


@rule("F138", "error")
def no_templates(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A template for a channel that has none, with no text to say instead."""
    for step in _on(flow):
        if isinstance(step.action, SendTemplate) and not step.action.text:
            for channel in around.channels:
                if not channel.template:
                    place = flow.source.place(f"/steps/{step.index}/with/name")
                    yield (
                        worded("{channel} has no templates", channel=channel.channel),
                        place,
                        worded("add a text that is said there"),
                    )


def length_of(text: str, step: CompiledStep, around: Surroundings, language: str) -> Length:
    """How long a text of a step gets."""
    template = step.templates.get(text)
    if template is None:
        fixed = utf16_length(text)
        return Length(fixed, fixed, fixed)
    return _values(step, around).length(template, language)


def _values(step: CompiledStep, around: Surroundings) -> Values:
    data = {"properties": {name: one.schema for name, one in step.fields.items()}}
    contact = {"properties": {**around.contact_fields, **CONTACT_FIELDS}}
    schemas = {"data": data, "contact": contact, "result": step.result, "number": NUMBER, "bot": BOT}
    return Values(schemas, around.texts, around.snippets)


def _bounded(
    flow: CompiledFlow, around: Surroundings
) -> Iterator[tuple[str, str, int, Wording, str, Length]]:
    """Texts that a channel does not cut in pieces: pointer, language, limit, what it is, channel, length."""
    for step in _on(flow):
        held = _whole(step.action, f"/steps/{step.index}/with")
        for at, text, what, key in held:
            for channel in _narrowest(around.channels, key):
                limit = cast(int, getattr(channel, key))
                for further, language, source in sources(text):
                    length = length_of(source, step, around, language)
                    yield at + further, language, limit, what, channel.channel, length


def _whole(action: Action, pointer: str) -> list[tuple[str, TextDocument, Wording, str]]:
    """The texts of an action that stay in one piece: pointer, text, what it is, the channel's limit for it."""
    held: list[tuple[str, TextDocument, Wording, str]] = []
    if isinstance(action, Collect) and action.form is not None:
        held.append((f"{pointer}/form/label", action.form.label, worded("label"), "link_label"))
        held.append(
            (f"{pointer}/form/text", action.form.text, worded("text above the button"), "button_text")
        )
    if isinstance(action, Send) and action.file is not None and action.file.caption:
        held.append((f"{pointer}/file/caption", action.file.caption, worded("caption"), "caption"))
    if isinstance(action, Send) and action.link is not None:
        held.append((f"{pointer}/link/label", action.link.label, worded("label"), "link_label"))
        held.append(
            (f"{pointer}/text", cast("TextDocument", action.text), worded("text above the button"), "text")
        )
    return held


def _narrowest(channels: Sequence[Capabilities], key: str) -> list[Capabilities]:
    """The channel with the lowest limit; none when no channel is known."""
    able = [channel for channel in channels if getattr(channel, key) > 0]
    return [min(able, key=lambda channel: cast(int, getattr(channel, key)))] if able else []


def _asking(
    flow: CompiledFlow, around: Surroundings
) -> Iterator[tuple[CompiledStep, Menu, str, Capabilities]]:
    """The menus that ask for buttons or a list, in each language, on each channel."""
    for step, menu in _menus(flow):
        if menu.as_ in ("buttons", "list"):
            for language in around.languages:
                for channel in around.channels:
                    yield step, menu, language, channel


def _shape(
    step: CompiledStep, menu: Menu, language: str, channel: Capabilities, around: Surroundings, *, sure: bool
) -> str:
    """How a channel shows a menu with the longest values: as buttons, list or text.

    A value that has no bound is one character long if the answer must be `sure`, else as long as such ones get.
    """

    def said(text: TextDocument) -> str:
        source = pick(text, language, around.languages, "")
        template = step.templates.get(source)
        if template is None:
            return source
        marks = "x" * MARKS if right_to_left(language) and len(template.chunks) > 1 else ""
        return "".join(
            chunk if isinstance(chunk, str) else inserted(chunk) + marks for chunk in template.chunks
        )

    def inserted(chunk: Expression) -> str:
        longest = values.longest(chunk)
        return "x" * (longest.units if longest.sure or not sure else 1)

    values = _values(step, around)
    options = [
        fit.Option(key, key, said(choice.title), said(choice.description), said(choice.section))
        if isinstance(choice, Entry)
        else fit.Option(key, key, said(choice))
        for key, choice in menu.choices.items()
    ]
    return shape(said(menu.text), options, menu.as_, language, channel, around, said(menu.open_label))


def _menus(flow: CompiledFlow) -> Iterator[tuple[CompiledStep, Menu]]:
    for step in _on(flow):
        if isinstance(step.action, Menu):
            yield step, step.action


def _on(flow: CompiledFlow) -> Iterator[CompiledStep]:
    return (step for step in flow.steps.values() if not step.disabled)
