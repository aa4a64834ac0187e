"""How long the texts of `bot.yaml` get: snippets, headers and footers, the engine's own sentences in the bot's words."""

from collections.abc import Iterator

from flows.actions.menu import Menu
from flows.actions.send import Send
from flows.catalogue import texts_of_bot
from flows.compiled import Compiled
from flows.lengths import Length, Values
from flows.place import escape
from flows.rule import Finding, bot_rule
from flows.scopes import BOT, CONTACT_FIELDS, MESSAGE, NUMBER
from flows.texts import sources
from flows.wording import NO_WORDS, Wording, worded
from flows.world import World
from schemas.capabilities import utf16_length
from schemas.flow import TextDocument

# The sentences that stand on something which a channel bounds, and that bound.
_LABELS = {
    "yes": "button_title",
    "no": "button_title",
    "copy_last": "list_title",
    "all_done": "list_title",
    "more": "list_title",
    "open_list": "list_open_label",
    "form_open": "link_label",
    "form_offer": "button_text",
}


@bot_rule("F181", "warning")
def long_frame(bot: Compiled, world: World) -> Iterator[Finding]:
    """A header or a footer around choices or a link that is too long to stand in its own place: it goes out as a message of its own."""
    used = set(_frames(bot))
    for name, frame in bot.document.frames.items():
        for part, named, text in (
            (("header", worded("header"), frame.header), ("footer", worded("footer"), frame.footer))
            if name in used
            else ()
        ):
            for below, language, length in _lengths(bot, text):
                for channel in world.channels:
                    limit = channel.header if part == "header" else channel.footer
                    if length.most > limit:
                        what = worded(
                            "the {part}{where} may get {most} characters",
                            part=named,
                            where=_in(language),
                            most=length.most,
                        )
                        place = bot.source.place(f"/frames/{escape(name)}/{part}{below}")
                        yield (
                            worded(
                                "{what}; {channel} takes {limit}",
                                what=what,
                                channel=channel.channel,
                                limit=limit,
                            ),
                            place,
                            worded("shorten it"),
                        )


@bot_rule("F182", "warning")
def long_shared_text(bot: Compiled, world: World) -> Iterator[Finding]:
    """A text of `bot.yaml` that is longer than a channel's message."""
    for pointer, text in texts_of_bot(bot):
        for below, language, length in _lengths(bot, text) if pointer != "/title" else ():
            for channel in world.channels:
                if length.most > channel.text:
                    what = worded(
                        "this text{where} may get {most} characters", where=_in(language), most=length.most
                    )
                    place = bot.source.place(pointer + below)
                    yield (
                        worded(
                            "{what}; a message of {channel} holds {limit}",
                            what=what,
                            channel=channel.channel,
                            limit=channel.text,
                        ),
                        place,
                        worded("shorten it"),
                    )


@bot_rule("F183", "warning")
def long_label(bot: Compiled, world: World) -> Iterator[Finding]:
    """A sentence of the engine in the bot's words that is too long for the button, row or label on which it stands."""
    for key, limit_of in _LABELS.items():
        for below, language, length in _lengths(bot, bot.document.sentences.get(key, "")):
            for channel in world.channels:
                limit: int = getattr(channel, limit_of)
                if 0 < limit < length.most:
                    what = worded(
                        "{key!r}{where} has {most} characters", key=key, where=_in(language), most=length.most
                    )
                    place = bot.source.place(f"/sentences/{key}{below}")
                    yield (
                        worded(
                            "{what}; {channel} takes {limit} there",
                            what=what,
                            channel=channel.channel,
                            limit=limit,
                        ),
                        place,
                        worded("shorten it"),
                    )


def _frames(bot: Compiled) -> Iterator[str]:
    """The frames that stand around choices or a link."""
    for flow in bot.flows.values():
        for step in flow.steps.values():
            action = step.action
            if not step.disabled and (
                isinstance(action, Menu) or (isinstance(action, Send) and action.link is not None)
            ):
                yield action.frame


def _in(language: str) -> Wording:
    return worded(" in {language!r}", language=language) if language else NO_WORDS


def _lengths(bot: Compiled, text: TextDocument) -> Iterator[tuple[str, str, Length]]:
    """How long each string of a text gets, with its pointer below the text, and its language."""
    contact = {"properties": {**bot.contact_fields, **CONTACT_FIELDS}}
    values = Values(
        {"contact": contact, "number": NUMBER, "bot": BOT, "message": MESSAGE}, bot.document.texts, {}
    )
    for below, language, source in sources(text):
        template, fixed = bot.snippets.get(source), utf16_length(source)
        yield (
            below,
            language,
            Length(fixed, fixed, fixed) if template is None else values.length(template, language),
        )
