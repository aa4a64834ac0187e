"""What an action may see and use in a turn: the clock of the event, the data, its compiled texts, its memory."""

import datetime as dt
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast
from zoneinfo import ZoneInfo

from flows import fit, sentences, texts
from flows.answers import Here
from flows.cel import Scope, evaluate
from flows.snippets import shared_text
from flows.template import render, render_chunks, render_tree, text_of
from flows.turn import View
from flows.values import EvaluationFailed, Unfit, Values
from flows.words import MORE, Shown, fold, is_one_of
from flows.zones import zone_of
from schemas.capabilities import Capabilities
from schemas.effects import Chunk, Effect, Say, SecretRef
from schemas.events import Event, Posted, Received
from schemas.flow import TextDocument

if TYPE_CHECKING:
    from flows.compiled import Compiled, CompiledStep

T = TypeVar("T")


@dataclass(slots=True)
class Context:
    """One step's view of one event. Made by the machine for each step that it runs."""

    bot: "Compiled"
    step: "CompiledStep"
    view: View
    event: Event
    data: Mapping[str, Any]
    memory: Mapping[str, Any]
    values: Values
    revalue: Callable[[Mapping[str, Any]], Values]
    posted: tuple[Posted, ...] = ()
    heard: str = ""
    """The provider's id of the contact's last message of this run; empty when he wrote none."""
    unset: list[str] = field(default_factory=list[str])
    _language: str = ""

    @property
    def now(self) -> dt.datetime:
        """The event's time: the only clock there is."""
        return self.event.at

    @property
    def zone(self) -> ZoneInfo:
        """The contact's time zone, else the bot's."""
        return zone_of(str(self.view.contact.get("timezone") or "")) or self.home

    @property
    def home(self) -> ZoneInfo:
        """The bot's time zone."""
        return zone_of(self.bot.document.timezone) or ZoneInfo("UTC")

    @property
    def here(self) -> Here:
        """The event's time where the contact is, else where the bot is; his language and his own number."""
        phone = str(self.view.contact.get("phone") or "")
        return Here(self.now.astimezone(self.zone), self.language, phone)

    @property
    def language(self) -> str:
        """The bot's language that this contact gets."""
        if not self._language:
            self._language = texts.spoken(str(self.view.contact.get("language") or ""), self.bot.languages)
        return self._language

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is the same for all contacts of a language: made at first use, then remembered with the step."""
        made = self.step.made
        place = (self.language, key)
        if place not in made:
            made[place] = make()
        return made[place]

    @property
    def capabilities(self) -> Capabilities:
        """What the conversation's channel can show."""
        return self.view.capabilities

    def seeing(self, data: Mapping[str, Any]) -> "Context":
        """The same, with expressions seeing `data`: what was answered just now."""
        return self if data == self.data else replace(self, data=data, values=self.revalue(data))

    def naming(self, **names: Any) -> "Context":
        """The same, with expressions seeing these names too: those that the action declares by `names`."""
        return replace(self, values=Values({**self.values.given, **names}))

    def value(self, expression: str, own: bool = False) -> Any:
        """What an expression of this step gives, as JSON holds it; with `own`, one that reads what the step brought.

        Raises `EvaluationFailed`.
        """
        compiled = self.step.of_result[expression] if own else self.step.expressions[expression]
        value = evaluate(compiled, self.values)
        return text_of(value) if isinstance(value, dt.datetime | dt.timedelta) else value

    def moment(self, expression: str, of_day: dt.time = dt.time.min) -> dt.datetime:
        """The moment that an expression gives, in UTC. A text is read in the contact's zone, else in the bot's.

        `of_day` is the time of a day that comes without one. Raises `EvaluationFailed` for what is no moment.
        """
        written = str(self.value(expression))
        try:
            found = dt.datetime.fromisoformat(written)
            if len(written) <= len("2026-12-24"):
                found = dt.datetime.combine(found.date(), of_day)
            return (found if found.tzinfo else found.replace(tzinfo=self.zone)).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            raise EvaluationFailed(
                expression, "this is no date like 2026-12-24 or 2026-12-24T18:00"
            ) from None

    def fitting(
        self,
        expression: str,
        field: str,
        variable: str = "data",
        scope: Scope | None = None,
        own: bool = False,
    ) -> Any:
        """The value of an expression that is written to a field. Raises `EvaluationFailed` if it has another type.

        `scope` is that of another flow, where the field is in its data. What is not there is None, with a mark.
        """
        try:
            value = self.value(expression, own)
        except EvaluationFailed as failed:
            if not failed.missing:
                raise
            value = None
        if value is None:
            self.unset.append(expression)
            return None
        try:
            (scope or self.step.scope).convert(variable, {field: value}, {field: {}})
        except Unfit as unfit:
            raise EvaluationFailed(expression, str(unfit)) from None
        return value

    def render(self, template: str, language: str = "") -> str:
        """A template of this step with its values inserted, within the limit of characters; `language`: for people."""
        if "{{" not in template:
            return template
        limit = self.view.limits.template_chars
        text, unset = render(self.step.templates[template], self.values, limit, language)
        self.unset.extend(unset)
        return text

    def chunks(self, template: str, in_url: bool = False) -> tuple[Chunk, ...]:
        """A template that may hold secrets, as text and references."""
        if "{{" not in template:
            return (template,)
        made, unset = render_chunks(
            self.step.templates[template], self.values, self.view.limits.template_chars, in_url
        )
        self.unset.extend(unset)
        return tuple(made)

    def tree(self, pointer: str) -> Any:
        """A JSON value of this step whose strings are templates, filled in; secrets as `{"$secret": [chunks]}`."""
        made, unset = render_tree(self.step.trees[pointer], self.values, self.view.limits.template_chars)
        self.unset.extend(unset)
        return _referring(made)

    def text(self, text: TextDocument) -> str:
        """A text in the contact's language and variant, rendered."""
        source = texts.pick(text, self.language, self.bot.languages, str(self.view.contact.get("id", "")))
        return self.render(source, self.language)

    def sentence(self, key: str, **facts: object) -> str:
        """One of the engine's own sentences in the contact's language."""
        return sentences.sentence(
            key, self.language, self.bot.languages, self.bot.document.sentences, **facts
        )

    def plain(self, text: TextDocument) -> str:
        """A text in the contact's language that holds no expressions (a title of the data schema)."""
        return texts.pick(text, self.language, self.bot.languages, "")

    def say(self, text: str) -> list[Effect]:
        """The messages that say `text`, as many as the channel needs; none for an empty text."""
        return [Say(piece) for piece in fit.fit_text(text, self.capabilities)] if text else []

    def show(
        self,
        text: str,
        options: Sequence[fit.Option],
        how: fit.As = "auto",
        open_label: str = "",
        page: int = 0,
    ) -> list[Effect]:
        """The messages that show a menu."""
        buttons = fit.fit_buttons(text, options, self.capabilities, how)
        if buttons is not None:
            return [Say(buttons)]
        more = fit.Option("", self.choice_id(fit.MORE), self.sentence("more"))
        fitted = fit.fit_menu(
            text,
            options,
            self.capabilities,
            how=how,
            open_label=open_label or self.sentence("open_list"),
            more=more,
            page=page,
        )
        return [Say(message) for message in fitted.messages]

    def wants_more(self, event: Received, options: Sequence[fit.Option], how: fit.As = "auto") -> bool:
        """Whether the next page of a long list is asked for: by its row, or in words that none of the choices has."""
        tapped = tapped_id(event)
        if tapped or how == "text" or not 0 < self.capabilities.list_rows < len(options):
            return tapped == self.choice_id(fit.MORE)
        said = answer_text(event)
        if not is_one_of(said, (*MORE, self.sentence("more"))):
            return False
        return all(fold(option.title) != fold(said) for option in options)

    def framed(self, effects: Sequence[Effect], name: str) -> list[Effect]:
        """What says a text, in the frame of that name; as it is, when the bot has no such frame."""
        frame = self.bot.document.frames.get(name)
        if frame is None or not effects:
            return list(effects)
        header, footer = (
            shared_text(self.bot, text, self.values.given) for text in (frame.header, frame.footer)
        )
        bodies = [effect.body for effect in effects if isinstance(effect, Say)]
        return [Say(body) for body in fit.fit_frame(bodies, header, footer, self.capabilities)]

    def choice_id(self, key: str) -> str:
        """The id on the wire of a choice of this step, so that a tap on an older menu is told apart."""
        return f"{self.step.flow}.{self.step.id}.{key}"

    def is_elsewhere(self, tapped: str, field: str = "") -> bool:
        """Whether what was tapped is no choice of this step (or of this field of it), but of an older menu."""
        return bool(tapped) and not tapped.startswith(self.choice_id(f"{field}." if field else ""))


def _referring(value: Any) -> Any:
    match value:
        case SecretRef():
            return {"$secret": [{"secret": value.secret}]}
        case tuple():
            chunks = cast("tuple[Chunk, ...]", value)
            return {"$secret": [one if isinstance(one, str) else {"secret": one.secret} for one in chunks]}
        case dict():
            return {key: _referring(one) for key, one in cast("dict[str, Any]", value).items()}
        case list():
            return [_referring(one) for one in cast("list[Any]", value)]
        case _:
            return value


def answer_text(event: Received) -> str:
    """What a contact answered in words: the text, or the label that was tapped."""
    content = event.message.content
    match content.kind:
        case "text":
            return content.text
        case "choice":
            return content.title
        case "image" | "video" | "document":
            return content.caption
        case _:
            return ""


def tapped_id(event: Received) -> str:
    """The id of the choice that was tapped, or an empty text."""
    content = event.message.content
    return content.id if content.kind == "choice" else ""


def shown(options: Sequence[fit.Option]) -> list[Shown]:
    """What the options looked like, for matching an answer."""
    return [Shown(option.key, option.id, option.title) for option in options]
