"""How long the questions of forms get, with all that stands below them, in every language and on every channel."""

from collections.abc import Iterator

from flows import fit
from flows.actions.collect import Collect
from flows.compiled import CompiledFlow, CompiledStep
from flows.form import Field
from flows.place import escape
from flows.rule import Finding, Surroundings, rule
from flows.rules.fitting import shape
from flows.rules.limits import length_of
from flows.sentences import sentence
from flows.texts import pick
from flows.wording import Wording, worded
from schemas.capabilities import Capabilities, utf16_length
from schemas.flow import TextDocument

_SHOWN = {"list": worded("a list"), "text": worded("numbered text")}


@rule("F180", "warning")
def long_question(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A question of a form that, with its help and the longest values in it, goes out as several messages, or keeps its choices from being buttons or a list."""
    for step in flow.steps.values():
        if isinstance(step.action, Collect) and not step.disabled:
            for name, field in step.fields.items():
                if name in step.action.fields:
                    yield from _of(field, f"/data/schema/properties/{escape(name)}", step, flow, around)


def _of(
    field: Field, pointer: str, step: CompiledStep, flow: CompiledFlow, around: Surroundings
) -> Iterator[Finding]:
    for name, child in field.children.items():
        if not (name == "items" and field.choices):
            below = "/items" if name == "items" else f"/properties/{escape(name)}"
            yield from _of(child, pointer + below, step, flow, around)
    if not field.asked or field.kind in ("group", "repeat"):
        return
    for language in around.languages:
        long = _question(field, language, step, around)
        for channel in around.channels:
            if (why := _why(field, long, language, channel, around)) is not None:
                what = worded(
                    "in {language!r} the question, with all below it, may get {long} characters",
                    language=language,
                    long=long,
                )
                yield (
                    worded("{what}: {why}", what=what, why=why),
                    flow.source.key_place(pointer),
                    worded("shorten the question or its help"),
                )


def _question(field: Field, language: str, step: CompiledStep, around: Surroundings) -> int:
    """How long a question gets with its longest values: what `collect` writes, line by line."""

    def said(key: str, **facts: str) -> int:
        return utf16_length(sentence(key, language, around.languages, around.sentences, **facts))

    def plain(text: TextDocument) -> int:
        return utf16_length(pick(text, language, around.languages, ""))

    if field.prompt:
        prompt = pick(field.prompt, language, around.languages, "")
        lines = [length_of(prompt, step, around, language).most]
    else:
        lines = [said("ask_field", title=pick(field.title, language, around.languages, ""))]
        lines.append(plain(field.description))
    lines += [plain(field.help), plain(field.placeholder), said("several") if field.kind == "choices" else 0]
    optional = field.fallback is not None or not field.required
    lines.append(max(said("or_default", value=str(field.fallback)), said("can_skip")) if optional else 0)
    return sum(line + 1 for line in lines if line)


def _why(
    field: Field, long: int, language: str, channel: Capabilities, around: Surroundings
) -> Wording | None:
    """What becomes of a question that is too long for a channel; None for one that is not."""
    if not field.choices:
        if long <= channel.text:
            return None
        return worded(
            "a message of {channel} holds {limit}, so it goes out as several",
            channel=channel.channel,
            limit=channel.text,
        )
    options = [
        fit.Option(str(place), "", pick(label, language, around.languages, ""))
        for place, (_, label) in enumerate(field.choices)
    ]
    short, full = (shape("x" * units, options, "auto", language, channel, around) for units in (1, long))
    return (
        worded("on {channel} its choices are shown as {kind}", channel=channel.channel, kind=_SHOWN[full])
        if full != short
        else None
    )
